"""The journal row is a fold over everything that happened, however little that was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.call.inputs import HangUpRequested
from appliance.call.journal import Entry, LegMeasured, fold
from appliance.call.leg import (
    Answered,
    Cause,
    Ended,
    Failed,
    Offered,
    Party,
    Progressed,
)
from appliance.call.record import LegQuality
from appliance.routing.decision import Decision, PickUp, RunApp
from tests.kit.scripted_legs import ANSWER, OFFER, Stage, outside, refuse, ring, route, trunk

INBOUND = Offered(1, Party("+74951112233", "Ivan"), "74955550000", OFFER, trunk="mango")


def finished_call() -> Stage:
    """Two phones ring, one answers, they talk for a minute."""
    stage = Stage(route(ring("hall", "desk"), alerts=("unknown_did",)))
    stage.wait(1)
    stage.tell(Progressed(2, None))
    stage.wait(4)
    stage.tell(Answered(3, ANSWER), Failed(2, Cause.ANSWERED_ELSEWHERE, 487))
    stage.wait(60)
    stage.entries.append(Entry(stage.now, LegMeasured(3, LegQuality(received=3000, mos=4.4))))
    stage.tell(Ended(3, Cause.NORMAL))
    stage.wait(2)
    stage.tell(Ended(1, Cause.NORMAL))
    return stage


def test_a_call_between_two_phones() -> None:
    record = finished_call().record()
    assert (record.call_ref, record.started_at, record.revision) == ("c-1", 1_000.0, 7)
    assert (record.caller, record.caller_name, record.dialled) == ("2001", "Anna", "2002")
    assert (record.direction, record.number, record.answered_by) == ("internal", "2002", "2002")
    assert (record.sent, record.trunk) == ("", "")
    assert (record.setup_s, record.talk_s, record.total_s) == (5.0, 60.0, 65.0)
    assert record.cause is Cause.NORMAL
    assert record.alerts == ("unknown_did",)


def test_every_leg_has_its_own_line() -> None:
    caller, hall, desk = finished_call().record().legs
    assert (caller.role, caller.party, caller.answered_after_s) == (
        "originating",
        "extension 2001",
        5.0,
    )
    assert (caller.ended_after_s, caller.cause) == (67.0, Cause.NORMAL)
    assert (hall.role, hall.party, hall.rang_after_s) == ("terminating", "extension 2002", 1.0)
    assert (hall.answered_after_s, hall.cause, hall.status) == (None, Cause.ANSWERED_ELSEWHERE, 487)
    assert (desk.answered_after_s, desk.ended_after_s) == (5.0, 65.0)
    assert desk.quality == LegQuality(received=3000, mos=4.4) and hall.quality is None


def test_a_call_by_the_second_trunk() -> None:
    stage = Stage(outside(trunk("a"), trunk("b", number="84955551525")))
    stage.tell(Failed(2, Cause.CONGESTION, 503), Answered(3, ANSWER), Ended(1, Cause.NORMAL))
    record = stage.record()
    assert (record.direction, record.trunk, record.sent) == ("outbound", "b", "84955551525")
    assert (record.answered_by, record.cause) == ("trunk b", Cause.NORMAL)
    assert [leg.party for leg in record.legs] == ["extension 2001", "trunk a", "trunk b"]


def test_an_unanswered_trunk_is_named_and_a_refused_call_has_none() -> None:
    stage = Stage(outside(trunk("a"), prompt=""))
    stage.tell(Failed(2, Cause.NOT_FOUND, 404), Ended(1, Cause.CANCELLED))
    assert (stage.record().trunk, stage.record().answered_by) == ("a", "")
    record = Stage(refuse(Cause.FORBIDDEN)).record()
    assert (record.cause, record.trunk, record.direction) == (Cause.FORBIDDEN, "", "internal")
    assert (record.setup_s, record.talk_s) == (None, 0.0)


def test_a_call_from_a_trunk() -> None:
    stage = Stage(route(ring()), INBOUND)
    stage.tell(Answered(2, ANSWER), Ended(1, Cause.NORMAL), Ended(2, Cause.NORMAL))
    record = stage.record()
    assert (record.direction, record.trunk, record.sent) == ("inbound", "mango", "")
    assert record.legs[0].party == "trunk mango"


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ((Ended(1, Cause.NORMAL),), Cause.CANCELLED),
        ((HangUpRequested(Cause.SHUTDOWN),), Cause.SHUTDOWN),
        ((Answered(2, ANSWER), Ended(2, Cause.SESSION_EXPIRED)), Cause.SESSION_EXPIRED),
        ((Failed(2, Cause.BUSY, 486), Failed(3, Cause.BUSY)), Cause.BUSY),
    ],
)
def test_the_cause_is_the_first_reason(events: tuple[Ended, ...], cause: Cause) -> None:
    stage = Stage(route(ring()))
    stage.tell(*events)
    assert stage.record().cause is cause


@pytest.mark.parametrize(
    ("decision", "events", "cause"),
    [
        (refuse(Cause.LIMIT, "limit_reached"), (), Cause.LIMIT),
        (refuse(Cause.NOT_FOUND, "no_such_number"), (Progressed(2, ANSWER),), Cause.NOT_FOUND),
        (route(ring()), (Failed(2, Cause.BUSY, 486), Progressed(3, ANSWER)), Cause.BUSY),
    ],
)
def test_whoever_does_not_hear_the_words_out_was_refused_all_the_same(
    decision: Decision, events: tuple[Progressed, ...], cause: Cause
) -> None:
    stage = Stage(decision)
    stage.tell(*events, Ended(1, Cause.CANCELLED))
    assert stage.record().cause is cause
    assert stage.record().legs[0].cause is Cause.CANCELLED


def test_apps_and_pick_ups_have_rows_too() -> None:
    stage = Stage(route(RunApp("echo")))
    stage.tell(Answered(2, ANSWER), Ended(1, Cause.NORMAL))
    assert stage.record().answered_by == "app echo"
    stage = Stage(route(PickUp("c-2")))
    stage.wait(0)
    assert stage.record().cause is Cause.NORMAL
    stage = Stage(route(PickUp("c-2")))
    stage.tell(HangUpRequested(Cause.NOT_FOUND))
    assert stage.record().cause is Cause.NOT_FOUND


def test_a_call_that_was_cut_off_ended_by_a_restart() -> None:
    stage = Stage(route(ring()))
    stage.wait(3)
    stage.tell(Answered(2, ANSWER))
    stage.wait(10)
    stage.entries.append(Entry(stage.now, LegMeasured(9, LegQuality())))
    record = stage.record()
    assert (record.cause, record.setup_s, record.talk_s) == (Cause.RESTART, 3.0, 10.0)
    empty = fold("c-2", 5.0, [])
    assert (empty.cause, empty.total_s, empty.caller, empty.revision) == (Cause.RESTART, 0.0, "", 0)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_part_of_a_journal_folds(data: st.DataObject) -> None:
    entries = finished_call().entries
    part = data.draw(st.lists(st.sampled_from(entries), max_size=15))
    part.sort(key=lambda entry: entry.now)
    record = fold("c-3", 0.0, part)
    assert record.talk_s >= 0 and record.total_s >= 0
