"""Time for the impure part of the daemon: one object that knows now and wakes callbacks.

``LoopClock`` is asyncio's own clock, and owns the alarms that were asked of it: a bell of the
DirectLoop's stands for all of them, or on another loop one alarm of asyncio's, since setting and
cancelling those costs as much as reading a message. Tests put a virtual clock in its place, so that
no test ever sleeps. Pure code takes ``now`` as an argument instead.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from appliance.net.direct_loop import hang_bell
from appliance.sip.timers import TimerQueue


class Alarm(Protocol):
    """A pending wake-up."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    def now(self) -> float:
        """Monotonic seconds."""

    def wall(self) -> float:
        """Seconds since the epoch, UTC: for people and for what outlives the process."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Alarm: ...


class SiteTime:
    """What the clock on a site's wall shows, to the second. Looked up once a second: the tables of
    a zone have gone cold between two calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known = (-1, "")
        self._moment = datetime.min

    def now(self, timezone: str) -> datetime:
        """timezone: a name of the IANA database."""
        known = (int(self._clock.wall()), timezone)
        if known != self._known:
            self._moment = datetime.fromtimestamp(known[0], ZoneInfo(timezone))
            self._known = known
        return self._moment


class LoopClock:
    """The running asyncio loop's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # asyncio's own loops tell monotonic time: without the method call between, for it is asked
        # fifty times a call. A loop of virtual time is asked itself.
        is_plain = type(loop).time is asyncio.BaseEventLoop.time
        self.now: Callable[[], float] = time.monotonic if is_plain else loop.time
        self.wall: Callable[[], float] = time.time
        self._queue = TimerQueue()
        self._rings_at = math.inf
        self._bell = hang_bell(loop, self._ring)
        self._handle: asyncio.TimerHandle | None = None  # where there is no bell

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Alarm:
        if delay_s <= 0:
            return self._loop.call_soon(callback)
        at = self.now() + delay_s
        alarm = self._queue.set(at, lambda now: callback())
        self._arm(at)
        return alarm

    def _arm(self, at: float) -> None:
        """Have the bell ring at this time or before; once too often does no harm."""
        if self._rings_at <= at:
            return
        self._rings_at = at
        if self._bell is not None:
            self._bell.at = at
            return
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        """Do what is due; what breaks is told as asyncio tells it, and holds up nothing else."""
        self._rings_at, self._handle = math.inf, None
        try:
            self._queue.fire(self.now())
        except Exception as error:
            self._loop.call_exception_handler({"message": "an alarm broke", "exception": error})
        finally:
            following = self._queue.next()
            if following is not None:
                self._arm(following)
