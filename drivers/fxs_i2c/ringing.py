"""The rules of ringing a SLIC, and the rounds of one port's ringing.

PURE; times are monotonic nanoseconds. Ag1171 (analog-lines §3.1): RM may be high for a third of the
time at most; F/R toggles at the ring frequency while RM is high. Whatever a caller asks for, what
would break a limit is refused (``check_cadence``) or waits (``DutyMeter``): a round begins only
when the rounds before it have been paid for by rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.api import Cadence, LineError

MS = 1_000_000
LONGEST_BURST_MS = 3000  # [P]
SHORTEST_BURST_MS = 100  # two periods of 20 Hz: less is a click
LONGEST_CYCLE_MS = 60_000
#: F/R of the data sheet's application notes and of the world's exchanges (16⅔ to 50 Hz) [M].
SLOWEST_HZ, FASTEST_HZ = 16.0, 50.0
#: Caller id: after the burst, before the next (§5.4), and the least that FSK or DTMF needs.
WINDOW_AFTER_MS, WINDOW_BEFORE_MS, LEAST_WINDOW_MS = 500, 200, 1000
#: Before the first ring: line reversed, or a short ring, then so long a window.
REVERSAL_MS, PULSE_MS, AFTER_PULSE_MS, WINDOW_MS, BEFORE_RING_MS = 150, 240, 600, 2000, 300


def check_cadence(cadence: Cadence) -> None:
    """Raises LineError ``line.ring_limit`` for what a SLIC must not be asked for."""
    pattern = cadence.pattern_ms
    if not pattern or len(pattern) % 2 or min(pattern) <= 0 or sum(pattern) > LONGEST_CYCLE_MS:
        raise LineError("line.ring_limit", f"no cadence: {pattern}")
    bursts, total = pattern[::2], sum(pattern)
    if max(bursts) > LONGEST_BURST_MS or min(bursts) < SHORTEST_BURST_MS:
        raise LineError("line.ring_limit", f"a burst of {max(bursts)} or {min(bursts)} ms")
    if 3 * sum(bursts) > total:
        raise LineError("line.ring_limit", f"{sum(bursts)} of {total} ms is more than a third")
    owed = 0  # thirds of a ms
    for on_ms, off_ms in zip(bursts, pattern[1::2], strict=True):
        owed = max(0, owed + 2 * on_ms - off_ms)
    if owed:
        raise LineError("line.ring_limit", "the last pause of the cadence is too short")


def half_period_ns(frequency_hz: float) -> int:
    """Between two edges of F/R. Raises LineError ``line.ring_limit`` outside 16 to 50 Hz."""
    if not SLOWEST_HZ <= frequency_hz <= FASTEST_HZ:
        raise LineError("line.ring_limit", f"{frequency_hz:g} Hz")
    return round(1e9 / frequency_hz / 2)


class DutyMeter:
    """How much rest a SLIC is still owed: each ns of RM high costs two ns of RM low."""

    def __init__(self) -> None:
        self._owed_ns = 0
        self._is_high = False
        self._since_ns = 0

    def note(self, is_high: bool, now_ns: int) -> None:
        """RM is like this from now on."""
        self._owed_ns = self.owed_ns(now_ns)
        if is_high != self._is_high:
            self._risen_ns = now_ns
        self._is_high, self._since_ns = is_high, now_ns

    def owed_ns(self, now_ns: int) -> int:
        passed = now_ns - self._since_ns
        return max(0, self._owed_ns + (2 * passed if self._is_high else -passed))

    def high_for_ns(self, now_ns: int) -> int:
        """For how long RM has been high without a break."""
        return now_ns - self._risen_ns if self._is_high else 0

    _risen_ns: int = 0


class Kind(Enum):
    RING = "ring"
    QUIET = "quiet"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Step:
    """Offsets from the beginning of its round, in ns."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Round:
    """One pass of a cadence, or what comes before the first (reversal or a ring pulse).

    window: when a phone on its hook listens for the caller id, (0, 0) = not in this round.
    """

    steps: tuple[Step, ...]
    window: tuple[int, int] = (0, 0)

    @property
    def length(self) -> int:
        return self.steps[-1].end

    @property
    def last_ring(self) -> int:
        """The end of its last burst: until then it needs the ringing current."""
        return max((step.end for step in self.steps if step.kind is Kind.RING), default=0)

    def step_at(self, offset: int) -> Step:
        for step in self.steps:
            if offset < step.end:
                return step
        return self.steps[-1]


