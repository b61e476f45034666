"""Messages out of streams, however the stream is cut."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.framing import StreamFramer
from appliance.sip.message import MAX_OCTETS


def message(body: bytes = b"", name: bytes = b"Content-Length") -> bytes:
    return b"OPTIONS sip:a SIP/2.0\r\nX: 1\r\n%s: %d\r\n\r\n%s" % (name, len(body), body)


def feed_by(stream: bytes, size: int) -> tuple[list[bytes], int]:
    framer = StreamFramer()
    found = []
    for start in range(0, len(stream), size):
        found += framer.feed(stream[start : start + size])
    assert framer.waiting == 0
    return found, framer.pongs_due


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 100_000])
def test_any_cut_gives_the_same_messages_and_pings(size: int) -> None:
    parts = [message(b"one\r\n\r\n"), message(), message(b"x" * 3000, b"l"), message(b"\r\n")]
    stream = b"\r\n\r\n" + parts[0] + b"\r\n" + parts[1] + b"\r\n\r\n\r\n\r\n" + parts[2] + parts[3]
    assert feed_by(stream, size) == (parts, 3)


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Length:3",
        b"CONTENT-LENGTH  :\t3 ",
        b"L: 3",
        b"Content-Length:\r\n 3",
        b"Content-Length: 3\r\nl: 3",
        b"Subject: a\r\n Content-Length: 9\r\nContent-Length: 3",
    ],
)
def test_spellings_of_the_length(field: bytes) -> None:
    whole = b"OPTIONS sip:a SIP/2.0\r\n" + field + b"\r\n\r\nabc"
    framer = StreamFramer()
    assert framer.feed(whole + b"OPT") == [whole]
    assert framer.waiting == 3


@pytest.mark.parametrize(
    "field",
    [
        b"X: 1",
        b"Content-Length: -1",
        b"Content-Length: x",
        b"Content-Length:",
        b"Content-Length: 3\r\nContent-Length: 4",
        b"Content-Length: 65536",
        b"Content-Length: 99999999999999999999999",
        b"Content-Length: 65500",
        b"Subject: a\r\n Content-Length: 9",
    ],
)
def test_lengths_that_end_the_connection(field: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        StreamFramer().feed(b"OPTIONS sip:a SIP/2.0\r\n" + field + b"\r\n\r\n")


def test_body_waits_for_its_last_octet() -> None:
    framer = StreamFramer()
    whole = message(b"abc")
    assert framer.feed(whole[:-1]) == []
    assert framer.waiting == len(whole) - 1
    assert framer.feed(whole[-1:]) == [whole]


def test_endless_header_ends_the_connection() -> None:
    framer = StreamFramer()
    with pytest.raises(RemoteProtocolError) as caught:
        for _ in range(MAX_OCTETS // 1000 + 1):
            framer.feed(b"a" * 1000)
    assert caught.value.status == 513


def test_largest_message_passes() -> None:
    head = message(b"x" * 60000)
    assert StreamFramer().feed(head) == [head]


def test_messages_before_trouble_are_not_given_twice() -> None:
    framer = StreamFramer()
    assert framer.feed(message()) == [message()]
    with pytest.raises(RemoteProtocolError):
        framer.feed(b"nonsense\r\n\r\n")


def test_keep_alives_alone() -> None:
    framer = StreamFramer()
    for octet in b"\r\n\r\n\r\n":
        assert framer.feed(bytes([octet])) == []
    assert framer.pongs_due == 1
    assert framer.feed(message()) == [message()]
    assert framer.waiting == 0
