"""What a description means to us: the one audio or fax stream that we carry (RFC 3264).

PURE. ``describe`` makes a Media of what a far end sent. Direction is always the far end's own view
(``sendonly`` = that party sends and does not listen), because a leg speaks for the *other* party:
an offer that is passed to the other leg, and its answer on the way back, keep their words.
Rendering is render.py's, choosing answers answers.py's; both are offered here as the room's face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from appliance.errors import RemoteProtocolError
from appliance.sdp.answers import (
    answerable,
    changes_talk,
    default_offer,
    intersect,
    restrict,
)
from appliance.sdp.codecs import CARRIED, STATIC, has_voice
from appliance.sdp.description import (
    Attribute,
    MediaSection,
    SessionDescription,
    hostile_reason,
    is_unspecified,
    parse_description,
)
from appliance.sdp.media import Codec, Direction, Media, MediaKind, RemoteAddress
from appliance.sdp.render import OfferedSection, Origin, render_answer, render_offer

__all__ = [
    "Described",
    "OfferedSection",
    "Origin",
    "answerable",
    "changes_talk",
    "default_offer",
    "describe",
    "intersect",
    "render_answer",
    "render_offer",
    "restrict",
]

MAX_CODECS = 16
MAX_PARAMETER_LENGTH = 160
MAX_ATTRIBUTES = 24
_SECURE = ("RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF")
_DIRECTIONS = {d.value: d for d in Direction}


@dataclass(frozen=True, slots=True)
class Described:
    """A far end's description, understood.

    media: what can be carried, or None; remote: where to send, or None when the far end wants
    nothing sent (c=0.0.0.0, the old hold of RFC 3264 §8.4): keep the address that was in force;
    sections: every m= line in order, as render_answer needs them; is_hold: this party does not
    listen now (sendonly, inactive or c=0.0.0.0).
    """

    media: Media | None
    remote: RemoteAddress | None
    sections: tuple[OfferedSection, ...]
    is_hold: bool


def describe(body: bytes) -> Described:
    """Understand a received description.

    Raises RemoteProtocolError: 400 when it is no description, 488 when its media asks for SRTP or
    for an address that media must never be sent to (description.hostile_reason).
    """
    session = parse_description(body)
    chosen: MediaSection | None = None
    media: Media | None = None
    sections = []
    for section in session.sections:
        found = _media(session, section) if media is None and section.port else None
        if found is not None:
            chosen, media = section, found
        sections.append(_offered(section, found))
    if chosen is None or media is None:
        _refuse_secure(session)
        return Described(None, None, tuple(sections), False)
    remote = _remote(session, chosen)
    return Described(media, remote, tuple(sections), not media.direction.receives)


def _offered(section: MediaSection, media: Media | None) -> OfferedSection:
    return OfferedSection(section.media, section.protocol, section.formats, media)


def _refuse_secure(session: SessionDescription) -> None:
    for section in session.sections:
        if section.port and section.protocol.upper() in _SECURE:
            raise RemoteProtocolError(
                "SRTP is not spoken here", status=488, section=f"m={section.media}"
            )


def _media(session: SessionDescription, section: MediaSection) -> Media | None:
    """The section as Media, or None when we cannot carry it."""
    protocol = section.protocol.upper()
    if section.media == "audio" and protocol == "RTP/AVP":
        return _audio(session, section)
    is_t38 = section.media == "image" and protocol == "UDPTL"
    if is_t38 and any(f.lower() == "t38" for f in section.formats):
        return _image(session, section)
    return None


def _audio(session: SessionDescription, section: MediaSection) -> Media | None:
    codecs = _codecs(section)
    if not has_voice(codecs):
        return None
    ptime = section.attribute("ptime") or ""
    maxptime = section.attribute("maxptime") or ""
    attributes = (f"maxptime:{maxptime}",) if _milliseconds(maxptime) else ()
    return Media(
        MediaKind.AUDIO, codecs, _direction(session, section), _milliseconds(ptime), attributes
    )


def _image(session: SessionDescription, section: MediaSection) -> Media:
    said = [
        f"{name}:{value}" if value else name
        for name, value in section.attributes[:MAX_ATTRIBUTES]
        if name[:3].upper() == "T38" and name.isprintable() and _is_fit(value)
    ]
    return Media(MediaKind.IMAGE, (), _direction(session, section), 0, tuple(said))


def _codecs(section: MediaSection) -> tuple[Codec, ...]:
    """The codecs that we carry, in the far end's order of preference."""
    said = tuple([a for a in section.attributes if a[0] in ("rtpmap", "fmtp")])
    return _codecs_said(section.formats, said)


