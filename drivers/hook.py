"""What a telephone does with its hook: lifted, hung up, flashed, or dialled by rotary pulses.

PURE. Whoever watches a loop tells every change of it with its time; ``HookReader`` takes the bounce
away and says which line events they were. A break is told apart by its length: up to
pulse_longest_ms a pulse, else within the flash window a flash, longer than that on-hook. Times are
monotonic nanoseconds; the windows are a country's (country.py, analog-lines §5.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.events import DigitPulsed, FlashHook, OffHook, OnHook

HookEvent = OffHook | OnHook | FlashHook | DigitPulsed

MOST_PULSES = 10  # ten are a 0; more are a fault of the contact, not a digit
MS = 1_000_000


@dataclass(frozen=True, slots=True)
class HookTimes:
    """The windows of one country, in ms.

    debounce_ms: a level counts once it has lasted so long. pulse_longest_ms: 0 = no pulse dialling,
    each short break is noise. digit_gap_ms: after the last make the digit is over (a rotary dial
    makes at most 62 ms between its pulses, and pauses at least 250 ms between digits).
    """

    debounce_ms: int = 10
    pulse_longest_ms: int = 90
    flash_least_ms: int = 300
    flash_longest_ms: int = 1000
    digit_gap_ms: int = 200


class State(Enum):
    """Where the hook is, as far as it is known."""

    ON_HOOK = "on hook"
    OFF_HOOK = "off hook"
    BROKEN = "broken"  # off-hook, the loop open: a pulse, a flash, or the end


class HookReader:
    """Reads one telephone's hook; tell it changes by ``feed`` and the time by ``expire``.

    is_off_hook: how it is at the start; a phone that is already lifted gives no OffHook for it.
    """

    def __init__(self, times: HookTimes, *, is_off_hook: bool = False) -> None:
        self._times = times
        self._state = State.OFF_HOOK if is_off_hook else State.ON_HOOK
        self._level = is_off_hook  # as last told
        self._changed_ns: int | None = None  # of a change that has not lasted long enough
        self._broken_ns = 0
        self._made_ns = 0
        self._pulses = 0
        self._pulse_ms = 0.0  # the last one's break

    @property
    def state(self) -> State:
        return self._state

    @property
    def is_off_hook(self) -> bool:
        """Lifted, a short break included."""
        return self._state is not State.ON_HOOK

    def feed(self, is_off_hook: bool, at_ns: int) -> list[HookEvent]:
        """The loop is like this from at_ns on; telling it again changes nothing."""
        events = self.expire(at_ns)
        if is_off_hook != self._level:
            self._level = is_off_hook
            bounced = self._changed_ns is not None
            self._changed_ns = None if bounced else at_ns
        return events

    def next_timeout(self) -> int | None:
        """When ``expire`` has something to do, in ns; None = nothing is waited for."""
        waits = []
        if self._changed_ns is not None:
            waits.append(self._changed_ns + self._times.debounce_ms * MS)
        if self._state is State.BROKEN:
            waits.append(self._gives_up_ns())
        elif self._pulses:
            waits.append(self._made_ns + self._times.digit_gap_ms * MS)
        return min(waits, default=None)

    def expire(self, now_ns: int) -> list[HookEvent]:
        """What is certain by now."""
        events: list[HookEvent] = []
        while (due := self.next_timeout()) is not None and due <= now_ns:
            events += self._step(due)
        return events

    def _step(self, due_ns: int) -> list[HookEvent]:
        changed = self._changed_ns
        if changed is not None and changed + self._times.debounce_ms * MS <= due_ns:
            self._changed_ns = None
            return self._close(changed) if self._level else self._open(changed)
        if self._state is State.BROKEN:
            digit = self._finish_digit()
            self._state = State.ON_HOOK
            return [*digit, OnHook(self._broken_ns)]
        return self._finish_digit()

    def _gives_up_ns(self) -> int:
        """When a break is on-hook; a make that is still to last until then is waited for."""
        times = self._times
        longest = max(times.flash_longest_ms, times.pulse_longest_ms)
        return self._broken_ns + (longest + times.debounce_ms) * MS

    def _open(self, at_ns: int) -> list[HookEvent]:
        if self._state is State.OFF_HOOK:
            self._state, self._broken_ns = State.BROKEN, at_ns
        return []

    def _close(self, at_ns: int) -> list[HookEvent]:
        was, self._state = self._state, State.OFF_HOOK
        if was is State.ON_HOOK:
            return [OffHook(at_ns)]
        if was is State.OFF_HOOK:
            return []
        lasted_ms = (at_ns - self._broken_ns) / MS
        if lasted_ms <= self._times.pulse_longest_ms:
            self._pulses += 1
            self._pulse_ms = lasted_ms
            self._made_ns = at_ns
            return []
        digit = self._finish_digit()
        if self._times.flash_least_ms <= lasted_ms <= self._times.flash_longest_ms:
            return [*digit, FlashHook(at_ns, round(lasted_ms))]
        return digit

    def _finish_digit(self) -> list[HookEvent]:
        pulses, self._pulses = self._pulses, 0
        if not 0 < pulses <= MOST_PULSES:
            return []
        alone_ms = round(self._pulse_ms) if pulses == 1 else 0
        return [DigitPulsed(self._made_ns, str(pulses % 10), alone_ms)]
