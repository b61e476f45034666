"""The audio of a line whose device has no sound both ways: it says, or it hears, one at a time.

Stands where a LineStream does, so that an app may answer such a line. Whole recordings are handed
to the driver (``Port.announce``), which paces them; what the caller says is the media core's, by a
line that is only read (``ear``) and open as long as the caller is recorded. Owns the task that
turns the device from one to the other: what is asked meanwhile waits, in its order. It is never
connected to anybody (config ``lines.announces``).
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
from array import array
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from appliance.errors import LocalProtocolError
from appliance.media.api import (
    KeyPressed,
    LineEnded,
    LineStatistics,
    LineStream,
    Listening,
    MediaEvent,
    PlayEnded,
)
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from drivers.api import Encoding, LineError, Port

log = logging.getLogger(__name__)
_QUIET_DBM0 = -99.0
_KEY_MS = 100  # of a key of which the device says no more than that it was pressed
_SAME_S = 0.2  # the core's word and the device's for one press are no further apart
#: The core's streams and lines count upwards from 0.
_numbers = itertools.count(-1, -1)


@dataclass(frozen=True, slots=True)
class OneWayTools:
    """What the post's audio does for it (legs/lines/audio.py).

    tell: events go there, as those of the core; open_ear: the device hears, and the core reads it;
    raises LineError; close_ear: the core lets go, and the device hears no more.
    """

    tell: Callable[[MediaEvent], None]
    open_ear: Callable[[], Awaitable[LineStream]]
    close_ear: Callable[[LineStream], Awaitable[None]]


class Unbridged:
    """What such a device cannot do: talk with anybody, and so have an echo, or gains to him."""

    def connect(self, other: object) -> None:
        raise LocalProtocolError("a line without duplex is connected to nobody")

    def speak(self, *, payload_type: int) -> None:
        """Nobody is told anything by RTP."""

    def echo(self) -> None: ...

    def send_keys(self, digits: str, *, on_ms: int, off_ms: int, level_dbm0: float) -> None: ...

    def set_gain(self, *, receive_db: float, transmit_db: float) -> None: ...

    def cancel_echo(self, *, is_on: bool, bulk_delay_ms: float = 0.0) -> None: ...


class OneWayStream(Unbridged):
    """One call's. number: below 0, never one of the core's."""

    def __init__(self, port: Port, encoding: Encoding, tools: OneWayTools) -> None:
        self.number = next(_numbers)
        self._port = port
        self._encoding = encoding
        self._tools = tools
        self._wishes: deque[Callable[[], Awaitable[None]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._ear: LineStream | None = None
        self._listening = Listening()
        self._kept = b""  # what was recorded by an ear that is closed, or about to be
        self._is_over = False
        self._saying: asyncio.Future[None] | None = None  # the driver's announcement
        self._plays = 0  # the last one's number; no other is said, or told to have ended
        self._records = 0  # likewise
        self._is_wanted = False  # the last recording has not been stopped
        self._pressed = ("", False, 0.0)  # the last key, whether the core heard it, and when

    # ---- saying

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """PlayEnded follows when all of it is on the line. A tone (repeats) cannot be said. Ends a
        recording under way."""
        if repeats:
            return
        self._plays += 1
        octets = in_encoding(payload, Law(payload_type), self._encoding)
        self._wish(partial(self._say, octets, self._plays))

    def stop_playing(self) -> None:
        """What is being said is cut short, what waits to be said is not said."""
        self._plays += 1
        if self._saying is not None:
            self._saying.cancel()

    async def _say(self, octets: bytes, play: int) -> None:
        await self._stop_hearing()
        if play != self._plays:
            return
        self._saying = saying = asyncio.ensure_future(self._port.announce(octets))
        try:
            await asyncio.wait({saying})
        finally:  # or whoever waits is cancelled: the stream has ended
            self._saying = None
            saying.cancel()
            await asyncio.wait({saying})
        if saying.cancelled():
            return
        saying.result()
        if play == self._plays:
            self._tools.tell(PlayEnded(self.number))

    # ---- hearing

    @property
    def can_record(self) -> bool:
        return self._port.capabilities.records

    def record(self) -> None:
        """Keep what the caller says, as soon as all is said that was asked before."""
        if not self.can_record:
            raise LocalProtocolError("the device of this line hears nobody")
        self._kept = b""
        self._records += 1
        self._is_wanted = True
        self._wish(partial(self._hear, self._records))

    def take_recorded(self) -> bytes:
        kept, self._kept = self._kept, b""
        return kept + (self._ear.take_recorded() if self._ear is not None else b"")

    def stop_recording(self) -> None:
        if self._is_wanted:
            self._is_wanted = False
            self._keep()
            self._wish(self._stop_hearing)

    def _keep(self) -> None:
        """The recording is over; what the ear still has of it is ours."""
        if self._ear is not None:
            self._ear.stop_recording()
            self._kept += self._ear.take_recorded()

    async def _hear(self, record: int) -> None:
        if record != self._records or not self._is_wanted:
            return  # stopped before the device turned
        if self._ear is None:
            self._ear = await self._tools.open_ear()
            self._ear.listen(self._listening)
        self._kept = b""
        self._ear.record()

    async def _stop_hearing(self) -> None:
        if self._ear is not None:
            self._keep()
            ear, self._ear = self._ear, None
            await self._tools.close_ear(ear)

    def listen(self, listening: Listening) -> None:
        """By the ear, while there is one; the device tells by itself what it hears."""
        self._listening = listening
        if self._ear is not None:
            self._ear.listen(listening)

    def press(self, digit: str, duration_ms: int = 0) -> None:
        """A key of the caller's, which the core tells when it is over (duration_ms), the device
        when it begins, and most of the time both: it counts once."""
        is_core, now = duration_ms > 0, asyncio.get_running_loop().time()
        known, was_core, at = self._pressed
        began = now - duration_ms / 1000
        if digit == known and is_core != was_core and began - _SAME_S <= at:
            self._pressed = ("", False, 0.0)
            return
        self._pressed = (digit, is_core, now)
        self._tools.tell(KeyPressed(self.number, digit, duration_ms or _KEY_MS))

    # ---- turning

    def _wish(self, wish: Callable[[], Awaitable[None]]) -> None:
        if self._is_over:
            return
        self._wishes.append(wish)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._wishes:
            try:
                await self._wishes.popleft()()
            except LineError as error:
                log.info("a line that turns between saying and hearing: %s", error)
                self._fail(is_told=error.key != "line.aborted")
            except Exception:
                log.exception("our own defect on a line without duplex")
                self._fail(is_told=True)

    def _fail(self, *, is_told: bool) -> None:
        self._wishes.clear()
        if is_told:
            self._tools.tell(LineEnded(self.number, errno.EIO))

    def disconnect(self) -> None:
        """Nothing more is said; what is being said ends with the call, by the port's release."""
        self._plays += 1
        self._wishes.clear()

    async def end(self) -> None:
        """The descriptor is the driver's again, whatever the device was turning to."""
        self._is_over = True
        self._wishes.clear()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.wait({worker})
        await self._stop_hearing()

    def close(self) -> bytes:
        """``end`` gives back what was read."""
        return b""

    def line_statistics(self) -> LineStatistics:
        if self._ear is not None:
            return self._ear.line_statistics()
        quiet = _QUIET_DBM0
        return LineStatistics(0, 0, quiet, quiet, None, None, None, 0, 0, 0, 0.0)


def in_encoding(payload: bytes, law: Law, wanted: Encoding) -> bytes:
    """G.711 octets as a device writes samples."""
    if wanted is {Law.PCMA: Encoding.ALAW, Law.PCMU: Encoding.ULAW}[law]:
        return payload
    samples = decode_g711(payload, law)
    if wanted is Encoding.S16LE:
        return samples
    if wanted is Encoding.U8:
        return bytes((value >> 8) + 0x80 for value in array("h", samples))
    return encode_g711(samples, Law.PCMA if wanted is Encoding.ALAW else Law.PCMU)
