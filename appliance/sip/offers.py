"""Offers in a call that stands: re-INVITE and UPDATE, ours and theirs, and session refreshes.

PURE. RFC 3261 §14 (glare: 491 and a random wait), RFC 3311, RFC 4028. Bodies pass unread. A refusal
that says the far end has forgotten the call (408, 481), or none at all, ends it (§12.2.1.2).
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.body import sdp_body
from appliance.sip.client_transactions import Client
from appliance.sip.dialog import Dialog
from appliance.sip.dialog_requests import DialogRequests
from appliance.sip.events import EndCause, Hop, OfferAnswered, OfferReceived, OfferRefused
from appliance.sip.headers import Headers
from appliance.sip.invite_client import InviteClient, ask_longer
from appliance.sip.invite_server import InviteServer
from appliance.sip.message import Request, Response, respond
from appliance.sip.refresh import arm_refresh, refresh_again
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
from appliance.sip.session_timer import (
    Interval,
    agree_as_client,
    agree_as_server,
    put_on_answer,
    read_interval,
)

Fields = tuple[tuple[str, str], ...]
_MOST_RETRIES = 3
_GONE = (408, 481)
_NO_SUCH_METHOD = (405, 501)
_EXPIRED = 'SIP;cause=408;text="Session expired"'
_RETRY_LATER: Fields = (("Retry-After", "1"),)


class Offers:
    """Renegotiates sessions."""

    def __init__(
        self, core: Core, client: InviteClient, server: InviteServer, requests: DialogRequests
    ) -> None:
        self._core = core
        self._client = client
        self._server = server
        self._requests = requests
        core.on_refresh_due = self.refresh
        core.on_expired = self._expire

    # ---- ours

    def offer(self, session: Session, body: bytes, now: float) -> None:
        """Send a re-INVITE; OfferAnswered or OfferRefused follows. It waits for a pending ACK."""
        if session.state is not State.CONFIRMED:
            self._core.emit(OfferRefused(session.number, 481))
        elif session.is_renegotiating or session.held_offer is not None:
            self._core.emit(OfferRefused(session.number, 491))
        elif session.ack_key is not None:
            session.held_offer = body
        else:
            session.retries = 0
            self._send_offer(session, body, now)

    def refresh(self, session: Session, now: float) -> None:
        """Say that the call still stands (RFC 4028 §10); an offer under way says it too."""
        if session.state is not State.CONFIRMED or session.dialog is None:
            return
        if session.is_renegotiating or session.ack_key is not None:
            refresh_again(self._core, session, now)
        elif session.knows_update or not session.body:
            update = session.dialog.request("UPDATE")
            update.headers.add("Supported", SUPPORTED)
            _put_timer(update.headers, session)
            session.refreshing = send_in_dialog(self._core, session, update, self, now)
        else:
            self._send_offer(session, session.body, now)
            session.refreshing = session.offering

    def _send_offer(self, session: Session, body: bytes, now: float) -> None:
        assert session.dialog is not None
        invite = session.dialog.request("INVITE")
        invite.headers.add("Allow", ALLOW)
        invite.headers.add("Supported", SUPPORTED)
        invite.headers.add("Content-Type", SDP)
        _put_timer(invite.headers, session)
        invite.body = session.body = body
        session.offering = send_in_dialog(self._core, session, invite, self, now)

    # ---- the transactions' user

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        session = client.session
        assert session is not None
        if response.status < 200:
            if client.method == "INVITE":
                self._core.clients.limit(client, now)
            return
        if response.status < 300 and client.method == "INVITE" and client.dialog is not None:
            repeated = client.acks.get(response.to.tag)
            if repeated is not None:
                self._core.wire.send(repeated.hop, repeated.data)
                return
            client.dialog.refresh_target(response)
            self._client.acknowledge(client, client.dialog, response)
        is_refresh = client is session.refreshing
        _forget(session, client)
        if session.state is not State.CONFIRMED:
            return
        if response.status < 300:
            self._accepted(session, response, is_refresh, now)
        elif session.proof is not None and session.proof.accept(
            response, client.hop, source, client.request
        ):
            self._repeat(session, client.request.body, is_refresh, now)
        else:
            self._refused(session, client, response, is_refresh, now)

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        session, dialog = client.session, client.dialog
        assert session is not None and dialog is not None
        is_refresh = client is session.refreshing
        _forget(session, client)
        is_alive = session.state is State.CONFIRMED
        if is_transport and is_alive and dialog.has_other_way(client.hop):
            self._repeat(session, client.request.body, is_refresh, now)
        else:
            self._end(session, EndCause.GONE, "", now, is_remote=True)

    def _accepted(self, session: Session, response: Response, is_refresh: bool, now: float) -> None:
        assert session.dialog is not None
        session.dialog.refresh_target(response)
        session.retries = 0
        if session.proof is not None:
            session.proof.succeeded()
        session.interval = agree_as_client(response) or session.interval
        arm_refresh(self._core, session, now)
        if not is_refresh:
            self._core.emit(OfferAnswered(session.number, sdp_body(response)))

    def _refused(
        self, session: Session, client: Client, response: Response, is_refresh: bool, now: float
    ) -> None:
        status = response.status
        body = client.request.body
        if status in _GONE:
            self._end(session, EndCause.GONE, "", now, is_remote=True)
        elif status == 491 and session.retries < _MOST_RETRIES:
            self._later(session, body, is_refresh, now)
        elif status == 422 and session.interval is not None and session.retries < _MOST_RETRIES:
            session.retries += 1
            ask_longer(client.request.headers, response)
            seconds, _ = read_interval(client.request.headers)
            session.interval = Interval(seconds, session.interval.is_refresher)
            self._repeat(session, body, is_refresh, now)
        elif not is_refresh:
            self._core.emit(OfferRefused(session.number, status))
        elif client.method == "UPDATE" and status in _NO_SUCH_METHOD and session.body:
            session.peer_allows = []
            self.refresh(session, now)
        else:
            refresh_again(self._core, session, now)

    def _repeat(self, session: Session, body: bytes, is_refresh: bool, now: float) -> None:
        """Ask the same again, otherwise."""
        if is_refresh:
            self.refresh(session, now)
        else:
            self._send_offer(session, body, now)

    def _later(self, session: Session, body: bytes, is_refresh: bool, now: float) -> None:
        """Both offered at once: wait as §14.1 says; who made the Call-ID waits longer."""
        session.retries += 1
        roll = int(self._core.ids.token(16)[:4], 16) / 65535
        wait = 2.1 + 1.9 * roll if session.server is None else 2.0 * roll
        session.retry = self._core.timers.set(
            now + round(wait, 2), lambda at: self._try_again(session, body, is_refresh, at)
        )

    def _try_again(self, session: Session, body: bytes, is_refresh: bool, now: float) -> None:
        if not session.is_renegotiating and session.ack_key is None:
            self._repeat(session, body, is_refresh, now)
        elif not is_refresh:
            self._core.emit(OfferRefused(session.number, 491))
        else:
            refresh_again(self._core, session, now)

    def _expire(self, session: Session, now: float) -> None:
        """The far end did not refresh: the call is dead (RFC 4028 §10)."""
        self._end(session, EndCause.SESSION_TIMER, _EXPIRED, now, is_remote=False)

    def _end(
        self, session: Session, cause: EndCause, reason: str, now: float, *, is_remote: bool
    ) -> None:
        """BYE all the same: who forgot the call says 481, who only lost a message is told."""
        if session.state is State.CONFIRMED and session.dialog is not None:
            self._requests.bye(session, session.dialog, reason, now)
            end_session(self._core, session, cause, now, is_remote=is_remote)

    # ---- theirs

    def receive(self, session: Session, dialog: Dialog, server: Server, now: float) -> None:
        """A re-INVITE or UPDATE in this dialog; of several early ones each has its own target."""
        request = server.request
        body = sdp_body(request)
        status = self._objection(session, request, bool(body))
        if status:
            _refuse(self._core, server, status, now)
            return
        dialog.refresh_target(request)
        session.peer_allows = request.headers.get_all("Allow") or session.peer_allows
        if request.method == "UPDATE" and not body:
            self._reply(session, server, b"", now)
            return
        if session.ack_key is not None and request.method == "INVITE":
            self._server.imply_ack(session)
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
        """Refuse their offer; the call goes on as it was."""
        server, session.offered = session.offered, None
        if server is not None and server.is_open:
            session.has_asked_offer = False
            _refuse(self._core, server, status, now)
            if session.ack_key is None:
                self.offer_held(session, now)

    def on_ack(self, session: Session, body: bytes, now: float) -> None:
        """The ACK to our 2xx to a re-INVITE, perhaps with the answer to our offer."""
        if session.has_asked_offer:
            session.has_asked_offer = False
            self._core.emit(OfferAnswered(session.number, body))
        self.offer_held(session, now)

    def offer_held(self, session: Session, now: float) -> None:
        """Send the offer that waited for an ACK."""
        body, session.held_offer = session.held_offer, None
        if body is not None:
            self.offer(session, body, now)

    def _objection(self, session: Session, request: Request, has_offer: bool) -> int:
        """The status that refuses a re-INVITE or UPDATE at once, or 0."""
        is_invite = request.method == "INVITE"
        if session.state is State.LEAVING:
            return 481
        if request.body and not has_offer:
            return 415
        crossing = session.conflict(is_invite) if is_invite or has_offer else 0
        return crossing or _timer_objection(request, self._core.config.min_se_s)

    def _reply(self, session: Session, server: Server, body: bytes, now: float) -> None:
        core = self._core
        assert session.dialog is not None
        headers = [("Contact", core.wire.contact(session.dialog.hop)), ("Allow", ALLOW)]
        headers += [("Supported", SUPPORTED)]
        if body:
            headers.append(("Content-Type", SDP))
        response = respond(server.request, 200, "", headers, body, session.key[1])
        wanted = session.interval.seconds if session.interval is not None else 0
        agreed = agree_as_server(server.request, wanted, core.config.min_se_s)
        if agreed is not None and session.state is State.CONFIRMED:
            session.interval = agreed
            put_on_answer(response.headers, agreed, server.request)
        if server.request.method == "INVITE":
            self._server.repeat_until_ack(session, server, response, now)
        else:
            core.servers.respond(server, response, now)
        arm_refresh(core, session, now)


def _timer_objection(request: Request, minimum_s: int) -> int:
    """RFC 4028 §9: 422 for less than our minimum from one who knows timers; 0 if all is well."""
    try:
        agree_as_server(request, 0, minimum_s)
    except RemoteProtocolError as error:
        return error.status
    return 0


def _refuse(core: Core, server: Server, status: int, now: float) -> None:
    headers: Fields = ()
    if status == 500:
        headers = _RETRY_LATER
    elif status == 422:
        headers = (("Min-SE", str(core.config.min_se_s)),)
    elif status == 415:
        headers = (("Accept", SDP),)
    core.servers.respond(server, respond(server.request, status, "", headers), now)


def _put_timer(headers: Headers, session: Session) -> None:
    interval = session.interval
    if interval is not None:
        refresher = "uac" if interval.is_refresher else "uas"
        headers.add("Session-Expires", f"{interval.seconds};refresher={refresher}")


def _forget(session: Session, client: Client) -> None:
    if session.offering is client:
        session.offering = None
    if session.refreshing is client:
        session.refreshing = None
