"""The media plane over the C core: every packet is handled on the core's own thread.

Owns the core, the pool of ports, and the table of open streams. Each call below is one short
command to the core (native/core.h), made without the interpreter's lock.
"""

from __future__ import annotations

import errno
import os
import resource
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.errors import LocalProtocolError, MediaError
from appliance.media.api import LineStream, MediaEvent, PacketKind, Stream, StreamStatistics
from appliance.media.core_words import command_core, media_event
from appliance.media.native._core import ffi, lib
from appliance.media.native_recording import NativeRecording
from appliance.media.ports import PortPool, PortRange
from appliance.media.remote import checked, hostile, unreachable
from appliance.rtp.quality import estimate_mos
from appliance.sdp.media import RemoteAddress

if TYPE_CHECKING:  # a box without lines need not load these
    from appliance.media.line import NativeLineStream
    from drivers.api import AudioDescriptor

MAX_STREAMS = 4096
EVENTS_AT_ONCE = 256
_LONGEST_LITERAL = 45  # core_remote.host, without the end mark
BIND_ATTEMPTS = 20  # other programs may sit in our range


class NativeStream(NativeRecording):
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
        native = self._plane.remote
        native.host, native.port, native.rtcp_port = good.host.encode(), good.port, good.rtcp_port
        is_literal = len(signalled_from) <= _LONGEST_LITERAL
        native.signalled_from = signalled_from.encode("ascii", "replace") if is_literal else b""
        native.is_behind_nat = is_behind_nat
        error = -lib.core_set_remote(self._plane.core, self.number, native)
        if error in (errno.ELOOP, errno.EACCES):  # EACCES: a network's broadcast address
            raise hostile(good.host, good.port)
        if error == errno.ENOENT:
            raise LocalProtocolError("stream is closed")
        if error:
            raise unreachable(good.host, os.strerror(error))

    def describe(self, *, event_payload_type: int, clock_rate_hz: int, kind: PacketKind) -> None:
        """Tell what flows (api.Stream)."""
        is_opaque = kind is PacketKind.UDPTL
        self._do(lib.core_describe, event_payload_type, clock_rate_hz, is_opaque)

    def connect(self, other: Stream | LineStream) -> None:
        """Relay between the two; ends what either was connected to, played or echoed."""
        self._do(lib.core_connect, other.number)

    def disconnect(self) -> None:
        """Stop relaying, playing and echoing."""
        self._do(lib.core_disconnect)

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """Send G.711 octets paced by 160 (20 ms); replaces what was playing, which then gives no
        PlayEnded. What a connected stream sends is held back meanwhile. Raises ValueError when
        there is nothing to play."""
        if not payload:
            raise ValueError("nothing to play")
        self._do(lib.core_play, payload, len(payload), payload_type, repeats)

    def stop_playing(self) -> None:
        """Fall silent; no PlayEnded follows."""
        self._do(lib.core_stop_playing)

    def echo(self) -> None:
        """Send every valid RTP packet back with our own SSRC (RFC 3550 §8.2)."""
        self._do(lib.core_echo)

    def statistics(self) -> StreamStatistics:
        """What was measured so far."""
        native = self._plane.statistics
        self._do(lib.core_read_statistics, native)
        received, payload_type = int(native.received), int(native.payload_type)
        lost = int(native.lost) if received > 0 and payload_type >= 0 else None
        jitter_ms = _measured(native.jitter_ms)
        round_trip_ms = _measured(native.round_trip_ms)
        return StreamStatistics(
            received=received,
            sent=int(native.sent),
            lost=lost,
            interarrival_jitter_ms=jitter_ms,
            round_trip_ms=round_trip_ms,
            silent_s=native.silent_s,
            mos=estimate_mos(payload_type, received, lost, jitter_ms, round_trip_ms),
            strangers=int(native.strangers),
            unrecorded=int(native.unrecorded),
        )

    def close(self) -> None:
        """Give the ports back; harmless when done twice."""
        self._plane.close_stream(self)

    def _do(self, command: Callable[..., int], *arguments: object) -> int:
        return command_core(command, self._plane.core, self.number, *arguments)


