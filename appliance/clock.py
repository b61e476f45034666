"""Time for the impure part of the daemon: one object that knows now and wakes callbacks.

Owns nothing. ``LoopClock`` is asyncio's own clock; tests put a virtual one in its place, so that no
test ever sleeps. Pure code takes ``now`` as an argument instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Alarm(Protocol):
    """A pending wake-up."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    def now(self) -> float:
        """Monotonic seconds."""

    def wall(self) -> float:
        """Seconds since the epoch, UTC: for people and for what outlives the process."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Alarm: ...


class LoopClock:
    """The running asyncio loop's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # asyncio's own loops tell monotonic time: without the method call between, for it is asked
        # fifty times a call. A loop of virtual time is asked itself.
        is_plain = type(loop).time is asyncio.BaseEventLoop.time
        self.now: Callable[[], float] = time.monotonic if is_plain else loop.time

    def wall(self) -> float:
        return time.time()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Alarm:
        return self._loop.call_later(delay_s, callback)
