"""drivers/modem_v253/caller.py: caller id out of lines in any order, and when ringing ends."""

from __future__ import annotations

import itertools

import pytest

from drivers.events import CallerIdStatus
from drivers.modem_v253.caller import CallerIdGatherer, RingWatch

LINES = ("DATE = 1122", "TIME = 0930", "NMBR = 4951234567", "NAME = IVANOV")


@pytest.mark.parametrize("lines", list(itertools.permutations(LINES))[::5])
def test_any_order_gives_the_record(lines: tuple[str, ...]) -> None:
    gatherer, found = CallerIdGatherer(), []
    for step, line in enumerate(lines):
        gatherer.add(line, 10 + step * 0.01)
        found.append(gatherer.take(10 + step * 0.01))
    found.append(gatherer.take(10.2))
    record = [record for record in found if record][-1]
    assert (record.number, record.name, record.time) == ("4951234567", "IVANOV", "11220930")
    assert record.status is CallerIdStatus.GIVEN and record.source == "modem"
    assert gatherer.take(11) is None, "told once"


def test_whole_at_its_last_field_without_waiting() -> None:
    gatherer = CallerIdGatherer()
    for line in LINES:
        gatherer.add(line, 5.0)
    assert gatherer.take(5.0) is not None


def test_without_a_name_it_is_told_80_ms_after_the_last_line() -> None:
    gatherer = CallerIdGatherer()
    gatherer.add("NMBR=4951234567", 5.0)
    assert gatherer.take(5.0) is None
    assert gatherer.deadline == pytest.approx(5.08)
    assert gatherer.take(5.08) is not None
    assert gatherer.deadline is None


def test_a_late_name_renews_it() -> None:
    gatherer = CallerIdGatherer()
    gatherer.add("NMBR=4951234567", 5.0)
    assert gatherer.take(5.1) is not None
    gatherer.add("NAME=IVANOV", 5.4)
    record = gatherer.take(5.4)
    assert record is not None and record.name == "IVANOV"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("P", CallerIdStatus.WITHHELD),
        ("private", CallerIdStatus.WITHHELD),
        ("O", CallerIdStatus.UNAVAILABLE),
        ("", CallerIdStatus.UNAVAILABLE),
        ("???", CallerIdStatus.UNAVAILABLE),
    ],
)
def test_no_number(value: str, status: CallerIdStatus) -> None:
    gatherer = CallerIdGatherer()
    gatherer.add(f"NMBR={value}", 1.0)
    record = gatherer.take(2.0)
    assert record is not None
    assert (record.number, record.status) == ("", status)


def test_the_next_call_begins_anew() -> None:
    gatherer = CallerIdGatherer()
    for line in LINES:
        gatherer.add(line, 5.0)
    gatherer.take(5.0)
    gatherer.add("NMBR=88001234567", 20.0)
    record = gatherer.take(21.0)
    assert record is not None and record.name == ""


def test_lines_without_a_number_are_no_record_and_wake_nobody_for_ever() -> None:
    gatherer = CallerIdGatherer()
    gatherer.add("DATE=1122", 1.0)
    assert gatherer.take(1.2) is None
    assert gatherer.deadline is None


def test_a_ringing_begins_and_ends_once() -> None:
    watch = RingWatch()
    assert watch.ring(0.0) and not watch.ring(5.0) and not watch.ring(10.0)
    assert watch.count == 3
    assert not watch.take_stop(16.9)
    assert watch.take_stop(17.0)
    assert not watch.take_stop(18.0)
    assert watch.ring(30.0)


def test_a_packet_in_hex_is_read_whole() -> None:
    """The vector of EN 300 659-3's kind with a name: +VCID=2 of a Si2494."""
    gatherer = CallerIdGatherer()
    text = "801E0108313132323039333002 0A34393531323334353637 0706 4956414E4F56 CD"
    gatherer.add(f"MESG = {text}", 3.0)
    record = gatherer.take(3.0)
    assert record is not None
    assert (record.number, record.name, record.time) == ("4951234567", "IVANOV", "11220930")
    assert record.source == "modem"


@pytest.mark.parametrize("text", ["801E01", "zz", "8003010203", ""])
def test_a_packet_that_is_none_is_no_record(text: str) -> None:
    gatherer = CallerIdGatherer()
    gatherer.add(f"MESG={text}", 3.0)
    assert gatherer.take(4.0) is None and gatherer.deadline is None


def test_cyrillic_names_survive() -> None:
    gatherer = CallerIdGatherer()
    gatherer.add("NMBR=4951234567", 3.0)
    gatherer.add("NAME=" + "Иванов".encode("cp1251").decode("latin-1"), 3.0)
    record = gatherer.take(3.0)
    assert record is not None and record.name == "Иванов"
