"""A message's header fields in order, and the structured values that many of them share.

PURE. RFC 3261 §7.3, §20. Names are kept as they came, found without regard to case or compact form
(§7.3.3); values are raw text until somebody asks for their structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import (
    BLANKS,
    QUOTED,
    format_params,
    is_token,
    parse_params,
    quote,
    split_list,
    unquote,
)
from appliance.sip.header_names import LONGEST_NAME, key_of
from appliance.sip.memo import Memo
from appliance.sip.uri import parse_host_port

try:
    from appliance.sip.native.plain_reader import read_fields
    from appliance.sip.native.plain_values import read_name_addr, read_via
except ImportError:
    HAS_PLAIN = False  # not compiled: all is read here
else:
    HAS_PLAIN = True

_REMEMBERED_LETTERS = 200  # longer texts are read anew each time, so that strangers fill no memory
_NO_VALUES: list[str] = []
_NO_MORE: dict[str, list[str]] = {}
_NO_ADDRESS = re.compile(r'[ \t<>"]')


@lru_cache(maxsize=1024)
def _remembered_name(name: str) -> tuple[str, str]:
    name = name.rstrip(BLANKS)
    if not is_token(name):
        raise RemoteProtocolError(f"bad header {name[:40]!r}", section="RFC 3261 §7.3")
    return key_of(name), name


def parse_field(line: str) -> tuple[str, str, str]:
    """One unfolded header line as (key, name as written, value)."""
    name, colon, value = line.partition(":")
    if not colon or len(name) > LONGEST_NAME or "\r" in value:
        raise RemoteProtocolError(f"bad header {line[:40]!r}", section="RFC 3261 §7.3")
    return *_remembered_name(name), value.strip(BLANKS)


class Headers:
    """Fields in order. Items are (key, name as written, raw value).

    Of a plain message that came, the first value of each key is known before the list is made; the
    list is made of its octets when somebody asks for it, as hardly anybody does.
    """

    __slots__ = ("_fields", "_firsts", "_more", "_raw")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: list[tuple[str, str, str]] | None = (
            [(key_of(n), n, v) for n, v in items] if items else []
        )
        self._firsts: dict[str, str] | None = None  # made when first asked
        self._more = _NO_MORE  # all values of the keys that stand in several lines
        self._raw = b""

    @staticmethod
    def of_fields(fields: list[tuple[str, str, str]]) -> Headers:
        """Take over what parse_field gave."""
        headers = Headers()
        headers._fields = fields
        return headers

    @staticmethod
    def of_plain(raw: bytes, firsts: dict[str, str], more: dict[str, list[str]] | None) -> Headers:
        """What native/plain_reader.c read of a message's octets."""
        headers = Headers()
        headers._fields = None
        headers._raw = raw
        headers._firsts = firsts
        if more is not None:
            headers._more = more
        return headers

    def listed(self) -> list[tuple[str, str, str]]:
        """The list itself, to be read and not changed."""
        if self._fields is None:
            self._fields = self._read_anew()
        return self._fields

    def _read_anew(self) -> list[tuple[str, str, str]]:
        """The fields of the message's octets, with what was put in the place of a first value."""
        fields: list[tuple[str, str, str]] = read_fields(self._raw)
        firsts = dict(self._firsts or {})
        for index, (key, name, _) in enumerate(fields):
            value = firsts.pop(key, None)
            if value is not None:
                fields[index] = (key, name, value)
        return fields

    def _to_change(self) -> list[tuple[str, str, str]]:
        """The list, of which whatever is known besides will be wrong."""
        fields = self.listed()
        self._firsts = None
        return fields

    def _first_values(self) -> dict[str, str]:
        firsts: dict[str, str] = {}
        more: dict[str, list[str]] = {}
        for key, _, value in self.listed():
            if key not in firsts:
                firsts[key] = value
            elif key in more:
                more[key].append(value)
            else:
                more[key] = [firsts[key], value]
        self._firsts = firsts
        self._more = more
        return firsts

    def get(self, name: str) -> str | None:
        """The first field's raw value."""
        return self.first(key_of(name))

    def get_all(self, name: str) -> list[str]:
        """Every field's raw value, one item a header line."""
        return list(self.lines(key_of(name)))

    def values(self, name: str) -> list[str]:
        """Every value, comma lists split."""
        lines = self.lines(key_of(name))
        return [value for line in lines for value in split_list(line) if value] if lines else []

    def first(self, key: str) -> str | None:
        """What ``get`` gives, by the key itself."""
        firsts = self._firsts if self._firsts is not None else self._first_values()
        return firsts.get(key)

    def lines(self, key: str) -> list[str]:
        """What ``get_all`` gives, by the key itself; to be read and not changed."""
        value = self.first(key)
        if value is None:
            return _NO_VALUES
        return self._more.get(key) or [value] if self._more else [value]

    def add(self, name: str, value: str) -> None:
        self._to_change().append((key_of(name), name, value))

    def prepend(self, name: str, value: str) -> None:
        """Put a field before all others of its name (Via, Route), at the top."""
        self._to_change().insert(0, (key_of(name), name, value))

    def set_only_via(self, value: str) -> None:
        """Let this be the Via, and the first field; there is one at most, put there by this."""
        fields = self._to_change()
        if fields and fields[0][0] == "via":
            fields[0] = ("via", "Via", value)
        else:
            fields.insert(0, ("via", "Via", value))

    def set(self, name: str, value: str) -> None:
        """One field of this name, at the place of the first one."""
        key = key_of(name)
        fields = self._to_change()
        for index, item in enumerate(fields):
            if item[0] == key:
                rest = [f for f in fields[index + 1 :] if f[0] != key]
                fields[index:] = [(key, name, value), *rest]
                return
        fields.append((key, name, value))

    def replace_first(self, name: str, value: str) -> None:
        """Another value for the first field of this name; the others stay."""
        key = key_of(name)
        if self.first(key) is None:
            return
        if self._fields is not None:
            index = next(n for n, item in enumerate(self._fields) if item[0] == key)
            self._fields[index] = (key, self._fields[index][1], value)
        if self._firsts is not None:
            self._firsts[key] = value
        if key in self._more:
            self._more[key][0] = value

    def remove(self, name: str) -> None:
        key = key_of(name)
        self._fields = [f for f in self._to_change() if f[0] != key]

    def count(self, name: str) -> int:
        """How many header lines of this name there are."""
        return len(self.lines(key_of(name)))

    def repeated(self) -> list[str]:
        """The keys that stand in more than one header line."""
        if self._firsts is None:
            self._first_values()
        return list(self._more) if self._more else []

    def items(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for _, name, value in self.listed())

    def fields(self) -> Iterator[tuple[str, str, str]]:
        """What items() gives, with the key in front."""
        return iter(self.listed())

    def copy(self) -> Headers:
        return Headers.of_fields(list(self.listed()))

    def __contains__(self, name: str) -> bool:
        return self.first(key_of(name)) is not None

    def __len__(self) -> int:
        return len(self.listed())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.listed() == other.listed()

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class NameAddr:
    """From, To, Contact, Route …: display name without quotes, raw URI, header parameters."""

    display: str
    uri: str
    params: dict[str, str | None] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return self.params.get("tag") or ""


