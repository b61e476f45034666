"""Which of our own addresses a far end sees: for Via, Contact and session descriptions.

Owns nothing but a short memory. A datagram socket that is connected, but never sends, makes the
kernel choose the way and with it our address (no packet leaves, nothing blocks).
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from appliance.net.socket_options import family_of, is_wildcard
from appliance.net.udp import literal_address
from appliance.sip.events import Hop, Transport

_REMEMBERED_S = 10.0  # addresses change: DHCP, a cable pulled, a VPN
_REMEMBERED_HOSTS = 2048
_ANY_PORT = 5060
_NOWHERE = [("", _ANY_PORT)]  # what is not bound answers as a wildcard would

Choose = Callable[[str], str]


def chosen_by_kernel(host: str) -> str:
    """Our address on the way to a literal IP; empty when there is no way."""
    address = literal_address(host, _ANY_PORT)
    if address is None:
        return ""
    try:
        with socket.socket(family_of(host), socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
            probe.connect(address)
            own: str = probe.getsockname()[0]
    except OSError:
        return ""
    return own.partition("%")[0]


class OwnAddresses:
    """``towards(hop)`` answers; ``bound`` tells it where our sockets stand."""

    def __init__(self, now: Callable[[], float], choose: Choose = chosen_by_kernel) -> None:
        self._now = now
        self._choose = choose
        self._bound: dict[tuple[Transport, bool], list[tuple[str, int]]] = {}
        self._remembered: dict[str, tuple[str, float]] = {}

    def bound(self, transport: Transport, host: str, port: int) -> None:
        """A socket of ours stands at this address."""
        self._bound.setdefault(_kind(transport, host), []).append((host, port))
        self._remembered.clear()

    def unbound(self, transport: Transport, host: str, port: int) -> None:
        """That socket is gone."""
        kind = _kind(transport, host)
        self._bound[kind].remove((host, port))
        if not self._bound[kind]:
            del self._bound[kind]
        self._remembered.clear()

    def forget(self) -> None:
        """Ask the kernel again; what it said last is kept for a host to which there is no way."""
        for host, (known, _) in self._remembered.items():
            self._remembered[host] = (known, 0.0)

    def towards(self, hop: Hop) -> tuple[str, int]:
        """Our literal IP and SIP port as this hop sees them, short of any NAT between."""
        bound = self._bound.get(_kind(hop.transport, hop.host), _NOWHERE)
        host, port = bound[0]
        if len(bound) == 1 and not is_wildcard(host):
            return host, port
        own = self._from_kernel(hop.host)
        for host, port in bound:
            if host == own or is_wildcard(host):
                return own, port
        return bound[0]

    def _from_kernel(self, host: str) -> str:
        now = self._now()
        known, until = self._remembered.get(host, ("", 0.0))
        if now < until:
            return known
        own = self._choose(host) or known or _loopback(host)
        if len(self._remembered) >= _REMEMBERED_HOSTS:
            self._remembered.clear()
        self._remembered[host] = (own, now + _REMEMBERED_S)
        return own


def _kind(transport: Transport, host: str) -> tuple[Transport, bool]:
    """Which sockets carry messages to a host: those of its transport, and of its IP version."""
    return transport, ":" in host


def _loopback(host: str) -> str:
    return "::1" if ":" in host else "127.0.0.1"
