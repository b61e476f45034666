"""The C recorder by itself (native/recorder.c), compiled for the tests: time is what they say."""

from __future__ import annotations

import ctypes
from pathlib import Path

from appliance.rtp.packet import RtpPacket
from tests.media.native.test_native import NATIVE, STRICT, run

KEPT, LARGEST = 32000, 64 * 1024


class _Header(ctypes.Structure):
    """struct rtp_header"""

    _fields_ = [
        ("timestamp", ctypes.c_uint32),
        ("ssrc", ctypes.c_uint32),
        ("sequence_number", ctypes.c_uint16),
        ("payload_type", ctypes.c_uint8),
        ("marker", ctypes.c_bool),
    ]


class _Recorder(ctypes.Structure):
    """struct recorder; what the tests do not read is room enough."""

    _fields_ = [
        ("taken", ctypes.c_int64),
        ("end", ctypes.c_int64),
        ("began_ns", ctypes.c_uint64),
        ("heard_ns", ctypes.c_uint64),
        ("lost", ctypes.c_uint64),
        ("rest", ctypes.c_uint8 * LARGEST),
    ]


def compiled_recorder(directory: Path) -> ctypes.CDLL:
    library = str(directory / "recorder.so")
    parts = [str(NATIVE / name) for name in ("recorder.c", "line_g711.c")]
    run("gcc", *STRICT, "-O2", "-shared", "-fPIC", *parts, "-o", library)
    made = ctypes.CDLL(library)
    made.recorder_take.restype = ctypes.c_size_t
    return made


class NativeRecorder:
    """As ReferenceRecorder; now: seconds."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._recorder = _Recorder()
        self._octets = ctypes.create_string_buffer(KEPT)
        library.recorder_begin(ctypes.byref(self._recorder))

    @property
    def lost(self) -> int:
        return int(self._recorder.lost)

    def hear(self, packet: RtpPacket, now: float) -> None:
        header = _Header(
            packet.rtp_timestamp, packet.ssrc, packet.sequence_number, packet.payload_type
        )
        payload, size = packet.payload, ctypes.c_size_t(len(packet.payload))
        self._library.recorder_hear_rtp(
            ctypes.byref(self._recorder), ctypes.byref(header), payload, size, _ns(now)
        )

    def take(self, now: float) -> bytes:
        room = ctypes.c_size_t(KEPT)
        count = self._library.recorder_take(
            ctypes.byref(self._recorder), self._octets, room, _ns(now)
        )
        return self._octets.raw[:count]

    def stop(self) -> None:
        self._library.recorder_stop(ctypes.byref(self._recorder))


def _ns(now: float) -> ctypes.c_uint64:
    return ctypes.c_uint64(round(now * 1e9))
