"""Messages: octets in, octets out, and what lies between."""

from __future__ import annotations

import pytest

from appliance.errors import LocalProtocolError, RemoteProtocolError
from appliance.sip.body import sdp_body
from appliance.sip.headers import CSeq, Headers, NameAddr
from appliance.sip.message import (
    MAX_HEADERS,
    MAX_OCTETS,
    MalformedMessage,
    Message,
    Request,
    Response,
    format_message,
    parse_message,
    respond,
)

HEAD = (
    "INVITE sip:b@h SIP/2.0",
    "Via: SIP/2.0/UDP a;branch=z9hG4bK1;rport",
    'From: "A" <sip:a@h>;tag=1',
    "To: <sip:b@h>",
    "Call-ID: c@a",
    "CSeq: 2 INVITE",
)


def build(*more: str, body: bytes = b"", end: str = "\r\n", head: tuple[str, ...] = HEAD) -> bytes:
    lines = end.join([*head, *more])
    return lines.encode("utf-8", "surrogateescape") + 2 * end.encode() + body


def request(*more: str, body: bytes = b"") -> Request:
    message = parse_message(build(*more, body=body))
    assert isinstance(message, Request)
    return message


def test_views() -> None:
    message = request(
        "v: SIP/2.0/TCP x, SIP/2.0/TLS y:5061",
        "m: <sip:a@1.2.3.4>;q=1, *",
        "Route: <sip:p;lr>",
        "Route: <sip:q;lr>, <sip:r>",
        "Record-Route: <sip:s>",
        "Max-Forwards: 0070",
        "Expires: 3600",
        "c: Application/SDP ; charset=x",
        "k: 100rel, Timer",
        "Require: Replaces",
        "Proxy-Require: x",
        "Allow: invite, BYE",
        "Allow: ACK",
    )
    assert message.method == "INVITE"
    assert message.uri == "sip:b@h"
    assert [v.host for v in message.vias] == ["a", "x", "y"]
    assert message.via.branch == "z9hG4bK1"
    assert message.from_ == NameAddr("A", "sip:a@h", {"tag": "1"})
    assert message.to == NameAddr("", "sip:b@h")
    assert message.call_id == "c@a"
    assert message.cseq == CSeq(2, "INVITE")
    assert [c.uri for c in message.contacts] == ["sip:a@1.2.3.4", "*"]
    assert [r.uri for r in message.routes] == ["sip:p;lr", "sip:q;lr", "sip:r"]
    assert [r.uri for r in message.record_routes] == ["sip:s"]
    assert message.max_forwards == 70
    assert message.expires == 3600
    assert message.content_type == "application/sdp"
    assert message.supported == {"100rel", "timer"}
    assert message.require == {"replaces"}
    assert message.proxy_require == {"x"}
    assert message.allow == {"INVITE", "BYE", "ACK"}


def test_views_of_what_is_not_there() -> None:
    message = request()
    assert message.contacts == message.routes == message.record_routes == ()
    assert message.max_forwards is None
    assert message.expires is None
    assert message.content_type == ""
    assert message.supported == message.require == message.allow == frozenset()


@pytest.mark.parametrize("name", ["via", "vias", "from_", "to", "call_id", "cseq"])
def test_mandatory_views_of_an_empty_message(name: str) -> None:
    with pytest.raises(RemoteProtocolError):
        getattr(Message(), name)


def test_views_are_read_once() -> None:
    message = request("Contact: <sip:a@h>")
    for name in ("vias", "from_", "to", "cseq", "contacts", "supported"):
        assert getattr(message, name) is getattr(message, name)


@pytest.mark.parametrize(
    ("field", "view"),
    [
        ("Max-Forwards: 256", "max_forwards"),
        ("Max-Forwards: -1", "max_forwards"),
        ("Expires: 4294967296", "expires"),
        ("Contact: <sip:a", "contacts"),
        ("Route: x <sip:", "routes"),
        ("Record-Route: <>", "record_routes"),
        ("Via: SIP", "vias"),
    ],
)
def test_malformed_views(field: str, view: str) -> None:
    with pytest.raises(RemoteProtocolError):
        getattr(request(field), view)


@pytest.mark.parametrize(
    "value", ["", "1", "INVITE", "1 INVITE x", "-1 INVITE", "2147483648 INVITE"]
)
def test_malformed_cseq(value: str) -> None:
    with pytest.raises(RemoteProtocolError):
        _ = Request("INVITE", "sip:a", Headers([("CSeq", value)])).cseq


def test_folding() -> None:
    message = request("Subject: one", "  two", "\t three  ", "X:", " y", "Z: a", " ")
    assert message.headers.get("Subject") == "one two three"
    assert message.headers.get("X") == "y"
    assert message.headers.get("Z") == "a"


