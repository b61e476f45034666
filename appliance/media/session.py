"""The media plane over the C core: every packet is handled on the core's own thread.

Owns the core, the pool of ports, and the table of open streams. Each call below is one short
command to the core (native/core.h), made without the interpreter's lock, by way of
core_functions.py.
"""

from __future__ import annotations

import errno
import os
import resource
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.errors import MediaError
from appliance.media import core_functions
from appliance.media.api import LineStream, MediaEvent, PacketKind, Stream, StreamStatistics
from appliance.media.core_functions import Core, CoreReader
from appliance.media.core_result import checked_result, closed
from appliance.media.native_recording import take_recorded
from appliance.media.ports import PORTS_EXHAUSTED, PortPool, PortRange
from appliance.media.remote import checked, hostile, unreachable
from appliance.rtp.quality import estimate_mos
from appliance.sdp.media import RemoteAddress

if TYPE_CHECKING:  # a box without lines need not load these
    from appliance.media.line import NativeLineStream
    from drivers.api import AudioDescriptor

MAX_STREAMS = 4096
BIND_ATTEMPTS = 20  # other programs may sit in our range

#: What every call asks for, found once.
_open_stream = core_functions.open_stream
_close_stream = core_functions.close_stream
_set_remote = core_functions.set_remote
_describe = core_functions.describe
_connect = core_functions.connect


class NativeStream:
    """One leg's port pair in the core; made by ``NativeMediaPlane.open``."""

    __slots__ = ("_plane", "host", "number", "port")

    def __init__(self, plane: NativeMediaPlane, number: int, host: str, port: int) -> None:
        self._plane = plane
        self.number = number
        self.host = host
        self.port = port

    @property
    def rtcp_port(self) -> int:
        return self.port + 1

    def set_remote(
        self, remote: RemoteAddress, *, is_behind_nat: bool, signalled_from: str = ""
    ) -> None:
        """Send to this address; accept from it alone, or learn (api.Stream).

        Raises MediaError ``media.hostile_address``, ``media.unreachable_address``.
        """
        good = checked(remote)
        host, source = good.host.encode(), signalled_from.encode("ascii", "replace")
        error = -_set_remote(
            self._plane.core, self.number, host, good.port, good.rtcp_port, is_behind_nat, source
        )
        if error in (errno.ELOOP, errno.EACCES):  # EACCES: a network's broadcast address
            raise hostile(good.host, good.port)
        if error == errno.ENOENT:
            raise closed()
        if error:
            raise unreachable(good.host, os.strerror(error))

    def describe(self, *, event_payload_type: int, clock_rate_hz: int, kind: PacketKind) -> None:
        """Tell what flows (api.Stream)."""
        is_opaque = kind is PacketKind.UDPTL
        checked_result(
            _describe(self._plane.core, self.number, event_payload_type, clock_rate_hz, is_opaque)
        )

    def connect(self, other: Stream | LineStream) -> None:
        """Relay between the two; ends what either was connected to, played or echoed."""
        checked_result(_connect(self._plane.core, self.number, other.number))

    def disconnect(self) -> None:
        """Stop relaying, playing and echoing."""
        checked_result(core_functions.disconnect(self._plane.core, self.number))

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """Send G.711 octets paced by 160 (20 ms); replaces what was playing, which then gives no
        PlayEnded. What a connected stream sends is held back meanwhile. Raises ValueError when
        there is nothing to play."""
        if not payload:
            raise ValueError("nothing to play")
        play = core_functions.play
        checked_result(
            play(self._plane.core, self.number, payload, len(payload), payload_type, repeats)
        )

    def stop_playing(self) -> None:
        """Fall silent; no PlayEnded follows."""
        checked_result(core_functions.stop_playing(self._plane.core, self.number))

    def echo(self) -> None:
        """Send every valid RTP packet back with our own SSRC (RFC 3550 §8.2)."""
        checked_result(core_functions.echo(self._plane.core, self.number))

    def statistics(self) -> StreamStatistics:
        """What was measured so far."""
        figures = self._plane.reader.statistics(self._plane.core, self.number)
        if figures is None:
            raise closed()
        received, sent, gone, jitter, round_trip, silent_s, kind, strangers, unrecorded = figures
        lost = gone if received > 0 and kind >= 0 else None
        jitter_ms, round_trip_ms = _measured(jitter), _measured(round_trip)
        return StreamStatistics(
            received=received,
            sent=sent,
            lost=lost,
            interarrival_jitter_ms=jitter_ms,
            round_trip_ms=round_trip_ms,
            silent_s=silent_s,
            mos=estimate_mos(kind, received, lost, jitter_ms, round_trip_ms),
            strangers=strangers,
            unrecorded=unrecorded,
        )

    @property
    def can_record(self) -> bool:
        return True

    def record(self) -> None:
        """Keep what the far end says from now on (api.Recordable)."""
        checked_result(core_functions.record(self._plane.core, self.number))

    def take_recorded(self) -> bytes:
        """What came since the last time: A-law octets, 8000 a second (api.Recordable)."""
        return take_recorded(self._plane.core, self.number)

    def stop_recording(self) -> None:
        """Keep nothing more; what was kept can still be taken."""
        checked_result(core_functions.stop_recording(self._plane.core, self.number))

    def close(self) -> None:
        """Give the ports back; harmless when done twice."""
        self._plane.close_stream(self)


