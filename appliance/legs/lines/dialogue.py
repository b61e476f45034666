"""What is heard on a city line that is seized, and how a number goes out on it.

Owns the queue of what the line and its audio told, for one reader: a call (legs/lines/fxo_leg.py)
or the doctor. What is heard is judged elsewhere (legs/lines/progress.py, legs/lines/diagnosis.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from appliance.legs.lines.post import LinePost
from appliance.media.api import KeysSent, MediaEvent
from drivers.api import DialMode, LineError, Port
from drivers.events import LineEvent

Heard = LineEvent | MediaEvent


class LineDialogue:
    """``put`` what is told, then ask for it in order."""

    def __init__(self, post: LinePost, port: Port) -> None:
        self._post = post
        self._port = port
        self._inbox: asyncio.Queue[Heard | None] = asyncio.Queue()

    def put(self, heard: Heard) -> None:
        self._inbox.put_nowait(heard)

    def lose(self) -> None:
        """The line is gone, or somebody needs it more: whoever waits is told by LineError."""
        self._inbox.put_nowait(None)

    async def until(self, is_it: Callable[[Heard], bool], limit_s: float) -> Heard | None:
        """The next thing heard that is it; None when the time is over. LineError
        ``line.taken_away``."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    heard = await self._inbox.get()
                    if heard is None:
                        raise LineError("line.taken_away", self._post.line.name)
                    if is_it(heard):
                        return heard
        except TimeoutError:
            return None

    async def next(self, limit_s: float) -> Heard | None:
        return await self.until(_is_any, limit_s)

    async def dial(self, number: str, reopen: Callable[[], Awaitable[object]]) -> None:
        """By keys or, where the line is set so and its device can, by pulses. reopen: the audio,
        which pulses close."""
        if self._post.line.dial_mode == "pulse" and self._port.capabilities.pulse:
            await self._post.audio.close()  # a modem takes commands outside of its stream alone
            await self._port.dial(number, DialMode.PULSE)
            await reopen()
        else:
            await self.until(_is_sent, self._post.audio.send_keys(number))


def _is_any(heard: Heard) -> bool:
    return True


def _is_sent(heard: Heard) -> bool:
    return isinstance(heard, KeysSent)