def test_folding_before_any_header_is_malformed_yet_answerable() -> None:
    head = (HEAD[0], " folded", *HEAD[1:])
    with pytest.raises(MalformedMessage) as caught:
        parse_message(build(head=head))
    assert caught.value.message is not None
    assert caught.value.message.call_id == "c@a"


def test_nothing_but_folding() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_message(b"INVITE sip:a SIP/2.0\r\n \r\n x")
    assert caught.value.message is not None
    assert len(caught.value.message.headers) == 0


def test_line_feeds_alone() -> None:
    message = parse_message(build("Subject: x", " y", body=b"a\r\n\r\nb", end="\n"))
    assert message.headers.get("Subject") == "x y"
    assert message.body == b"a\r\n\r\nb"
    assert message.cseq.number == 2


def test_line_feeds_in_the_body_of_an_ordinary_message() -> None:
    assert parse_message(build(body=b"a\n\nb")).body == b"a\n\nb"


def test_line_ends_before_the_start_line() -> None:
    assert parse_message(b"\r\n\r\n" + build()).cseq.number == 2


def test_a_message_that_just_ends() -> None:
    message = parse_message(build()[:-2])
    assert message.call_id == "c@a"
    assert message.body == b""


def test_octets_that_are_no_utf8_survive() -> None:
    odd = bytes(range(0x80, 0x100)).decode("utf-8", "surrogateescape")
    nbsp = "\u00a0x\u00a0\u2028\x1c"
    data = build(f"Subject: {odd}", f"X: {nbsp}", body=bytes(range(256)))
    message = parse_message(data)
    assert message.headers.get("Subject") == odd
    assert message.headers.get("X") == nbsp
    assert message.raw == data
    again = format_message(message)
    assert again == data.replace(b"\r\n\r\n", b"\r\nContent-Length: 256\r\n\r\n", 1)


def test_content_length_cuts_the_body() -> None:
    assert parse_message(build("Content-Length: 3", body=b"abcdef")).body == b"abc"
    assert parse_message(build("l: 0", body=b"abcdef")).body == b""
    assert parse_message(build(body=b"abcdef")).body == b"abcdef"


@pytest.mark.parametrize(
    "field",
    [
        "Content-Length: 4",
        "Content-Length: -1",
        "Content-Length: x",
        "Content-Length: 99999999999999999999999999",
        "no colon",
        "bad name: x",
        ": x",
        "Subject: a\rInjected: b",
        "\u00e9: x",
    ],
)
def test_malformed_requests_can_be_answered(field: str) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_message(build(field, "Subject: behind it", body=b"abc"))
    assert caught.value.status == 400
    partial = caught.value.message
    assert partial is not None
    assert partial.method == "INVITE"
    assert partial.headers.get("Subject") == "behind it"
    answer = parse_message(format_message(respond(partial, 400)))
    assert answer.via.branch == "z9hG4bK1"


def test_malformed_responses_cannot() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse_message(b"SIP/2.0 200 OK\r\nbad\r\n\r\n")
    assert caught.value.message is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "INVITE",
        "INVITE sip:b@h",
        "INVITE SIP/2.0",
        "INV ITE",
        "GET / HTTP/1.1",
        "IN(VITE sip:b@h SIP/2.0",
        " INVITE sip:b@h SIP/2.0",
        "SIP/2.0",
        "SIP/2.0 99 x",
        "SIP/2.0 099 x",
        "SIP/2.0 700 x",
        "SIP/2.0 2000 x",
        "SIP/2.0 20x OK",
        "SIP/2.0 ٢٠٠ OK",
        "SIP/2.0 4294967301 x",
        "INVITE sip:b@h\r SIP/2.0",
        "SIP/2.0 200 O\rK",
        "\x00",
    ],
)
def test_no_sip(line: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_message(line.encode() + b"\r\n\r\n")
    assert not isinstance(caught.value, MalformedMessage)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\n", b"\xff\xfe", b"\x00" * 100])
def test_octets_that_are_no_message(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_message(data)


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("SIP/2.0 200 OK", 200, "OK"),
        ("SIP/2.0 100 ", 100, ""),
        ("SIP/2.0 180", 180, ""),
        ("sip/2.0 486 Занято 2**3", 486, "Занято 2**3"),
    ],
)
def test_status_lines(line: str, status: int, reason: str) -> None:
    message = parse_message(line.encode() + b"\r\nX: 1\r\n\r\n")
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (status, reason)
    assert message.start_line == f"SIP/2.0 {status} {reason}"


def test_versions_are_kept_for_whoever_checks() -> None:
    for line, version in [
        ("SIP/2.0", "SIP/2.0"),
        ("sip/7.0", "sip/7.0"),
        ("SIP/2.0  ", "SIP/2.0 "),
    ]:
        message = parse_message(f"OPTIONS sip:a {line}\r\n\r\n".encode())
        assert isinstance(message, Request)
        assert message.version == version


