"""Emergency numbers go first, by every way, whatever the owner wrote (K2, K3)."""

from __future__ import annotations

import pytest

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Replacement, Snapshot
from appliance.routing.decide import is_emergency
from appliance.routing.decision import LiveState, OutboundCall, UseTrunk, Verdict

from .office import BARE, DOCUMENT, P0, P9, TRUNKS, US9, changed, dial, key_in, keys, office, ways

K = DestinationKind
NUMBERS = ("112", "101", "102", "103", "104", "911", "01", "02", "03", "04")


def calls(name: str, *kinds: bool) -> tuple[OutboundCall, ...]:
    return tuple(OutboundCall(f"{name}-{n}", float(n), kind) for n, kind in enumerate(kinds))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("prefix", "snapshot"), [("9", P9), ("0", P0), ("", BARE)])
def test_with_and_without_the_prefix(prefix: str, snapshot: Snapshot, number: str) -> None:
    for dialled in (number, prefix + number):
        decision = dial(dialled, snapshot)
        assert (decision.verdict, decision.kind) == (Verdict.ROUTE, K.EMERGENCY)
        assert decision.number == number
        assert decision.is_emergency
        assert decision.alerts == ("emergency_call",)


@pytest.mark.parametrize(("prefix", "snapshot"), [("9", P9), ("0", P0), ("", BARE)])
def test_a_call_for_help_is_known_before_its_way_is_asked_for(
    prefix: str, snapshot: Snapshot
) -> None:
    for number in NUMBERS:
        for dialled in (number, prefix + number, "+" + number):
            assert is_emergency(dialled, snapshot) is dial(dialled, snapshot).is_emergency
            assert is_emergency(dialled, snapshot)
    for other in ("2001", "*43", "84951234567", "1120", "", "x"):
        assert not is_emergency(other, snapshot)


@pytest.mark.parametrize(
    ("number", "sent"), [("911", "112"), ("112", "112"), ("101", "101"), ("01", "101")]
)
def test_sent_as_the_country_wants(number: str, sent: str) -> None:
    assert {number for _, number in ways(dial(number))} == {sent}


def test_america_sends_911() -> None:
    assert {number for _, number in ways(dial("112", US9))} == {"911"}


def test_every_enabled_trunk_in_the_rules_order() -> None:
    assert [trunk for trunk, _ in ways(dial("112"))] == ["city", "eight", "plus", "bare"]


def test_no_rules_no_classes_no_limits() -> None:
    bare = changed(P9, rules=(), classes=())
    decision = dial("112", bare, LiveState(extension_calls={"2001": 99}))
    assert [trunk for trunk, _ in ways(decision)] == ["plus", "eight", "city", "bare"]


def test_a_disabled_or_unknown_extension_may_call_for_help() -> None:
    for by in ("2010", "9999"):
        assert dial("112", by=by).verdict is Verdict.ROUTE


def test_ways_are_left_soon_and_on_any_failure() -> None:
    for step in dial("112").steps:
        assert isinstance(step, UseTrunk)
        assert step.no_answer_s <= 4.0
        assert {403, 404, 486, 503, 603} <= set(step.leave_on)


def test_down_trunks_come_last() -> None:
    decision = dial("112", state=LiveState(down={"city": "dns", "plus": "no_answer"}))
    assert [trunk for trunk, _ in ways(decision)] == ["eight", "bare", "city", "plus"]


def test_the_youngest_normal_call_is_dropped_when_full() -> None:
    full = {
        "plus": calls("plus", False, False),
        "eight": calls("eight", *[False] * 9, True),
        "city": calls("city", *[True] * 10),
        "bare": calls("bare", *[False] * 10),
    }
    decision = dial("112", state=LiveState(trunk_calls=full))
    steps = [step for step in decision.steps if isinstance(step, UseTrunk)]
    assert [(step.trunk, step.preempt) for step in steps] == [
        ("city", ""),
        ("eight", "eight-8"),
        ("plus", "plus-1"),
        ("bare", "bare-9"),
    ]
    assert "way.full_of_emergencies" in keys(decision)


def test_nobody_is_dropped_while_another_way_is_free() -> None:
    full = {"city": calls("city", *[False] * 10)}
    first = dial("112", state=LiveState(trunk_calls=full)).steps[0]
    assert isinstance(first, UseTrunk)
    assert (first.trunk, first.preempt) == ("eight", "")


def test_a_normal_call_never_drops_another() -> None:
    full = {"plus": calls("plus", False, False)}
    decision = dial("989036785665", state=LiveState(trunk_calls=full))
    assert all(not s.preempt for s in decision.steps if isinstance(s, UseTrunk))


def test_without_any_trunk_the_owner_is_told() -> None:
    off = tuple(t for t in TRUNKS if not t.is_enabled)
    decision = dial("112", changed(P9, trunks=off))
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.UNREACHABLE)
    assert decision.alerts == ("emergency_call", "emergency_no_way")
    assert keys(decision)[-1] == "emergency.no_way"


def test_nothing_that_an_owner_writes_shadows_them() -> None:
    replacements = tuple(Replacement(prefix=n, instead="2001") for n in NUMBERS)
    hostile = office(
        "custom",
        outside_prefix="1",
        pickup_code="112",
        echo_code="911",
        directed_pickup_code="10",
        replacements=replacements,
    )
    for number in NUMBERS:
        assert dial(number, hostile).kind is K.EMERGENCY


@pytest.mark.parametrize("digits", ["112", "101", "102", "103", "104", "9112", "9101", "901"])
def test_dialled_one_by_one_they_go_at_once(digits: str) -> None:
    decision = key_in(digits)
    assert decision.kind is K.EMERGENCY and decision.is_digit_final


@pytest.mark.parametrize("snapshot", [P9, BARE])
def test_911_waits_for_the_timer(snapshot: Snapshot) -> None:
    assert key_in("911", snapshot).verdict is Verdict.MORE_DIGITS
    assert key_in("911", snapshot, is_complete=True).kind is K.EMERGENCY
    assert key_in("911#", snapshot).kind is K.EMERGENCY


def test_old_two_digit_numbers_wait_where_zero_leads_outside() -> None:
    assert key_in("04", P9).kind is K.EMERGENCY
    assert key_in("04", P0).verdict is Verdict.MORE_DIGITS
    assert key_in("04", P0, is_complete=True).kind is K.EMERGENCY
    assert key_in("0112", P0).kind is K.EMERGENCY


def test_911_goes_at_once_where_no_number_begins_so() -> None:
    assert key_in("911", US9).kind is K.EMERGENCY
    assert key_in("9911", US9).kind is K.EMERGENCY


def test_the_document_of_these_tests_has_a_trunk_that_is_off() -> None:
    assert any(not trunk.is_enabled for trunk in DOCUMENT.trunks)
    assert "way.disabled" in keys(dial("112"))
