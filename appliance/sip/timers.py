"""Timers of the SIP endpoint: RFC 3261's figures, and one queue for all deadlines.

PURE. Table 4 of RFC 3261 §A. Most deadlines are cancelled long before they are due, so that setting
and cancelling have to cost next to nothing: cancelled entries are skipped when they come up, and
when half of all may be such, they are swept out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, TypeVar

_T = TypeVar("_T")
_FIRST_SWEEP = 512
_SLOTS_A_SECOND = 16.0
_GATHERED_S = 0.05


@dataclass(frozen=True, slots=True)
class TimerValues:
    """Seconds. t1: round-trip estimate; t2: longest retransmission; t4: life of a stray message."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def timeout(self) -> float:
        """64*T1: Timers B, F, H, J, L and M (RFC 3261 §17, RFC 6026 §7)."""
        return 64 * self.t1

    @property
    def d(self) -> float:
        """Timer D: how long a client INVITE absorbs repeated final answers (§17.1.1.2)."""
        return max(32.0, self.timeout)


class Alarm:
    """A pending deadline."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[float], None]) -> None:
        self.at = at
        self.action: Callable[[float], None] | None = action

    def cancel(self) -> None:
        self.action = None

    @property
    def is_set(self) -> bool:
        """True until it rings or is cancelled."""
        return self.action is not None


class TimerQueue:
    """All deadlines of an endpoint, in slots of 1/16 s: most are cancelled, or far away, so that
    only those of the next slot are ever put in order."""

    def __init__(self) -> None:
        self._slots: list[int] = []  # a heap of those that hold anything
        self._alarms: dict[int, list[Alarm]] = {}  # by slot, in the order in which they were set
        self._first: Alarm | None = None  # the earliest, unless it was cancelled since
        self._held = 0
        self._sweep_at = _FIRST_SWEEP

    def set(self, at: float, action: Callable[[float], None]) -> Alarm:
        """Call action(now) at that time, unless cancelled."""
        alarm = Alarm(at, action)
        if self._held >= self._sweep_at:
            self._sweep()
        slot = int(at * _SLOTS_A_SECOND)
        alarms = self._alarms.get(slot)
        if alarms is None:
            self._alarms[slot] = [alarm]
            heappush(self._slots, slot)
        else:
            alarms.append(alarm)
        self._held += 1
        first = self._first
        if first is not None and at < first.at:
            self._first = alarm
        return alarm

    def next(self) -> float | None:
        """The earliest deadline that was not cancelled."""
        first = self._first
        if first is None or first.action is None:
            first = self._first = self._find_first()
        return None if first is None else first.at

    def _find_first(self) -> Alarm | None:
        """Look through the slots, the next one first; what was cancelled is forgotten."""
        while self._slots:
            slot = self._slots[0]
            alarms = self._alarms[slot]
            alive = [alarm for alarm in alarms if alarm.action is not None]
            if alive:
                if len(alive) < len(alarms):
                    self._held -= len(alarms) - len(alive)
                    self._alarms[slot] = alive
                return _earliest(alive)
            self._held -= len(alarms)
            del self._alarms[slot]
            heappop(self._slots)
        return None

    def fire(self, now: float) -> None:
        """Act on everything that is due."""
        while (at := self.next()) is not None and at <= now:
            alarms = self._alarms[self._slots[0]]
            due = [alarm for alarm in alarms if alarm.at <= now]
            for alarm in sorted(due, key=_deadline):
                action, alarm.action = alarm.action, None
                if action is not None:
                    action(now)

    def _sweep(self) -> None:
        """Forget what was cancelled; again when there is twice as much as is left."""
        alive = [a for alarms in self._alarms.values() for a in alarms if a.action is not None]
        self._alarms = {}
        for alarm in alive:
            self._alarms.setdefault(int(alarm.at * _SLOTS_A_SECOND), []).append(alarm)
        self._slots = sorted(self._alarms)
        self._held = len(alive)
        self._sweep_at = max(_FIRST_SWEEP, 2 * self._held)

    @property
    def held(self) -> int:
        """Entries with those that were cancelled, for those who look for leaks."""
        return self._held

    def __len__(self) -> int:
        return sum(a.action is not None for alarms in self._alarms.values() for a in alarms)


def _earliest(alarms: list[Alarm]) -> Alarm:
    """Of several at the same time the one that was set first."""
    first = alarms[0]
    for alarm in alarms:
        if alarm.at < first.at:
            first = alarm
    return first


def _deadline(alarm: Alarm) -> float:
    return alarm.at


class Lingering(Generic[_T]):
    """Things that have nothing left to do but wait, many of them for equal times.

    Of those the first to come is the first to go: each time of waiting is one row with one alarm,
    which is a little late, so that those who are over meanwhile go together.
    over: told of each whose time is over, in its turn.
    """

    def __init__(self, timers: TimerQueue, over: Callable[[_T, float], None]) -> None:
        self._timers = timers
        self._over = over
        self._rows: dict[float, deque[tuple[float, _T]]] = {}

    def add(self, thing: _T, wait_s: float, now: float) -> None:
        """Let it wait from now on."""
        row = self._rows.get(wait_s)
        if row is None:
            row = self._rows[wait_s] = deque()
        row.append((now + wait_s, thing))
        if len(row) == 1:
            self._arm(row, _GATHERED_S if wait_s else 0.0)

    def _arm(self, row: deque[tuple[float, _T]], late_s: float) -> None:
        due = row[0][0] + late_s
        self._timers.set(due, lambda now: self._ring(row, due, late_s, now))

    def _ring(self, row: deque[tuple[float, _T]], due: float, late_s: float, now: float) -> None:
        """Those over by ``due``: when it is later by now, others' alarms come before the rest."""
        while row and row[0][0] <= due:
            self._over(row.popleft()[1], now)
        if row:
            self._arm(row, late_s)


def cancel(alarm: Alarm | None) -> None:
    """Cancel an alarm that may not have been set."""
    if alarm is not None:
        alarm.action = None
