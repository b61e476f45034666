"""One telephone on a SLIC: its bell, its hook and its feed; what its three pins shall be.

PURE; times are monotonic nanoseconds. In goes what SHK was, out come events and the wanted levels.
The bell (bell.py) feels a lift while it rings, the hook reader that drivers share does the rest.
After everything that shakes the loop itself (a burst's end, a reversal, the feed let go) SHK is not
looked at for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.api import Cadence, LineError
from drivers.events import CallerIdWindow, LineBack, LineEvent, LineLost, OffHook, OnHook, PortFault
from drivers.fxs_i2c.bell import Bell
from drivers.fxs_i2c.ringing import MS, check_cadence, rounds_of
from drivers.hook import HookReader, HookTimes

WAKE_MS = 50  # outputs of the SLIC are invalid so long after PD
SETTLE_MS = 50  # after RM fell, the ringing current dies away
REVERSAL_SETTLE_MS = 30
MOST_OPEN_MS = 2000
SURE_MS = 30  # two polls and the debounce


@dataclass(frozen=True, slots=True)
class FxsPlan:
    """What a country asks of a telephone's line. half_ns: half a period of the ringing current."""

    times: HookTimes
    half_ns: int
    caller_id_moment: str


@dataclass(frozen=True, slots=True)
class FxsLevels:
    rm: bool
    fr: bool
    is_fed: bool  # PD let go


