"""``dozvon journal``: the list, what chooses rows, one call in full, times that people write."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.call.leg import Cause
from appliance.call.record import CallRecord, LegQuality, LegRecord
from appliance.commands.journal import epoch_of
from appliance.errors import UserError
from appliance.routing.decision import Reason
from appliance.store.journal import Journal
from appliance.store.writer import StateWriter
from tests.commands.conftest import CommandLine

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=MOSCOW)
BUSY = CallRecord(
    call_ref="b2",
    started_at=1772434800.0,
    direction="internal",
    caller="2001",
    caller_name="",
    dialled="2002",
    number="2002",
    sent="",
    trunk="",
    answered_by="",
    setup_s=None,
    talk_s=0.0,
    total_s=3.0,
    cause=Cause.BUSY,
)
TALKED = CallRecord(
    call_ref="a1",
    started_at=1772434900.0,
    direction="outbound",
    caller="2003",
    caller_name="Анна",
    dialled="95551525",
    number="+74955551525",
    sent="84955551525",
    trunk="first",
    answered_by="trunk first",
    setup_s=4.2,
    talk_s=65.0,
    total_s=69.2,
    cause=Cause.NORMAL,
    legs=(
        LegRecord(
            leg=2,
            role="terminating",
            party="trunk first",
            number="84955551525",
            dialled_after_s=0.1,
            rang_after_s=1.0,
            answered_after_s=4.2,
            ended_after_s=69.2,
            cause=Cause.NORMAL,
            status=200,
            quality=LegQuality(received=3250, sent=3249, lost=1, jitter_ms=2.5, mos=4.3),
        ),
        LegRecord(
            leg=1,
            role="originating",
            party="extension 2003",
            number="2003",
            dialled_after_s=0.0,
            quality=LegQuality(received=0, sent=0),
        ),
    ),
    reasons=(Reason("dialled.read_as", {"dialled": "9 555", "digits": "95551525"}),),
    alerts=("trunk_down",),
    revision=7,
)


@pytest.fixture
def rows(folder: Path) -> None:
    writer = StateWriter(folder / "state.db")
    for record in (BUSY, TALKED):
        Journal(writer).append(record)
    writer.close()


@pytest.mark.usefixtures("rows")
def test_the_latest_call_comes_first(dozvon: CommandLine) -> None:
    assert dozvon("journal") == 0
    heading, talked, busy = dozvon.out.splitlines()
    assert heading.startswith("Began") and "a1" in talked and "1:05" in talked
    assert "b2" in busy and busy.endswith("busy")


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("words", "refs"),
    [
        (("--limit", "1"), ["a1"]),
        (("--number", "2001"), ["b2"]),
        (("--number", "95551525"), ["a1"]),
        (("--result", "busy"), ["b2"]),
        (("--since", "2026-03-02T07:01:00+00:00"), ["a1"]),
        (("--until", "2026-03-02T07:01:00+00:00"), ["b2"]),
        (("--number", "0"), []),
    ],
)
def test_rows_are_chosen(dozvon: CommandLine, words: tuple[str, ...], refs: list[str]) -> None:
    assert [row["call_ref"] for row in dozvon.data("journal", *words)["calls"]] == refs


@pytest.mark.usefixtures("rows")
def test_one_call_is_told_in_full(dozvon: CommandLine) -> None:
    assert dozvon("journal", "--call", "a1", language="ru") == 0
    assert "Набрано «9 555», прочтено как 95551525" in dozvon.out
    assert "линия first" in dozvon.out and "Линия не работает" in dozvon.out
    assert "84955551525" in dozvon.out and "4.3" in dozvon.out and "3250" in dozvon.out
    assert "неизвестно" in dozvon.out, "nothing was measured on the first leg"
    shown = dozvon.data("journal", "--call", "a1")["calls"][0]
    assert shown["cause"] == "normal" and shown["legs"][0]["quality"]["lost"] == 1
    assert shown["reasons"][0]["text"].startswith("“9 555” is read")


@pytest.mark.usefixtures("rows")
def test_a_call_that_never_was(dozvon: CommandLine) -> None:
    assert dozvon("journal", "--call", "zz") == 1 and "zz" in dozvon.err


@pytest.mark.usefixtures("rows")
def test_nothing_found_is_said(dozvon: CommandLine) -> None:
    assert dozvon("journal", "--number", "0") == 0
    assert dozvon.out == "The journal has no such call.\n"


def test_a_box_that_never_ran_has_no_journal(dozvon: CommandLine) -> None:
    assert dozvon("journal") == 1 and "before the box first ran" in dozvon.err
    assert not (dozvon.folder / "state.db").exists()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10:30", datetime(2026, 3, 2, 10, 30, tzinfo=MOSCOW)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=MOSCOW)),
        ("2026-03-01T10:30", datetime(2026, 3, 1, 10, 30, tzinfo=MOSCOW)),
        ("2026-03-01T10:30+00:00", datetime(2026, 3, 1, 13, 30, tzinfo=MOSCOW)),
        ("90m", datetime(2026, 3, 2, 10, 30, tzinfo=MOSCOW)),
        ("2d", datetime(2026, 2, 28, 12, 0, tzinfo=MOSCOW)),
    ],
)
def test_times_that_people_write(text: str, moment: datetime) -> None:
    assert epoch_of("--since", text, NOW, MOSCOW) == moment.timestamp()


@pytest.mark.parametrize("text", ["yesterday", "25:00", "2026-13-01", "m", "999999d"])
def test_times_that_are_none(text: str, dozvon: CommandLine) -> None:
    with pytest.raises(UserError) as caught:
        epoch_of("--since", text, NOW, MOSCOW)
    assert caught.value.key == "journal.bad_time"
    assert dozvon("journal", "--since", text) == 2 and "--since" in dozvon.err


@pytest.mark.parametrize("words", [("--limit", "0"), ("--limit", "x"), ("--result", "fine")])
def test_mistaken_use(dozvon: CommandLine, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        dozvon("journal", *words)
    assert caught.value.code == 2
