"""What a port does beside its commands: timers by name, and small tasks that nobody waits for.

Owns both; a chore that fails is a line in the log, never more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from drivers.api import LineError

log = logging.getLogger(__name__)


class Chores:
    """``at`` sets the one timer of a name, ``begin`` a task; ``forget`` ends the timers."""

    def __init__(self) -> None:
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def at(self, delay_s: float, name: str, action: Callable[[], None]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(delay_s, action)

    def begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


async def _quietly(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except LineError as error:
        log.info("line: %s", error)
