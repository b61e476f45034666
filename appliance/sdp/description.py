"""Session descriptions as text: lines in, sections out, and back (RFC 8866 §5, §9).

PURE. Tolerant of what phones in the field send: LF alone, blank lines, attributes in any order,
lines of unknown type, NUL padding. Values are kept as they came; what they mean is negotiate.py's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from appliance.errors import RemoteProtocolError

MAX_BODY_OCTETS = 65_536
MAX_SECTIONS = 32
MAX_LINES = 1_000
_REMEMBERED_HOSTS = 1_024
_LONGEST_LITERAL = 64
#: Ports below this one belong to services that must never be sent media (RFC 6335 §6).
FIRST_MEDIA_PORT = 1024

Attribute = tuple[str, str]


@dataclass(slots=True)
class MediaSection:
    """One m= line with what belongs to it; address is c='s literal or name, empty = the session's.

    attributes: (name, value) in order; a property attribute such as a=sendonly has an empty value.
    """

    media: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    address: str
    attributes: list[Attribute]

    def attribute(self, name: str) -> str | None:
        """The first value of this attribute, or None."""
        for key, value in self.attributes:
            if key == name:
                return value
        return None


@dataclass(slots=True)
class SessionDescription:
    """A whole description; origin is the o= line's value, address the session's c= (or empty)."""

    origin: str
    address: str
    attributes: list[Attribute]
    sections: list[MediaSection]


def parse_description(body: bytes) -> SessionDescription:
    """Read a description (RFC 8866 §9); raises RemoteProtocolError 400 when it is none."""
    if len(body) > MAX_BODY_OCTETS:
        raise _broken("description too long", "")
    text = body.decode("utf-8", "surrogateescape").replace("\r", "\n").strip("\n\0 \t")
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise _broken("too many lines", "")
    if not lines[0].startswith("v="):
        raise _broken("a description begins with v=", lines[0])
    session = SessionDescription("", "", [], [])
    for line in lines:
        if line:
            _read_line(session, line)
    return session


def format_description(session: SessionDescription) -> bytes:
    """Write a description; its sections' addresses are left out where they are the session's."""
    lines = ["v=0", f"o={session.origin}", "s=-"]
    if session.address:
        lines.append(connection_line(session.address))
    lines.append("t=0 0")
    lines.extend(_attribute_line(a) for a in session.attributes)
    for section in session.sections:
        formats = " ".join(section.formats)
        lines.append(f"m={section.media} {section.port} {section.protocol} {formats}")
        if section.address and section.address != session.address:
            lines.append(connection_line(section.address))
        lines.extend(_attribute_line(a) for a in section.attributes)
    lines.append("")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def address_type(host: str) -> str:
    """``IP4`` or ``IP6`` for a literal address or a name (RFC 8866 §5.7)."""
    return "IP6" if ":" in host else "IP4"


def connection_line(host: str) -> str:
    """The c= line of this address."""
    return f"c=IN {address_type(host)} {host}"


def is_unspecified(host: str) -> bool:
    """True for 0.0.0.0 and ::, the old way to say hold (RFC 3264 §8.4)."""
    if host[:1] not in ("0", ":"):
        return False
    address = _literal(host)
    return address is not None and address.is_unspecified


def hostile_reason(host: str, port: int, own_hosts: frozenset[str] = frozenset()) -> str:
    """Why media must never be sent there, as a stable key, or empty when it may be.

    Keys: ``not_literal unspecified multicast broadcast reserved own port``. Subnet broadcasts and
    loopback from outside can only be judged by who knows our interfaces: give them as own_hosts.
    """
    if len(host) > _LONGEST_LITERAL or (judged := _judge(host)) is None:
        return "not_literal"
    canonical, reason = judged
    if not FIRST_MEDIA_PORT <= port <= 65_535:
        return "port"
    if host in own_hosts or canonical in own_hosts:
        return "own"
    return reason


@lru_cache(maxsize=_REMEMBERED_HOSTS)
def _judge(host: str) -> tuple[str, str] | None:
    """(canonical form, why no media may go there); None: no literal. Offices repeat themselves."""
    address = _literal(host)
    return None if address is None else (str(address), _address_reason(address))


def _address_reason(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_unspecified:
        return "unspecified"
    if address.is_multicast:
        return "multicast"
    if address == IPv4Address("255.255.255.255"):
        return "broadcast"
    in_zero_net = isinstance(address, IPv4Address) and int(address) >> 24 == 0
    is_class_e = isinstance(address, IPv4Address) and int(address) >> 28 == 15
    return "reserved" if in_zero_net or is_class_e else ""


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    if len(host) > _LONGEST_LITERAL:
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _read_line(session: SessionDescription, line: str) -> None:
    kind, equals, value = line.partition("=")
    if not equals or len(kind) != 1:
        raise _broken("not a type=value line", line)
    value = value.strip(" \t\0")
    if kind == "a":
        name, _, said = value.partition(":")
        place = session.sections[-1].attributes if session.sections else session.attributes
        place.append((name.strip(), said.strip()))
    elif kind == "m":
        if len(session.sections) >= MAX_SECTIONS:
            raise _broken("too many media sections", line)
        session.sections.append(_section(value))
    elif kind == "c":
        address = _connection_address(value)
        if not session.sections:
            session.address = address
        elif not session.sections[-1].address:
            session.sections[-1].address = address
    elif kind == "o":
        session.origin = value


def _section(value: str) -> MediaSection:
    parts = value.split()
    if len(parts) < 3:
        raise _broken("broken m= line", value)
    port = parts[1].partition("/")[0]
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65_535):
        raise _broken("broken port", value)
    return MediaSection(parts[0].lower(), int(port), parts[2], tuple(parts[3:]), "", [])


def _connection_address(value: str) -> str:
    parts = value.split()
    if len(parts) < 3 or parts[0].upper() != "IN":
        raise _broken("broken c= line", value)
    return parts[2].partition("/")[0]


def _attribute_line(attribute: Attribute) -> str:
    name, value = attribute
    return f"a={name}:{value}" if value else f"a={name}"


def _broken(message: str, section: str) -> RemoteProtocolError:
    return RemoteProtocolError(message, status=400, section=section[:200])