@lru_cache(maxsize=64)  # a phone says the same in each call, and so does its whole model
def _codecs_said(formats: tuple[str, ...], said: tuple[Attribute, ...]) -> tuple[Codec, ...]:
    maps, parameters = _numbered(said, "rtpmap"), _numbered(said, "fmtp")
    codecs: dict[int, Codec] = {}
    for text in formats:
        number = _payload_type(text)
        if number is None or number in codecs or len(codecs) == MAX_CODECS:
            continue
        codec = _codec(number, maps.get(number), parameters.get(number, ""))
        if codec is not None:
            codecs[number] = codec
    return tuple(codecs.values())


def _numbered(said: tuple[Attribute, ...], name: str) -> dict[int, str]:
    """``a=name:<payload type> <value>`` lines; the first of each number counts."""
    values: dict[int, str] = {}
    for key, value in said:
        if key == name:
            text, _, rest = value.partition(" ")
            number = _payload_type(text)
            if number is not None:
                values.setdefault(number, rest.strip())
    return values


def _payload_type(text: str) -> int | None:
    if 0 < len(text) <= 3 and text.isascii() and text.isdigit():
        number = int(text)
        return number if number < 128 else None
    return None


def _codec(number: int, rtpmap: str | None, fmtp: str) -> Codec | None:
    """One payload type as Codec, or None when it is not carried (RFC 8866 §6.6)."""
    if not _is_fit(fmtp):
        fmtp = ""
    if rtpmap is None:
        static = STATIC.get(number)
        if static is None or not fmtp:
            return static
        return Codec(number, static.name, static.clock_rate_hz, 1, fmtp)
    name, rate, channels = [*rtpmap.split("/"), "", ""][:3]
    carried = CARRIED.get(name.strip().lower())
    if carried is None:
        return None
    registered, expected_rate, expected_channels = carried
    clock_rate_hz = int(rate) if rate.isascii() and rate.isdigit() and len(rate) <= 6 else 8000
    if expected_rate and clock_rate_hz != expected_rate:
        return None
    if channels not in ("", "1", str(expected_channels)):
        return None
    return Codec(number, registered, clock_rate_hz, expected_channels, fmtp)


def _is_fit(text: str) -> bool:
    """True when a far end's words may be passed on to another party."""
    return len(text) <= MAX_PARAMETER_LENGTH and text.isprintable()


def _milliseconds(text: str) -> int:
    """A packet time, 1-200 ms; 0 for anything else (RFC 8866 §6.4)."""
    text = text.partition(".")[0]
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
    return value if 1 <= value <= 200 else 0


def _direction(session: SessionDescription, section: MediaSection) -> Direction:
    """The far end's direction; c=0.0.0.0 means that it does not listen (RFC 3264 §8.4)."""
    direction = _said_direction(section.attributes)
    if direction is None:
        direction = _said_direction(session.attributes) or Direction.SENDRECV
    if is_unspecified(section.address or session.address):
        return Direction.SENDONLY if direction.sends else Direction.INACTIVE
    return direction


def _said_direction(attributes: list[tuple[str, str]]) -> Direction | None:
    for name, _ in attributes:
        direction = _DIRECTIONS.get(name)
        if direction is not None:
            return direction
    return None


def _remote(session: SessionDescription, section: MediaSection) -> RemoteAddress | None:
    host = section.address or session.address
    if not host:
        raise RemoteProtocolError("no c= line", status=400, section=f"m={section.media}")
    if is_unspecified(host):
        return None
    reason = hostile_reason(host, section.port)
    if reason:
        raise RemoteProtocolError(
            f"no media is sent there: {reason}", status=488, section=f"{host} {section.port}"
        )
    return RemoteAddress(host, section.port, _rtcp_port(section))


def _rtcp_port(section: MediaSection) -> int:
    """Where RTCP goes: a=rtcp (RFC 3605) or the next port (RFC 3550 §11)."""
    said = (section.attribute("rtcp") or "").partition(" ")[0]
    if said.isascii() and said.isdigit() and len(said) <= 5 and 1024 <= int(said) <= 65_535:
        return int(said)
    return section.port + 1 if section.port < 65_535 else section.port
