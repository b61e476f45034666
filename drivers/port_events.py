"""A port's events on their way to the one who reads them: in order, never waited for.

Call events are never dropped; states that nobody read yet are replaced by later ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from drivers.events import LineEvent, StateChanged


class PortEvents:
    """``put`` from the driver, ``read`` by the port's owner; on one event loop."""

    def __init__(self) -> None:
        self._events: deque[LineEvent] = deque()
        self._is_there = asyncio.Event()

    def put(self, event: LineEvent) -> None:
        if isinstance(event, StateChanged) and self._events:
            last = self._events[-1]
            if isinstance(last, StateChanged):
                self._events.pop()
        self._events.append(event)
        self._is_there.set()

    async def read(self) -> AsyncIterator[LineEvent]:
        """Everything that comes from now on, and what waited."""
        while True:
            while self._events:
                yield self._events.popleft()
            self._is_there.clear()
            await self._is_there.wait()
