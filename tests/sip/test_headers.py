"""Header fields in order, and the values that many of them share."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.header_names import COMPACT, key_of
from appliance.sip.headers import (
    Headers,
    NameAddr,
    Via,
    format_name_addr,
    format_via,
    parse_field,
    parse_name_addr,
    parse_via,
)


def some() -> Headers:
    return Headers(
        [("Via", "a, b"), ("From", "x"), ("v", "c"), ("SUBJECT", "s"), ("Via", ""), ("To", "y")]
    )


def test_names_are_found_in_every_spelling() -> None:
    headers = some()
    for name in ("via", "Via", "VIA", "v", "V"):
        assert headers.get(name) == "a, b"
        assert headers.get_all(name) == ["a, b", "c", ""]
        assert headers.values(name) == ["a", "b", "c"]
        assert headers.count(name) == 3
        assert name in headers
    assert headers.get("s") == "s"
    assert headers.get("Route") is None
    assert headers.get_all("Route") == headers.values("Route") == []
    assert "Route" not in headers
    assert len(headers) == 6
    assert headers.repeated() == ["via"]


@pytest.mark.parametrize("short", COMPACT)
def test_compact_forms(short: str) -> None:
    assert key_of(short) == key_of(short.upper()) == key_of(COMPACT[short].title())


def test_changes_are_seen_at_once() -> None:
    headers = some()
    assert headers.get("To") == "y"
    headers.set("to", "z")
    assert headers.get("To") == "z"
    headers.set("Via", "only")
    assert list(headers.items()) == [
        ("Via", "only"),
        ("From", "x"),
        ("SUBJECT", "s"),
        ("to", "z"),
    ]
    headers.prepend("v", "top")
    assert headers.get("Via") == "top"
    headers.replace_first("via", "newer")
    assert headers.get_all("Via") == ["newer", "only"]
    headers.replace_first("Route", "nothing")
    assert "Route" not in headers
    headers.add("Route", "<sip:a>")
    assert headers.values("route") == ["<sip:a>"]
    headers.remove("V")
    assert "Via" not in headers
    headers.set("New", "1")
    assert list(headers.items())[-1] == ("New", "1")


def test_what_get_all_gives_is_the_callers_own() -> None:
    headers = some()
    headers.get_all("Via").append("d")
    headers.values("Via").append("d")
    assert headers.get_all("Via") == ["a, b", "c", ""]


def test_copies_are_apart() -> None:
    one = some()
    assert one.get("Via")
    other = one.copy()
    assert one == other
    other.add("X", "1")
    assert one != other
    assert "X" not in one
    assert one != "a, b"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("To: x", ("to", "To", "x")),
        ("t :\tx ", ("to", "t", "x")),
        ("Subject:", ("subject", "Subject", "")),
        ("X-Y:a:b", ("x-y", "X-Y", "a:b")),
    ],
)
def test_header_lines(line: str, field: tuple[str, str, str]) -> None:
    assert parse_field(line) == field


@pytest.mark.parametrize("line", ["", "To", ": x", "T o: x", "To\x00: x", "é: x", "x" * 300 + ":"])
def test_no_header_lines(line: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_field(line)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sip:a@h", NameAddr("", "sip:a@h")),
        ("sip:a@h;tag=X;y", NameAddr("", "sip:a@h", {"tag": "X", "y": None})),
        ("sip:a@h ; tag = X", NameAddr("", "sip:a@h", {"tag": "X"})),
        ("<sip:a@h;lr?x=y>;tag=X", NameAddr("", "sip:a@h;lr?x=y", {"tag": "X"})),
        ("<sip:a@h> ;tag=X", NameAddr("", "sip:a@h", {"tag": "X"})),
        ("caller<sip:a@h>", NameAddr("caller", "sip:a@h")),
        ("A. G. Bell  <sip:a@h>", NameAddr("A. G. Bell", "sip:a@h")),
        ("Фёдор <sip:a@h>", NameAddr("Фёдор", "sip:a@h")),
        ('"a, <b>; \\"c\\"" <sip:a@h>;tag=1', NameAddr('a, <b>; "c"', "sip:a@h", {"tag": "1"})),
        ('"sip:x;tag=evil"<sip:a@h>;tag=1', NameAddr("sip:x;tag=evil", "sip:a@h", {"tag": "1"})),
        ('"" <sip:a@h>', NameAddr("", "sip:a@h")),
        ("*", NameAddr("", "*")),
        ("<tel:+7495>", NameAddr("", "tel:+7495")),
        ("<http://www.example.com>;tag=3", NameAddr("", "http://www.example.com", {"tag": "3"})),
        (
            '<sip:a@h>;+sip.instance="<urn:uuid:1>";q=0.5',
            NameAddr("", "sip:a@h", {"+sip.instance": '"<urn:uuid:1>"', "q": "0.5"}),
        ),
        ("<sip:" + "a" * 500 + "@h>", NameAddr("", "sip:" + "a" * 500 + "@h")),
    ],
)
def test_addresses(text: str, found: NameAddr) -> None:
    assert parse_name_addr(text) == found
    assert parse_name_addr(f"  {text}\t") == found
    written = format_name_addr(found.display, found.uri, found.params)
    if found.uri != "*":
        assert parse_name_addr(written) == found
    assert found.tag == (found.params.get("tag") or "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "<sip:a@h",
        '"a <sip:a@h>',
        '"a\\" <sip:a@h>',
        '"a" sip:a@h',
        "a, b <sip:a@h>",
        "< sip:a@h>",
        "<sip:a@h >",
        "<sip:a @h>",
        "sip:a @h",
        "<sip:a@h> x",
        "<sip:a@h>tag=1",
        "sip:a@h?Route=b",
        ";tag=1",
        '"' * 60_001,
        "<" * 60_000,
        '"' + "\\a" * 30_000,
    ],
)
def test_no_addresses(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_name_addr(text)


@pytest.mark.parametrize(
    ("text", "via"),
    [
        ("SIP/2.0/UDP h", Via("UDP", "h", None, {})),
        (
            "SIP/2.0/tcp h:5060;branch=z9hG4bKa;RPORT",
            Via("TCP", "h", 5060, {"branch": "z9hG4bKa", "rport": None}),
        ),
        (
            "SIP  /   2.0 /UDP     192.0.2.2 : 5060 ;branch = 390skdjuw",
            Via("UDP", "192.0.2.2", 5060, {"branch": "390skdjuw"}),
        ),
        (
            "SIP/2.0/UDP [2001:db8::9:1]:6050;received=[2001:db8::9:255]",
            Via("UDP", "2001:db8::9:1", 6050, {"received": "[2001:db8::9:255]"}),
        ),
        ("SIP/7.0/UDP h", Via("UDP", "h", None, {})),
        ("sip/2.0/UNKNOWN my_host", Via("UNKNOWN", "my_host", None, {})),
    ],
)
def test_vias(text: str, via: Via) -> None:
    assert parse_via(text) == via
    assert parse_via(format_via(via)) == via


def test_sent_by() -> None:
    assert parse_via("SIP/2.0/UDP [2001:DB8::1]:5").sent_by == "[2001:db8::1]:5"
    assert parse_via("SIP/2.0/UDP h;branch").branch == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 h",
        "SIP/2(0/UDP h",
        "HTTP/2.0/UDP h",
        "SIP/2.0/U(P h",
        "SIP/2.0/UDP h:99999",
        "SIP/2.0/UDP ;branch=1",
        "SIP/2.0/UDP 2001:db8::1",
        ";;",
        "SIP/2.0/UDP " + "h/" * 30_000,
    ],
)
def test_no_vias(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_via(text)
