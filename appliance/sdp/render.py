"""Our own descriptions: Media and an address of ours made into text (RFC 3264 §5, §6).

PURE. Kept short, so that an INVITE with one stays below 1,300 octets and may go by UDP
(RFC 3261 §18.1.1). The words of Media stand for the party that the leg speaks for.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors import RemoteProtocolError
from appliance.sdp.codecs import find_codec, has_voice
from appliance.sdp.description import address_type, connection_line
from appliance.sdp.media import Codec, Direction, Media, MediaKind

_DIRECTIONS = {direction: f"a={direction.value}" for direction in Direction}


@dataclass(frozen=True, slots=True)
class Origin:
    """The o= line's figures: session_id stays for a leg's life, version grows with each change."""

    session_id: int
    version: int


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """One m= line of an offer; media is there for the one section that was chosen."""

    media: str
    protocol: str
    formats: tuple[str, ...]
    chosen: Media | None


def render_offer(media: Media, host: str, port: int, origin: Origin) -> bytes:
    """An offer of this media at host and port, our literal address."""
    lines = _head(host, origin)
    protocol = "udptl" if media.kind is MediaKind.IMAGE else "RTP/AVP"
    lines += _media_lines(media, protocol, port, media.codecs, media.direction)
    return _body(lines)


def render_answer(
    media: Media,
    offered_sections: tuple[OfferedSection, ...],
    host: str,
    port: int,
    origin: Origin,
) -> bytes:
    """An answer to the offer whose sections are given: each m= line in order (RFC 3264 §6).

    Sections that we do not carry are refused with port 0; the direction is narrowed to what the
    offer allows. Raises RemoteProtocolError 488 when media shares no format with the offer.
    """
    lines = _head(host, origin)
    is_answered = False
    for section in offered_sections:
        offer = section.chosen
        if offer is None or is_answered or offer.kind is not media.kind:
            formats = " ".join(section.formats[:1]) or "0"
            lines.append(f"m={section.media} 0 {section.protocol} {formats}")
            continue
        codecs = _common(media, offer)
        direction = allowed_direction(offer.direction, media.direction)
        lines += _media_lines(media, section.protocol, port, codecs, direction)
        is_answered = True
    if not is_answered:
        raise RemoteProtocolError("the answer fits no offered media", status=488)
    return _body(lines)


def allowed_direction(offered: Direction, wanted: Direction) -> Direction:
    """The widest direction within wanted that may answer the offered one (RFC 3264 §6.1)."""
    sends = wanted.sends and offered.receives
    receives = wanted.receives and offered.sends
    if sends:
        return Direction.SENDRECV if receives else Direction.SENDONLY
    return Direction.RECVONLY if receives else Direction.INACTIVE


def _common(answer: Media, offer: Media) -> tuple[Codec, ...]:
    if offer.kind is MediaKind.IMAGE:
        return ()
    codecs = tuple(c for c in answer.codecs if find_codec(c, offer.codecs) is not None)
    if not has_voice(codecs):
        raise RemoteProtocolError("no common codec", status=488)
    return codecs


def _head(host: str, origin: Origin) -> list[str]:
    owner = f"o=- {origin.session_id} {origin.version} IN {address_type(host)} {host}"
    return ["v=0", owner, "s=-", connection_line(host), "t=0 0"]


def _media_lines(
    media: Media, protocol: str, port: int, codecs: tuple[Codec, ...], direction: Direction
) -> list[str]:
    if media.kind is MediaKind.IMAGE:
        lines = [f"m=image {port} {protocol} t38"]
        lines.extend(f"a={a}" for a in media.attributes)
        return lines
    formats = " ".join([str(c.payload_type) for c in codecs])
    lines = [f"m=audio {port} {protocol} {formats}"]
    for codec in codecs:
        lines.append(_rtpmap(codec))
        if codec.fmtp:
            lines.append(f"a=fmtp:{codec.payload_type} {codec.fmtp}")
    if media.ptime_ms:
        lines.append(f"a=ptime:{media.ptime_ms}")
    for attribute in media.attributes:
        lines.append(f"a={attribute}")
    lines.append(_DIRECTIONS[direction])
    return lines


def _rtpmap(codec: Codec) -> str:
    channels = f"/{codec.channels}" if codec.channels != 1 else ""
    return f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock_rate_hz}{channels}"


def _body(lines: list[str]) -> bytes:
    lines.append("")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")
