"""Any octets give a message or RemoteProtocolError, in linear time, however the stream is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import RemoteProtocolError
from appliance.sip.body import sdp_body
from appliance.sip.check import check_request, check_response
from appliance.sip.digest import credentials_username, parse_challenges, parse_digest
from appliance.sip.digest_server import Asker, DigestServer
from appliance.sip.framing import StreamFramer
from appliance.sip.grammar import format_params, parse_params, quote, split_list, unquote
from appliance.sip.headers import (
    Headers,
    format_name_addr,
    format_via,
    parse_name_addr,
    parse_via,
)
from appliance.sip.message import (
    MalformedMessage,
    Message,
    Request,
    Response,
    format_message,
    parse_message,
    respond,
)
from appliance.sip.uri import format_uri, parse_uri, same_uri
from tests.torture.verdicts import ROWS

VIEWS = (
    *("via", "vias", "from_", "to", "call_id", "cseq", "contacts", "routes", "record_routes"),
    *("max_forwards", "expires", "content_type", "supported", "require", "proxy_require", "allow"),
)
VALID = (
    b"INVITE sip:2002@192.168.1.10;user=phone SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.168.1.57:5060;branch=z9hG4bK1;rport, SIP/2.0/TCP [2001:db8::1]\r\n"
    b'From: "Front, \\"desk\\"" <sip:2001@192.168.1.10>;tag=1\r\n'
    b"To: <sip:2002@192.168.1.10>\r\nCall-ID: 1@a\r\nCSeq: 21 INVITE\r\n"
    b'Contact: <sip:2001@192.168.1.57:5060;ob>;+sip.instance="<urn:uuid:1>"\r\n'
    b'Authorization: Digest username="2001", realm="r", nonce="n", uri="sip:r", response="0"\r\n'
    b"Max-Forwards: 70\r\nSupported: replaces, timer\r\nExpires: 60\r\nSubject: a\r\n b\r\n"
    b'Content-Type: multipart/mixed;boundary="x"\r\nContent-Length: 46\r\n\r\n'
    b"--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--"
)
SEEDS = (VALID, *(row.read() for row in ROWS))
SERVER = DigestServer("r", b"secret")
FEW = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
MORE = settings(FEW, max_examples=300)

_pieces = st.sampled_from(
    [
        *(b'"', b"<", b">", b",", b";", b"\\", b"=", b"?", b"@", b":", b"%", b"[", b"]", b"/"),
        *(b" ", b"\t", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\x00", b"\xff", b"\xc3\xa9"),
        *(b"SIP/2.0", b"sip:", b"tel:", b"Via:", b"v:", b"From:", b"Content-Length: 5\r\n"),
        *(b"99999999999999999999", b"-1", b"*", b"z9hG4bK", b"tag=", b"::", b":::1.2.3.4"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good or bad message in which pieces were put in, cut out or doubled."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        middle = draw(st.one_of(_pieces, st.binary(max_size=8), st.just(data[start:end] * 2)))
        data = data[:start] + middle + data[end:]
    return data


def attempt(work: Callable[[], object]) -> None:
    """What is the peer's fault may be told as such, and in no other way."""
    try:
        work()
    except RemoteProtocolError as error:
        assert 400 <= error.status < 700


def look_through(message: Message) -> None:
    for name in VIEWS:
        attempt(lambda name=name: getattr(message, name))  # type: ignore[misc]
    sdp_body(message)
    values = message.headers.get_all("Authorization")
    credentials_username(values)
    parse_challenges(message.headers.get_all("WWW-Authenticate") + values)
    SERVER.verify(values, "INVITE", "sip:r", "pw", asker=Asker(is_lan=True), now=1.0)
    for _, value in message.headers.items():
        for read in (parse_name_addr, parse_via, parse_uri, parse_digest, parse_params):
            attempt(lambda read=read, value=value: read(value))  # type: ignore[misc]


def swallow(data: bytes) -> None:
    """Everything that the message layer does with a datagram."""
    try:
        message: Request | Response | None = parse_message(data)
    except MalformedMessage as error:
        message = error.message
    except RemoteProtocolError:
        return
    if message is None:
        return
    look_through(message)
    if isinstance(message, Request):
        attempt(lambda: check_request(message))
        again = parse_message(format_message(respond(message, 400, to_tag="t")))
        assert again.headers.get_all("Via") == message.headers.get_all("Via")
    else:
        attempt(lambda: check_response(message))


@FEW
@given(st.binary(max_size=600))
def test_any_octets(data: bytes) -> None:
    swallow(data)