def rounds_of(cadence: Cadence, caller_id_moment: str) -> tuple[Round, ...]:
    """The first rounds in order; the last of them is repeated for ever.

    caller_id_moment: as in a country's profile, ``never`` also when there is nobody to show.
    """
    plain = _round([(Kind.QUIET if n % 2 else Kind.RING, ms) for n, ms in _numbered(cadence)])
    if caller_id_moment == "after_first_ring":
        quiet = max((s for s in plain.steps if s.kind is Kind.QUIET), key=lambda s: s.end - s.start)
        start, end = quiet.start + WINDOW_AFTER_MS * MS, quiet.end - WINDOW_BEFORE_MS * MS
        if end - start >= LEAST_WINDOW_MS * MS:
            return (Round(plain.steps, (start, end)), plain)
    if caller_id_moment == "after_reversal":
        lasts_ms = REVERSAL_MS + WINDOW_MS
        before = _round([(Kind.REVERSED, lasts_ms), (Kind.QUIET, BEFORE_RING_MS)])
        return (Round(before.steps, (REVERSAL_MS * MS, lasts_ms * MS)), plain)
    if caller_id_moment == "after_ring_pulse":
        quiet_ms = AFTER_PULSE_MS + WINDOW_MS + BEFORE_RING_MS
        before = _round([(Kind.RING, PULSE_MS), (Kind.QUIET, quiet_ms)])
        start = (PULSE_MS + AFTER_PULSE_MS) * MS
        return (Round(before.steps, (start, start + WINDOW_MS * MS)), plain)
    return (plain,)


def _numbered(cadence: Cadence) -> list[tuple[int, int]]:
    return list(enumerate(cadence.pattern_ms))


def _round(parts: list[tuple[Kind, int]]) -> Round:
    steps, at = [], 0
    for kind, length_ms in parts:
        steps.append(Step(kind, at, at + length_ms * MS))
        at += length_ms * MS
    return Round(tuple(steps))


class Ringer:
    """Where one port's ringing is. Between two rounds it waits for ``begin``; what RM and F/R are
    is a function of the time, so that an edge that comes late leaves the rest of the grid alone."""

    def __init__(self, rounds: tuple[Round, ...], half_ns: int, now_ns: int) -> None:
        self._rounds = rounds
        self._half_ns = half_ns
        self._start: int | None = None  # of the round that runs
        self.wanted_ns = now_ns  # when the next round may begin
        self.told_window = False

    @property
    def is_waiting(self) -> bool:
        return self._start is None

    def begin(self, start_ns: int) -> None:
        self._start, self.told_window = start_ns, False

    def advance(self, now_ns: int) -> None:
        """End the round that is over."""
        if self._start is not None and now_ns >= self._start + self._rounds[0].length:
            self.wanted_ns = self._start + self._rounds[0].length
            self._start = None
            self._rounds = self._rounds[1:] or self._rounds

    def kind(self, now_ns: int) -> Kind:
        if self._start is None or now_ns < self._start:
            return Kind.QUIET
        return self._rounds[0].step_at(now_ns - self._start).kind

    def is_forward(self, now_ns: int) -> bool:
        """F/R."""
        kind = self.kind(now_ns)
        if kind is Kind.RING:
            return (now_ns - self._burst_start(now_ns)) // self._half_ns % 2 == 0
        return kind is not Kind.REVERSED

    def _burst_start(self, now_ns: int) -> int:
        start = self._start or 0
        return start + self._rounds[0].step_at(now_ns - start).start

    def needs_current(self, now_ns: int) -> bool:
        """From the beginning of a round to the end of its last burst."""
        return self._start is not None and now_ns < self._start + self._rounds[0].last_ring

    def window(self, now_ns: int) -> tuple[int, int] | None:
        """The caller id's moment, once it has come."""
        start, end = self._rounds[0].window
        if self._start is None or not end or self.told_window:
            return None
        if now_ns < self._start + start:
            return None
        self.told_window = True
        return now_ns, self._start + end

    def grid_after(self, now_ns: int) -> int | None:
        """The next edge of F/R in this burst: others begin on it, and share its write."""
        if self.kind(now_ns) is not Kind.RING:
            return None
        start = self._burst_start(now_ns)
        return start + -(-(now_ns - start) // self._half_ns) * self._half_ns

    def next_change(self, now_ns: int) -> int:
        """The next moment at which anything changes; while waiting, when it may begin again."""
        if self._start is None:
            return self.wanted_ns
        if now_ns < self._start:
            return self._start
        round_, offset = self._rounds[0], now_ns - self._start
        step = round_.step_at(offset)
        due = step.end
        if step.kind is Kind.RING:
            due = min(
                due, step.start + ((offset - step.start) // self._half_ns + 1) * self._half_ns
            )
        if not self.told_window and offset < round_.window[0]:
            due = min(due, round_.window[0])
        return self._start + due
