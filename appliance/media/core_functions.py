"""The C core's functions (native/core.h) that take figures and octets alone, for what is compiled.

A compiled function lets go of a local after its last use, while C may still read what it points to.
So whatever memory the core is lent beyond one call, or writes to, is held here and in the other
modules that are not compiled; the octets of an argument are held by whoever calls.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from appliance.errors import MediaError
from appliance.media.api import MediaEvent
from appliance.media.core_words import media_event
from appliance.media.native._core import ffi, lib

EVENTS_AT_ONCE = 256
Core = Any  # struct core *

#: The core, a host, a port; the stream's number.
open_stream: Callable[[Core, bytes, int], int] = lib.core_open
close_stream: Callable[[Core, int], int] = lib.core_close
#: The stream, a host, its ports, whether the port may lie, whence it signals.
set_remote: Callable[[Core, int, bytes, int, int, bool, bytes], int] = lib.core_set_remote
#: The stream, the payload type of keys, the clock, whether it is opaque.
describe: Callable[[Core, int, int, int, bool], int] = lib.core_describe
connect: Callable[[Core, int, int], int] = lib.core_connect
disconnect: Callable[[Core, int], int] = lib.core_disconnect
echo: Callable[[Core, int], int] = lib.core_echo
#: The stream, octets and how many, their payload type, whether they repeat; the core copies them.
play: Callable[[Core, int, bytes, int, int, bool], int] = lib.core_play
stop_playing: Callable[[Core, int], int] = lib.core_stop_playing
record: Callable[[Core, int], int] = lib.core_record
stop_recording: Callable[[Core, int], int] = lib.core_stop_recording
event_descriptor: Callable[[Core], int] = lib.core_event_descriptor
poke: Callable[[Core], None] = lib.core_poke
rounds: Callable[[Core], int] = lib.core_rounds
stop: Callable[[Core], None] = lib.core_stop

#: received, sent, lost, jitter and round trip in ms (negative: not measured), silent_s, the payload
#: type, strangers, unrecorded
Figures = tuple[int, int, int, float, float, float, int, int, int]


def start(capacity: int) -> Core:
    """A new core; raises MediaError ``media.core_failed``."""
    core = lib.core_start(capacity)
    if core == ffi.NULL:
        raise MediaError("media.core_failed", os.strerror(ffi.errno))
    return core


class CoreReader:
    """What the core writes for us, one thing at a time: all is asked by the event loop's thread."""

    def __init__(self) -> None:
        self._events = ffi.new("struct core_event[]", EVENTS_AT_ONCE)
        self._statistics = ffi.new("struct core_statistics *")

    def events(self, core: Core, tone_of: Callable[[int, int], str]) -> list[MediaEvent]:
        """All events since the last call (core_words.media_event)."""
        events: list[MediaEvent] = []
        while True:
            taken = lib.core_take_events(core, self._events, EVENTS_AT_ONCE)
            events += [media_event(core, self._events[i], tone_of) for i in range(taken)]
            if taken < EVENTS_AT_ONCE:
                return events

    def statistics(self, core: Core, number: int) -> Figures | None:
        """Of one stream; None when it is closed."""
        native = self._statistics
        if lib.core_read_statistics(core, number, native):
            return None
        return (
            native.received,
            native.sent,
            native.lost,
            native.jitter_ms,
            native.round_trip_ms,
            native.silent_s,
            native.payload_type,
            native.strangers,
            native.unrecorded,
        )
