"""The audio of a simulated port: a socket pair, one end for the media core, paced by our clock.

Owns the pair while it is open. Every 20 ms a frame is said and what came is heard; deadlines are
absolute, so that small delays do not add up. Where we are later than the core lets wait in a
device, the line stood still: it goes on from there, late and whole. Frames in a rush would make the
core give as many back, of which it drops what is late (``AudioDescriptor.queue_ms``).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from drivers.api import AudioDescriptor, Encoding
from drivers.simulator.sound import FRAME, FRAME_S

_OCTETS = 2 * FRAME
_QUEUE_MS = 40
_MOST_LATE_S = _QUEUE_MS / 1000 - FRAME_S  # and a frame that is due


class AudioWire:
    """speak: the next frame to the core; hear: a frame from it."""

    def __init__(self, speak: Callable[[], bytes], hear: Callable[[bytes], None]) -> None:
        self._speak = speak
        self._hear = hear
        self._ours: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._came = b""

    @property
    def is_open(self) -> bool:
        return self._ours is not None

    def open(self) -> AudioDescriptor:
        """Begin; what is open already goes on."""
        if self._theirs is None:
            self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            for end in (self._ours, self._theirs):
                end.setblocking(False)
            self._came = b""
            self._task = asyncio.get_running_loop().create_task(self._run(self._ours))
        return AudioDescriptor(
            Encoding.S16LE,
            descriptor=self._theirs.fileno(),
            frame_octets=_OCTETS,
            queue_ms=_QUEUE_MS,
        )

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        for end in (self._ours, self._theirs):
            if end is not None:
                end.close()
        self._ours = self._theirs = self._task = None

    async def _run(self, ours: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._exchange(ours)
            due = max(due + FRAME_S, loop.time() - _MOST_LATE_S)
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _exchange(self, ours: socket.socket) -> None:
        try:
            ours.send(self._speak())
        except BlockingIOError:
            """Nobody reads at the other end: it has let go."""
        except OSError:
            return
        try:
            self._came += ours.recv(16 * _OCTETS)
        except OSError:
            """Nothing was said."""
        while len(self._came) >= _OCTETS:
            frame, self._came = self._came[:_OCTETS], self._came[_OCTETS:]
            self._hear(frame)
