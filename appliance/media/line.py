"""The audio of one line over the C core (native/line*.c): ``api.LineStream``.

Each call is one short command to the core. The descriptor stays its owner's; the core works on its
own duplicate of it until ``close``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

from appliance.errors import MediaError
from appliance.media.api import LineStatistics, LineStream, Listening, Stream
from appliance.media.core_result import checked_result
from appliance.media.native._core import ffi, lib
from appliance.media.native_recording import LineRecording
from appliance.media.signals import detect_config
from drivers.api import AudioDescriptor, Encoding

_ENCODINGS = {Encoding.S16LE: 0, Encoding.U8: 1, Encoding.ALAW: 2, Encoding.ULAW: 3}
_MOST_UNREAD = 4096  # what the core reads at once


class NativeLineStream(LineRecording):
    """One line in the core; made by ``open_line``."""

    __slots__ = ("_on_close", "_rest", "tones")

    def __init__(
        self, core: Any, number: int, on_close: Callable[[NativeLineStream], None]
    ) -> None:
        super().__init__(core, number)
        self._on_close = on_close
        self._rest: bytes | None = None
        self.tones: list[str] = []  # ever listened for; events carry their places

    @property
    def number(self) -> int:
        return self._number

    def connect(self, other: Stream | LineStream) -> None:
        """Audio both ways; ends what either was connected to, played, echoed."""
        self._do(lib.core_connect, other.number)

    def speak(self, *, payload_type: int) -> None:
        """Towards RTP: 0 G.711 µ-law, 8 A-law (as it is until told)."""
        self._do(lib.core_line_speak, payload_type)

    def disconnect(self) -> None:
        """Silence on the line; ends playing too."""
        self._do(lib.core_disconnect)

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """G.711 to the line, paced by its clock (api.LineStream); raises ValueError when there is
        nothing to play."""
        if not payload:
            raise ValueError("nothing to play")
        self._do(lib.core_play, payload, len(payload), payload_type, repeats)

    def stop_playing(self) -> None:
        """Fall silent, or back to the other side; no PlayEnded follows."""
        self._do(lib.core_stop_playing)

    def echo(self) -> None:
        """The line's party hears itself."""
        self._do(lib.core_echo)

    def send_keys(self, digits: str, *, on_ms: int, off_ms: int, level_dbm0: float) -> None:
        """DTMF in band; KeysSent follows. Raises ValueError for what is no key, or beyond 64."""
        octets = digits.encode("ascii", "replace")
        if (
            lib.core_line_send_keys(self._core, self._number, octets, on_ms, off_ms, level_dbm0)
            == -errno.EINVAL
        ):
            raise ValueError(f"these are no keys to send: {digits}")

    def listen(self, listening: Listening) -> None:
        """Replaces what was listened for; raises ValueError where that makes no sense."""
        config = detect_config(listening)
        for native, watch in zip(config.watches, listening.tones, strict=False):
            native.id = self._id_of(watch.tone)
        if lib.core_line_listen(self._core, self._number, config) == -errno.EINVAL:
            raise ValueError("nothing can be listened for so: check frequencies and patterns")

    def _id_of(self, tone: str) -> int:
        if tone not in self.tones:
            self.tones.append(tone)
        return self.tones.index(tone)

    def cancel_echo(self, *, is_on: bool, bulk_delay_ms: float = 0.0) -> None:
        """bulk_delay_ms: where the search for the echo begins (api.LineStream)."""
        self._do(lib.core_line_cancel_echo, is_on, bulk_delay_ms)

    def set_gain(self, *, receive_db: float, transmit_db: float) -> None:
        """receive: from the line; transmit: to the line."""
        self._do(lib.core_line_set_gain, receive_db, transmit_db)

    def line_statistics(self) -> LineStatistics:
        """What was measured so far."""
        native = ffi.new("struct core_line_statistics *")
        self._do(lib.core_line_read_statistics, native)
        return LineStatistics(
            frames_in=int(native.frames_in),
            frames_out=int(native.frames_out),
            level_in_dbm0=native.level_in_dbm0,
            level_out_dbm0=native.level_out_dbm0,
            erle_db=native.erle_db if native.erle_db >= 0 else None,
            echo_delay_ms=native.echo_delay_ms if native.echo_delay_ms >= 0 else None,
            clock_ppm=native.clock_ppm if native.has_clock else None,
            underruns=int(native.underruns),
            overruns=int(native.overruns),
            slips=int(native.slips),
            silent_s=native.silent_s,
            unrecorded=int(native.unrecorded),
        )

    def close(self) -> bytes:
        """Stop reading and writing; what was read beyond the end of the stream. Harmless twice."""
        if self._rest is None:
            buffer = ffi.new("uint8_t[]", _MOST_UNREAD)
            size = self._do(lib.core_line_close, buffer, _MOST_UNREAD)
            self._rest = bytes(ffi.buffer(buffer, size))
            self._on_close(self)
        return self._rest

    def _do(self, command: Callable[..., int], *arguments: object) -> int:
        return checked_result(command(self._core, self._number, *arguments))


def open_line(
    core: Any, audio: AudioDescriptor, on_close: Callable[[NativeLineStream], None]
) -> NativeLineStream:
    """Raises MediaError ``media.line_audio`` where the line's audio cannot be opened."""
    unread = ffi.new("uint8_t[]", audio.unread)
    native = ffi.new("struct core_line_audio *")
    native.descriptor = audio.descriptor
    capture = ffi.new("char[]", audio.alsa_capture.encode())
    playback = ffi.new("char[]", audio.alsa_playback.encode())
    native.alsa_capture, native.alsa_playback = capture, playback
    native.alsa_channel = audio.alsa_channel
    native.encoding = _ENCODINGS[audio.encoding]
    native.sample_rate_hz = audio.sample_rate_hz
    native.frame_octets = audio.frame_octets
    native.queue_ms = audio.queue_ms
    native.lead_ms = -1 if audio.lead_ms is None else audio.lead_ms
    native.is_dle_shielded = audio.is_dle_shielded
    native.is_receive_only = audio.is_receive_only
    native.unread, native.unread_size = unread, len(audio.unread)
    number = lib.core_line_open(core, native)
    if number < 0:
        raise MediaError("media.line_audio", os.strerror(-number))
    return NativeLineStream(core, number, on_close)
