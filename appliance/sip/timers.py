"""Timers of the SIP endpoint: RFC 3261's figures, and one queue for all deadlines.

PURE. Table 4 of RFC 3261 §A. The queue is a heap whose cancelled entries are skipped when they come
up, so that setting and cancelling cost next to nothing. Most deadlines are cancelled long before
they are due: when half of the heap may be such, they are swept out.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

_T = TypeVar("_T")
_FIRST_SWEEP = 512
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
    """All deadlines of an endpoint."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Alarm]] = []
        self._count = 0
        self._sweep_at = _FIRST_SWEEP

    def set(self, at: float, action: Callable[[float], None]) -> Alarm:
        """Call action(now) at that time, unless cancelled."""
        alarm = Alarm(at, action)
        self._count += 1
        if len(self._heap) >= self._sweep_at:
            self._sweep()
        heapq.heappush(self._heap, (at, self._count, alarm))
        return alarm

    def next(self) -> float | None:
        """The earliest deadline that was not cancelled."""
        heap = self._heap
        while heap and heap[0][2].action is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def fire(self, now: float) -> None:
        """Act on everything that is due; an action may set more, and have the heap swept."""
        while self._heap and self._heap[0][0] <= now:
            alarm = heapq.heappop(self._heap)[2]
            action, alarm.action = alarm.action, None
            if action is not None:
                action(now)

    def _sweep(self) -> None:
        """Forget what was cancelled; again when there is twice as much as is left."""
        self._heap = [entry for entry in self._heap if entry[2].action is not None]
        heapq.heapify(self._heap)
        self._sweep_at = max(_FIRST_SWEEP, 2 * len(self._heap))

    @property
    def held(self) -> int:
        """Entries with those that were cancelled, for those who look for leaks."""
        return len(self._heap)

    def __len__(self) -> int:
        return sum(1 for _, _, alarm in self._heap if alarm.action is not None)


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
