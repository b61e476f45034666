"""One telephone on a SLIC: when it rings, how its hook is read, what its pins shall be.

PURE; times are monotonic nanoseconds. In goes what SHK was, out come events and the wanted levels
of RM, F/R and the feed. While RM is high SHK pulses with the ringing current, so that only a level
that lasts is a lifted phone; then F/R is held and RM falls 20 ms later (ring trip: 10 to 500 ms are
allowed). After everything that shakes the loop itself SHK is not looked at for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.api import Cadence, LineError
from drivers.events import CallerIdWindow, LineBack, LineEvent, LineLost, OffHook, OnHook, PortFault
from drivers.fxs_i2c.ringing import (
    LONGEST_BURST_MS,
    MS,
    DutyMeter,
    Kind,
    Ringer,
    check_cadence,
    rounds_of,
)
from drivers.hook import HookReader, HookTimes

WAKE_MS = 50  # outputs of the SLIC are invalid so long after PD
TRIP_HOLD_MS = 20  # F/R held, before RM falls
SETTLE_MS = 50  # after RM fell, the ringing current dies away
REVERSAL_SETTLE_MS = 30
MOST_OPEN_MS = 2000
#: A lifted phone while it rings: SHK high in so many polls, a low one taking two of them back.
TRIP_POLLS, TRIP_PENALTY = 4, 2


@dataclass(frozen=True, slots=True)
class FxsPlan:
    """What a country asks of a telephone's line. half_ns: half a period of the ringing current."""

    times: HookTimes
    half_ns: int
    caller_id_moment: str