class FxsLine:
    def __init__(self, plan: FxsPlan) -> None:
        self._plan = plan
        self.bell = Bell(plan.half_ns)
        self.events: list[LineEvent] = []
        self._reader = HookReader(plan.times)
        self._read: tuple[bool, ...] = ()  # what the reader was told last
        self._was_on = False  # the bell, when last looked at
        self._is_reversed = False
        self._is_down = True
        self._blind_until_ns = 0  # SHK means nothing before
        self._open_until_ns = 0  # the feed is off until then

    @property
    def is_off_hook(self) -> bool:
        return self._reader.is_off_hook

    @property
    def is_idle(self) -> bool:
        return not self.bell.is_ringing and not self._reader.is_off_hook

    def levels(self, now_ns: int) -> FxsLevels:
        """RM, F/R (high unless reversed; the bell's while it rings) and the feed."""
        is_reversed = self._is_reversed and not self.bell.is_ringing
        fr = self.bell.is_forward(now_ns) and not is_reversed
        return FxsLevels(self.bell.is_on(now_ns), fr, now_ns >= self._open_until_ns)

    def knows_hook(self, now_ns: int) -> bool:
        """SHK has been looked at for long enough since it meant nothing."""
        return now_ns >= self._blind_until_ns + SURE_MS * MS

    # ---- commands

    def ring(self, cadence: Cadence, shows_caller_id: bool, now_ns: int) -> None:
        """Begin to ring, as soon as rest and current allow. Raises LineError."""
        check_cadence(cadence)
        self._need_life()
        if self.is_off_hook or now_ns < self._open_until_ns:
            raise LineError("line.busy", "the phone is lifted")
        moment = self._plan.caller_id_moment if shows_caller_id else "never"
        self.bell.ring(rounds_of(cadence, moment), now_ns)
        if self._is_reversed:
            self._is_reversed = False
            self._settle(now_ns, REVERSAL_SETTLE_MS)

    def stop_ring(self, now_ns: int) -> None:
        if self.bell.is_ringing:
            self._settle(now_ns, SETTLE_MS)
        self.bell.stop()

    def reverse(self, is_reversed: bool, now_ns: int) -> None:
        self._need_life()
        if is_reversed == self._is_reversed:
            return
        if self._has_bell(now_ns):
            raise LineError("line.busy", "it rings")
        self._is_reversed = is_reversed
        self._settle(now_ns, REVERSAL_SETTLE_MS)

    def open_loop(self, duration_ms: int, now_ns: int) -> int:
        """Feed off for so long; when it is over, in ns."""
        self._need_life()
        if not 0 < duration_ms <= MOST_OPEN_MS:
            raise LineError("line.unsupported", f"open loop of {duration_ms} ms")
        if self._has_bell(now_ns):
            raise LineError("line.busy", "it rings")
        self._open_until_ns = now_ns + duration_ms * MS
        self._settle(self._open_until_ns, WAKE_MS)
        return self._open_until_ns

    def lose(self, reason: str, now_ns: int) -> None:
        """The chip does not answer, or lost its mind: no ringing, whatever it was doing."""
        self._silence(now_ns)
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
        """No ringing from now on, and why."""
        self._silence(now_ns)
        self.events.append(PortFault(now_ns, code, True, detail))

    # ---- time and SHK

    def advance(self, now_ns: int) -> None:
        """All that is due by now."""
        window = self.bell.advance(now_ns)
        if window is not None:
            self.events.append(CallerIdWindow(*window))
        if self.bell.is_overdue(now_ns):
            self.fail("line.ring_late", "RM was high for too long", now_ns)
        self._note_bell(now_ns)
        self._take(self._reader.expire(now_ns), now_ns)

    def _note_bell(self, now_ns: int) -> None:
        """A burst begins with the phone on its hook, and shakes the loop as it ends."""
        is_on = self.bell.is_on(now_ns)
        if is_on and not self._was_on:
            self._new_reader(is_off_hook=False)
        elif self._was_on and not is_on:
            self._settle(now_ns, SETTLE_MS)
        self._was_on = is_on

    def feed(self, levels: tuple[bool, ...], now_ns: int) -> bool:
        """SHK as it was since the last poll, in order; True = loop current. Whether it matters."""
        if self.bell.is_ringing:
            self._note_bell(now_ns)
            if self.bell.is_on(now_ns):
                self._feel(levels[-1], now_ns)
                return True
        if now_ns < self._blind_until_ns or self.bell.is_on(now_ns):
            return True  # what it is then will matter
        if levels == self._read:
            return False
        self._read = levels[-1:]
        for level in levels:
            self._take(self._reader.feed(level, now_ns), now_ns)
        return True

    def _feel(self, level: bool, now_ns: int) -> None:
        lifted_ns = self.bell.feel(level, now_ns)
        if lifted_ns is not None:
            self._new_reader(is_off_hook=True)
            self._settle(self.bell.next_change(now_ns) or now_ns, SETTLE_MS)
            self.events.append(OffHook(lifted_ns))

    def next_change(self, now_ns: int) -> int | None:
        """When ``advance`` has something to do or a pin changes; None = only SHK can tell."""
        due = [self._open_until_ns, self.bell.next_change(now_ns), self._reader.next_timeout()]
        later = (moment for moment in due if moment is not None and moment > now_ns)
        return min(later, default=None)

    # ---- inside

    def _has_bell(self, now_ns: int) -> bool:
        """Its pins are the bell's: it rings, or a ring trip is not over."""
        return self.bell.is_ringing or self.bell.is_on(now_ns)

    def _silence(self, now_ns: int) -> None:
        self.stop_ring(now_ns)
        self.bell.trip.forget()

    def _need_life(self) -> None:
        if self._is_down:
            raise LineError("line.lost", "the board does not answer")

    def _settle(self, now_ns: int, for_ms: int) -> None:
        self._blind_until_ns = max(self._blind_until_ns, now_ns + for_ms * MS)

    def _new_reader(self, *, is_off_hook: bool) -> None:
        self._reader = HookReader(self._plan.times, is_off_hook=is_off_hook)
        self._read = (is_off_hook,)

    def _take(self, events: Sequence[LineEvent], now_ns: int) -> None:
        for event in events:
            if isinstance(event, OffHook):
                self.stop_ring(now_ns)
            elif isinstance(event, OnHook):
                self._is_reversed = False
            self.events.append(event)
