"""Calls that come to us: INVITE as a user agent server.

PURE. RFC 3261 §13.3 (2xx repeated until the ACK), §9.2 (CANCEL), §15 (BYE after the ACK), RFC 3262
(reliable provisionals for callers who require them), RFC 4028 §9.
"""

from __future__ import annotations

from appliance.sip.body import sdp_body
from appliance.sip.dialog import dialog_of_invite
from appliance.sip.dialog_requests import DialogRequests
from appliance.sip.events import EndCause, Hop, InviteReceived, SessionCancelled, SessionConfirmed
from appliance.sip.message import Request, Response, respond
from appliance.sip.refresh import arm_refresh
from appliance.sip.server_transactions import Server
from appliance.sip.session import (
    ALLOW,
    SDP,
    SUPPORTED,
    Core,
    Session,
    State,
    close_session,
    end_session,
    leave_session,
)
from appliance.sip.session_timer import agree_as_server, put_on_answer
from appliance.sip.timers import cancel

Fields = tuple[tuple[str, str], ...]
_TRYING_AFTER_S = 0.2  # RFC 3261 §17.2.1


class InviteServer:
    """Receives sessions and answers them as the shell says."""

    def __init__(self, core: Core, requests: DialogRequests) -> None:
        self._core = core
        self._requests = requests

    def receive(self, server: Server, source: Hop, now: float) -> None:
        """A new INVITE; raises RemoteProtocolError for one without a usable Contact."""
        core = self._core
        request = server.request
        tag = core.ids.token(64)
        dialog = dialog_of_invite(request, source, tag)
        agree_as_server(request, core.config.session_expires_s, core.config.min_se_s)
        session = core.new_session(State.CALLED)
        session.server = server
        session.dialog = dialog
        session.key = (request.call_id, tag)
        session.peer_allows = request.headers.get_all("Allow")
        core.by_tag[session.key] = session
        core.by_server[server.number] = session
        session.repetition = core.timers.set(
            now + _TRYING_AFTER_S, lambda at: self.trying(session, at)
        )
        core.emit(InviteReceived(session.number, request, source))

    def trying(self, session: Session, now: float) -> None:
        """100, unless something was said already."""
        server = session.server
        if session.state is State.CALLED and server is not None and not server.last:
            cancel(session.repetition)
            self._core.servers.respond(server, respond(server.request, 100), now)

    def provisional(self, session: Session, status: int, body: bytes, now: float) -> None:
        """A 101-199; reliable where the caller requires that (RFC 3262 §3).

        A caller who made no offer is given no description before the 2xx carries ours.
        """
        server = session.server
        if session.state is not State.CALLED or server is None or session.held_answer is not None:
            return
        if not session.unacknowledged:
            cancel(session.repetition)
        request = server.request
        response = self._response(session, status, body if sdp_body(request) else b"")
        if "100rel" in request.require:
            session.rseq += 1
            response.headers.add("Require", "100rel")
            response.headers.add("RSeq", str(session.rseq))
            session.unacknowledged.append(response)
            if len(session.unacknowledged) == 1:
                self._send_reliable(session, now)
        else:
            self._core.servers.respond(server, response, now)

    def answer(self, session: Session, body: bytes, now: float) -> None:
        """200 with a description; repeated until the ACK (§13.3.1.4).

        It waits while a reliable provisional with a description is not acknowledged (RFC 3262 §3).
        """
        server = session.server
        if session.state is not State.CALLED or server is None:
            return
        if any(response.body for response in session.unacknowledged):
            session.held_answer = body
            return
        cancel(session.repetition)
        cancel(session.give_up)
        core = self._core
        request = server.request
        session.held_answer = None
        session.state = State.CONFIRMED
        session.body = body
        session.has_asked_offer = not sdp_body(request)
        response = self._response(session, 200, body)
        wanted, least = core.config.session_expires_s, core.config.min_se_s
        session.interval = agree_as_server(request, wanted, least)
        if session.interval is not None:
            put_on_answer(response.headers, session.interval, request)
        self.repeat_until_ack(session, server, response, now)
        arm_refresh(core, session, now)

    def hang_up(self, session: Session, reason: str, now: float) -> None:
        """BYE; not before the ACK to our 2xx came or is given up (§15)."""
        assert session.dialog is not None
        if session.ack_key is not None:
            session.bye_reason = reason
            leave_session(self._core, session, now)
        else:
            self._requests.bye(session, session.dialog, reason, now)
            close_session(self._core, session, now)

    def repeat_until_ack(
        self, session: Session, server: Server, response: Response, now: float
    ) -> None:
        """Send a 2xx to INVITE and repeat it until its ACK comes; none in 64*T1 ends the call."""
        core = self._core
        request = server.request
        session.ack_key = (request.call_id, request.from_.tag, request.cseq.number)
        core.by_ack[session.ack_key] = session
        core.servers.respond(server, response, now)
        session.repetition_s = core.config.timers.t1
        session.repetition = core.timers.set(
            now + session.repetition_s, lambda at: self._repeat(session, server, response, at)
        )
        session.give_up = core.timers.set(
            now + core.config.timers.timeout, lambda at: self._no_ack(session, at)
        )

    def reject(
        self, session: Session, status: int, reason: str, headers: Fields, now: float
    ) -> None:
        """A final 3xx-6xx."""
        server = session.server
        if session.state is not State.CALLED or server is None:
            return
        response = respond(server.request, status, reason, headers, b"", session.key[1])
        self._core.servers.respond(server, response, now)
        close_session(self._core, session, now)

    # ---- what comes

    def on_withdrawn(self, session: Session, reason: str, now: float) -> None:
        """The caller withdrew by CANCEL (§9.2) or by BYE in the early dialog (§15)."""
        if session.state is State.CALLED:
            self.reject(session, 487, "", (), now)
            self._core.emit(SessionCancelled(session.number, reason))

    def on_ack(self, request: Request) -> Session | None:
        """The ACK to a 2xx: found by Call-ID, From tag and CSeq, whatever its To tag (pyVoIP)."""
        key = (request.call_id, request.from_.tag, request.cseq.number)
        session = self._core.by_ack.get(key)
        if session is not None:
            self._settle(session)
        return session

    def imply_ack(self, session: Session) -> None:
        """A new request that follows the ACK came first, or the ACK was lost."""
        self._settle(session)
        self.confirm(session, b"")

    def confirm(self, session: Session, body: bytes) -> None:
        """Tell the shell of the first ACK."""
        if session.state is State.CONFIRMED and not session.is_acknowledged:
            session.is_acknowledged = True
            session.has_asked_offer = False
            self._core.emit(SessionConfirmed(session.number, body))

    def on_prack(self, session: Session, server: Server, now: float) -> None:
        """RFC 3262 §3: acknowledge the oldest reliable provisional, then send the next.

        An offer in a PRACK is refused: the call goes on with what was agreed.
        """
        if not self._is_awaited(session, server.request):
            self._core.servers.respond(server, respond(server.request, 481), now)
            return
        acknowledged = session.unacknowledged.pop(0)
        session.has_early_answer = session.has_early_answer or bool(acknowledged.body)
        status = 488 if sdp_body(server.request) else 200
        self._core.servers.respond(server, respond(server.request, status), now)
        if session.state is not State.CALLED:
            return
        cancel(session.repetition)
        cancel(session.give_up)
        if session.unacknowledged:
            self._send_reliable(session, now)
        elif session.held_answer is not None:
            self.answer(session, session.held_answer, now)

    # ---- inside

    def _settle(self, session: Session) -> None:
        """The 2xx arrived: repeat it no longer."""
        assert session.ack_key is not None
        del self._core.by_ack[session.ack_key]
        session.ack_key = None
        cancel(session.repetition)
        cancel(session.give_up)

    def _is_awaited(self, session: Session, prack: Request) -> bool:
        """True when a PRACK is about the reliable provisional that was sent last."""
        if not session.unacknowledged or session.server is None:
            return False
        rseq = session.unacknowledged[0].headers.get("RSeq")
        wanted = [rseq, str(session.server.request.cseq.number), "INVITE"]
        return (prack.headers.get("RAck") or "").split() == wanted

    def _response(self, session: Session, status: int, body: bytes) -> Response:
        server = session.server
        assert server is not None and session.dialog is not None
        headers = [("Contact", self._core.wire.contact(session.dialog.hop))]
        headers += [("Record-Route", v) for v in server.request.headers.get_all("Record-Route")]
        if status >= 200:
            headers += [("Allow", ALLOW), ("Supported", SUPPORTED)]
        headers.append(("Server", self._core.config.user_agent))
        if body:
            headers.append(("Content-Type", SDP))
        return respond(server.request, status, "", headers, body, session.key[1])

    def _send_reliable(self, session: Session, now: float) -> None:
        server = session.server
        assert server is not None
        response = session.unacknowledged[0]
        self._core.servers.respond(server, response, now)
        session.repetition_s = self._core.config.timers.t1
        self._arm_reliable(session, response, now)
        session.give_up = self._core.timers.set(
            now + self._core.config.timers.timeout,
            lambda at: self._give_up_reliable(session, at),
        )

    def _arm_reliable(self, session: Session, response: Response, now: float) -> None:
        session.repetition = self._core.timers.set(
            now + session.repetition_s, lambda at: self._repeat_reliable(session, response, at)
        )

    def _repeat_reliable(self, session: Session, response: Response, now: float) -> None:
        if session.state is State.CALLED and session.server is not None:
            self._core.servers.respond(session.server, response, now)
            session.repetition_s *= 2
            self._arm_reliable(session, response, now)

    def _give_up_reliable(self, session: Session, now: float) -> None:
        """No PRACK in 64*T1: the call is refused (RFC 3262 §3)."""
        if session.state is State.CALLED:
            self.reject(session, 504, "", (), now)
            self._core.emit(SessionCancelled(session.number, ""))

    def _repeat(self, session: Session, server: Server, response: Response, now: float) -> None:
        values = self._core.config.timers
        self._core.servers.respond(server, response, now)
        session.repetition_s = min(session.repetition_s * 2, values.t2)
        session.repetition = self._core.timers.set(
            now + session.repetition_s, lambda at: self._repeat(session, server, response, at)
        )

    def _no_ack(self, session: Session, now: float) -> None:
        """64*T1 without the ACK: the call is over (§13.3.1.4)."""
        assert session.dialog is not None
        self._requests.bye(session, session.dialog, session.bye_reason, now)
        end_session(self._core, session, EndCause.NO_ACK, now, is_remote=False)
