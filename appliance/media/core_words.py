"""The words of the C core (native/core.h) in Python: how a command fails, what an event means.

Shared by ``session.py`` (streams) and ``line.py`` (lines).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

from appliance.errors import LocalProtocolError, MediaError
from appliance.media.api import (
    KeyPressed,
    KeysSent,
    LineEnded,
    MediaEvent,
    PlayEnded,
    SourceLocked,
    StreamCode,
)
from appliance.media.native._core import ffi, lib


def command_core(command: Callable[..., int], core: Any, number: int, *arguments: object) -> int:
    """What the core's command returns for the stream or line of this number.

    Raises LocalProtocolError when it is closed, MediaError ``media.core_failed`` for the rest.
    """
    result = command(core, number, *arguments)
    if result == -errno.ENOENT:
        raise LocalProtocolError("stream is closed")
    if result < 0:
        raise MediaError("media.core_failed", os.strerror(-result))
    return result


def media_event(native: Any) -> MediaEvent:
    """What a ``struct core_event`` tells."""
    return _EVENTS[native.kind](native)


def _key_pressed(native: Any) -> KeyPressed:
    return KeyPressed(native.stream, native.digit.decode("ascii"), native.duration_ms)


def _source_locked(native: Any) -> SourceLocked:
    return SourceLocked(native.stream, ffi.string(native.host).decode("ascii"), native.port)


_EVENTS: dict[int, Callable[[Any], MediaEvent]] = {
    lib.CORE_KEY_PRESSED: _key_pressed,
    lib.CORE_SOURCE_LOCKED: _source_locked,
    lib.CORE_PLAY_ENDED: lambda native: PlayEnded(native.stream),
    lib.CORE_KEYS_SENT: lambda native: KeysSent(native.stream),
    lib.CORE_STREAM_CODE: lambda native: StreamCode(native.stream, native.code),
    lib.CORE_LINE_ENDED: lambda native: LineEnded(native.stream, native.code),
}
