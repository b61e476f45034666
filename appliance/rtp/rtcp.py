"""RTCP: sender and receiver reports, source descriptions, goodbyes (RFC 3550 §6; validity: A.2).

PURE. A compound packet is decoded into the packets that it holds; kinds that we do not know
(APP, feedback of RFC 4585, XR of RFC 3611) are kept as OtherPacket, so that nothing is lost.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from appliance.errors import RemoteProtocolError

VERSION = 2
NTP_UNITS = 65536  # LSR and DLSR count 1/65536 s


class PacketType(IntEnum):
    SR = 200
    RR = 201
    SDES = 202
    BYE = 203


LAST_TYPE = 207
CNAME = 1
_HEADER = struct.Struct("!BBH")
_SENDER = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBlock:
    """What one receiver says of one source (§6.4.1). fraction_lost: 1/256ths; jitter: RTP units;
    last_sr and delay_since_last_sr: 1/65536 s, 0 where no report came yet."""

    ssrc: int
    fraction_lost: int = 0
    cumulative_lost: int = 0
    extended_highest_sequence: int = 0
    interarrival_jitter: int = 0
    last_sr: int = 0
    delay_since_last_sr: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReport:
    """§6.4.1. ntp_timestamp: 32.32 fixed point seconds since 1900."""

    ssrc: int
    ntp_timestamp: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    blocks: tuple[ReportBlock, ...] = ()

    @property
    def ntp_middle(self) -> int:
        """The 32 bits that a receiver sends back as LSR."""
        return self.ntp_timestamp >> 16 & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Items per source: (ssrc, ((item type, text), ...)) (§6.5)."""

    chunks: tuple[tuple[int, tuple[tuple[int, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OtherPacket:
    packet_type: int
    count: int
    body: bytes


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye | OtherPacket


def decode_rtcp(data: bytes) -> tuple[RtcpPacket, ...]:
    """The packets of a compound; raises RemoteProtocolError when lengths or versions do not hold.

    A compound that begins with something else than a report is accepted (RFC 5506).
    """
    packets: list[RtcpPacket] = []
    at = 0
    while at < len(data) or not packets:
        if len(data) - at < _HEADER.size:
            raise _broken("cut off")
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 * (words + 1)
        if first >> 6 != VERSION or not PacketType.SR <= kind <= LAST_TYPE or end > len(data):
            raise _broken("wrong version, type or length")
        if first & 0x20 and end != len(data):
            raise _broken("padding inside a compound")
        body = data[at + 4 : end]
        if first & 0x20:
            body = _without_padding(body)
        packets.append(_decode_one(kind, first & 0x1F, body))
        at = end
    return tuple(packets)


def encode_rtcp(packets: tuple[RtcpPacket, ...]) -> bytes:
    """One compound packet."""
    return b"".join(_encode_one(packet) for packet in packets)


def round_trip_s(block: ReportBlock, now_ntp_middle: int) -> float | None:
    """Seconds from our report to its answer, less the far end's delay; None without a report."""
    if not block.last_sr:
        return None
    units = (now_ntp_middle - block.last_sr - block.delay_since_last_sr) & 0xFFFFFFFF
    return 0.0 if units >= 1 << 31 else units / NTP_UNITS


def _broken(why: str) -> RemoteProtocolError:
    return RemoteProtocolError(f"RTCP: {why}", section="RFC 3550 A.2")


def _without_padding(body: bytes) -> bytes:
    padding = body[-1] if body else 0
    if not 0 < padding <= len(body):
        raise _broken("impossible padding")
    return body[:-padding]


def _decode_one(kind: int, count: int, body: bytes) -> RtcpPacket:
    try:
        if kind == PacketType.SR:
            ssrc, *sender = _SENDER.unpack_from(body)
            ntp, rtp, packets, octets = sender
            return SenderReport(
                ssrc=ssrc,
                ntp_timestamp=ntp,
                rtp_timestamp=rtp,
                packet_count=packets,
                octet_count=octets,
                blocks=_decode_blocks(body, _SENDER.size, count),
            )
        if kind == PacketType.RR:
            (ssrc,) = struct.unpack_from("!I", body)
            return ReceiverReport(ssrc, _decode_blocks(body, 4, count))
        if kind == PacketType.SDES:
            return _decode_sdes(body, count)
        if kind == PacketType.BYE:
            return _decode_bye(body, count)
    except (struct.error, IndexError):
        raise _broken("shorter than its count says") from None
    return OtherPacket(kind, count, bytes(body))


def _decode_blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    return tuple(_decode_block(_BLOCK.unpack_from(body, at + 24 * i)) for i in range(count))


def _decode_block(fields: tuple[int, ...]) -> ReportBlock:
    ssrc, loss, highest, jitter, last_sr, delay = fields
    lost = loss & 0xFFFFFF
    return ReportBlock(
        ssrc=ssrc,
        fraction_lost=loss >> 24,
        cumulative_lost=lost - (1 << 24) if lost >= 1 << 23 else lost,
        extended_highest_sequence=highest,
        interarrival_jitter=jitter,
        last_sr=last_sr,
        delay_since_last_sr=delay,
    )


def _decode_sdes(body: bytes, count: int) -> SourceDescription:
    chunks = []
    at = 0
    for _ in range(count):
        (ssrc,) = struct.unpack_from("!I", body, at)
        at += 4
        items = []
        while body[at]:
            length = body[at + 1]
            text = body[at + 2 : at + 2 + length]
            if len(text) < length:
                raise _broken("item cut off")
            items.append((body[at], text.decode("utf-8", "surrogateescape")))
            at += 2 + length
        at += 4 - at % 4  # at least one null ends the list
        chunks.append((ssrc, tuple(items)))
    return SourceDescription(tuple(chunks))


def _decode_bye(body: bytes, count: int) -> Goodbye:
    ssrcs = struct.unpack_from(f"!{count}I", body)
    reason = b""
    if len(body) > 4 * count:
        length = body[4 * count]
        reason = body[4 * count + 1 : 4 * count + 1 + length]
        if len(reason) < length:
            raise _broken("reason cut off")
    return Goodbye(ssrcs, reason.decode("utf-8", "surrogateescape"))


def _encode_one(packet: RtcpPacket) -> bytes:
    match packet:
        case SenderReport():
            body = _SENDER.pack(
                packet.ssrc,
                packet.ntp_timestamp,
                packet.rtp_timestamp,
                packet.packet_count,
                packet.octet_count,
            )
            blocks = b"".join(map(_encode_block, packet.blocks))
            return _framed(PacketType.SR, len(packet.blocks), body + blocks)
        case ReceiverReport():
            body = struct.pack("!I", packet.ssrc) + b"".join(map(_encode_block, packet.blocks))
            return _framed(PacketType.RR, len(packet.blocks), body)
        case SourceDescription():
            chunks = b"".join(_encode_chunk(ssrc, items) for ssrc, items in packet.chunks)
            return _framed(PacketType.SDES, len(packet.chunks), chunks)
        case Goodbye():
            reason = packet.reason.encode("utf-8", "surrogateescape")
            tail = bytes([len(reason)]) + reason if reason else b""
            ssrcs = struct.pack(f"!{len(packet.ssrcs)}I", *packet.ssrcs)
            return _framed(PacketType.BYE, len(packet.ssrcs), ssrcs + tail)
        case OtherPacket():
            return _framed(packet.packet_type, packet.count, packet.body)


def _framed(kind: int, count: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return _HEADER.pack(VERSION << 6 | count, kind, len(body) // 4) + body


def _encode_block(block: ReportBlock) -> bytes:
    loss = block.fraction_lost << 24 | block.cumulative_lost & 0xFFFFFF
    return _BLOCK.pack(
        block.ssrc,
        loss,
        block.extended_highest_sequence,
        block.interarrival_jitter,
        block.last_sr,
        block.delay_since_last_sr,
    )


def _encode_chunk(ssrc: int, items: tuple[tuple[int, str], ...]) -> bytes:
    chunk = struct.pack("!I", ssrc)
    for kind, text in items:
        octets = text.encode("utf-8", "surrogateescape")
        chunk += bytes([kind, len(octets)]) + octets
    return chunk + bytes(4 - len(chunk) % 4)
