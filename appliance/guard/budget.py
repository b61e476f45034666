"""Budgets of messages: so many a second, and some in store for a burst.

PURE. A token bucket (RFC 2475 §2.3.3.3 calls it so): it fills at a steady rate up to its depth, and
each message takes one token out. Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """per_s: messages a second; burst: how many may come at once after a quiet time."""

    per_s: float
    burst: float


class Bucket:
    """The tokens of one budget; full at first."""

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at = now

    def take(self, now: float) -> bool:
        """Take one token; False when there is none."""
        rate = self._rate
        tokens = min(rate.burst, self._tokens + (now - self._at) * rate.per_s)
        self._at = now
        if tokens < 1.0:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1.0
        return True
