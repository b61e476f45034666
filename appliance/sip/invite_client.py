"""Calls that we make: INVITE as a user agent client.

PURE. RFC 3261 §13.2, §9.1 (CANCEL), RFC 3262 (PRACK), RFC 4028 §7; challenges are answered on the
way. Forks that answer after the first are acknowledged and hung up at once (§13.2.2.4).
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.body import sdp_body
from appliance.sip.client_transactions import Client
from appliance.sip.credentials import CREDENTIALS, Proof
from appliance.sip.dialog import Dialog, dialog_of_response
from appliance.sip.dialog_requests import DialogRequests
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
from appliance.sip.message import Request, Response, respond
from appliance.sip.refresh import arm_refresh
from appliance.sip.session import ALLOW, SDP, SUPPORTED, Core, Session, State, close_session
from appliance.sip.session_timer import MIN_SE_S, agree_as_client, read_minimum
from appliance.sip.transaction import State as Phase

_MOST_RETRIES = 2
_MOST_FORKS = 64  # telephones that ring; of more nothing is kept until one of them answers


class InviteClient:
    """Begins sessions and hears what becomes of them."""

    def __init__(self, core: Core, requests: DialogRequests) -> None:
        self._core = core
        self._requests = requests

    def invite(self, invitation: Invitation, now: float) -> Session:
        """Send an INVITE; SessionProgressed, SessionAnswered or SessionFailed follow."""
        core = self._core
        session = core.new_session(State.CALLING)
        session.body = invitation.body
        if invitation.credentials is not None:
            session.proof = Proof(invitation.credentials, invitation.hop.host)
        session.key = (core.ids.token(128), core.ids.token(64))
        core.by_tag[session.key] = session
        self._send(session, self._first_request(invitation, *session.key), invitation.hop, now)
        return session

    def cancel(self, session: Session, reason: str, now: float) -> None:
        """Withdraw an INVITE: the shell is told at once, the network in its time (§9.1)."""
        if session.is_cancelled or session.state is not State.CALLING:
            return
        session.is_cancelled = True
        session.cancel_reason = reason
        self._core.emit(SessionFailed(session.number, FailureCause.CANCELLED, None))
        client = session.client
        if client is not None and client.state is Phase.PROCEEDING:
            self._send_cancel(session, client, now)

    def withdraw_left(
        self, request: Request, hop: Hop, local_tag: str, reason: str, now: float
    ) -> Session:
        """CANCEL an INVITE that an earlier run left. SessionFailed follows where the far end says
        nothing at all. A 2xx that crosses it is acknowledged and hung up, as after any CANCEL."""
        core = self._core
        session = core.new_session(State.CALLING)
        session.key = (request.call_id, local_tag)
        core.by_tag[session.key] = session
        session.is_cancelled = session.is_left = True
        session.cancel_reason = reason
        session.client = core.clients.take_up(request, hop, self, session)
        self._send_cancel(session, session.client, now)
        return session

    # ---- the transaction's user

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        session = client.session
        assert session is not None
        session.is_left = False
        if response.status < 200:
            self._on_provisional(session, client, response, now)
        elif response.status < 300:
            self._on_success(session, client, response, now)
        else:
            self._on_failure(session, client, response, source, now)

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        session = client.session
        if session is not None and session.state is State.CALLING:
            cause = FailureCause.TRANSPORT if is_transport else FailureCause.TIMEOUT
            self._fail(session, cause, None, now)

    # ---- what was answered

    def _on_provisional(
        self, session: Session, client: Client, response: Response, now: float
    ) -> None:
        if session.state is not State.CALLING:
            return
        if session.is_cancelled:
            if not session.has_cancel_sent:
                self._send_cancel(session, client, now)
            return
        has_dialog = response.status > 100 and bool(response.to.tag)
        if has_dialog and session.proof is not None:
            session.proof.succeeded()  # its PRACK may be challenged anew
        if has_dialog and not self._note_early(session, client, response, now):
            return
        self._core.emit(SessionProgressed(session.number, response))

    def _note_early(self, session: Session, client: Client, response: Response, now: float) -> bool:
        """Keep the early dialog, acknowledge a reliable provisional; False for a repeated one."""
        tag = response.to.tag
        dialog = session.early.get(tag)
        if dialog is None:
            if len(session.early) >= _MOST_FORKS:
                return True
            dialog = dialog_of_response(client.request, response, client.hop)
            session.early[tag] = dialog
        session.dialog = dialog
        session.peer_allows = response.headers.get_all("Allow") or session.peer_allows
        rseq = _read_rseq(response)
        if not rseq:
            return True
        last = session.reliable_seen.get(tag)
        if last is not None and rseq != last + 1:
            return False  # repeated, or out of order: the far end repeats what is missing
        session.reliable_seen[tag] = rseq
        session.has_early_answer = session.has_early_answer or bool(sdp_body(response))
        self._requests.prack(session, dialog, f"{rseq} {response.cseq.number} INVITE", now)
        return True

    def _on_success(self, session: Session, client: Client, response: Response, now: float) -> None:
        repeated = client.acks.get(response.to.tag)
        if repeated is not None:
            self._core.wire.send(repeated.hop, repeated.data)
        elif session.state is not State.CALLING:
            self._hang_up_fork(session, client, response, now)
        elif session.is_cancelled:
            self._hang_up_fork(session, client, response, now)
            close_session(self._core, session, now)
        else:
            self._establish(session, client, response, now)

    def _establish(self, session: Session, client: Client, response: Response, now: float) -> None:
        """The first 2xx makes the dialog; its route set is the one that counts (§13.2.2.4)."""
        dialog = session.early.get(response.to.tag)
        if dialog is None:
            dialog = dialog_of_response(client.request, response, client.hop)
        else:
            dialog.confirm(response)
        session.dialog = dialog
        session.early.clear()
        session.state = State.CONFIRMED
        session.is_acknowledged = True  # no ACK of theirs is due before their first re-INVITE
        session.retries = 0
        session.peer_allows = response.headers.get_all("Allow") or session.peer_allows
        if session.proof is not None:
            session.proof.succeeded()
        self.acknowledge(client, dialog, response)
        session.interval = agree_as_client(response)
        arm_refresh(self._core, session, now)
        self._core.emit(SessionAnswered(session.number, response))

    def _on_failure(
        self, session: Session, client: Client, response: Response, source: Hop, now: float
    ) -> None:
        if session.state is not State.CALLING:
            return
        if session.is_cancelled:
            close_session(self._core, session, now)
        elif session.proof is not None and session.proof.accept(
            response, client.hop, source, client.request
        ):
            self._again(session, client, now)
        elif response.status == 422 and session.retries < _MOST_RETRIES:
            session.retries += 1
            ask_longer(client.request.headers, response)
            self._again(session, client, now)
        else:
            self._fail(session, FailureCause.RESPONSE, response, now)

    def on_early_bye(self, session: Session, now: float) -> None:
        """The far end hung up before it answered, or its 2xx was lost on the way.

        RFC 3261 §15 forbids the former; gateways do it all the same. With one early dialog nothing
        is left to wait for; with several the others may answer yet.
        """
        client = session.client
        if client is None or session.is_cancelled or len(session.early) > 1:
            return
        session.is_cancelled = True
        response = respond(client.request, 487)
        self._core.emit(SessionFailed(session.number, FailureCause.RESPONSE, response))
        if client.state is Phase.PROCEEDING:
            self._send_cancel(session, client, now)

    def acknowledge(self, client: Client, dialog: Dialog, response: Response) -> None:
        """ACK a 2xx to an INVITE, with the INVITE's credentials (§22.1) where it goes to the same
        host; kept for repetition."""
        ack = dialog.request("ACK", response.cseq.number)
        for name in CREDENTIALS if dialog.hop.host == client.hop.host else ():
            for value in client.request.headers.get_all(name):
                ack.headers.add(name, value)
        client.acks[response.to.tag] = self._core.clients.send_ack(ack, dialog.hop)

    # ---- requests

    def _first_request(self, invitation: Invitation, call_id: str, tag: str) -> Request:
        core = self._core
        headers = Headers()
        for route in invitation.route_set:
            headers.add("Route", route)
        headers.add("Max-Forwards", "70")
        from_ = format_name_addr(invitation.from_display, invitation.from_uri, {"tag": tag})
        headers.add("From", from_)
        headers.add("To", f"<{invitation.to_uri}>")
        headers.add("Call-ID", call_id)
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
            session.proof.put_on(request, client.hop, self._core.ids)
        session.early.clear()
        self._send(session, request, client.fall_back or client.hop, now)

    def _send(self, session: Session, request: Request, hop: Hop, now: float) -> None:
        session.client = self._core.clients.send(request, hop, self, now, session)

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
        self._core.clients.send_cancel(cancel, client, _CancelUser(session), now)
        self._core.clients.limit(client, now)

    def _hang_up_fork(
        self, session: Session, client: Client, response: Response, now: float
    ) -> None:
        """Another phone answered too, or too late: acknowledge and end its dialog."""
        dialog = dialog_of_response(client.request, response, client.hop)
        early = session.early.get(response.to.tag)
        if early is not None:
            dialog.local_cseq = early.local_cseq
        self.acknowledge(client, dialog, response)
        self._requests.bye(session, dialog, session.cancel_reason, now)

    def _fail(
        self, session: Session, cause: FailureCause, response: Response | None, now: float
    ) -> None:
        close_session(self._core, session, now)
        if not session.is_cancelled or session.is_left:
            self._core.emit(SessionFailed(session.number, cause, response))


class _CancelUser:
    """Hears that a CANCEL arrived; what becomes of the INVITE is told by its own response."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        self._session.is_left = False

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        """Nor does an INVITE hear of it that waits for its own time-out (§9.1)."""


def ask_longer(headers: Headers, response: Response) -> None:
    """Obey a 422: its Min-SE becomes what we ask for (RFC 4028 §7.4)."""
    try:
        minimum = read_minimum(response.headers)
    except RemoteProtocolError:
        minimum = MIN_SE_S
    _, _, refresher = (headers.get("Session-Expires") or "").partition(";")
    headers.set("Session-Expires", f"{minimum};{refresher}" if refresher else str(minimum))
    headers.set("Min-SE", str(minimum))


def _read_rseq(response: Response) -> int:
    """RSeq of a reliable provisional; 0 for any other, or one that cannot be read."""
    value = response.headers.get("RSeq")
    if value is None or "100rel" not in response.require:
        return 0
    try:
        return parse_figure(value, "RSeq", 2**32 - 1)
    except RemoteProtocolError:
        return 0
