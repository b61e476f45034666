"""Requests inside a dialog that carry no offer: BYE, INFO, PRACK.

PURE. RFC 3261 §15.1.1, §22.2; RFC 6086; RFC 3262. A challenge is answered; 481 to a request of a
standing call ends it (§12.2.1.2), a lost stream sends it where the far end listens (§18.1.1).
Nobody else waits for what becomes of them.
"""

from __future__ import annotations

from appliance.sip.client_transactions import Client
from appliance.sip.dialog import Dialog
from appliance.sip.events import EndCause, Hop
from appliance.sip.message import Request, Response
from appliance.sip.session import Core, Session, State, end_session, send_by


class DialogRequests:
    """Sends them, and proves who we are where that is asked for."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def bye(self, session: Session, dialog: Dialog, reason: str, now: float) -> None:
        """End a dialog; reason: a Reason header value (RFC 3326) or empty."""
        request = dialog.request("BYE")
        if reason:
            request.headers.add("Reason", reason)
        send_by(self._core, session, dialog, request, self, now)

    def info(self, session: Session, content_type: str, body: bytes, now: float) -> None:
        """Send INFO in a confirmed dialog."""
        assert session.dialog is not None
        request = session.dialog.request("INFO")
        request.headers.add("Content-Type", content_type)
        request.body = body
        send_by(self._core, session, session.dialog, request, self, now)

    def prack(self, session: Session, dialog: Dialog, rack: str, now: float) -> None:
        """Acknowledge a reliable provisional; rack: RSeq, CSeq and method (RFC 3262 §7.2)."""
        request = dialog.request("PRACK")
        request.headers.add("RAck", rack)
        send_by(self._core, session, dialog, request, self, now)

    # ---- the transactions' user

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        session, dialog = client.session, client.dialog
        if session is None or dialog is None or response.status < 200:
            return
        proof = session.proof
        if response.status < 300:
            if proof is not None:  # a provider may take each nonce once only
                proof.succeeded()
        elif proof is not None and proof.accept(response, client.hop, source, client.request):
            self._again(client, session, dialog, now)
        elif response.status == 481 and client.method == "INFO":
            self._gone(session, dialog, now)

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        """Nobody waits; but a stream that is lost is not the only way to tell the far end."""
        session, dialog = client.session, client.dialog
        if session is None or dialog is None or not is_transport:
            return
        if dialog.has_other_way(client.hop):
            self._again(client, session, dialog, now)

    def _again(self, client: Client, session: Session, dialog: Dialog, now: float) -> None:
        old = client.request
        request = Request(old.method, old.uri, old.headers.copy(), old.body)
        request.headers.set("CSeq", f"{dialog.next_cseq()} {old.method}")
        request.headers.remove("User-Agent")
        send_by(self._core, session, dialog, request, self, now)

    def _gone(self, session: Session, dialog: Dialog, now: float) -> None:
        if session.state is State.CONFIRMED:
            self.bye(session, dialog, "", now)
            end_session(self._core, session, EndCause.GONE, now, is_remote=True)