@MORE
@given(st.lists(_pieces, max_size=60).map(b"".join))
def test_any_pieces_of_sip(tail: bytes) -> None:
    swallow(b"INVITE sip:a@h SIP/2.0\r\n" + tail)


@MORE
@given(mutated())
def test_mutations(data: bytes) -> None:
    swallow(data)


@FEW
@given(mutated())
def test_what_was_formatted_is_read_as_the_same(data: bytes) -> None:
    try:
        first = parse_message(data)
    except RemoteProtocolError:
        return
    wire = format_message(first)
    second = parse_message(wire)
    assert second.start_line.rstrip() == first.start_line.rstrip()
    assert second.body == first.body
    for name in {name for name, _ in first.headers.items()} - {"Content-Length", "l"}:
        if name.lower() not in ("content-length", "l"):
            assert second.headers.get_all(name) == first.headers.get_all(name)
    assert format_message(second) == wire


_text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)
_word = st.text("abcXYZ019-._~%", min_size=1, max_size=12)
_params = st.dictionaries(_word.map(str.lower), st.one_of(st.none(), _word), max_size=4)
_host = st.one_of(
    st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,10}", fullmatch=True),
    st.ip_addresses().map(str),
)
_uris = st.builds(
    lambda scheme, user, host, port, params, headers: (
        f"{scheme}:{user + '@' if user else ''}{f'[{host}]' if ':' in host else host}"
        f"{'' if port is None else f':{port}'}{format_params(params)}"
        f"{'?' + headers if headers else ''}"
    ),
    st.sampled_from(["sip", "sips"]),
    st.text("abcZ019-_.!~*'()&=+$,;?/%#é", max_size=10),
    _host,
    st.one_of(st.none(), st.integers(1, 65535)),
    _params,
    st.text("abc=&%40", max_size=8),
)


@FEW
@given(_uris)
def test_uris_round_trip(text: str) -> None:
    uri = parse_uri(text)
    assert format_uri(uri) == text
    assert parse_uri(format_uri(uri)) == uri
    assert same_uri(uri, uri)


@FEW
@given(_text, _uris, _params)
def test_addresses_round_trip(display: str, uri: str, params: dict[str, str | None]) -> None:
    found = parse_name_addr(format_name_addr(display, uri, params))
    assert (found.display, found.uri, found.params) == (display, uri, params)
    assert split_list(f"{format_name_addr(display, uri, params)}, x")[1] == "x"


@FEW
@given(_word, _host, st.one_of(st.none(), st.integers(1, 65535)), _params)
def test_vias_round_trip(
    transport: str, host: str, port: int | None, params: dict[str, str | None]
) -> None:
    sent_by = f"[{host}]" if ":" in host else host
    text = f"SIP/2.0/{transport} {sent_by}{'' if port is None else f':{port}'}"
    via = parse_via(text + format_params(params))
    assert (via.transport, via.host, via.port, via.params) == (
        transport.upper(),
        host,
        port,
        params,
    )
    assert parse_via(format_via(via)) == via


@FEW
@given(_text)
def test_quotes_round_trip(text: str) -> None:
    assert unquote(quote(text)) == text


# ---- streams


def _framed(parts: list[bytes]) -> list[bytes]:
    return [
        b"INFO sip:a SIP/2.0\r\nX: 1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in parts
    ]


def _cut(stream: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


def _feed(chunks: list[bytes]) -> tuple[list[bytes], int, bool]:
    """Messages, pings, and whether the stream was trusted to its end."""
    framer = StreamFramer()
    found: list[bytes] = []
    for chunk in chunks:
        try:
            found += framer.feed(chunk)
        except RemoteProtocolError:
            return found, framer.pongs_due, False
    return found, framer.pongs_due, framer.is_trusted


@FEW
@given(
    st.lists(st.binary(max_size=60), max_size=5),
    st.lists(st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]), min_size=6, max_size=6),
    st.lists(st.integers(0, 2000), max_size=20),
)
def test_any_cut_of_a_stream(bodies: list[bytes], between: list[bytes], cuts: list[int]) -> None:
    messages = _framed(bodies)
    stream = b"".join(gap + message for gap, message in zip(between, messages, strict=False))
    whole = _feed([stream])
    assert whole[0] == messages
    assert _feed(_cut(stream, cuts)) == whole
    assert _feed([bytes([octet]) for octet in stream]) == whole


@FEW
@given(st.lists(mutated(), min_size=1, max_size=2), st.lists(st.integers(0, 9000), max_size=8))
def test_bad_streams_end_alike(parts: list[bytes], cuts: list[int]) -> None:
    """A stream that loses trust gives the messages before that, however it is cut."""
    stream = b"".join(parts)
    found, _, is_trusted = _feed(_cut(stream, cuts))
    by_octets = _feed([bytes([octet]) for octet in stream])
    assert by_octets[2] is is_trusted
    assert by_octets[0] == found
    for message in found:
        swallow(message)


