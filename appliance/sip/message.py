"""SIP messages: octets in, octets out, structure on demand.

PURE. RFC 3261 §7. A message keeps its fields as they came and reads one only when asked; what it
read is kept. Text is UTF-8 with ``surrogateescape``, so that any octets survive a round trip. The
plain message, as nearly all are, is read and written by native/plain_*.c where those were
compiled.
check.py says what is wrong with a request; this file only what cannot be read at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from appliance.errors import LocalProtocolError, RemoteProtocolError
from appliance.sip.grammar import BLANKS, is_token, parse_figure
from appliance.sip.header_names import KNOWN_NAMES
from appliance.sip.headers import (
    CSeq,
    Headers,
    NameAddr,
    Via,
    parse_field,
    parse_name_addr,
    parse_via,
)
from appliance.sip.phrases import reason_phrase

try:
    from appliance.sip.native.plain_reader import know_names, read_message
    from appliance.sip.native.plain_values import read_cseq
    from appliance.sip.native.plain_writer import write_message
except ImportError:
    HAS_PLAIN = False  # not compiled: all is read and written here
else:
    HAS_PLAIN = True
    know_names(KNOWN_NAMES)

MAX_OCTETS = 65536
MAX_HEADERS = 200
_LARGEST = 2**32 - 1
_FOLDS = (" ", "\t")
_KEPT = (("from", "From"), ("to", "To"), ("call-id", "Call-ID"), ("cseq", "CSeq"))
_NO_TAGS: frozenset[str] = frozenset()
VERSION = "SIP/2.0"


class MalformedMessage(RemoteProtocolError):
    """A request that cannot be obeyed but may be answered: ``message`` is as much as was read."""

    def __init__(
        self, message: str, *, status: int = 400, section: str = "", partial: Request | None = None
    ) -> None:
        super().__init__(message, status=status, section=section)
        self.message = partial


class Message:
    """What requests and responses share. Views keep what they read: change headers before."""

    __slots__ = ("_call_id", "_cseq", "_from", "_others", "_to", "_vias", "body", "headers", "raw")

    def __init__(self, headers: Headers | None = None, body: bytes = b"") -> None:
        self.headers = headers if headers is not None else Headers()
        self.body = body
        self.raw = b""
        self._vias: tuple[Via, ...] | None = None
        self._from: NameAddr | None = None
        self._to: NameAddr | None = None
        self._cseq: CSeq | None = None
        self._call_id: str | None = None
        self._others: dict[str, Any] | None = None  # lists by name

    @property
    def via(self) -> Via:
        """The topmost Via."""
        return self.vias[0]

    @property
    def vias(self) -> tuple[Via, ...]:
        """Every Via, the topmost first."""
        if self._vias is None:
            self._required("via", "Via")
            lines = self.headers.lines("via")
            values = self.headers.values("Via") if len(lines) > 1 or "," in lines[0] else lines
            self._vias = tuple([parse_via(value) for value in values])
            if not self._vias:
                raise RemoteProtocolError("empty Via", section="RFC 3261 §8.1.1.7")
        return self._vias

    @property
    def from_(self) -> NameAddr:
        if self._from is None:
            self._from = parse_name_addr(self._required("from", "From"))
        return self._from

    @property
    def to(self) -> NameAddr:
        if self._to is None:
            self._to = parse_name_addr(self._required("to", "To"))
        return self._to

    @property
    def call_id(self) -> str:
        if self._call_id is None:
            self._call_id = self._required("call-id", "Call-ID").strip(BLANKS)
        return self._call_id

    @property
    def cseq(self) -> CSeq:
        if self._cseq is None:
            text = self._required("cseq", "CSeq")
            read = read_cseq(text) if HAS_PLAIN else None
            if read is not None:
                self._cseq = CSeq(read[0], read[1])
                return self._cseq
            parts = text.split()
            if len(parts) != 2:
                raise RemoteProtocolError("bad CSeq", section="RFC 3261 §20.16")
            self._cseq = CSeq(parse_figure(parts[0], "CSeq", 2**31 - 1), parts[1])
        return self._cseq

    @property
    def contacts(self) -> tuple[NameAddr, ...]:
        """Contact values; ``*`` has the URI ``*``."""
        return self._addresses("contact", "Contact")

    @property
    def routes(self) -> tuple[NameAddr, ...]:
        return self._addresses("route", "Route")

    @property
    def record_routes(self) -> tuple[NameAddr, ...]:
        return self._addresses("record-route", "Record-Route")

    @property
    def max_forwards(self) -> int | None:
        return self._figure("max-forwards", "Max-Forwards", 255)

    @property
    def expires(self) -> int | None:
        return self._figure("expires", "Expires", _LARGEST)

    @property
    def content_type(self) -> str:
        """Lower case, without parameters; empty if there is none."""
        value = self.headers.first("content-type")
        if value is None:
            return ""
        return value.partition(";")[0].strip(BLANKS).lower()

    @property
    def supported(self) -> frozenset[str]:
        return self._tags("supported", "Supported")

    @property
    def require(self) -> frozenset[str]:
        return self._tags("require", "Require")

    @property
    def proxy_require(self) -> frozenset[str]:
        return self._tags("proxy-require", "Proxy-Require")

    @property
    def allow(self) -> frozenset[str]:
        return frozenset(v.upper() for v in self._tags("allow", "Allow"))

    def _required(self, key: str, name: str) -> str:
        value = self.headers.first(key)
        if value is None:
            raise RemoteProtocolError(f"no {name}", section="RFC 3261 §8.1.1")
        return value

    def _addresses(self, key: str, name: str) -> tuple[NameAddr, ...]:
        if not self.headers.lines(key):
            return ()
        if self._others is None:
            self._others = {}
        found: tuple[NameAddr, ...] | None = self._others.get(name)
        if found is None:
            found = tuple([parse_name_addr(value) for value in self.headers.values(name)])
            self._others[name] = found
        return found

    def _figure(self, key: str, name: str, largest: int) -> int | None:
        value = self.headers.first(key)
        return None if value is None else parse_figure(value, name, largest)

    def _tags(self, key: str, name: str) -> frozenset[str]:
        if not self.headers.lines(key):
            return _NO_TAGS
        if self._others is None:
            self._others = {}
        found: frozenset[str] | None = self._others.get(name)
        if found is None:
            found = frozenset([value.lower() for value in self.headers.values(name)])
            self._others[name] = found
        return found


class Request(Message):
    """A request; uri is the Request-URI as written, version too."""

    __slots__ = ("method", "uri", "version")

    def __init__(
        self, method: str, uri: str, headers: Headers | None = None, body: bytes = b""
    ) -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri
        self.version = VERSION

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} {VERSION}"


class Response(Message):
    __slots__ = ("reason", "status")

    def __init__(
        self, status: int, reason: str = "", headers: Headers | None = None, body: bytes = b""
    ) -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    @property
    def start_line(self) -> str:
        return f"{VERSION} {self.status} {self.reason}"


def parse_message(data: bytes) -> Request | Response:
    """One whole message from a datagram or a framed stream.

    Raises RemoteProtocolError; MalformedMessage when a request may still be answered.
    """
    if len(data) > MAX_OCTETS:
        raise RemoteProtocolError("message too large", status=513, section="RFC 3261 §21.5.7")
    if HAS_PLAIN:
        read = read_message(data)
        if read is not None:
            first, second, status, firsts, more, body = read
            headers = Headers.of_plain(data, firsts, more)
            message: Request | Response = (
                Response(status, first, headers, body)
                if status
                else Request(first, second, headers, body)
            )
            message.raw = data
            return message
    return read_tolerantly(data)


def read_tolerantly(data: bytes) -> Request | Response:
    """parse_message for whatever is not plain; the same result for what is."""
    head, body = split_body(data.lstrip(b"\r\n") if data[:1] in b"\r\n" else data)
    lines = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    message = _parse_start_line(lines[0])
    message.raw = data
    try:
        _read_fields(message, lines)
        message.body = _cut_body(message, body)
    except RemoteProtocolError as error:
        partial = message if isinstance(message, Request) else None
        raise MalformedMessage(
            str(error), status=error.status, section=error.section, partial=partial
        ) from error
    return message


def format_message(message: Request | Response) -> bytes:
    """Octets for the wire; Content-Length is set to the body's.

    Raises LocalProtocolError when a value of ours would break the line that it stands in.
    """
    if HAS_PLAIN:
        fields = message.headers.listed()
        data = write_message(message.start_line, fields, message.body)
        if data is not None:
            return data
    return write_tolerantly(message)


def write_tolerantly(message: Request | Response) -> bytes:
    """format_message for whatever is not plain; the same result for what is."""
    lines = [message.start_line]
    lines += [f"{n}: {v}" for key, n, v in message.headers.fields() if key != "content-length"]
    lines.append(f"Content-Length: {len(message.body)}\r\n\r\n")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) + 1 or text.count("\r") != len(lines) + 1:
        raise LocalProtocolError("line break within a header")
    return text.encode("utf-8", "surrogateescape") + message.body


def respond(
    request: Request,
    status: int,
    reason: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    to_tag: str = "",
) -> Response:
    """The response to a request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq as they came."""
    asked = request.headers
    fields = [("via", "Via", value) for value in asked.lines("via")]
    for key, name in _KEPT:
        found = asked.first(key)
        if found is not None:
            if key == "to" and to_tag and not _has_tag(request, found):
                found = f"{found};tag={to_tag}"
            fields.append((key, name, found))
    made = Headers.of_fields(fields)
    for name, found in headers:
        made.add(name, found)
    return Response(status, reason or reason_phrase(status), made, body)


def split_body(data: bytes) -> tuple[bytes, bytes]:
    """Header and body; lines may end with LF alone, and a message without a body may just end."""
    end = data.find(b"\r\n\r\n")
    bare = data.find(b"\n\n", 0, end if end >= 0 else len(data))
    if bare >= 0:
        return data[:bare], data[bare + 2 :]
    if end >= 0:
        return data[:end], data[end + 4 :]
    return data.rstrip(b"\r\n"), b""


def _parse_start_line(line: str) -> Request | Response:
    if "\r" in line:
        raise RemoteProtocolError("line break in the start line", section="RFC 3261 §7")
    if line[:8].upper() == "SIP/2.0 ":
        status, _, reason = line[8:].partition(" ")
        if not (len(status) == 3 and status.isascii() and status.isdigit() and "1" <= status < "7"):
            raise RemoteProtocolError("bad status", section="RFC 3261 §7.2")
        return Response(int(status), reason)
    method, _, rest = line.partition(" ")
    uri, _, version = rest.rstrip(" ").rpartition(" ")
    if not uri or not is_token(method) or version[:4].upper() != "SIP/":
        raise RemoteProtocolError("no SIP message", section="RFC 3261 §7.1")
    request = Request(method, uri)
    request.version = version if line.endswith(version) else f"{version} "
    return request


def _read_fields(message: Message, lines: list[str]) -> None:
    """Fill the headers; what is bad is told after the rest was read, so that it can be answered."""
    fields: list[tuple[str, str, str]] = []
    trouble: RemoteProtocolError | None = None
    if len(lines) > 1 and lines[1][:1] in _FOLDS:
        trouble = RemoteProtocolError("folding before any header", section="RFC 3261 §7.3.1")
    for count, line in enumerate(_unfold(lines)):
        if count == MAX_HEADERS:
            trouble = RemoteProtocolError("too many headers", section="RFC 3261 §7.3")
            break
        try:
            fields.append(parse_field(line))
        except RemoteProtocolError as error:
            trouble = trouble or error
    message.headers = Headers.of_fields(fields)
    if trouble is not None:
        raise trouble


def _unfold(lines: list[str]) -> list[str]:
    """The header lines behind the start line, each with its continuation lines (§7.3.1)."""
    starts = [n for n, line in enumerate(lines) if n and line[:1] not in _FOLDS]
    if len(starts) == len(lines) - 1:
        return lines[1:]
    edges = [*starts, len(lines)]
    return [
        " ".join([part.strip(BLANKS) for part in lines[start:end]])
        for start, end in pairwise(edges)
    ]


def _cut_body(message: Message, rest: bytes) -> bytes:
    """Content-Length octets of what follows; what is beyond them is not ours (§18.3)."""
    value = message.headers.get("Content-Length")
    if value is None:
        return rest
    length = parse_figure(value, "Content-Length", MAX_OCTETS * 16)
    if length > len(rest):
        raise RemoteProtocolError("body shorter than Content-Length", section="RFC 3261 §18.3")
    return rest[:length]


def _has_tag(request: Request, value: str) -> bool:
    try:
        return bool(request.to.tag)
    except RemoteProtocolError:
        return "tag=" in value
