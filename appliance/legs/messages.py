"""Text messages between the office's phones (RFC 3428), relayed to every phone of the called
number.

Owns nothing: a message is answered when the first phone took it, or refused when none did.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.call.leg import Party
from appliance.legs.parts import LegParts
from appliance.legs.phone import bracket, name_caller
from appliance.legs.registrations import Registrations
from appliance.legs.requests import Requests
from appliance.sip.events import FailureCause, PlainRequest, ResponseReceived
from appliance.sip.message import Request
from appliance.sip.registrar import Binding
from appliance.sip.uri import parse_uri

_TIMEOUT_S = 10.0


class MessageRelay:
    """Carries MESSAGE from an authenticated extension to another."""

    def __init__(self, parts: LegParts, registrations: Registrations, requests: Requests) -> None:
        self._parts = parts
        self._registrations = registrations
        self._requests = requests

    def relay(self, message: Request, sender: Party, answer: Callable[[int], None]) -> None:
        """Send to every reachable phone; answer(status) follows once: 200, 404 or 480."""
        number = parse_uri(message.uri).user
        if number not in self._parts.snapshot().document.extension_by_number:
            answer(404)
            return
        bindings = [b for b in self._registrations.bindings(number) if b.is_reachable]
        if not bindings:
            answer(480)
            return
        poll = _Poll(len(bindings), answer)
        for binding in bindings:
            self._requests.send(self._outgoing(message, binding, sender), poll.on_answer)

    def _outgoing(self, message: Request, binding: Binding, sender: Party) -> PlainRequest:
        host, _ = self._parts.addresses.sip_address(binding.hop)
        return PlainRequest(
            method="MESSAGE",
            uri=binding.contact_uri,
            hop=binding.hop,
            from_uri=name_caller(sender, bracket(host)).uri,
            to_uri=f"sip:{binding.address_of_record}@{bracket(host)}",
            headers=(("Content-Type", message.headers.get("Content-Type") or "text/plain"),),
            route_set=binding.path,
            body=message.body,
            timeout_s=_TIMEOUT_S,
        )


class _Poll:
    """First success wins; the last failure loses."""

    def __init__(self, count: int, answer: Callable[[int], None]) -> None:
        self._left = count
        self._answer: Callable[[int], None] | None = answer

    def on_answer(self, event: ResponseReceived | None, cause: FailureCause | None) -> None:
        self._left -= 1
        is_taken = event is not None and 200 <= event.response.status < 300
        if self._answer is not None and (is_taken or self._left == 0):
            answer, self._answer = self._answer, None
            answer(200 if is_taken else 480)
