"""The pool of port pairs: even for RTP, the next odd for RTCP (RFC 3550 §11).

Owns nothing but its tables. A pair is chosen at random, so that nobody can guess where the next
call's media will be, and rests for a while before it serves again, so that late packets of one call
never reach the next. A few pairs are kept for what is urgent, which need not wait for a rest to end
either: an emergency call finds a port however many calls there are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from os import urandom

from appliance.errors import MediaError


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports for media, both ends included; drain_s: the rest between two calls (RFC 3550 §6.2.1
    gives late packets no figure; 32 s is SIP's own 64 × T1)."""

    low: int = 20000
    high: int = 29999
    drain_s: float = 32.0


PORTS_EXHAUSTED = "media.ports_exhausted"
_STOCK_OCTETS = 512
MOST_KEPT = 4  # pairs: two calls between two legs on the network
_PAIRS_A_KEPT_CALL = 8  # of a narrow range: two pairs of every eight
_DRAW_OCTETS = 8  # out of 2^64: which of some thousand ports comes is even to 1 in 10^15


class PortPool:
    """Even ports that are free, resting, or taken; ``now`` is any clock that never goes back."""

    __slots__ = ("_drain_s", "_free", "_kept", "_resting", "_stock")

    def __init__(self, ports: PortRange) -> None:
        first = ports.low + ports.low % 2
        self._free = list(range(first, ports.high, 2))
        self._kept = min(MOST_KEPT, len(self._free) // _PAIRS_A_KEPT_CALL * 2)
        self._resting: deque[tuple[float, int]] = deque()
        self._drain_s = ports.drain_s
        self._stock = b""  # random octets, so that a port costs no system call

    def take(self, now: float, *, is_urgent: bool = False) -> int:
        """An even port chosen at random; raises MediaError ``media.ports_exhausted``.

        is_urgent: of those that are kept, too, and if there are none that which has rested longest.
        """
        while self._resting and self._resting[0][0] <= now:
            self._free.append(self._resting.popleft()[1])
        free = self._free
        if is_urgent and not free and self._resting:
            return self._resting.popleft()[1]
        if len(free) <= (0 if is_urgent else self._kept):
            raise MediaError(PORTS_EXHAUSTED)
        chosen = self._draw() % len(free)
        free[chosen], free[-1] = free[-1], free[chosen]
        return free.pop()

    def _draw(self) -> int:
        stock = self._stock or urandom(_STOCK_OCTETS)
        self._stock = stock[_DRAW_OCTETS:]
        return int.from_bytes(stock[:_DRAW_OCTETS], "big")

    def give_back(self, port: int, now: float) -> None:
        """The pair serves again after its rest."""
        self._resting.append((now + self._drain_s, port))

    @property
    def free_pairs(self) -> int:
        """Pairs that ``take`` could give at once to a call like any other, not counting those whose
        rest just ended."""
        return max(0, len(self._free) - self._kept)
