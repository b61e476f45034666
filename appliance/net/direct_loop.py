"""The event loop of the box: asyncio's, over a DirectSelector.

Owns nothing more. The selector is told of whatever the loop is to do by itself: all of asyncio asks
for that by two methods (call_soon_threadsafe wakes the wait by a socket).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from selectors import BaseSelector
from typing import TypeVarTuple, Unpack, cast

from appliance.net.direct_selector import Bell, DirectSelector

_Ts = TypeVarTuple("_Ts")


class DirectLoop(asyncio.SelectorEventLoop):
    """asyncio's loop; the functions below speak to its selector."""

    def __init__(self) -> None:
        self.direct = DirectSelector()
        super().__init__(cast(BaseSelector, self.direct))

    def call_soon(
        self,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As asyncio's."""
        self.direct.is_needed = True
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As asyncio's."""
        self.direct.is_needed = True
        return super().call_at(when, callback, *args, context=context)


def attend(loop: asyncio.AbstractEventLoop, descriptor: int, ear: Callable[[], None]) -> None:
    """Call ear whenever this descriptor is readable, by whatever loop."""
    if isinstance(loop, DirectLoop):
        loop.direct.attend(descriptor, ear)
    else:
        loop.add_reader(descriptor, ear)


def dismiss(loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
    """The contrary, before the descriptor is closed."""
    if isinstance(loop, DirectLoop):
        loop.direct.dismiss(descriptor)
    else:
        loop.remove_reader(descriptor)


def hang_bell(loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> Bell | None:
    """A bell that rings while the loop waits; None where it is another loop."""
    return loop.direct.hang_bell(ring) if isinstance(loop, DirectLoop) else None
