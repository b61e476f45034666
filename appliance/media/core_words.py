"""The words of the C core (native/core.h) in Python: what an event of a stream or line means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.media.api import (
    AnswerToneHeard,
    CadenceHeard,
    CallerIdHeard,
    KeyPressed,
    KeysSent,
    LineEnded,
    LineStalled,
    MediaEvent,
    PlayEnded,
    SourceLocked,
    StreamCode,
    ToneHeard,
)
from appliance.media.native._core import ffi, lib


def media_event(core: Any, native: Any, tone_of: Callable[[int, int], str]) -> MediaEvent:
    """What a ``struct core_event`` tells; tone_of: line, number -> the tone's name."""
    if native.kind == lib.CORE_CALLER_ID_HEARD:
        return _caller_id_heard(core, native)
    if native.kind == lib.CORE_TONE_HEARD:
        return _tone_heard(native, tone_of(native.stream, native.code))
    return _EVENTS[native.kind](native)


def _tone_heard(native: Any, tone: str) -> ToneHeard:
    return ToneHeard(
        native.stream,
        tone,
        native.hz,
        native.level_dbm0,
        native.duration_ms,
        native.off_ms,
    )


def _caller_id_heard(core: Any, native: Any) -> CallerIdHeard:
    """An empty message, which reads as no caller id, where too many came after it."""
    octets = ffi.new("uint8_t[]", lib.DETECT_MESSAGE)
    length = max(0, lib.core_read_message(core, native.message, octets))
    method = CALLER_ID_FAMILIES[native.code]
    return CallerIdHeard(native.stream, method, bytes(ffi.buffer(octets, length)))


def _line_stalled(native: Any) -> LineStalled:
    return LineStalled(native.stream, native.code != 0, native.code != 2)


def _cadence_heard(native: Any) -> CadenceHeard:
    hz = (native.hz, native.second_hz) if native.second_hz else (native.hz,)
    return CadenceHeard(
        native.stream,
        hz,
        native.duration_ms,
        native.off_ms,
        native.level_dbm0,
        native.lasted_ms,
        native.second_on_ms,
        native.second_off_ms,
    )


def _key_pressed(native: Any) -> KeyPressed:
    return KeyPressed(native.stream, native.digit.decode("ascii"), native.duration_ms)


def _source_locked(native: Any) -> SourceLocked:
    return SourceLocked(native.stream, ffi.string(native.host).decode("ascii"), native.port)


#: How a message came, without the modem that it came by.
CALLER_ID_FAMILIES = {
    lib.CALLER_ID_V23: "fsk",
    lib.CALLER_ID_BELL202: "fsk",
    lib.CALLER_ID_DTMF: "dtmf",
    lib.CALLER_ID_AON: "aon",
}
_EVENTS: dict[int, Callable[[Any], MediaEvent]] = {
    lib.CORE_KEY_PRESSED: _key_pressed,
    lib.CORE_SOURCE_LOCKED: _source_locked,
    lib.CORE_PLAY_ENDED: lambda native: PlayEnded(native.stream),
    lib.CORE_KEYS_SENT: lambda native: KeysSent(native.stream),
    lib.CORE_STREAM_CODE: lambda native: StreamCode(native.stream, native.code),
    lib.CORE_SILENCE_HEARD: lambda native: _tone_heard(native, "silence"),
    lib.CORE_LINE_STALLED: _line_stalled,
    lib.CORE_ANSWER_TONE: lambda native: AnswerToneHeard(native.stream),
    lib.CORE_CADENCE_HEARD: _cadence_heard,
    lib.CORE_LINE_ENDED: lambda native: LineEnded(native.stream, native.code),
}
