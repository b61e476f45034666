"""Life and death of the daemon's tasks: deadly tasks, signals, an orderly end.

Owns the set of running tasks. A system task that dies takes the process with it, so that whoever
started it (systemd, ``./run``) starts it again; a passing task that fails is logged.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Supervisor:
    """Runs tasks until a signal or a death."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self._is_dead = False

    def deadly(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a task whose end is the end of the daemon."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._died)

    def passing(self, work: Awaitable[None]) -> None:
        """Run a task that may end; its failure is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._passed)

    async def until_stopped(self) -> int:
        """Wait for SIGTERM, SIGINT, SIGHUP or a death; returns the exit code.

        SIGHUP is the end of whoever sees the terminal go that it was started in; under nohup(1),
        which has it ignored, it stays ignored.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            loop.add_signal_handler(number, self._stop.set)
        await self._stop.wait()
        return 1 if self._is_dead else 0

    async def cancel_all(self) -> None:
        """End what still runs."""
        tasks = list(self._tasks)
        for task in tasks:
            task.remove_done_callback(self._died)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _passed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task failed", exc_info=task.exception())

    def _died(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        log.critical(
            "system task %s ended; the daemon ends with it", task.get_name(), exc_info=error
        )
        self._is_dead = True
        self._stop.set()
