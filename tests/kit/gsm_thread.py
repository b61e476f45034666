"""A modem of the kit beside a running box: on ptys, in real time, on a thread with its own loop.

``do`` plays the network: whatever it is given runs on the modem's loop. Its far end says a tone and
what it hears is kept as sound.
"""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.kit.gsm_modem import GsmModem
from tests.kit.gsm_plug import FRAME, PtyPlug
from tests.kit.tone import Sound, sine

_Value = TypeVar("_Value")


class ModemBeside:
    """A context manager. url: the line's device."""

    def __init__(self, modem: GsmModem, folder: Path, *, hz: float = 1000) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.modem = modem
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.plug = PtyPlug(modem, folder)
        octets = array("h", sine(hz, 1.0).samples).tobytes()
        self.plug.far = lambda index: octets[index % 50 * FRAME :][:FRAME]
        self.url = f"serial:{folder / 'at'}?pcm={folder / 'pcm'}&driver=cellular"

    def __enter__(self) -> ModemBeside:
        self._thread.start()
        self.do(self.plug.plug)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.do(self.plug.unplug)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def do(self, work: Callable[[], _Value]) -> _Value:
        """On the modem's loop; what it returned."""

        async def run() -> _Value:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(5)

    def heard(self, last_s: float) -> Sound:
        """What the far end heard in the end, at most so many seconds of it."""
        octets = self.do(lambda: b"".join(part for _, part in self.plug.heard))
        samples = array("h", octets[: len(octets) // 2 * 2])
        return Sound(samples[-round(last_s * 8000) :], 8000)
