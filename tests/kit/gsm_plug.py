"""Where a modem of the kit is plugged in: socket pairs (virtual time) or ptys (real time, audio).

``SocketPlug.open_port`` stands for opening a device file. ``PtyPlug`` makes the files ``at`` and
``pcm`` in a folder and moves audio at the modem's own pace: 320 octets each 20 ms, both ways.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tty
from collections.abc import Callable
from pathlib import Path

from tests.kit.gsm_modem import GsmModem

FRAME = 320


class SocketPlug:
    """One modem; each opening is a new pair."""

    def __init__(self, modem: GsmModem) -> None:
        self.modem = modem
        self.is_plugged = True
        modem.on_reset = self.replug_later

    async def open_port(self, path: str) -> int:
        if not self.is_plugged:
            raise FileNotFoundError(path)
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)
        if path == "at":
            self.modem.attach(ours.detach())
        else:
            ours.close()
        return theirs.detach()

    def unplug(self) -> None:
        self.is_plugged = False
        self.modem.detach()

    def plug(self) -> None:
        self.is_plugged = True

    def replug_later(self) -> None:
        """A restart: it goes and comes back."""
        self.unplug()
        asyncio.get_running_loop().call_later(2.0, self.plug)


class PtyPlug:
    """Files in a folder. far: what the far end says, by frames; heard: what it hears, and when."""

    def __init__(self, modem: GsmModem, folder: Path) -> None:
        self.modem = modem
        self.folder = folder
        self.far: Callable[[int], bytes] = lambda index: bytes(FRAME)
        self.heard: list[tuple[float, bytes]] = []
        self.said: dict[int, float] = {}  # index of a frame -> when it was said
        self.ppm = 0.0
        self._pcm = -1
        self._slaves: list[int] = []
        self._ticking: asyncio.Task[None] | None = None
        modem.on_reset = self._restart

    def plug(self) -> None:
        self._pcm = self._make("pcm")
        self.modem.attach(self._make("at"))
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    def unplug(self) -> None:
        if self._ticking:
            self._ticking.cancel()
        self.modem.detach()
        for descriptor in (self._pcm, *self._slaves):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._slaves, self._pcm = [], -1
        for name in ("at", "pcm"):
            (self.folder / name).unlink(missing_ok=True)

    def _make(self, name: str) -> int:
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(slave))
        self._slaves.append(slave)  # held, so that a closing host does not end the modem
        return master

    def _restart(self) -> None:
        self.unplug()
        asyncio.get_running_loop().call_later(1.0, self.plug)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        began, index = loop.time(), 0
        while True:
            index += 1
            due = began + index * 0.02 * (1 + self.ppm / 1e6)
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._frame(index, loop.time())

    def _frame(self, index: int, now: float) -> None:
        with contextlib.suppress(OSError):
            octets = os.read(self._pcm, 8 * FRAME)
            if self.modem.is_audio_on:
                self.heard.append((now, octets))
        if self.modem.is_audio_on:
            with contextlib.suppress(OSError):
                os.write(self._pcm, self.far(index))
                self.said[index % 100] = now
