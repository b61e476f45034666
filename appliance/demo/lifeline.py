"""How long a process of the demo lives: as long as the box that started it.

Owns nothing. The box holds the far end of standard input: however it ends, the pipe closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator

_CHUNK_OCTETS = 4096


@contextlib.asynccontextmanager
async def until_over() -> AsyncIterator[None]:
    """Begin inside; it is left when standard input ends, or SIGTERM or SIGINT comes."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin, _end_with_input, stop)
    yield
    await stop.wait()
    loop.remove_reader(sys.stdin)


def _end_with_input(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), _CHUNK_OCTETS):
        stop.set()
