"""An asyncio loop whose time is virtual: it never waits, it jumps to the next thing that is due.

A minute of a call takes as long as its events take to handle, and always goes the same way.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting, moves the loop's clock; what can be read already is read before that."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing will ever happen: everybody waits for everybody")
        if not ready and timeout is not None:
            self.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def stall(self, seconds: float) -> None:
        """Whoever runs now holds the loop up so long."""
        self._jumping.now += seconds


def run_virtually(main: Coroutine[Any, Any, None], limit_s: float = 7200.0) -> None:
    """Run to the end in virtual time; a main that takes longer than limit_s of it fails."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(asyncio.wait_for(main, limit_s))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def elapse(seconds: float) -> None:
    """Let so much of the loop's time pass."""
    await asyncio.sleep(seconds)


async def until(condition: Callable[[], object], limit_s: float = 30.0) -> None:
    """Let time pass until something is so; TimeoutError if it is not in limit_s."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.01)