class NativeMediaPlane:
    """All streams and lines of the box over one C core; ``clock`` is read for the ports' rest."""

    def __init__(
        self, ports: PortRange | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        _allow_descriptors()
        self.core: Core = core_functions.start(MAX_STREAMS)
        self.reader = CoreReader()
        self._pool = PortPool(ports or PortRange())
        self._clock = clock
        self._streams: dict[int, NativeStream] = {}
        self._lines: dict[int, NativeLineStream] = {}

    def open(self, host: str, *, is_urgent: bool = False) -> NativeStream:
        """A new stream on this local literal address (api.MediaPlane).

        Raises MediaError ``media.ports_exhausted``, or ``media.unreachable_address`` when the
        address is not this box's own.
        """
        text = host.encode("ascii")
        for _ in range(BIND_ATTEMPTS):
            port = self._pool.take(self._clock(), is_urgent=is_urgent)
            number = _open_stream(self.core, text, port)
            if number >= 0:
                stream = NativeStream(self, number, host, port)
                self._streams[number] = stream
                return stream
            self._pool.give_back(port, self._clock())
            if number != -errno.EADDRINUSE:
                self._refuse(host, -number)
        raise MediaError(PORTS_EXHAUSTED)

    def fileno(self) -> int:
        """Readable when ``events`` has something."""
        return core_functions.event_descriptor(self.core)

    def events(self) -> list[MediaEvent]:
        """All events since the last call; never blocks."""
        return self.reader.events(self.core, self._tone_of)

    def open_line(self, audio: AudioDescriptor) -> NativeLineStream:
        """A line's audio (api.LinePlane). Raises MediaError ``media.line_audio``."""
        from appliance.media.line import open_line  # a box without lines need not load this

        line = open_line(self.core, audio, self._forget_line)
        self._lines[line.number] = line
        return line

    def poke(self) -> int:
        """Ask the packet thread for a round; how many it has made. It lives while this grows."""
        rounds = core_functions.rounds(self.core)
        core_functions.poke(self.core)
        return rounds

    @property
    def streams_alive(self) -> int:
        """How many streams are open, for those who look for leaks."""
        return len(self._streams)

    def close_stream(self, stream: NativeStream) -> None:
        """Close one stream; its ports rest."""
        if self._streams.pop(stream.number, None) is not None:
            _close_stream(self.core, stream.number)
            self._pool.give_back(stream.port, self._clock())

    def close(self) -> None:
        """Close every stream and stop the packet thread; harmless when done twice."""
        for line in list(self._lines.values()):
            line.close()
        for stream in list(self._streams.values()):
            stream.close()
        if self.core is not None:
            core_functions.stop(self.core)
            self.core = None  # no command reaches what is freed

    def _tone_of(self, line: int, number: int) -> str:
        return self._lines[line].tones[number] if line in self._lines else ""

    def _forget_line(self, line: NativeLineStream) -> None:
        self._lines.pop(line.number, None)

    def _refuse(self, host: str, error: int) -> None:
        if error in (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOBUFS):
            raise MediaError(PORTS_EXHAUSTED, os.strerror(error))
        raise unreachable(host, os.strerror(error))


def _measured(value: float) -> float | None:
    """The core says -1 for what was not measured."""
    return value if value >= 0 else None


def _allow_descriptors() -> None:
    """A stream takes four descriptors: use as many as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
