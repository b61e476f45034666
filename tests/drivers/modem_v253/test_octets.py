"""drivers/modem_v253/octets.py: any split gives the same tokens; the end of a stream is found."""

from __future__ import annotations

import random

import pytest

from drivers.modem_v253.octets import Code, Report, Splitter, StreamEnd, TextLine, Token


def tokens(pieces: list[bytes]) -> list[Token]:
    splitter, found = Splitter(), []
    for piece in pieces:
        splitter.feed(piece)
        while (token := splitter.next()) is not None:
            found.append(token)
    return found


MIXED = (
    b"AT+FCLASS=8\r\r\nOK\r\n\x10R\r\nRING\r\n"
    b"\x10XCIDM\r\nDATE = 1122\r\nNMBR = 4951234567\r\n\x10.\x10b\r\nNO CARRIER\r\n"
)
MEANT = [
    TextLine("AT+FCLASS=8"),
    TextLine("OK"),
    Code(ord("R")),
    TextLine("RING"),
    Report(("CIDM", "DATE = 1122", "NMBR = 4951234567")),
    Code(ord("b")),
    TextLine("NO CARRIER"),
]


def test_lines_codes_and_reports_mixed() -> None:
    assert tokens([MIXED]) == MEANT


@pytest.mark.parametrize("seed", range(20))
def test_any_split_gives_the_same(seed: int) -> None:
    chance, at, pieces = random.Random(seed), 0, []
    while at < len(MIXED):
        size = chance.choice((1, 1, 2, 3, 7, 40))
        pieces.append(MIXED[at : at + size])
        at += size
    assert tokens(pieces) == MEANT


def test_a_code_inside_a_line_leaves_the_line_whole() -> None:
    assert tokens([b"\r\nO\x10bK\r\n"]) == [Code(ord("b")), TextLine("OK")]


def test_who_stops_at_connect_gets_the_audio_untouched() -> None:
    splitter = Splitter()
    splitter.feed(b"\r\nCONNECT\r\n\x80\x10\x10\n\x81")
    assert splitter.next() == TextLine("CONNECT")
    assert splitter.rest() == b"\x80\x10\x10\n\x81"
    assert splitter.rest() == b""


def test_endless_lines_and_reports_are_dropped_and_counted() -> None:
    splitter = Splitter()
    splitter.feed(b"x" * 1000 + b"\nOK\r\n\x10X" + b"y" * 2000 + b"\r\nRING\r\n")
    found = []
    while (token := splitter.next()) is not None:
        found.append(token)
    assert TextLine("OK") in found and found[-1] == TextLine("RING")
    assert splitter.dropped_octets > 1000


@pytest.mark.parametrize(
    ("octets", "rest"),
    [
        (b"\x80\x81\x10\x03\r\nOK\r\n", b"\r\nOK\r\n"),
        (b"\x80\x10\x10\x03\x10\x03", b""),
        (b"\x10b\x10u\x10\x03x", b"x"),
        (b"\r\nOK\r\n", b"\r\nOK\r\n"),
        (b"\x80\x80\r\nOK\r\nRING", b"\r\nOK\r\nRING"),
        (b"\r\nVCON\r\n", b"\r\nOK\r\n"),
    ],
)
def test_the_end_of_a_stream(octets: bytes, rest: bytes) -> None:
    assert StreamEnd().feed(octets) == rest
    bytewise = StreamEnd()
    ends = [bytewise.feed(bytes((octet,))) for octet in octets]
    assert any(end is not None for end in ends)


def test_codes_before_the_end_are_kept_and_audio_is_not() -> None:
    end = StreamEnd()
    assert end.feed(b"\x80\x10b\x10\x10\x10\x1a\x10u") is None
    assert end.codes == [ord("b"), ord("u")]
