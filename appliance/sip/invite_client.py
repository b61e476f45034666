"""Calls that we make: INVITE as a user agent client.

PURE. RFC 3261 §13.2, §9.1 (CANCEL), RFC 3262 (PRACK), RFC 4028 §7; challenges are answered on the way.
Forks that answer after the first are acknowledged and hung up at once (§13.2.2.4).
"""

from __future__ import annotations

from appliance.sip.client_transactions import Client
from appliance.sip.credentials import Proof
from appliance.sip.dialog import dialog_of_response
from appliance.sip.events import (
    FailureCause,
    Hop,
    Invitation,
    SessionAnswered,
    SessionFailed,
    SessionProgressed,
)
from appliance.sip.grammar import parse_figure
from appliance.sip.headers import Headers, format_name_addr
from appliance.sip.message import Request, Response
from appliance.sip.refresh import arm_refresh
from appliance.sip.session import (
    ALLOW,
    SDP,
    SUPPORTED,
    Core,
    Session,
    State,
    close_session,
    send_in_dialog,
)
from appliance.sip.session_timer import agree_as_client, read_minimum

_NO_RESPONSE_TO_CANCEL_S = 32.0  # 64*T1 after a CANCEL (§9.1)


class InviteClient:
    """Begins sessions and hears what becomes of them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def invite(self, invitation: Invitation, now: float) -> Session:
        """Send an INVITE; SessionProgressed, SessionAnswered or SessionFailed follow."""
        core = self._core
        session = core.new_session(State.CALLING)
        session.body = invitation.body
        if invitation.credentials is not None:
            session.proof = Proof(invitation.credentials)
        request = self._first_request(invitation)
        session.key = (request.call_id, request.from_.tag)
        core.by_tag[session.key] = session
        self._send(session, request, invitation.hop, now)
        return session

    def cancel(self, session: Session, reason: str, now: float) -> None:
        """Withdraw an INVITE: the shell is told at once, the network in its time (§9.1)."""
        if session.is_cancelled or session.state is not State.CALLING:
            return
        session.is_cancelled = True
        session.cancel_reason = reason
        failed = SessionFailed(session.number, FailureCause.CANCELLED, None)
        self._core.emit(failed)
        client = session.client
        if client is not None and client.state.name == "PROCEEDING":
            self._send_cancel(session, client, now)

    # ---- the transaction's user

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        session = self._core.by_tag.get((client.request.call_id, client.request.from_.tag))
        if session is None:
            if 200 <= response.status < 300:
                self._hang_up_fork(client, response, now)
        elif response.status < 200:
            self._on_provisional(session, client, response, now)
        elif response.status < 300:
            self._on_success(session, client, response, now)
        else:
            self._on_failure(session, client, response, now)

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        session = self._core.by_tag.get((client.request.call_id, client.request.from_.tag))
        if session is not None and session.state is State.CALLING:
            cause = FailureCause.TRANSPORT if is_transport else FailureCause.TIMEOUT
            self._fail(session, cause, None)

    # ---- what was answered

    def _on_provisional(
        self, session: Session, client: Client, response: Response, now: float
    ) -> None:
        if session.is_cancelled:
            if not session.has_cancel_sent:
                self._send_cancel(session, client, now)
            return
        if session.state is not State.CALLING:
            return
        has_dialog = response.status > 100 and bool(response.to.tag)
        if has_dialog and not self._note_early(session, client, response, now):
            return
        self._core.emit(SessionProgressed(session.number, response))

    def _note_early(self, session: Session, client: Client, response: Response, now: float) -> bool:
        """Keep the early dialog, acknowledge a reliable provisional; False for a repeated one."""
        tag = response.to.tag
        dialog = session.early.get(tag)
        if dialog is None:
            dialog = dialog_of_response(client.request, response, client.hop)
            session.early[tag] = dialog
        session.dialog = dialog
        session.peer_allows = response.allow or session.peer_allows
        value = response.headers.get("RSeq")
        if value is None or "100rel" not in response.require:
            return True
        rseq = parse_figure(value, "RSeq", 2**32 - 1)
        last = session.reliable_seen.get(tag)
        if last is not None and rseq != last + 1:
            return False  # repeated, or out of order: the far end repeats what is missing
        session.reliable_seen[tag] = rseq
        prack = dialog.request("PRACK")
        prack.headers.add("RAck", f"{rseq} {client.request.cseq.number} INVITE")
        send_in_dialog(self._core, session, prack, UNHEARD, now)
        return True

    def _on_success(self, session: Session, client: Client, response: Response, now: float) -> None:
        repeated = session.acks.get((response.to.tag, response.cseq.number))
        if repeated is not None:
            self._core.wire.send(repeated.hop, repeated.data)
            return
        if session.state is not State.CALLING or session.is_cancelled:
            self._hang_up_fork(client, response, now, session)
            if session.is_cancelled:
                close_session(self._core, session)
            return
        early = session.early.get(response.to.tag)
        session.dialog = early or dialog_of_response(client.request, response, client.hop)
        session.dialog.refresh_target(response)
        if early is not None and response.record_routes:
            renewed = dialog_of_response(client.request, response, client.hop)
            session.dialog.route_set = renewed.route_set
            session.dialog.find_hop()
        session.early.clear()
        session.state = State.CONFIRMED
        session.peer_allows = response.allow or session.peer_allows
        if session.proof is not None:
            session.proof.succeeded()
        self.acknowledge(session, response.cseq.number, response.to.tag)
        session.interval = agree_as_client(response)
        arm_refresh(self._core, session, now)
        self._core.emit(SessionAnswered(session.number, response))

    def _on_failure(self, session: Session, client: Client, response: Response, now: float) -> None:
        if session.state is not State.CALLING:
            return
        if session.is_cancelled:
            close_session(self._core, session)
            return
        if session.proof is not None and session.proof.accept(response):
            self._again(session, client, now)
        elif response.status == 422 and session.retries < 2:
            session.retries += 1
            minimum = read_minimum(response.headers)
            client.request.headers.set("Session-Expires", str(minimum))
            client.request.headers.set("Min-SE", str(minimum))
            self._again(session, client, now)
        else:
            self._fail(session, FailureCause.RESPONSE, response)

    def acknowledge(self, session: Session, cseq: int, far_tag: str) -> None:
        """ACK a 2xx to an INVITE of this session, and keep the ACK for repetition."""
        assert session.dialog is not None
        ack = session.dialog.request("ACK", cseq)
        if session.proof is not None:
            session.proof.put_on(ack, self._core.ids)
        sent = self._core.clients.send_ack(ack, session.dialog.hop)
        session.acks = {(far_tag, cseq): sent}

    # ---- requests

    def _first_request(self, invitation: Invitation) -> Request:
        core = self._core
        headers = Headers()
        for route in invitation.route_set:
            headers.add("Route", route)
        headers.add("Max-Forwards", "70")
        tag = {"tag": core.ids.token(64)}
        headers.add("From", format_name_addr(invitation.from_display, invitation.from_uri, tag))
        headers.add("To", f"<{invitation.to_uri}>")
        headers.add("Call-ID", core.ids.token(128))
        headers.add("CSeq", "1 INVITE")
        headers.add("Contact", "<sip:invalid>")  # the transaction layer writes ours
        headers.add("User-Agent", core.config.user_agent)
        headers.add("Allow", ALLOW)
        headers.add("Supported", SUPPORTED)
        if invitation.session_expires_s:
            headers.add("Session-Expires", str(invitation.session_expires_s))
        for name, value in invitation.headers:
            headers.add(name, value)
        if invitation.body:
            headers.add("Content-Type", SDP)
        return Request("INVITE", invitation.uri, headers, invitation.body)

    def _again(self, session: Session, client: Client, now: float) -> None:
        """The same INVITE with the next CSeq: challenged, or too short a session."""
        old = client.request
        request = Request("INVITE", old.uri, old.headers.copy(), old.body)
        request.headers.set("CSeq", f"{old.cseq.number + 1} INVITE")
        if session.proof is not None:
            session.proof.put_on(request, self._core.ids)
        session.early.clear()
        self._send(session, request, client.fall_back or client.hop, now)

    def _send(self, session: Session, request: Request, hop: Hop, now: float) -> None:
        session.client = self._core.clients.send(request, hop, self, now)

    def _send_cancel(self, session: Session, client: Client, now: float) -> None:
        session.has_cancel_sent = True
        invite = client.request
        cancel = Request("CANCEL", invite.uri)
        for value in invite.headers.get_all("Route"):
            cancel.headers.add("Route", value)
        cancel.headers.add("Max-Forwards", "70")
        for name in ("From", "To", "Call-ID"):
            cancel.headers.add(name, invite.headers.get(name) or "")
        cancel.headers.add("CSeq", f"{invite.cseq.number} CANCEL")
        if session.cancel_reason:
            cancel.headers.add("Reason", session.cancel_reason)
        self._core.clients.send_cancel(cancel, client, UNHEARD, now)
        session.give_up = self._core.timers.set(
            now + _NO_RESPONSE_TO_CANCEL_S, lambda at: close_session(self._core, session)
        )

    def _hang_up_fork(
        self, client: Client, response: Response, now: float, session: Session | None = None
    ) -> None:
        """Another phone answered too, or too late: acknowledge and end its dialog."""
        core = self._core
        dialog = dialog_of_response(client.request, response, client.hop)
        ack = dialog.request("ACK", response.cseq.number)
        sent = core.clients.send_ack(ack, dialog.hop)
        if session is not None:
            session.acks[response.to.tag, response.cseq.number] = sent
        bye = dialog.request("BYE")
        if session is not None and session.cancel_reason:
            bye.headers.add("Reason", session.cancel_reason)
        core.clients.send(bye, dialog.hop, UNHEARD, now)

    def _fail(self, session: Session, cause: FailureCause, response: Response | None) -> None:
        close_session(self._core, session)
        if not session.is_cancelled:
            self._core.emit(SessionFailed(session.number, cause, response))


class Unheard:
    """The user of a request whose answer changes nothing."""

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        """Nobody waits."""

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        """Nobody waits."""


UNHEARD = Unheard()
