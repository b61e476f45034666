"""One line of the exchange behind a CPC5622: OH and CID out, RING in.

PURE; times are monotonic nanoseconds. RING pulses with each period (or half period) of the ringing
current; a single pulse of about 1 ms is a reversal, which only INTCAP shows (analog-lines §3.4).
Ringing is three pulses at 15 to 68 Hz; it is over 6.5 s after its last pulse. CID is on between two
bursts, and for a while after a reversal of an idle line, so that whoever has the audio hears who
calls. Loop current is not seen by this chip.
"""

from __future__ import annotations

from collections import deque

from drivers.api import LineError
from drivers.country import PulsePlan
from drivers.events import LineBack, LineEvent, LineLost, PolarityReversed, RingStarted, RingStopped
from drivers.fxs_i2c.ringing import MS

LEAST_PULSES = 3
#: From pulse to pulse: 68 Hz seen at both half waves (136 Hz) … 15 Hz at one of them [M].
SHORTEST_NS, LONGEST_NS = 7 * MS, 67 * MS
LEAST_RING_MS = 50  # debounce: shorter than that is no ringing
BURST_OVER_MS = 150
CALL_OVER_MS = 6500  # [P] the longest pause of a cadence is 5 s
LONE_MS = 100  # a pulse that nothing follows for so long is a reversal
EARLY_MS = 4000  # a number that comes before the first ring is over by then (EN 300 659-1) [P]
LONGEST_FLASH_MS, LONGEST_PULSE_MS = 2000, 100
MOST_DIGITS = 40


class FxoLine:
    def __init__(self, pulse: PulsePlan) -> None:
        self._pulse_plan = pulse
        self._is_down = True
        self._is_seized = False
        self._hook_plan: deque[tuple[int, bool]] = deque()  # when OH becomes what
        self._is_hook_closed = False
        self._level = False
        self._first_pulse_ns = 0
        self._last_pulse_ns = 0
        self._pulses = 0
        self._is_called = False
        self._is_reversed = False
        self._early_until_ns = 0
        self.events: list[LineEvent] = []

    @property
    def is_off_hook(self) -> bool:
        """OH."""
        return self._is_hook_closed

    def hears_caller_id(self, now_ns: int) -> bool:
        """CID: from the end of a burst to the next; after a reversal, until it rings."""
        if self._is_seized:
            return False
        if not self._is_called:
            return now_ns < self._early_until_ns
        return now_ns >= self._last_pulse_ns + BURST_OVER_MS * MS

    # ---- commands

    def seize(self, now_ns: int) -> None:
        self._need_life()
        if self._is_called or self._pulses >= LEAST_PULSES:
            raise LineError("line.glare", "it rings")
        self._take_line(now_ns)

    def answer(self, now_ns: int) -> None:
        self._need_life()
        self._take_line(now_ns)

    def release(self, now_ns: int) -> None:
        self._hook_plan.clear()
        self._is_seized = self._is_hook_closed = False
        self._pulses = 0

    def flash(self, duration_ms: int, now_ns: int) -> int:
        """When it is over, in ns."""
        if not 0 < duration_ms <= LONGEST_FLASH_MS:
            raise LineError("line.unsupported", f"flash of {duration_ms} ms")
        self._need_seized()
        return self._plan([(now_ns, False), (now_ns + duration_ms * MS, True)])

    def dial_pulses(self, digits: str, now_ns: int) -> int:
        """As the country has it; when it is over, in ns."""
        self._need_seized()
        if not digits or len(digits) > MOST_DIGITS or not all(d in "0123456789" for d in digits):
            raise LineError("line.unsupported", "pulses are digits only")
        times, at, plan = self._pulse_plan, now_ns, []
        for digit in digits:
            for _ in range(int(digit) or 10):
                plan += [(at, False), (at + times.break_ms * MS, True)]
                at += (times.break_ms + times.make_ms) * MS
            at += times.gap_ms * MS
        return self._plan(plan)

    def lose(self, reason: str, now_ns: int) -> None:
        self.release(now_ns)
        self._is_called = False
        if not self._is_down:
            self._is_down = True
            self.events.append(LineLost(now_ns, reason))

    def restore(self, now_ns: int) -> None:
        if self._is_down:
            self._is_down = False
            self.events.append(LineBack(now_ns))

    # ---- time and RING

    def feed(self, levels: tuple[bool, ...], now_ns: int) -> bool:
        """RING as it was since the last poll, in order; True = active. Whether it moved."""
        if levels == (self._level,):
            return False
        for level in levels:
            if level and not self._level and not self._is_seized:
                self._pulse(now_ns)
            self._level = level
        return True

    def _pulse(self, now_ns: int) -> None:
        since = now_ns - self._last_pulse_ns
        if self._pulses and SHORTEST_NS <= since <= LONGEST_NS:
            self._pulses += 1
        elif not (self._pulses and since < SHORTEST_NS):
            self._pulses, self._first_pulse_ns = 1, now_ns
        self._last_pulse_ns = now_ns
        lasted = now_ns - self._first_pulse_ns
        if self._pulses >= LEAST_PULSES and lasted >= LEAST_RING_MS * MS and not self._is_called:
            self._is_called = True
            self.events.append(RingStarted(self._first_pulse_ns))

    def advance(self, now_ns: int) -> None:
        while self._hook_plan and self._hook_plan[0][0] <= now_ns:
            self._is_hook_closed = self._hook_plan.popleft()[1]
        since = now_ns - self._last_pulse_ns
        if self._pulses == 1 and since >= LONE_MS * MS and not self._is_called:
            self._is_reversed = not self._is_reversed
            self._early_until_ns = self._last_pulse_ns + EARLY_MS * MS
            self.events.append(PolarityReversed(self._last_pulse_ns, self._is_reversed))
        if self._pulses and since >= LONE_MS * MS:
            self._pulses = 0
        if self._is_called and since >= CALL_OVER_MS * MS:
            self._is_called = False
            self.events.append(RingStopped(now_ns))

    def next_change(self, now_ns: int) -> int | None:
        due = [at for at, _ in list(self._hook_plan)[:1]]
        due.append(self._early_until_ns)
        if self._pulses:
            due.append(self._last_pulse_ns + LONE_MS * MS)
        if self._is_called:
            due += [self._last_pulse_ns + ms * MS for ms in (BURST_OVER_MS, CALL_OVER_MS)]
        return min((at for at in due if at > now_ns), default=None)

    # ---- inside

    def _need_life(self) -> None:
        if self._is_down:
            raise LineError("line.lost", "the board does not answer")

    def _need_seized(self) -> None:
        self._need_life()
        if not self._is_seized or self._hook_plan:
            raise LineError("line.busy", "the line is not off-hook, or dials")

    def _take_line(self, now_ns: int) -> None:
        self._hook_plan.clear()
        self._is_seized = self._is_hook_closed = True
        self._is_called = False
        self._pulses = 0

    def _plan(self, plan: list[tuple[int, bool]]) -> int:
        self._hook_plan.extend(plan)
        return plan[-1][0]
