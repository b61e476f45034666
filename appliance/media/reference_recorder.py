"""What a far end says, kept as A-law (native/recorder.c), said as simply as it can be said.

PURE: time comes with each packet.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from appliance.rtp.g711 import Law, decode_g711, encode_g711
from appliance.rtp.packet import RtpPacket

KEPT = 32000  # octets that may wait to be taken
REORDER = 800  # samples: so long a packet may come after its turn
FORERUN = 1600  # samples: so much may come before its time
MOST_MISORDER = 100
SILENCE = Law.PCMA.silence


class ReferenceRecorder:
    """One recording; now: monotonic seconds."""

    def __init__(self) -> None:
        self.is_running = True
        self.lost = 0
        self._octets = bytearray()  # from ``_taken`` on
        self._taken = 0
        self._began = self._heard = 0.0
        self._newest: RtpPacket | None = None
        self._position = 0  # of its first sample

    @property
    def _end(self) -> int:
        return self._taken + len(self._octets)

    def hear(self, packet: RtpPacket, now: float) -> None:
        """A packet of the far end, of whatever kind."""
        payload = _as_a_law(packet)
        if not self.is_running or not payload:
            return
        if self._newest is None:
            self._began = now
        most = _samples(now - self._began) + FORERUN
        at, is_new = self._place(packet, len(payload), most, now)
        if at + len(payload) > most:
            return  # faster than time
        self._lay(at, payload)
        self._heard = now
        if is_new:
            self._newest, self._position = packet, at

    def take(self, now: float) -> bytes:
        """What came since the last time, but for what a packet may still come for."""
        is_settled = not self.is_running or _samples(now - self._heard) >= REORDER
        ready = max(0, len(self._octets) - (0 if is_settled else REORDER))
        taken = bytes(self._octets[:ready])
        self._drop(ready)
        return taken

    def stop(self) -> None:
        self.is_running = False

    def _place(self, packet: RtpPacket, size: int, most: int, now: float) -> tuple[int, bool]:
        """Where its first sample belongs, and whether it is the newest from now on."""
        newest = self._newest
        if newest is not None and newest.ssrc == packet.ssrc:
            at = self._position + _signed(packet.rtp_timestamp - newest.rtp_timestamp)
            step = (packet.sequence_number - newest.sequence_number) & 0xFFFF
            is_new = 0 < step <= 0xFFFF - MOST_MISORDER
            if at > self._end + REORDER:
                is_jump = at + size > most
            else:
                is_jump = is_new and at + size <= self._end - REORDER
            if not is_jump:
                return at, is_new
        pause = _samples(now - self._heard) - size if self._end else 0
        return self._end + (pause if pause > REORDER else 0), True

    def _lay(self, at: int, payload: bytes) -> None:
        missing = at + len(payload) - self._end
        self._octets += bytes([SILENCE]) * missing
        for place, octet in enumerate(payload, at - self._taken):
            if place >= 0 and self._octets[place] == SILENCE:
                self._octets[place] = octet
        too_many = max(0, len(self._octets) - KEPT)
        self.lost += too_many
        self._drop(too_many)

    def _drop(self, count: int) -> None:
        del self._octets[:count]
        self._taken += count


class ReferenceRecording(ABC):
    """What a stream has of ``api.Recordable``."""

    can_record = True
    recorder: ReferenceRecorder | None = None

    def record(self) -> None:
        with self._locked():
            self.recorder = ReferenceRecorder()

    def take_recorded(self) -> bytes:
        with self._locked() as now:
            return self.recorder.take(now) if self.recorder else b""

    def stop_recording(self) -> None:
        with self._locked():
            if self.recorder:
                self.recorder.stop()

    @abstractmethod
    def _locked(self) -> AbstractContextManager[float]:
        """The plane's lock, with the time; raises LocalProtocolError for a closed stream."""


def _as_a_law(packet: RtpPacket) -> bytes:
    if packet.payload_type == Law.PCMU.value:
        return encode_g711(decode_g711(packet.payload, Law.PCMU), Law.PCMA)
    return packet.payload if packet.payload_type == Law.PCMA.value else b""


def _samples(seconds: float) -> int:
    return max(0, int(seconds * 8000 + 1e-6))


def _signed(difference: int) -> int:
    """Of two 32-bit timestamps."""
    difference &= 0xFFFFFFFF
    return difference - (1 << 32) if difference >= 1 << 31 else difference
