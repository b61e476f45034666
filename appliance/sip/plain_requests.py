"""Requests of ours outside any session: REGISTER, OPTIONS, MESSAGE and their like.

PURE. RFC 3261 §8.1, §10.2; requests of dialogs that the shell keeps itself: the BYE of one that an
earlier run left (§15.1.1), the NOTIFY of a subscription (RFC 6665). Challenges are answered here;
the shell hears one final response, or that none came.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.sip.client_transactions import Client
from appliance.sip.credentials import Proof
from appliance.sip.dialog import Dialog
from appliance.sip.events import (
    Credentials,
    FailureCause,
    Hop,
    PlainRequest,
    RequestFailed,
    ResponseReceived,
)
from appliance.sip.headers import Headers
from appliance.sip.message import Request, Response
from appliance.sip.session import Core
from appliance.sip.timers import Alarm, cancel


@dataclass(slots=True, eq=False)
class _Asked:
    number: int
    proof: Proof | None
    give_up: Alarm | None = None
    dialog: Dialog | None = None


class PlainRequests:
    """Sends, proves, and tells the shell once."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._asked: dict[Client, _Asked] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._asked)

    def send(self, plain: PlainRequest, now: float) -> int:
        """Send; ResponseReceived or RequestFailed with the returned number follows."""
        self._last += 1
        proof = Proof(plain.credentials, plain.hop.host) if plain.credentials is not None else None
        asked = _Asked(self._last, proof)
        self._send(asked, self._request(plain), plain.hop, now)
        if plain.timeout_s:
            at = now + plain.timeout_s
            asked.give_up = self._core.timers.set(at, lambda _: self._too_late(asked))
        return asked.number

    def farewell(
        self, dialog: Dialog, reason: str, credentials: Credentials | None, now: float
    ) -> int:
        """Say BYE in a dialog of which nothing else is left; an event as after ``send`` follows."""
        request = dialog.request("BYE")
        if reason:
            request.headers.add("Reason", reason)
        return self.send_in_dialog(dialog, request, credentials, now)

    def send_in_dialog(
        self, dialog: Dialog, request: Request, credentials: Credentials | None, now: float
    ) -> int:
        """Send a request of a dialog that the shell keeps; an event as after ``send`` follows."""
        self._last += 1
        proof = Proof(credentials, dialog.hop.host) if credentials is not None else None
        request.headers.add("User-Agent", self._core.config.user_agent)
        asked = _Asked(self._last, proof, dialog=dialog)
        self._send(asked, request, dialog.hop, now)
        return asked.number

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        asked = self._asked.get(client)
        if asked is None or response.status < 200:
            return
        del self._asked[client]
        if asked.proof is not None and asked.proof.accept(response, client.hop, source):
            self._again(asked, client, now)
            return
        cancel(asked.give_up)
        self._core.emit(ResponseReceived(asked.number, response, source))

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        asked = self._asked.pop(client, None)
        if asked is not None:
            cancel(asked.give_up)
            cause = FailureCause.TRANSPORT if is_transport else FailureCause.TIMEOUT
            self._core.emit(RequestFailed(asked.number, cause))

    def _request(self, plain: PlainRequest) -> Request:
        ids = self._core.ids
        headers = Headers()
        for route in plain.route_set:
            headers.add("Route", route)
        headers.add("Max-Forwards", "70")
        headers.add("From", f"<{plain.from_uri}>;tag={plain.from_tag or ids.token(64)}")
        headers.add("To", f"<{plain.to_uri}>" + (f";tag={plain.to_tag}" if plain.to_tag else ""))
        headers.add("Call-ID", plain.call_id or ids.token(128))
        headers.add("CSeq", f"{plain.cseq or 1} {plain.method}")
        headers.add("User-Agent", self._core.config.user_agent)
        for name, value in plain.headers:
            headers.add(name, value)
        return Request(plain.method, plain.uri, headers, plain.body)

    def _send(self, asked: _Asked, request: Request, hop: Hop, now: float) -> None:
        self._asked[self._core.clients.send(request, hop, self, now)] = asked

    def _again(self, asked: _Asked, client: Client, now: float) -> None:
        old = client.request
        request = Request(old.method, old.uri, old.headers.copy(), old.body)
        cseq = old.cseq.number + 1 if asked.dialog is None else asked.dialog.next_cseq()
        request.headers.set("CSeq", f"{cseq} {old.method}")
        if asked.proof is not None:
            asked.proof.put_on(request, client.hop, self._core.ids)
        self._send(asked, request, client.fall_back or client.hop, now)

    def _too_late(self, asked: _Asked) -> None:
        """The shell does not wait as long as Timer F."""
        for client, owner in list(self._asked.items()):
            if owner is asked:
                del self._asked[client]
                self._core.emit(RequestFailed(asked.number, FailureCause.TIMEOUT))
