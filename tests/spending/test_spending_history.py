"""Tests of appliance/spending/history.py and store/outgoing.py: what a restart remembers."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.call.leg import Cause
from appliance.call.record import CallRecord
from appliance.routing.decision import Reason
from appliance.spending.history import moment, take_in
from appliance.spending.spending import Spending
from appliance.store.migrations import MIGRATIONS
from appliance.store.outgoing import read_outgoing
from appliance.store.record_codec import COLUMNS, encode_record
from tests.routing.office import P9

ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZONE).timestamp()
TODAY = date(2026, 3, 2)
MOBILE = "+79036785665"


def _row(call_ref: str, started_at: float, talk_s: float, **fields: object) -> CallRecord:
    values: dict[str, object] = {
        "direction": "outbound",
        "caller": "2001",
        "caller_name": "",
        "dialled": "989036785665",
        "number": MOBILE,
        "sent": MOBILE,
        "trunk": "plus",
        "answered_by": "",
        "setup_s": 1.0,
        "total_s": talk_s + 5,
        "cause": Cause.NORMAL,
        **fields,
    }
    return CallRecord(call_ref=call_ref, started_at=started_at, talk_s=talk_s, **values)  # type: ignore[arg-type]


def _restored(*rows: CallRecord, wall: float = NOON) -> Spending:
    db = sqlite3.connect(":memory:")
    for step in MIGRATIONS:
        for statement in step:
            db.execute(statement)
    for row in rows:
        marks = ", ".join("?" * len(COLUMNS))
        db.execute(f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({marks})", encode_record(row))
    at = moment(wall, 1000.0, "Europe/Moscow")
    spending = Spending()
    take_in(spending, read_outgoing(db, at.since), P9, at)
    db.close()
    return spending


def test_the_day_and_the_hour_are_remembered() -> None:
    spent = _restored(
        _row("morning", NOON - 7200, 600.0),
        _row("now", NOON - 600, 60.0),
        _row("yesterday", NOON - 86400, 6000.0),
    ).spent("2001", 1000.0, TODAY)
    assert (spent.calls, spent.calls_last_hour, spent.seconds_today) == (0, 1, 660.0)


def test_the_hour_goes_on_by_the_new_clock() -> None:
    spending = _restored(_row("a", NOON - 3000, 0.0), _row("b", NOON - 600, 0.0))
    assert spending.spent("2001", 1500.0, TODAY).calls_last_hour == 2
    assert spending.spent("2001", 1700.0, TODAY).calls_last_hour == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "112", "sent": "112", "dialled": "112"},
        {"number": "+78005553535", "dialled": "988005553535"},
        {"sent": "", "cause": Cause.FORBIDDEN},  # refused: it never left
        {"caller": "+79031112233", "direction": "inbound"},
        {"number": "2002", "sent": "", "direction": "internal"},
    ],
)
def test_what_costs_nothing_is_not_remembered(fields: dict[str, object]) -> None:
    spent = _restored(_row("a", NOON - 60, 30.0, **fields)).spent("2001", 1000.0, TODAY)
    assert (spent.calls_last_hour, spent.seconds_today) == (0, 0.0)


def test_a_call_that_a_restart_cut_counts_with_what_it_lasted_at_least() -> None:
    cut = {"number": "", "sent": "", "direction": "", "trunk": "", "cause": Cause.RESTART}
    spent = _restored(_row("a", NOON - 900, 0.0, total_s=800.0, **cut)).spent("2001", 1000.0, TODAY)
    assert (spent.calls_last_hour, spent.seconds_today) == (1, 800.0)
    inside = _row("b", NOON - 900, 0.0, total_s=800.0, **{**cut, "dialled": "2002"})
    assert _restored(inside).spent("2001", 1000.0, TODAY).calls_last_hour == 0


@pytest.mark.parametrize("dialled", ["989036785665#", "9-8-903-678-56-65", "9 8 903 6785665"])
def test_a_call_that_was_cut_is_read_as_it_was_when_it_began(dialled: str) -> None:
    cut = {"number": "", "sent": "", "direction": "", "trunk": "", "cause": Cause.RESTART}
    row = _row("a", NOON - 900, 0.0, total_s=800.0, **{**cut, "dialled": dialled})
    assert _restored(row).spent("2001", 1000.0, TODAY).seconds_today == 800.0


def test_a_call_over_midnight_counts_with_what_falls_on_today() -> None:
    midnight = datetime(2026, 3, 2, tzinfo=ZONE).timestamp()
    row = _row("a", midnight - 1000, 1500.0, total_s=1500.0)
    spent = _restored(row, wall=midnight + 900).spent("2001", 1000.0, TODAY)
    assert (spent.calls_last_hour, spent.seconds_today) == (1, 500.0)


def test_a_forwarded_call_is_remembered_on_its_forwarders_account() -> None:
    reasons = (Reason("caller.on_behalf", {"extension": "2002"}),)
    row = _row("a", NOON - 60, 30.0, caller="+79031112233", direction="inbound", reasons=reasons)
    spending = _restored(row)
    assert spending.spent("2002", 1000.0, TODAY).seconds_today == 30.0


def test_a_row_of_the_future_counts_as_of_now() -> None:
    spent = _restored(_row("a", NOON + 5000, 30.0)).spent("2001", 1000.0, TODAY)
    assert spent.calls_last_hour == 1


def test_a_box_that_woke_without_the_time_reckons_from_the_last_call_that_it_wrote() -> None:
    rows = [
        _row("month", NOON - 30 * 86400, 9000.0),
        _row("yesterday", NOON - 86400, 6000.0),
        _row("morning", NOON - 7200, 600.0),
        _row("now", NOON - 600, 60.0),
    ]
    spent = _restored(*rows, wall=60.0).spent("2001", 1000.0, TODAY)
    assert (spent.calls_last_hour, spent.seconds_today) == (1, 660.0)


def test_the_day_goes_on_when_the_clock_of_such_a_box_is_set() -> None:
    never, tomorrow = date(1970, 1, 1), date(2026, 3, 3)
    same_day, next_day = [_restored(_row("a", NOON, 60.0), wall=60.0) for _ in range(2)]
    for spending in (same_day, next_day):
        assert spending.spent("2001", 1000.0, never).seconds_today == 60.0
    assert same_day.spent("2001", 1030.0, TODAY).seconds_today == 60.0
    assert same_day.spent("2001", 1060.0, tomorrow).seconds_today == 0.0
    assert next_day.spent("2001", 1030.0, tomorrow).seconds_today == 0.0


def test_a_row_of_a_time_when_the_clock_was_ahead_lets_no_later_row_be_forgotten() -> None:
    ahead, now = _row("a", NOON + 9e7, 30.0), _row("b", NOON - 600, 60.0)
    spent = _restored(ahead, now).spent("2001", 1000.0, TODAY)
    assert (spent.calls_last_hour, spent.seconds_today) == (2, 90.0)


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        ("2026-03-29T12:00", 11),  # the night lost an hour
        ("2026-10-25T12:00", 13),  # the night had one more
        ("2026-06-01T12:00", 12),
    ],
)
def test_a_day_begins_at_the_sites_midnight_whatever_daylight_saving_does(
    local: str, hours: int
) -> None:
    wall = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    at = moment(wall, 0.0, "Europe/Berlin")
    assert wall - at.midnight == hours * 3600


def test_of_several_who_sent_a_call_on_the_last_one_paid() -> None:
    chain = tuple(Reason("caller.on_behalf", {"extension": number}) for number in ("2001", "2002"))
    row = _row("a", NOON - 60, 30.0, caller="+79031112233", direction="inbound", reasons=chain)
    spending = _restored(row)
    assert spending.spent("2002", 1000.0, TODAY).seconds_today == 30.0
    assert spending.spent("2001", 1000.0, TODAY).seconds_today == 0.0
