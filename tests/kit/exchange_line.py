"""A line of the exchange behind a CPC5622: RING out, OH and CID in, as the chip shows them.

Knows nothing of drivers. RING rests high and is low for a half wave of the ringing current, or for
1 ms when the line is reversed. What the exchange sees of OH is kept with its times, so that a test
reads flashes and pulses off it.
"""

from __future__ import annotations

import heapq

MS = 1_000_000


class ExchangeLine:
    def __init__(self) -> None:
        self.is_off_hook = False
        self.hears_caller_id = False
        self.hooks: list[tuple[int, bool]] = []  # every change of OH
        self.caller_id_times: list[tuple[int, bool]] = []
        self._due: list[tuple[int, bool]] = []
        self._ring = True

    def ring(self, at_ns: int, lasts_ms: int = 1000, hz: float = 25.0) -> None:
        """One burst; nothing of it comes through while the line is taken."""
        period = round(1e9 / hz)
        for n in range(int(lasts_ms * MS // period)):
            heapq.heappush(self._due, (at_ns + n * period, False))
            heapq.heappush(self._due, (at_ns + n * period + period // 2, True))

    def reverse(self, at_ns: int) -> None:
        heapq.heappush(self._due, (at_ns, False))
        heapq.heappush(self._due, (at_ns + MS, True))

    def drive(self, is_off_hook: bool, hears_caller_id: bool, now_ns: int) -> None:
        if is_off_hook != self.is_off_hook:
            self.hooks.append((now_ns, is_off_hook))
        if hears_caller_id != self.hears_caller_id:
            self.caller_id_times.append((now_ns, hears_caller_id))
        self.is_off_hook, self.hears_caller_id = is_off_hook, hears_caller_id

    def changes_until(self, now_ns: int) -> list[tuple[int, bool]]:
        """Every change of the RING pin up to now, in order."""
        changes = []
        while self._due and self._due[0][0] <= now_ns:
            at_ns, level = heapq.heappop(self._due)
            level = level or self.is_off_hook
            if level != self._ring:
                self._ring = level
                changes.append((at_ns, level))
        return changes
