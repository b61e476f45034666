"""Reading and writing descriptions, and the addresses that must never be sent to."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sdp.description import (
    address_type,
    connection_line,
    format_description,
    hostile_reason,
    is_unspecified,
    parse_description,
)

BODY = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\na=sendonly\r\n"
    b"m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=inactive\r\n"
    b"m=video 0 RTP/AVP 31\r\nc=IN IP4 10.0.0.2\r\n"
)


def test_a_description_is_read_and_written_back() -> None:
    session = parse_description(BODY)
    assert session.origin == "- 1 1 IN IP4 10.0.0.1"
    assert session.address == "10.0.0.1"
    assert session.attributes == [("sendonly", "")]
    audio, video = session.sections
    assert (audio.media, audio.port, audio.protocol, audio.formats) == (
        "audio",
        4000,
        "RTP/AVP",
        ("8", "101"),
    )
    assert audio.attribute("rtpmap") == "8 PCMA/8000"
    assert audio.attribute("ptime") is None
    assert video.address == "10.0.0.2"
    assert format_description(session) == BODY


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.replace(b"\r\n", b"\n"),
        lambda b: b.replace(b"\r\n", b"\r"),
        lambda b: b.replace(b"\r\n", b"\r\n\r\n"),
        lambda b: b.strip(),
        lambda b: b + b"\0\0\0",
        lambda b: b"\r\n" + b,
        lambda b: b.replace(b"t=0 0\r\n", b"t=0 0\r\nx=unknown\r\nb=AS:64\r\nk=prompt\r\n"),
        lambda b: b.replace(b"o=- 1 1 IN IP4 10.0.0.1\r\n", b"o=- 1 1 IN IP4 10.0.0.1 \r\n"),
    ],
)
def test_what_phones_in_the_field_send_is_read(change: object) -> None:
    assert callable(change)
    assert parse_description(change(BODY)) == parse_description(BODY)


def test_octets_that_are_not_utf8_survive() -> None:
    body = BODY.replace(b"a=inactive", b"a=title:\xff\xfe")
    assert format_description(parse_description(body)) == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"o=- 1 1 IN IP4 1.1.1.1\r\nv=0\r\n",
        b"v=0\r\nm=audio\r\n",
        b"v=0\r\nm=audio x RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 65536 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio \xd9\xa1 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4\r\n",
        b"v=0\r\nc=ATM NSAP 1.2.3.4\r\n",
        b"v=0\r\nno line at all\r\n",
        b"v=0\r\n" + b"m=audio 4000 RTP/AVP 0\r\n" * 33,
        b"v=0\r\n" + b"a=x\r\n" * 1001,
        b"v=0\r\n" + b"a=" + b"x" * 70_000,
    ],
)
def test_what_is_no_description_is_refused(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        parse_description(body)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("192.168.1.5", 4000, ""),
        ("2001:db8::1", 4000, ""),
        ("phone.example", 4000, "not_literal"),
        ("", 4000, "not_literal"),
        ("1" * 80, 4000, "not_literal"),
        ("0.0.0.0", 4000, "unspecified"),
        ("::", 4000, "unspecified"),
        ("224.0.0.1", 4000, "multicast"),
        ("ff02::1", 4000, "multicast"),
        ("::ffff:224.0.0.1", 4000, "multicast"),
        ("255.255.255.255", 4000, "broadcast"),
        ("0.1.2.3", 4000, "reserved"),
        ("240.0.0.1", 4000, "reserved"),
        ("192.168.1.5", 0, "port"),
        ("192.168.1.5", 1023, "port"),
        ("192.168.1.5", 70_000, "port"),
        ("10.0.0.9", 4000, "own"),
    ],
)
def test_hostile_addresses_are_recognised(host: str, port: int, reason: str) -> None:
    assert hostile_reason(host, port, frozenset({"10.0.0.9"})) == reason


def test_connection_lines_know_both_families() -> None:
    assert connection_line("10.0.0.1") == "c=IN IP4 10.0.0.1"
    assert connection_line("2001:db8::1") == "c=IN IP6 2001:db8::1"
    assert address_type("::1") == "IP6"
    assert is_unspecified("0.0.0.0") and not is_unspecified("10.0.0.1")
