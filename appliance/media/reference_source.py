"""RTP of our own in plain Python: G.711 octets as paced packets (native/player.c).

PURE but for the random beginnings that RFC 3550 §5.1 asks for.
"""

from __future__ import annotations

from secrets import randbits

from appliance.rtp.g711 import FRAME_OCTETS, Law
from appliance.rtp.packet import RtpPacket, encode_rtp

FRAME_S = 0.02


class PacketSource:
    """One stream's own packets: one SSRC, sequence and timestamp that go on from play to play."""

    __slots__ = (
        "_at",
        "_is_first",
        "_payload",
        "_payload_type",
        "_repeats",
        "_sent",
        "_sequence_number",
        "_timestamp",
        "ssrc",
    )

    def __init__(self) -> None:
        self.ssrc = randbits(32)
        self._sequence_number = randbits(16)
        self._timestamp = randbits(32)
        self._payload = b""
        self._at = 0
        self._payload_type = 0
        self._repeats = False
        self._is_first = False
        self._sent: float | None = None

    @property
    def echo_ssrc(self) -> int:
        """Another source than ``ssrc``: what is echoed has sequence numbers of its own."""
        return self.ssrc ^ 0xFFFFFFFF

    @property
    def is_playing(self) -> bool:
        return bool(self._payload)

    def start(self, payload: bytes, payload_type: int, repeats: bool, now: float) -> None:
        """The silence since the last packet counts in the timestamp (RFC 3551 §4.1)."""
        self._payload, self._at = payload, 0
        self._payload_type, self._repeats = payload_type & 0x7F, repeats
        self._is_first = True
        if self._sent is not None and now > self._sent + FRAME_S:
            frames = int((now - self._sent) / FRAME_S) - 1
            self._timestamp = (self._timestamp + frames * FRAME_OCTETS) & 0xFFFFFFFF

    def stop(self) -> None:
        self._payload = b""

    def next_packet(self, now: float) -> bytes | None:
        """The next 20 ms; None when the payload is used up."""
        if self._at >= len(self._payload):
            return None
        packet = RtpPacket(
            self._payload_type,
            self._sequence_number,
            self._timestamp,
            self.ssrc,
            self._next_frame(),
            self._is_first,
        )
        self._sequence_number = (self._sequence_number + 1) & 0xFFFF
        self._timestamp = (self._timestamp + FRAME_OCTETS) & 0xFFFFFFFF
        self._is_first = False
        self._sent = now
        return encode_rtp(packet)

    def _next_frame(self) -> bytes:
        end = self._at + FRAME_OCTETS
        if self._repeats:
            size = len(self._payload)
            frame = bytes(self._payload[i % size] for i in range(self._at, end))
            self._at = end % size
            return frame
        law = Law.PCMU if self._payload_type == Law.PCMU.value else Law.PCMA
        frame = self._payload[self._at : end]
        self._at = end
        return frame + bytes([law.silence]) * (FRAME_OCTETS - len(frame))
