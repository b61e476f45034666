"""Tests of appliance/service/log_limits.py: nobody fills the log up, and what was left out is
told."""

from __future__ import annotations

import io
import logging

import pytest

from appliance.service.log_limits import (
    KIND_INFO_LINES,
    KIND_LINES,
    SENDER_LINES,
    LimitedHandler,
    sender_of,
)


def record(
    at: float, text: str, *args: object, level: int = logging.WARNING, name: str = "room"
) -> logging.LogRecord:
    made = logging.LogRecord(name, level, "", 0, text, args, None)
    made.created = at
    return made


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def handler(written: io.StringIO) -> LimitedHandler:
    return LimitedHandler(written)


def lines(written: io.StringIO) -> list[str]:
    return written.getvalue().splitlines()


@pytest.mark.parametrize(
    ("level", "most"), [(logging.WARNING, KIND_LINES), (logging.INFO, KIND_INFO_LINES)]
)
def test_a_kind_of_line_is_limited_and_what_was_left_out_is_told(
    handler: LimitedHandler, written: io.StringIO, level: int, most: int
) -> None:
    for number in range(1000):
        handler.emit(record(1000.0 + number / 100, "call %d failed", number, level=level))
    assert len(lines(written)) == most
    handler.emit(record(1061.0, "another thing"))
    assert lines(written)[most:] == [
        f"{1000 - most} lines like 'call %d failed' were left out (room)",
        "another thing",
    ]


def test_a_sender_is_limited_and_leaves_room_for_others(
    handler: LimitedHandler, written: io.StringIO
) -> None:
    for number in range(200):
        text = ("INVITE from %s refused: %s", "%s: wrong password (%s)")[number % 2]
        handler.emit(record(1000.0, text, "203.0.113.9", "why"))
    assert len(lines(written)) == SENDER_LINES
    handler.emit(record(1001.0, "%s: wrong password", "198.51.100.7"))
    assert "198.51.100.7" in lines(written)[-1]
    handler.emit(record(1100.0, "x"))
    assert "180 lines about 203.0.113.9 were left out" in lines(written)


def test_ten_thousand_senders_are_one_kind(handler: LimitedHandler, written: io.StringIO) -> None:
    for number in range(10_000):
        handler.emit(record(1000.0, "%s: wrong", f"192.0.{number // 256}.{number % 256}"))
    handler.emit(record(1100.0, "x"))
    assert len(lines(written)) <= 2 * KIND_LINES + 2


def test_endless_kinds_are_bounded(handler: LimitedHandler, written: io.StringIO) -> None:
    for number in range(5000):
        handler.emit(record(1000.0, f"kind {number}"))
    assert len(lines(written)) == 2000 + KIND_LINES


def test_debug_is_not_limited(handler: LimitedHandler, written: io.StringIO) -> None:
    for _ in range(500):
        handler.emit(record(1000.0, "<- wire", level=logging.DEBUG))
    assert len(lines(written)) == 500


def test_defects_of_ours_are_limited_by_kind_alone(
    handler: LimitedHandler, written: io.StringIO
) -> None:
    for _ in range(100):
        handler.emit(record(1000.0, "from %s broke us", "192.0.2.1", level=logging.ERROR))
    assert len(lines(written)) == KIND_LINES


def test_the_end_tells_what_was_left_out(handler: LimitedHandler, written: io.StringIO) -> None:
    for _ in range(KIND_LINES + 3):
        handler.emit(record(1000.0, "x"))
    handler.close()
    assert lines(written)[-1].startswith("3 lines like 'x'")


def test_a_clock_that_jumps_back_stops_no_summary(
    handler: LimitedHandler, written: io.StringIO
) -> None:
    for _ in range(KIND_LINES + 3):
        handler.emit(record(10_000.0, "x"))
    handler.emit(record(5.0, "y"))
    assert lines(written)[-2:] == ["3 lines like 'x' were left out (room)", "y"]


@pytest.mark.parametrize(
    ("args", "sender"),
    [
        (("203.0.113.9", "why"), "203.0.113.9"),
        (("REGISTER", "2001:db8::1", 5060), "2001:db8::1"),
        (("fe80::1%eth0",), "fe80::1%eth0"),
        (("extension 2001", 7, "add", "2001"), ""),
        ((), ""),
    ],
)
def test_who_the_sender_is(args: tuple[object, ...], sender: str) -> None:
    assert sender_of(record(0.0, "x", *args)) == sender
