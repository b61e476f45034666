"""Timers of the SIP endpoint: RFC 3261's figures, and one queue for all deadlines.

PURE. Table 4 of RFC 3261 §A. Most deadlines are cancelled long before they are due, and at an
office's load a heap of them is memory gone cold that each deadline would walk through. So they
wait in the slot of their quarter of a second as they came, and those still set when it comes are
put in order then. When half of all may be cancelled ones, these are swept out.
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
_SLOTS_A_SECOND = 4


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
        self._near: list[tuple[float, int, Alarm]] = []  # a heap: those of slots that have come
        self._count = 0  # of those, ever: of equal times the first to be set is the first
        self._far: dict[int, list[Alarm]] = {}  # by slot, as they were set
        self._slots: list[int] = []  # a heap: the keys of _far
        self._come = -1  # the last slot that has come
        self._soonest: Alarm | None = None  # of _far, as far as it was looked for
        self._held = 0
        self._sweep_at = _FIRST_SWEEP

    def set(self, at: float, action: Callable[[float], None]) -> Alarm:
        """Call action(now) at that time, unless cancelled."""
        alarm = Alarm(at, action)
        if self._held >= self._sweep_at:
            self._sweep()
        self._held += 1
        slot = int(at * _SLOTS_A_SECOND)
        if slot <= self._come:
            self._approach(alarm)
            return alarm
        waiting = self._far.get(slot)
        if waiting is None:
            self._far[slot] = [alarm]
            heapq.heappush(self._slots, slot)
        else:
            waiting.append(alarm)
        if self._soonest is not None and at < self._soonest.at:
            self._soonest = alarm
        return alarm

    def next(self) -> float | None:
        """The earliest deadline that was not cancelled."""
        near = self._near
        while near and near[0][2].action is None:
            heapq.heappop(near)
            self._held -= 1
        if near:
            return near[0][0]
        soonest = self._soonest
        if soonest is None or soonest.action is None:
            soonest = self._soonest = self._look_ahead()
        return soonest.at if soonest is not None else None

    def fire(self, now: float) -> None:
        """Act on everything that is due; an action may set more, and have others swept."""
        self._come_to(int(now * _SLOTS_A_SECOND))
        while self._near and self._near[0][0] <= now:
            alarm = heapq.heappop(self._near)[2]
            self._held -= 1
            action, alarm.action = alarm.action, None
            if action is not None:
                action(now)

    def _come_to(self, slot: int) -> None:
        """Put in order what is left of the slots up to this one."""
        if slot <= self._come:
            return
        self._come = slot
        self._soonest = None
        while self._slots and self._slots[0] <= slot:
            for alarm in self._far.pop(heapq.heappop(self._slots)):
                if alarm.action is None:
                    self._held -= 1
                else:
                    self._approach(alarm)

    def _approach(self, alarm: Alarm) -> None:
        self._count += 1
        heapq.heappush(self._near, (alarm.at, self._count, alarm))

    def _look_ahead(self) -> Alarm | None:
        """The earliest of those whose slots have not come; slots of cancelled ones are cleared."""
        while self._slots:
            slot = self._slots[0]
            waiting = self._far[slot]
            still = _still_set(waiting)
            self._held -= len(waiting) - len(still)
            if still:
                self._far[slot] = still
                soonest = still[0]
                for alarm in still:
                    if alarm.at < soonest.at:
                        soonest = alarm
                return soonest
            del self._far[heapq.heappop(self._slots)]
        return None

    def _sweep(self) -> None:
        """Forget what was cancelled; again when there is twice as much as is left."""
        self._near = [entry for entry in self._near if entry[2].action is not None]
        heapq.heapify(self._near)
        self._held = len(self._near)
        for slot, waiting in list(self._far.items()):
            still = _still_set(waiting)
            self._held += len(still)
            if still:
                self._far[slot] = still
            else:
                del self._far[slot]
        self._slots = list(self._far)
        heapq.heapify(self._slots)
        self._sweep_at = max(_FIRST_SWEEP, 2 * self._held)

    @property
    def held(self) -> int:
        """Deadlines with those that were cancelled, for those who look for leaks."""
        return self._held

    def __len__(self) -> int:
        near = sum(1 for _, _, alarm in self._near if alarm.action is not None)
        return near + sum(len(_still_set(waiting)) for waiting in self._far.values())


def _still_set(alarms: list[Alarm]) -> list[Alarm]:
    return [alarm for alarm in alarms if alarm.action is not None]


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
