"""How often a password or a claim code may be tried.

PURE but for a table in memory: what is counted is forgotten with the process, which takes longer
to start than to wait. An address waits longer with each failure, up to LONGEST_S. An account under
attack waits too, but never for an address from which it has signed in before, so that nobody can
lock its owner out.
"""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import dataclass

FREE_FAILURES = 5
LONGEST_S = 300.0
FORGOTTEN_AFTER_S = 900.0
MOST_KEYS = 10_000


@dataclass(slots=True)
class _Count:
    failures: int
    last_at: float


class Throttle:
    """Failures by key; a key is an address or an account. now: monotonic or epoch seconds."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()

    def begin(self, keys: tuple[str, ...], now: float) -> float:
        """Begin a try: seconds until one is looked at, or 0 = now, and then it counts as failed
        until ``succeeded`` is called, so that tries at once are no more than tries in a row."""
        with self._lock:
            wait_s = max((self._wait_s(key, now) for key in keys), default=0.0)
            if not wait_s:
                self._count(keys, now)
            return wait_s

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """Forget what was counted."""
        with self._lock:
            for key in keys:
                self._counts.pop(key, None)

    def _count(self, keys: tuple[str, ...], now: float) -> None:
        for key in keys:
            count = self._counts.get(key)
            if count is None or now - count.last_at > FORGOTTEN_AFTER_S:
                count = self._counts[key] = _Count(0, now)
            count.failures += 1
            count.last_at = now
        while len(self._counts) > MOST_KEYS:
            self._counts.pop(min(self._counts, key=lambda k: self._counts[k].last_at))

    def _wait_s(self, key: str, now: float) -> float:
        count = self._counts.get(key)
        if count is None or count.failures < FREE_FAILURES:
            return 0.0
        wait_s = min(LONGEST_S, 2.0 ** (count.failures - FREE_FAILURES + 1))
        return min(LONGEST_S, max(0.0, count.last_at + wait_s - now))


def address_key(address: str) -> str:
    """What counts as one neighbour: an IPv4 address, or the /64 of an IPv6 address (RFC 6177)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"address {address[:64]}"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return f"address {ip.ipv4_mapped}"
        return f"address {ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address {ip}"