def test_largest_message_and_one_octet_more() -> None:
    data = build(body=b"")
    room = MAX_OCTETS - len(data)
    assert len(parse_message(data + b"x" * room).body) == room
    with pytest.raises(RemoteProtocolError) as caught:
        parse_message(data + b"x" * (room + 1))
    assert caught.value.status == 513


def test_most_headers_and_one_more() -> None:
    fields = [f"X-{n}: {n}" for n in range(MAX_HEADERS - 5)]
    assert len(parse_message(build(*fields)).headers) == MAX_HEADERS
    with pytest.raises(MalformedMessage):
        parse_message(build(*fields, "One: more"))


def test_format_sets_the_length_and_keeps_the_order() -> None:
    message = Request(
        "INFO", "sip:a", Headers([("B", "1"), ("l", "77"), ("A", "2"), ("b", "3")]), b"body"
    )
    assert format_message(message) == (
        b"INFO sip:a SIP/2.0\r\nB: 1\r\nA: 2\r\nb: 3\r\nContent-Length: 4\r\n\r\nbody"
    )


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\nb", "a\rb"])
def test_no_value_of_ours_breaks_its_line(value: str) -> None:
    with pytest.raises(LocalProtocolError):
        format_message(Request("INFO", "sip:a", Headers([("A", value)])))
    with pytest.raises(LocalProtocolError):
        format_message(Response(200, value))
    with pytest.raises(LocalProtocolError):
        format_message(Request("INFO", value))


def test_respond_copies_what_it_must() -> None:
    asked = request("Via: SIP/2.0/UDP b", "Record-Route: <sip:p>", "Subject: x")
    answer = respond(asked, 486, headers=[("Retry-After", "5")], body=b"b", to_tag="t")
    assert (answer.status, answer.reason, answer.body) == (486, "Busy Here", b"b")
    assert list(answer.headers.items()) == [
        ("Via", "SIP/2.0/UDP a;branch=z9hG4bK1;rport"),
        ("Via", "SIP/2.0/UDP b"),
        ("From", '"A" <sip:a@h>;tag=1'),
        ("To", "<sip:b@h>;tag=t"),
        ("Call-ID", "c@a"),
        ("CSeq", "2 INVITE"),
        ("Retry-After", "5"),
    ]
    assert respond(asked, 486, "Nobody home").reason == "Nobody home"


@pytest.mark.parametrize(
    ("to", "wanted"),
    [
        ("<sip:b@h>;tag=old", "<sip:b@h>;tag=old"),
        ("<sip:b@h;tag=uri>", "<sip:b@h;tag=uri>;tag=t"),
        ('"x;tag=y" <sip:b@h>', '"x;tag=y" <sip:b@h>;tag=t'),
        ("sip:b@h;TAG=old", "sip:b@h;TAG=old"),
        ('"broken <sip:b@h>', '"broken <sip:b@h>;tag=t'),
    ],
)
def test_respond_adds_a_tag_once(to: str, wanted: str) -> None:
    asked = Request("INVITE", "sip:b@h", Headers([("To", to)]))
    assert respond(asked, 400, to_tag="t").headers.get("To") == wanted
    assert respond(asked, 100).headers.get("To") == to


PARTS = (
    b"preamble\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nv=0 is not here\r\n"
    b"--xyz\r\nContent-ID: <1>\r\ncontent-type :application/sdp;x=y\r\n\r\nv=0\r\no=-\r\n\r\n"
    b"--xyz--\r\nepilogue"
)


@pytest.mark.parametrize(
    ("kind", "body", "found"),
    [
        ("application/sdp", b"v=0", b"v=0"),
        ("Application/SDP;charset=UTF-8", b"v=0", b"v=0"),
        ("", b"v=0\r\n", b"v=0\r\n"),
        ("", b"<xml/>", b""),
        ("text/plain", b"v=0", b""),
        ("multipart/mixed;boundary=xyz", PARTS, b"v=0\r\no=-\r\n"),
        ('multipart/mixed; boundary="xyz"', PARTS, b"v=0\r\no=-\r\n"),
        ("multipart/mixed;boundary=xyz", PARTS.replace(b"\r\n", b"\n"), b"v=0\no=-\n"),
        ("multipart/mixed;boundary=abc", PARTS, b""),
        ("multipart/mixed", PARTS, b""),
        ('multipart/mixed;boundary=""', PARTS, b""),
    ],
)
def test_session_descriptions(kind: str, body: bytes, found: bytes) -> None:
    message = Request("INVITE", "sip:a", Headers([("Content-Type", kind)] if kind else []), body)
    assert sdp_body(message) == found
