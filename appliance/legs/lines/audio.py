"""A port's audio: opened by its driver, held by the media core, given back in order.

Owns the line's stream while it is open. Who uses it (a telephone's dial tone, a leg) changes; the
stream does not. Opening and closing are one at a time, whatever hurries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from appliance.config.model import Line
from appliance.errors import MediaError
from appliance.legs.lines.one_way_stream import OneWayStream, OneWayTools
from appliance.media.api import LinePlane, LineStatistics, LineStream, Listening, MediaEvent
from drivers.api import LineError, Port
from drivers.country import CountryProfile

log = logging.getLogger(__name__)
_KEY_MS = 100
_GAP_MS = 80
_SENT_S = 3.0  # beyond the keys' own time nobody waits for KeysSent


class LineAudio:
    """The audio of one port. port: set by the post when there is a device; tell: events of audio
    that is not the core's."""

    def __init__(
        self,
        line: Line,
        profile: CountryProfile,
        plane: LinePlane,
        owners: dict[int, int],
        tell: Callable[[MediaEvent], None],
    ) -> None:
        self.port: Port | None = None
        self.line = line
        self.profile = profile
        self.user = 0  # number of the leg that has the stream; 0 = its desk
        self.stream: LineStream | None = None
        self.on_opened: Callable[[int], None] = _nobody_cares
        self.on_closed: Callable[[int], None] = _nobody_cares
        self._plane = plane
        self._tell = tell
        self._owners = owners  # stream -> leg (LegParts.leg_of_stream)
        self._turn = asyncio.Lock()
        self._ear: LineStream | None = None  # what the core reads for a stream that goes one way

    def stream_of(self, leg: int) -> LineStream | None:
        """The stream, if this leg has it now."""
        return self.stream if self.user == leg else None

    def give(self, leg: int) -> None:
        """This leg has the stream from now on; 0 = nobody but the desk."""
        self.user = leg
        if self.stream is not None:
            self._owners.pop(self.stream.number, None)
            if leg:
                self._owners[self.stream.number] = leg

    def has(self, number: int) -> bool:
        """Whether a stream or line of the core's is this port's audio now."""
        return any(s is not None and s.number == number for s in (self.stream, self._ear))

    async def open(self) -> LineStream:
        """The port's audio in the core; raises LineError. What is open stays open."""
        async with self._turn:
            if self.stream is not None:
                return self.stream
            port = self.port
            if port is None:
                raise LineError("line.lost", self.line.name)
            self.stream = stream = await self._opened(port)
            self.on_opened(stream.number)
            return stream

    async def _opened(self, port: Port) -> LineStream:
        if (encoding := port.capabilities.announces) is not None:
            ear = (partial(self._open_ear, port), partial(self._close_ear, port))
            return OneWayStream(port, encoding, OneWayTools(self._tell, *ear))
        stream = await self._open_core(port)
        self._prepare(stream, port)
        return stream

    async def _open_core(self, port: Port) -> LineStream:
        try:
            descriptor = await port.open_audio()
        except asyncio.CancelledError:  # whoever wanted it is gone; the device may have begun
            await self._give_back(port, b"")
            raise
        try:
            return self._plane.open_line(descriptor)
        except MediaError as error:
            await port.close_audio(b"")
            raise LineError("line.device", str(error)) from error

    async def _open_ear(self, port: Port) -> LineStream:
        """The device of a stream that goes one way is read from now on."""
        ear = self._ear = await self._open_core(port)
        receive_db = self.profile.levels.receive_db + self.line.receive_gain_db
        ear.set_gain(receive_db=receive_db, transmit_db=0.0)
        self.on_opened(ear.number)
        return ear

    async def _close_ear(self, port: Port, ear: LineStream) -> None:
        self._ear = None
        self.on_closed(ear.number)
        await self._give_back(port, ear.close())

    async def close(self) -> None:
        """Let go; what the core read too much goes back to the port."""
        async with self._turn:
            self.give(0)
            stream, self.stream = self.stream, None
            if stream is None:
                return
            self.on_closed(stream.number)
            unread = stream.close()
            if isinstance(stream, OneWayStream):
                await stream.end()
            elif self.port is not None:
                await self._give_back(self.port, unread)

    async def _give_back(self, port: Port, unread: bytes) -> None:
        try:
            await port.close_audio(unread)
        except LineError as error:
            log.warning("line %s: audio did not close: %s", self.line.name, error)

    def listen(self, listening: Listening) -> None:
        if self.stream is not None:
            self.stream.listen(listening)

    def send_keys(self, digits: str) -> float:
        """DTMF in band; KeysSent follows within so many seconds."""
        if self.stream is not None:
            level = self.profile.levels.key_dbm0
            self.stream.send_keys(digits, on_ms=_KEY_MS, off_ms=_GAP_MS, level_dbm0=level)
        return len(digits) * (_KEY_MS + _GAP_MS) / 1000 + _SENT_S

    def send_key(self, digit: str, duration_ms: int) -> None:
        """One key that came outside the audio."""
        if self.stream is not None:
            level = self.profile.levels.key_dbm0
            on_ms = max(50, min(duration_ms, 2000))
            self.stream.send_keys(digit, on_ms=on_ms, off_ms=_GAP_MS, level_dbm0=level)

    def statistics(self) -> LineStatistics | None:
        return self.stream.line_statistics() if self.stream is not None else None

    def _prepare(self, stream: LineStream, port: Port) -> None:
        line, levels = self.line, self.profile.levels
        stream.set_gain(
            receive_db=levels.receive_db + line.receive_gain_db,
            transmit_db=levels.transmit_db + line.transmit_gain_db,
        )
        capabilities = port.capabilities
        is_wanted = line.cancels_echo and capabilities.needs_echo_canceller
        stream.cancel_echo(is_on=is_wanted, bulk_delay_ms=capabilities.transmit_delay_ms)


def _nobody_cares(number: int) -> None:
    """Until the keeper listens."""