def parse_name_addr(text: str) -> NameAddr:
    """name-addr or addr-spec with parameters (RFC 3261 §25.1).

    Without angle brackets, parameters belong to the header (§20.10). ``*`` is allowed for Contact.
    """
    known = _name_addrs.get(text)  # From and To stay the same for as long as a call lasts
    if known is not None:
        return known
    read = read_name_addr(text) if HAS_PLAIN else None
    if read is None:
        return _name_addrs.keep(text, parse_name_addr_tolerantly(text))
    return _name_addrs.keep(text, NameAddr(read[0], read[1], read[2]))


_name_addrs: Memo[NameAddr] = Memo(1024, _REMEMBERED_LETTERS)


def parse_name_addr_tolerantly(text: str) -> NameAddr:
    """parse_name_addr for whatever is not plain; the same result for what is."""
    display, rest = _take_display(text.strip(BLANKS))
    if not rest.startswith("<"):
        if display:
            raise RemoteProtocolError(f"no address: {text[:60]!r}", section="RFC 3261 §20.10")
        uri, _, params = rest.partition(";")
        if "?" in uri:
            raise RemoteProtocolError("URI with headers needs <>", section="RFC 3261 §20.10")
        return NameAddr("", _address(uri.rstrip(BLANKS)), parse_params(params))
    uri, bracket, params = rest[1:].partition(">")
    if not bracket:
        raise RemoteProtocolError("unclosed angle bracket", section="RFC 3261 §20.10")
    params = params.lstrip(BLANKS)
    if params and not params.startswith(";"):
        raise RemoteProtocolError("text behind the address", section="RFC 3261 §20.10")
    return NameAddr(display, _address(uri), parse_params(params))


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
    params: dict[str, str | None]

    @property
    def branch(self) -> str:
        return self.params.get("branch") or ""

    @property
    def sent_by(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_via(text: str) -> Via:
    """``SIP/2.0/UDP host:port;params``; blanks around slashes and colons are allowed.

    Any version is read: the way back is needed to tell its sender that there is no such version.
    """
    if HAS_PLAIN:
        read = read_via(text)
        if read is not None:
            return Via(read[0], read[1], read[2], read[3])
    return parse_via_tolerantly(text)


def parse_via_tolerantly(text: str) -> Via:
    """parse_via for whatever is not plain; the same result for what is."""
    sent, _, params = text.partition(";")
    is_short = len(sent) <= _REMEMBERED_LETTERS
    transport, host, port = _remembered_sent(sent) if is_short else _parse_sent(sent)
    return Via(transport, host, port, parse_params(params))


def _parse_sent(sent: str) -> tuple[str, str, int | None]:
    """Transport, host and port of a Via."""
    protocol, _, rest = sent.partition("/")
    version, slash, rest = rest.partition("/")
    parts = rest.split(None, 1)
    is_sip = protocol.strip(BLANKS).upper() == "SIP" and is_token(version.strip(BLANKS))
    if not (slash and is_sip) or len(parts) != 2 or not is_token(parts[0]):
        raise RemoteProtocolError(f"bad Via {sent[:60]!r}", section="RFC 3261 §20.42")
    host, port = parse_host_port(parts[1].replace(" ", "").replace("\t", ""))
    return parts[0].upper(), host, port


_remembered_sent = lru_cache(maxsize=2048)(_parse_sent)


def format_via(via: Via) -> str:
    return f"SIP/2.0/{via.transport} {via.sent_by}{format_params(via.params)}"


def _take_display(text: str) -> tuple[str, str]:
    """The display name without quotes, and the rest."""
    if text.startswith('"'):
        quoted = QUOTED.match(text)
        if not quoted:
            raise RemoteProtocolError("unclosed quote", section="RFC 3261 §25.1")
        return unquote(quoted[0]), text[quoted.end() :].lstrip(BLANKS)
    start = text.find("<")
    if start <= 0:
        return "", text
    name = text[:start].rstrip(BLANKS)
    if not all(is_token(word) or not word.isascii() for word in name.split()):
        raise RemoteProtocolError(f"bad display name {name[:40]!r}", section="RFC 3261 §25.1")
    return name, text[start:]


def _address(text: str) -> str:
    """A URI as it stands in a header: not empty, no blanks or quotes (RFC 4475 §3.1.2.14)."""
    if not text or _NO_ADDRESS.search(text):
        raise RemoteProtocolError(f"bad address {text[:60]!r}", section="RFC 3261 §20.10")
    return text
