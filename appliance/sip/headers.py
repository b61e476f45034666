"""A message's header fields in order, and the structured values that many of them share.

PURE. RFC 3261 §7.3, §20. Names are kept as they came, found without regard to case or compact form
(§7.3.3); values are raw text until somebody asks for their structure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import format_params, is_token, parse_params, quote, split_list, unquote
from appliance.sip.uri import parse_host_port

#: RFC 3261 §7.3.3 and the IANA registry of compact forms.
COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
_KEYS: dict[str, str] = {}


def key_of(name: str) -> str:
    """The name that all spellings of a header share."""
    lower = name.lower()
    return COMPACT.get(lower, lower)


class Headers:
    """Fields in order. Items are (key, name as written, raw value)."""

    __slots__ = ("_fields",)

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: list[tuple[str, str, str]] = [(key_of(n), n, v) for n, v in items]

    def get(self, name: str) -> str | None:
        """The first field's raw value."""
        key = key_of(name)
        for item in self._fields:
            if item[0] == key:
                return item[2]
        return None

    def get_all(self, name: str) -> list[str]:
        """Every field's raw value, one item a header line."""
        key = key_of(name)
        return [item[2] for item in self._fields if item[0] == key]

    def values(self, name: str) -> list[str]:
        """Every value, comma lists split."""
        return [v for raw in self.get_all(name) for v in split_list(raw) if v]

    def add(self, name: str, value: str) -> None:
        self._fields.append((key_of(name), name, value))

    def prepend(self, name: str, value: str) -> None:
        """Put a field before all others of its name (Via, Route), at the top."""
        self._fields.insert(0, (key_of(name), name, value))

    def set(self, name: str, value: str) -> None:
        """One field of this name, at the place of the first one."""
        key = key_of(name)
        for index, item in enumerate(self._fields):
            if item[0] == key:
                rest = [f for f in self._fields[index + 1 :] if f[0] != key]
                self._fields[index:] = [(key, name, value), *rest]
                return
        self.add(name, value)

    def replace_first(self, name: str, value: str) -> None:
        """Another value for the first field of this name; the others stay."""
        key = key_of(name)
        for index, item in enumerate(self._fields):
            if item[0] == key:
                self._fields[index] = (key, item[1], value)
                return

    def remove(self, name: str) -> None:
        key = key_of(name)
        self._fields = [f for f in self._fields if f[0] != key]

    def count(self, name: str) -> int:
        """How many header lines of this name there are."""
        key = key_of(name)
        return sum(1 for f in self._fields if f[0] == key)

    def items(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for _, name, value in self._fields)

    def copy(self) -> Headers:
        other = Headers()
        other._fields = list(self._fields)
        return other

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class NameAddr:
    """From, To, Contact, Route …: display name without quotes, raw URI, header parameters."""

    display: str
    uri: str
    params: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return self.params.get("tag") or ""


def parse_name_addr(text: str) -> NameAddr:
    """name-addr or addr-spec with parameters (RFC 3261 §25.1).

    Without angle brackets, parameters belong to the header (§20.10). ``*`` is allowed for Contact.
    """
    text = text.strip()
    display, rest = _take_display(text)
    if not rest.startswith("<"):
        if display:
            raise RemoteProtocolError(f"no address: {text[:60]!r}", section="RFC 3261 §20.10")
        uri, _, params = rest.partition(";")
        if "?" in uri:
            raise RemoteProtocolError("URI with headers needs <>", section="RFC 3261 §20.10")
        return NameAddr("", _uri(uri), parse_params(params))
    uri, bracket, params = rest[1:].partition(">")
    if not bracket:
        raise RemoteProtocolError("unclosed angle bracket", section="RFC 3261 §20.10")
    params = params.strip()
    if params and not params.startswith(";"):
        raise RemoteProtocolError("text behind the address", section="RFC 3261 §20.10")
    return NameAddr(display, _uri(uri), parse_params(params[1:]))


def format_name_addr(display: str, uri: str, params: Mapping[str, str | None]) -> str:
    """``"Display" <uri>;params``."""
    name = f"{quote(display)} " if display else ""
    return f"{name}<{uri}>{format_params(params)}"


@dataclass(frozen=True, slots=True)
class CSeq:
    number: int
    method: str


@dataclass(frozen=True, slots=True)
class Via:
    """One hop of the way (RFC 3261 §20.42); host without brackets; params as written."""

    transport: str
    host: str
    port: int | None
    params: Mapping[str, str | None]

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""

    @property
    def sent_by(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_via(text: str) -> Via:
    """``SIP/2.0/UDP host:port;params``; blanks around slashes and colons are allowed."""
    sent, _, params = text.partition(";")
    protocol, slash, rest = sent.partition("/")
    version, slash2, rest = rest.partition("/")
    parts = rest.split(None, 1)
    if not (slash and slash2) or len(parts) != 2 or protocol.strip().upper() != "SIP":
        raise RemoteProtocolError(f"bad Via {text[:60]!r}", section="RFC 3261 §20.42")
    if version.strip() != "2.0" or not is_token(parts[0]):
        raise RemoteProtocolError(f"bad Via {text[:60]!r}", section="RFC 3261 §20.42")
    host, port = parse_host_port(parts[1].replace(" ", "").replace("\t", ""))
    return Via(parts[0].upper(), host, port, parse_params(params))


def format_via(via: Via) -> str:
    return f"SIP/2.0/{via.transport} {via.sent_by}{format_params(via.params)}"


def _take_display(text: str) -> tuple[str, str]:
    """The display name without quotes, and the rest."""
    if text.startswith('"'):
        position = 1
        while position < len(text) and text[position] != '"':
            position += 2 if text[position] == "\\" else 1
        if position >= len(text):
            raise RemoteProtocolError("unclosed quote", section="RFC 3261 §25.1")
        return unquote(text[: position + 1]), text[position + 1 :].lstrip()
    name, bracket, _ = text.partition("<")
    if not bracket:
        return "", text
    name = name.strip()
    if name and not all(is_token(word) or not word.isascii() for word in name.split()):
        raise RemoteProtocolError(f"bad display name {name[:40]!r}", section="RFC 3261 §25.1")
    return name, text[text.index("<") :]


def _uri(text: str) -> str:
    text = text.strip()
    if not text:
        raise RemoteProtocolError("empty address", section="RFC 3261 §20.10")
    return text
