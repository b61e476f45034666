"""The audio of a line whose device has no sound both ways at once: recordings go out, no more.

Stands where a LineStream does, so that an app may answer such a line. Whole recordings are handed
to the driver (``Port.announce``), which paces them; the media core has no part in it. It is never
connected to anybody: whoever rings is told in words (config ``lines.announces``).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from array import array
from collections.abc import Callable

from appliance.errors import LocalProtocolError
from appliance.media.api import LineEnded, LineStatistics, Listening, MediaEvent, PlayEnded
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from drivers.api import Encoding, LineError, Port

log = logging.getLogger(__name__)
_QUIET_DBM0 = -99.0
#: The core's streams and lines count upwards from 0.
_numbers = itertools.count(-1, -1)


class Unrecorded:
    """Recordable in name only: such a device would have to be turned from saying to hearing."""

    @property
    def can_record(self) -> bool:
        return False

    def record(self) -> None:
        raise LocalProtocolError("a line without duplex is not recorded")

    def take_recorded(self) -> bytes:
        return b""

    def stop_recording(self) -> None: ...


class OneWayStream(Unrecorded):
    """tell: where events go, as those of the core."""

    def __init__(self, port: Port, encoding: Encoding, tell: Callable[[MediaEvent], None]) -> None:
        self.number = next(_numbers)
        self._port = port
        self._encoding = encoding
        self._tell = tell
        self._saying: asyncio.Task[None] | None = None

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """PlayEnded follows when all of it is on the line. A tone (repeats) cannot be said."""
        if repeats:
            return
        octets = in_encoding(payload, Law(payload_type), self._encoding)
        self._saying = asyncio.get_running_loop().create_task(self._say(octets))

    async def _say(self, octets: bytes) -> None:
        try:
            await self._port.announce(octets)
        except LineError as error:
            log.info("an announcement ended early: %s", error)
            if error.key != "line.aborted":
                self._tell(LineEnded(self.number, 0))
        else:
            self._tell(PlayEnded(self.number))

    def connect(self, other: object) -> None:
        raise LocalProtocolError("a line without duplex is connected to nobody")

    def speak(self, *, payload_type: int) -> None:
        """Nobody is told anything by RTP."""

    def disconnect(self) -> None:
        """What is being said ends with the call: the port's release cuts it short."""

    def stop_playing(self) -> None: ...

    def echo(self) -> None: ...

    def send_keys(self, digits: str, *, on_ms: int, off_ms: int, level_dbm0: float) -> None: ...

    def listen(self, listening: Listening) -> None:
        """The device tells by itself what it hears."""

    def set_gain(self, *, receive_db: float, transmit_db: float) -> None: ...

    def cancel_echo(self, *, is_on: bool, bulk_delay_ms: float = 0.0) -> None: ...

    def line_statistics(self) -> LineStatistics:
        quiet = _QUIET_DBM0
        return LineStatistics(0, 0, quiet, quiet, None, None, None, 0, 0, 0, 0.0)

    def close(self) -> bytes:
        return b""


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
