"""Offers in a call that stands: re-INVITE and UPDATE, ours and theirs, and session refreshes.

PURE. RFC 3261 §14 (glare: 491 and a random wait), RFC 3311, RFC 4028. Bodies pass unread. A refusal
that says the far end has forgotten the call (408, 481) ends it (§12.2.1.2).
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.client_transactions import Client
from appliance.sip.events import EndCause, Hop, OfferAnswered, OfferReceived, OfferRefused
from appliance.sip.headers import Headers
from appliance.sip.invite_client import InviteClient
from appliance.sip.invite_server import InviteServer
from appliance.sip.message import Request, Response, respond, sdp_body
from appliance.sip.refresh import arm_refresh
from appliance.sip.server_transactions import Server
from appliance.sip.session import (
    ALLOW,
    SDP,
    SUPPORTED,
    Core,
    Session,
    State,
    end_session,
    send_in_dialog,
)
from appliance.sip.session_timer import agree_as_client, agree_as_server, put_on_answer

_MOST_RETRIES = 3
_GONE = (408, 481)


class Offers:
    """Renegotiates sessions."""

    def __init__(self, core: Core, client: InviteClient, server: InviteServer) -> None:
        self._core = core
        self._client = client
        self._server = server
        self._refreshing: dict[Client, Session] = {}
        self._offering: dict[Client, Session] = {}
        core.on_refresh_due = self.refresh
        core.on_expired = self._expire

    # ---- ours

    def offer(self, session: Session, body: bytes, now: float) -> None:
        """Send a re-INVITE; OfferAnswered or OfferRefused follows."""
        if session.state is not State.CONFIRMED:
            self._core.emit(OfferRefused(session.number, 481))
        elif session.offering is not None or session.offered is not None:
            self._core.emit(OfferRefused(session.number, 491))
        else:
            session.retries = 0
            self._send_offer(session, body, now)

    def refresh(self, session: Session, now: float) -> None:
        """Say that the call still stands (RFC 4028 §10)."""
        if session.state is not State.CONFIRMED or session.dialog is None:
            return
        if session.offering is not None or session.offered is not None:
            arm_refresh(self._core, session, now)
        elif "UPDATE" in session.peer_allows:
            update = session.dialog.request("UPDATE")
            self._put_timer(update.headers, session)
            sent = send_in_dialog(self._core, session, update, self, now)
            self._refreshing[sent] = session
        else:
            self._send_offer(session, session.body, now, is_refresh=True)

    def _send_offer(
        self, session: Session, body: bytes, now: float, *, is_refresh: bool = False
    ) -> None:
        assert session.dialog is not None
        invite = session.dialog.request("INVITE")
        invite.headers.add("Allow", ALLOW)
        invite.headers.add("Supported", SUPPORTED)
        invite.headers.add("Content-Type", SDP)
        self._put_timer(invite.headers, session)
        invite.body = session.body = body
        sent = send_in_dialog(self._core, session, invite, self, now)
        session.offering = sent
        (self._refreshing if is_refresh else self._offering)[sent] = session

    def _put_timer(self, headers: Headers, session: Session) -> None:
        interval = session.interval
        if interval is not None:
            refresher = "uac" if interval.is_refresher else "uas"
            headers.add("Session-Expires", f"{interval.seconds};refresher={refresher}")

    # ---- the transactions' user

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        session = self._offering.get(client) or self._refreshing.get(client)
        if response.status < 200:
            return
        if session is None:
            self._repeat_ack(client, response)
            return
        is_refresh = client in self._refreshing
        self._forget(client, session)
        if session.state is not State.CONFIRMED:
            return
        if response.status < 300:
            self._accepted(session, client, response, is_refresh, now)
        elif session.proof is not None and session.proof.accept(response):
            self._resend(session, client, is_refresh, now)
        elif response.status in _GONE:
            end_session(self._core, session, EndCause.GONE, is_remote=True)
        elif response.status == 491 and session.retries < _MOST_RETRIES:
            self._later(session, client.request.body, is_refresh, now)
        elif is_refresh:
            arm_refresh(self._core, session, now)
        else:
            self._core.emit(OfferRefused(session.number, response.status))

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        session = self._offering.get(client) or self._refreshing.get(client)
        if session is not None:
            self._forget(client, session)
            end_session(self._core, session, EndCause.GONE, is_remote=True)

    def _accepted(
        self, session: Session, client: Client, response: Response, is_refresh: bool, now: float
    ) -> None:
        assert session.dialog is not None
        session.dialog.refresh_target(response)
        if client.method == "INVITE":
            self._client.acknowledge(session, response.cseq.number, response.to.tag)
        if session.proof is not None:
            session.proof.succeeded()
        session.interval = agree_as_client(response) or session.interval
        arm_refresh(self._core, session, now)
        if not is_refresh:
            self._core.emit(OfferAnswered(session.number, sdp_body(response)))

    def _resend(self, session: Session, client: Client, is_refresh: bool, now: float) -> None:
        if client.method == "INVITE":
            self._send_offer(session, client.request.body, now, is_refresh=is_refresh)
        else:
            self.refresh(session, now)

    def _later(self, session: Session, body: bytes, is_refresh: bool, now: float) -> None:
        """Both offered at once: wait as §14.1 says; who made the Call-ID waits longer."""
        session.retries += 1
        roll = int(self._core.ids.token(16)[:4], 16) / 65535
        wait = 2.1 + 1.9 * roll if session.server is None else 2.0 * roll
        self._core.timers.set(
            now + round(wait, 2), lambda at: self._try_again(session, body, is_refresh, at)
        )

    def _try_again(self, session: Session, body: bytes, is_refresh: bool, now: float) -> None:
        if session.state is not State.CONFIRMED:
            return
        if session.offering is None and session.offered is None:
            self._send_offer(session, body, now, is_refresh=is_refresh)
        elif not is_refresh:
            self._core.emit(OfferRefused(session.number, 491))

    def _repeat_ack(self, client: Client, response: Response) -> None:
        """A 2xx to a re-INVITE came again: its ACK was lost."""
        session = self._core.by_tag.get((client.request.call_id, client.request.from_.tag))
        if session is not None:
            ack = session.acks.get((response.to.tag, response.cseq.number))
            if ack is not None:
                self._core.wire.send(ack.hop, ack.data)

    def _forget(self, client: Client, session: Session) -> None:
        self._offering.pop(client, None)
        self._refreshing.pop(client, None)
        if session.offering is client:
            session.offering = None

    def _expire(self, session: Session, now: float) -> None:
        """The far end did not refresh: the call is dead (RFC 4028 §10)."""
        if session.state is State.CONFIRMED and session.dialog is not None:
            bye = session.dialog.request("BYE")
            bye.headers.add("Reason", 'SIP;cause=408;text="Session expired"')
            send_in_dialog(self._core, session, bye, self, now)
            end_session(self._core, session, EndCause.SESSION_TIMER, is_remote=False)

    # ---- theirs

    def receive(self, session: Session, server: Server, now: float) -> None:
        """A re-INVITE or UPDATE in the dialog."""
        assert session.dialog is not None
        request = server.request
        is_too_early = request.method == "INVITE" and session.state is not State.CONFIRMED
        if session.offered is not None:
            self._refuse(server, 500, now, (("Retry-After", "1"),))
        elif session.offering is not None or is_too_early:
            self._refuse(server, 491, now)
        elif self._is_too_short(request):
            least = (("Min-SE", str(self._core.config.min_se_s)),)
            self._refuse(server, 422, now, least)
        else:
            session.dialog.refresh_target(request)
            session.peer_allows = request.allow or session.peer_allows
            body = sdp_body(request)
            if not body and request.method == "UPDATE":
                self._reply(session, server, b"", now)
                return
            session.offered = server
            session.has_asked_offer = not body
            self._core.emit(OfferReceived(session.number, body or None))

    def accept_offer(self, session: Session, body: bytes, now: float) -> None:
        """Answer their offer, or make ours where they asked for one."""
        server, session.offered = session.offered, None
        if server is not None and server.is_open:
            session.body = body
            self._reply(session, server, body, now)

    def reject_offer(self, session: Session, status: int, now: float) -> None:
        server, session.offered = session.offered, None
        if server is not None and server.is_open:
            self._refuse(server, status, now)

    def on_ack(self, session: Session, body: bytes) -> bool:
        """The ACK to our 2xx to a re-INVITE; True when it carried the answer to our offer."""
        if not session.has_asked_offer:
            return False
        session.has_asked_offer = False
        self._core.emit(OfferAnswered(session.number, body))
        return True

    def _reply(self, session: Session, server: Server, body: bytes, now: float) -> None:
        core = self._core
        assert session.dialog is not None
        headers = [("Contact", core.wire.contact(session.dialog.hop)), ("Allow", ALLOW)]
        headers += [("Supported", SUPPORTED)]
        if body:
            headers.append(("Content-Type", SDP))
        response = respond(server.request, 200, "", headers, body, session.key[1])
        if session.interval is not None:
            wanted, least = session.interval.seconds, core.config.min_se_s
            agreed = agree_as_server(server.request, wanted, least)
            session.interval = agreed or session.interval
            put_on_answer(response.headers, session.interval, server.request)
        if server.request.method == "INVITE":
            self._server.repeat_until_ack(session, server, response, now)
        else:
            core.servers.respond(server, response, now)
        arm_refresh(core, session, now)

    def _is_too_short(self, request: Request) -> bool:
        """RFC 4028 §9: less than our minimum, from one who knows timers."""
        try:
            agree_as_server(request, 0, self._core.config.min_se_s)
        except RemoteProtocolError:
            return True
        return False

    def _refuse(
        self, server: Server, status: int, now: float, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._core.servers.respond(server, respond(server.request, status, "", headers), now)