class NativeMediaPlane:
    """All streams and lines of the box over one C core; ``clock`` is read for the ports' rest."""

    def __init__(
        self, ports: PortRange | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        _allow_descriptors()
        self.core = lib.core_start(MAX_STREAMS)
        if self.core == ffi.NULL:
            raise MediaError("media.core_failed", os.strerror(ffi.errno))
        self._pool = PortPool(ports or PortRange())
        self._clock = clock
        self._streams: dict[int, NativeStream] = {}
        self._lines: dict[int, NativeLineStream] = {}
        self._buffer = ffi.new("struct core_event[]", EVENTS_AT_ONCE)
        #: What commands carry, one at a time: all are given by the event loop's thread.
        self.remote = ffi.new("struct core_remote *")
        self.statistics = ffi.new("struct core_statistics *")

    def open(self, host: str) -> NativeStream:
        """A new stream on this local literal address.

        Raises MediaError ``media.ports_exhausted``, or ``media.unreachable_address`` when the
        address is not this box's own.
        """
        text = host.encode("ascii")
        for _ in range(BIND_ATTEMPTS):
            port = self._pool.take(self._clock())
            number = lib.core_open(self.core, text, port)
            if number >= 0:
                stream = NativeStream(self, number, host, port)
                self._streams[number] = stream
                return stream
            self._pool.give_back(port, self._clock())
            if number != -errno.EADDRINUSE:
                self._refuse(host, -number)
        raise MediaError("media.ports_exhausted")

    def fileno(self) -> int:
        """Readable when ``events`` has something."""
        return int(lib.core_event_descriptor(self.core))

    def events(self) -> list[MediaEvent]:
        """All events since the last call; never blocks."""
        events: list[MediaEvent] = []
        while True:
            taken = lib.core_take_events(self.core, self._buffer, EVENTS_AT_ONCE)
            events += [media_event(self.core, self._buffer[i], self._tone_of) for i in range(taken)]
            if taken < EVENTS_AT_ONCE:
                return events

    def open_line(self, audio: AudioDescriptor) -> NativeLineStream:
        """A line's audio (api.LinePlane). Raises MediaError ``media.line_audio``."""
        from appliance.media.line import open_line  # a box without lines need not load this

        line = open_line(self.core, audio, self._forget_line)
        self._lines[line.number] = line
        return line

    def poke(self) -> int:
        """Ask the packet thread for a round; how many it has made. It lives while this grows."""
        rounds = int(lib.core_rounds(self.core))
        lib.core_poke(self.core)
        return rounds

    @property
    def streams_alive(self) -> int:
        """How many streams are open, for those who look for leaks."""
        return len(self._streams)

    def close_stream(self, stream: NativeStream) -> None:
        """Close one stream; its ports rest."""
        if self._streams.pop(stream.number, None) is not None:
            lib.core_close(self.core, stream.number)
            self._pool.give_back(stream.port, self._clock())

    def close(self) -> None:
        """Close every stream and stop the packet thread; harmless when done twice."""
        for line in list(self._lines.values()):
            line.close()
        for stream in list(self._streams.values()):
            stream.close()
        if self.core != ffi.NULL:
            lib.core_stop(self.core)
            self.core = ffi.NULL

    def _tone_of(self, line: int, number: int) -> str:
        return self._lines[line].tones[number] if line in self._lines else ""

    def _forget_line(self, line: NativeLineStream) -> None:
        self._lines.pop(line.number, None)

    def _refuse(self, host: str, error: int) -> None:
        if error in (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOBUFS):
            raise MediaError("media.ports_exhausted", os.strerror(error))
        raise unreachable(host, os.strerror(error))


def _measured(value: float) -> float | None:
    """The core says -1 for what was not measured."""
    return value if value >= 0 else None


def _allow_descriptors() -> None:
    """A stream takes four descriptors: use as many as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
