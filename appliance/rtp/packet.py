"""RTP packets, bytes <-> header and payload (RFC 3550 §5.1, §5.3.1; validity: A.1).

PURE. The fixed header, CSRC list, one header extension and padding are understood; the payload is
handed on unread.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from appliance.errors import RemoteProtocolError

VERSION = 2
HEADER_OCTETS = 12
_FIXED = struct.Struct("!BBHII")
#: Payload types that would read as RTCP's packet types 200-204 on a shared port.
_RTCP_LIKE = range(72, 77)


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet; timestamp in units of the payload's clock."""

    payload_type: int
    sequence_number: int
    rtp_timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None  # profile-defined identifier, whole 32-bit words


def _broken(why: str, section: str) -> RemoteProtocolError:
    return RemoteProtocolError(f"RTP: {why}", section=section)


def decode_rtp(data: bytes) -> RtpPacket:
    """The packet in a datagram; raises RemoteProtocolError when its lengths do not hold."""
    if len(data) < HEADER_OCTETS:
        raise _broken("shorter than a header", "RFC 3550 §5.1")
    first, second, sequence_number, rtp_timestamp, ssrc = _FIXED.unpack_from(data)
    payload_type = second & 0x7F
    if first >> 6 != VERSION or payload_type in _RTCP_LIKE:
        raise _broken("not version 2, or RTCP", "RFC 3550 A.1")
    start = HEADER_OCTETS + 4 * (first & 0x0F)
    csrcs_end, extension = start, None
    if first & 0x10:
        if start + 4 > len(data):
            raise _broken("extension cut off", "RFC 3550 §5.3.1")
        identifier, words = struct.unpack_from("!HH", data, start)
        start += 4 + 4 * words
        extension = (identifier, bytes(data[csrcs_end + 4 : start]))
    padding = data[-1] if first & 0x20 else 0
    if start + padding > len(data) or (first & 0x20 and not padding):
        raise _broken("longer than its datagram", "RFC 3550 §5.1")
    csrcs = struct.unpack_from(f"!{first & 0x0F}I", data, HEADER_OCTETS)
    payload = bytes(data[start : len(data) - padding])
    marker = bool(second >> 7)
    return RtpPacket(
        payload_type, sequence_number, rtp_timestamp, ssrc, payload, marker, csrcs, extension
    )


def encode_rtp(packet: RtpPacket) -> bytes:
    """The datagram of a packet, without padding."""
    first = VERSION << 6 | len(packet.csrcs) | (0x10 if packet.extension is not None else 0)
    second = packet.marker << 7 | packet.payload_type
    parts = [
        _FIXED.pack(first, second, packet.sequence_number, packet.rtp_timestamp, packet.ssrc),
        struct.pack(f"!{len(packet.csrcs)}I", *packet.csrcs),
    ]
    if packet.extension is not None:
        identifier, words = packet.extension
        parts += [struct.pack("!HH", identifier, len(words) // 4), words]
    return b"".join((*parts, packet.payload))
