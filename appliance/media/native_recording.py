"""Recording over the C core (native/recorder.c), of streams and lines alike: api.Recordable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from appliance.media.native._core import ffi, lib


class NativeRecording(ABC):
    """What ``NativeStream`` and ``NativeLineStream`` share; they say how a command is given."""

    __slots__ = ()

    @property
    def can_record(self) -> bool:
        return True

    def record(self) -> None:
        """Keep what the far end says from now on (api.Recordable)."""
        self._do(lib.core_record)

    def take_recorded(self) -> bytes:
        """What came since the last time: A-law octets, 8000 a second (api.Recordable)."""
        octets = ffi.new("uint8_t[]", lib.CORE_RECORDED)
        return bytes(ffi.buffer(octets, self._do(lib.core_take_recorded, octets, len(octets))))

    def stop_recording(self) -> None:
        """Keep nothing more; what was kept can still be taken."""
        self._do(lib.core_stop_recording)

    @abstractmethod
    def _do(self, command: Callable[..., int], *arguments: object) -> int:
        """Give this command for the stream or line (core_words.command_core)."""
