"""The card's microseconds as our monotonic nanoseconds.

PURE. The card's clock has 32 bits, wraps every 71 minutes and differs from ours by up to 200 ppm;
a stamp arrives late by what the wire took. The smallest lateness seen is taken for none.
"""

from __future__ import annotations

_WRAP = 1 << 32
_DRIFT = 300e-6


class CardClock:
    """``to_ns`` for each stamp, in the order in which they arrive."""

    def __init__(self) -> None:
        self._last_us: int | None = None
        self._turns_us = 0
        self._offset_ns = 0
        self._seen_ns = 0

    def to_ns(self, at_us: int, now_ns: int) -> int:
        """When that was by our clock; never later than now."""
        if self._last_us is not None and at_us - self._last_us < -_WRAP // 2:
            self._turns_us += _WRAP
        turns_us = self._turns_us
        if self._last_us is not None and at_us - self._last_us > _WRAP // 2:
            turns_us -= _WRAP  # a stamp of before the turn
        else:
            self._last_us = at_us
        theirs_ns = (turns_us + at_us) * 1000
        late_ns = now_ns - theirs_ns
        if self._seen_ns == 0 or late_ns < self._offset_ns:
            self._offset_ns = late_ns
        else:
            allowed_ns = int((now_ns - self._seen_ns) * _DRIFT)
            self._offset_ns += min(late_ns - self._offset_ns, allowed_ns)
        self._seen_ns = now_ns
        return min(now_ns, theirs_ns + self._offset_ns)
