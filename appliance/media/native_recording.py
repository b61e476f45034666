"""Recording over the C core (native/recorder.c), of streams and lines alike: api.Recordable."""

from __future__ import annotations

from typing import Any

from appliance.media.core_result import checked_result
from appliance.media.native._core import ffi, lib


def take_recorded(core: Any, number: int) -> bytes:
    """What came since the last time: A-law octets, 8000 a second."""
    octets = ffi.new("uint8_t[]", lib.CORE_RECORDED)
    taken = checked_result(lib.core_take_recorded(core, number, octets, len(octets)))
    return bytes(ffi.buffer(octets, taken))


class LineRecording:
    """What is kept of a line; ``NativeStream``, which is compiled, says the same by itself."""

    __slots__ = ("_core", "_number")

    def __init__(self, core: Any, number: int) -> None:
        self._core = core
        self._number = number

    @property
    def can_record(self) -> bool:
        return True

    def record(self) -> None:
        """Keep what the party says from now on (api.Recordable)."""
        checked_result(lib.core_record(self._core, self._number))

    def take_recorded(self) -> bytes:
        """What came since the last time (api.Recordable)."""
        return take_recorded(self._core, self._number)

    def stop_recording(self) -> None:
        """Keep nothing more; what was kept can still be taken."""
        checked_result(lib.core_stop_recording(self._core, self._number))
