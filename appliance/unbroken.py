"""Work that goes on to its end although whoever asked for it has gone: a caller who hangs up in the
middle of a change must not leave half of it.

Owns its tasks until they are over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class Unbroken:
    """Runs such work."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What comes of it; who waits may be cancelled, the work is not."""
        return await asyncio.shield(self.begin(work))

    def begin(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """The same for work that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settle(self, longest_s: float) -> None:
        """Wait for what is under way, so long at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=longest_s)
