"""The daemon's part in the self-test: a hidden extension for seconds, then nothing of it is left.

Owns nothing; ``dozvon selftest`` asks by the control socket (docs/control.md, ``selftest_begin``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from appliance.call.leg import Cause
from appliance.errors import UserError
from appliance.legs.guests import LIMIT_S, Guests
from appliance.live.calls import LiveCalls
from appliance.switchboard import Switchboard

Listeners = Callable[[], list[tuple[str, str, int]]]


@dataclass(frozen=True, slots=True)
class SelfTestDesk:
    """Lets the guest in and out. listeners: (transport, host, port) of SIP."""

    guests: Guests
    live: LiveCalls
    switchboard: Switchboard

    def begin(self, listeners: list[tuple[str, str, int]], echo_code: str) -> dict[str, Any]:
        """Who the telephone of the test is, and whom it calls.

        Raises UserError ``selftest.busy`` or ``selftest.no_ipv4`` (that telephone knows no other).
        """
        host, port = _place(listeners)
        extension = self.guests.begin(host, self._hang_up)
        return {
            "number": extension.number,
            "secret": extension.secret,
            "host": host,
            "port": port,
            "echo_code": echo_code,
            "limit_s": LIMIT_S,
        }

    def end(self) -> dict[str, Any]:
        """The guest goes, and its call with it."""
        number = self.guests.end()
        self._hang_up(number)
        return {"ended": int(bool(number))}

    def _hang_up(self, number: str) -> None:
        if not number:
            return
        for call_ref, live in list(self.live.by_ref.items()):
            if live.offered.extension == number:
                self.switchboard.hang_up(call_ref, Cause.NORMAL)


def _place(listeners: list[tuple[str, str, int]]) -> tuple[str, int]:
    """Where this machine itself reaches the box over UDP and IPv4."""
    found = [(host, port) for transport, host, port in listeners if transport == "udp"]
    usable = [(host, port) for host, port in found if ip_address(host).version == 4]
    if not usable:
        raise UserError("selftest.no_ipv4")
    host, port = min(usable, key=lambda place: not ip_address(place[0]).is_unspecified)
    return ("127.0.0.1", port) if ip_address(host).is_unspecified else (host, port)