# ---- bombs: twice the size may cost twice the time, not four times


def _message(fields: str, body: bytes = b"") -> bytes:
    head = "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a@h>;tag=1\r\n"
    return f"{head}To: <sip:b@h>\r\nCall-ID: 1\r\n{fields}\r\n\r\n".encode() + body


BOMBS: dict[str, Callable[[int], bytes]] = {
    "commas": lambda n: _message("Contact: " + "," * n),
    "vias": lambda n: _message("Via: " + "SIP/2.0/UDP h," * (n // 14)),
    "quotes": lambda n: _message("Contact: " + '"' * n),
    "quoted commas": lambda n: _message("Contact: " + '"," ' * (n // 4)),
    "escapes": lambda n: _message('Contact: "' + "\\" * n),
    "unclosed quote": lambda n: _message('From: "' + 'a\\"' * (n // 3)),
    "angles": lambda n: _message("Contact: " + "<" * n),
    "closed angles": lambda n: _message("Contact: " + "<,>" * (n // 3)),
    "params": lambda n: _message("Contact: <sip:a@h>" + ";a" * (n // 2)),
    "many params": lambda n: _message(
        "Contact: <sip:a@h>" + "".join(f";{x:x}=1" for x in range(n // 8))
    ),
    "quoted params": lambda n: _message("Contact: <sip:a@h>" + ';a=";"' * (n // 6)),
    "blanks": lambda n: _message("Contact: <sip:a@h>" + " " * n + "x"),
    "folds": lambda n: _message("Subject: a" + "\r\n b" * (n // 4)),
    "long folds": lambda n: _message("Subject: a" + ("\r\n " + " " * 60 + "b") * (n // 64)),
    "headers": lambda n: _message(("X: " + "y" * (n // 180) + "\r\n") * 180 + "Z: 1"),
    "too many headers": lambda n: _message("X:\r\n" * (n // 4) + "Z: 1"),
    "bad lines": lambda n: _message("x\r\n" * (n // 3) + "Z: 1"),
    "long name": lambda n: _message("x" * n + ": 1"),
    "digits": lambda n: _message("CSeq: " + "9" * n + " INVITE"),
    "user": lambda n: _message("Contact: <sip:" + "@" * n + "@h>"),
    "colons": lambda n: _message("Contact: <sip:a@[" + ":" * n + "]>"),
    "percents": lambda n: _message("Contact: <sip:" + "%" * n + "@h>"),
    "digest": lambda n: _message("Authorization: Digest " + 'a="b",' * (n // 6)),
    "parts": lambda n: _message("Content-Type: multipart/mixed;boundary=-", b"--\r\n-" * (n // 5)),
    "line feeds": lambda n: b"INVITE sip:a@h SIP/2.0" + b"\n" * n,
    "request line": lambda n: b"INVITE " + b" " * n + b"SIP/2.0\r\n\r\n",
    "tokens": lambda n: b"a" * n,
}


def _best_of_five(data: bytes) -> float:
    best = float("inf")
    for _ in range(5):
        start = perf_counter()
        swallow(data)
        best = min(best, perf_counter() - start)
    return best


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_no_more_than_their_size(name: str) -> None:
    """Best of five runs each; what takes less than a millisecond is too short to be compared."""
    half, whole = BOMBS[name](22_000), BOMBS[name](44_000)
    limit = max(4 * _best_of_five(half), 0.004)
    spent = _best_of_five(whole)
    assert spent < limit, f"{spent * 1000:.1f} ms"
    swallow(BOMBS[name](60_000))


def test_streams_fed_by_octets_cost_no_more_than_their_size() -> None:
    def feed(size: int) -> float:
        stream = b"INFO sip:a SIP/2.0\r\nContent-Length: %d\r\nX: %s\r\n\r\n" % (size, b"x" * size)
        stream += b"y" * size
        best = float("inf")
        for _ in range(5):
            framer = StreamFramer()
            start = perf_counter()
            found = [m for octet in stream for m in framer.feed(bytes([octet]))]
            best = min(best, perf_counter() - start)
            assert found == [stream]
        return best

    assert feed(20_000) < 4 * feed(10_000)


def test_copies_of_headers_are_apart_after_any_change() -> None:
    one = Headers([("A", "1")])
    other = one.copy()
    one.set("A", "2")
    assert (one.get("A"), other.get("A")) == ("2", "1")