class FxsLine:
    def __init__(self, plan: FxsPlan) -> None:
        self._plan = plan
        self._reader = HookReader(plan.times)
        self._ringer: Ringer | None = None
        self._meter = DutyMeter()
        self._is_reversed = False
        self._is_down = True
        self._turn_ns = 0  # ring trip: F/R goes high, on its grid, and stays
        self._rm_until_ns = 0  # ring trip: RM is high until then
        self._blind_until_ns = 0  # SHK means nothing before
        self._open_until_ns = 0  # the feed is off until then
        self._read: tuple[bool, ...] = ()  # what the reader was told last
        self._high_polls = 0
        self._lifted_ns = 0
        self.events: list[LineEvent] = []

    # ---- what the pins shall be

    def is_ringing_current(self, now_ns: int) -> bool:
        """RM."""
        if self._ringer is not None:
            return self._ringer.kind(now_ns) is Kind.RING
        return now_ns < self._rm_until_ns

    def is_forward(self, now_ns: int) -> bool:
        """F/R: high unless reversed, toggling while it rings, held after a ring trip."""
        if self._ringer is not None:
            return self._ringer.is_forward(now_ns)
        if now_ns < self._rm_until_ns:
            return now_ns >= self._turn_ns
        return not self._is_reversed

    def is_fed(self, now_ns: int) -> bool:
        """PD let go."""
        return now_ns >= self._open_until_ns

    @property
    def is_ringing(self) -> bool:
        return self._ringer is not None

    @property
    def is_off_hook(self) -> bool:
        return self._reader.is_off_hook

    @property
    def is_idle(self) -> bool:
        return self._ringer is None and not self._reader.is_off_hook

    def needs_current(self, now_ns: int) -> bool:
        """Its round is before the end of its last burst."""
        return self._ringer is not None and self._ringer.needs_current(now_ns)

    def grid_after(self, now_ns: int) -> int | None:
        return self._ringer.grid_after(now_ns) if self._ringer is not None else None

    # ---- commands

    def ring(self, cadence: Cadence, shows_caller_id: bool, now_ns: int) -> None:
        """Begin to ring, as soon as rest and current allow. Raises LineError."""
        check_cadence(cadence)
        self._need_life()
        if self.is_off_hook or not self.is_fed(now_ns):
            raise LineError("line.busy", "the phone is lifted")
        moment = self._plan.caller_id_moment if shows_caller_id else "never"
        self._ringer = Ringer(rounds_of(cadence, moment), self._plan.half_ns, now_ns)
        self._high_polls = 0
        if self._is_reversed:
            self._is_reversed = False
            self._settle(now_ns, REVERSAL_SETTLE_MS)

    def stop_ring(self, now_ns: int) -> None:
        self._end_ringing(now_ns)
        self._rm_until_ns = 0

    def reverse(self, is_reversed: bool, now_ns: int) -> None:
        self._need_life()
        if self._ringer is not None:
            raise LineError("line.busy", "it rings")
        if is_reversed != self._is_reversed:
            self._is_reversed = is_reversed
            self._settle(now_ns, REVERSAL_SETTLE_MS)

    def open_loop(self, duration_ms: int, now_ns: int) -> int:
        """Feed off for so long; when it is over, in ns."""
        self._need_life()
        if not 0 < duration_ms <= MOST_OPEN_MS:
            raise LineError("line.unsupported", f"open loop of {duration_ms} ms")
        if self._ringer is not None:
            raise LineError("line.busy", "it rings")
        self._open_until_ns = now_ns + duration_ms * MS
        self._settle(self._open_until_ns, WAKE_MS)
        return self._open_until_ns

    def lose(self, reason: str, now_ns: int) -> None:
        """The chip does not answer, or lost its mind: no ringing, whatever it was doing."""
        self.stop_ring(now_ns)
        self._open_until_ns = 0
        if not self._is_down:
            self._is_down = True
            self.events.append(LineLost(now_ns, reason))

    def restore(self, now_ns: int) -> None:
        """The chip is set up (again) and the SLIC wakes."""
        self._settle(now_ns, WAKE_MS)
        self._is_reversed = False
        if self._is_down:
            self._is_down = False
            self.events.append(LineBack(now_ns))

    def fail(self, code: str, detail: str, now_ns: int) -> None:
        """Stop ringing, and say why."""
        self.stop_ring(now_ns)
        self.events.append(PortFault(now_ns, code, True, detail))

    # ---- time and SHK

    def wants_round(self, now_ns: int) -> bool:
        """Rested enough for the next round, which waits for current alone."""
        ringer = self._ringer
        if ringer is None or not ringer.is_waiting or now_ns < ringer.wanted_ns:
            return False
        return self._meter.owed_ns(now_ns) == 0 and now_ns >= self._blind_until_ns

    def begin_round(self, start_ns: int, now_ns: int) -> None:
        if self._ringer is not None:
            self._ringer.begin(start_ns)
            self._high_polls = 0
            self._new_reader(is_off_hook=False)
            self._note_current(now_ns)

    @property
    def wanted_ns(self) -> int:
        return self._ringer.wanted_ns if self._ringer is not None else 0

    def advance(self, now_ns: int) -> None:
        """All that is due by now."""
        if self._ringer is not None:
            self._ringer.advance(now_ns)
            window = self._ringer.window(now_ns)
            if window is not None:
                self.events.append(CallerIdWindow(*window))
        self._note_current(now_ns)
        if self._meter.high_for_ns(now_ns) > (LONGEST_BURST_MS + 3 * TRIP_HOLD_MS) * MS:
            self.fail("line.ring_late", "RM was high for too long", now_ns)
            self._note_current(now_ns)
        self._take(self._reader.expire(now_ns), now_ns)

    def _note_current(self, now_ns: int) -> None:
        was_high, is_high = self._meter.high_for_ns(now_ns) > 0, self.is_ringing_current(now_ns)
        if was_high and not is_high:
            self._settle(now_ns, SETTLE_MS)
        self._meter.note(is_high, now_ns)

    def feed(self, levels: tuple[bool, ...], now_ns: int) -> bool:
        """SHK as it was since the last poll, in order; True = loop current. Whether it matters."""
        if self._ringer is not None:
            self._note_current(now_ns)
            if self.is_ringing_current(now_ns):
                self._feel_for_trip(levels[-1], now_ns)
                return True
        if now_ns < self._blind_until_ns or levels == self._read:
            return False
        self._read = levels[-1:]
        for level in levels:
            self._take(self._reader.feed(level, now_ns), now_ns)
        return True

    def _feel_for_trip(self, is_high: bool, now_ns: int) -> None:
        if not is_high:
            self._high_polls = max(0, self._high_polls - TRIP_PENALTY)
            return
        if not self._high_polls:
            self._lifted_ns = now_ns
        self._high_polls += 1
        if self._high_polls >= TRIP_POLLS and self._ringer is not None:
            is_forward = self._ringer.is_forward(now_ns)
            self._turn_ns = now_ns if is_forward else self._ringer.next_change(now_ns)
            self._rm_until_ns = self._turn_ns + TRIP_HOLD_MS * MS
            self._end_ringing(now_ns)
            self._new_reader(is_off_hook=True)
            self._settle(self._rm_until_ns, SETTLE_MS)
            self.events.append(OffHook(self._lifted_ns))

    def next_change(self, now_ns: int) -> int | None:
        """When ``advance`` has something to do or a pin changes; None = only SHK can tell."""
        due = [self._turn_ns, self._rm_until_ns, self._open_until_ns]
        timeout = self._reader.next_timeout()
        if timeout is not None:
            due.append(timeout)
        if self._ringer is not None:
            due.append(self._next_of_ringing(self._ringer, now_ns))
        return min((moment for moment in due if moment > now_ns), default=None)

    def _next_of_ringing(self, ringer: Ringer, now_ns: int) -> int:
        if not ringer.is_waiting:
            return ringer.next_change(now_ns)
        return max(ringer.wanted_ns, self._blind_until_ns, now_ns + self._meter.owed_ns(now_ns))

    def next_edge(self, now_ns: int) -> int | None:
        """While RM is high, its next change or that of F/R: what must not come late."""
        if self._ringer is None or self._ringer.kind(now_ns) is not Kind.RING:
            due = (moment for moment in (self._turn_ns, self._rm_until_ns) if moment > now_ns)
            return min(due, default=None)
        return self._ringer.next_change(now_ns)

    # ---- inside

    def _need_life(self) -> None:
        if self._is_down:
            raise LineError("line.lost", "the board does not answer")

    def _settle(self, now_ns: int, for_ms: int) -> None:
        self._blind_until_ns = max(self._blind_until_ns, now_ns + for_ms * MS)

    def _end_ringing(self, now_ns: int) -> None:
        if self._ringer is not None:
            self._ringer = None
            self._high_polls = 0
            self._settle(now_ns, SETTLE_MS)

    def _new_reader(self, *, is_off_hook: bool) -> None:
        self._reader = HookReader(self._plan.times, is_off_hook=is_off_hook)
        self._read = (is_off_hook,)

    def _take(self, events: Sequence[LineEvent], now_ns: int) -> None:
        for event in events:
            if isinstance(event, OffHook):
                self._end_ringing(now_ns)
            elif isinstance(event, OnHook):
                self._is_reversed = False
            self.events.append(event)
