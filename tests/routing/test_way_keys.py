"""The key of a trunk or a line dials its name: it takes what rings, or chooses the way to go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause
from appliance.routing.decision import (
    LiveState,
    OutboundCall,
    PickUp,
    RingingCall,
    RunApp,
    UseTrunk,
    Verdict,
)

from .office import BINDINGS, DOCUMENT, STATE, dial, keys, office

LOCAL = "95551525"  # profile P9
CITY_RINGS = LiveState(
    bindings=BINDINGS,
    ringing=(RingingCall("in", "2002", 50.0), RingingCall("inside", "2002", 20.0)),
    trunk_calls={"city": (OutboundCall("in", 40.0, False),)},
)


def chosen(way: str, by: str = "2001") -> LiveState:
    return replace(STATE, chosen={by: way})


def trunks(steps: tuple[object, ...]) -> list[str]:
    return [step.trunk for step in steps if isinstance(step, UseTrunk)]


@pytest.mark.parametrize("dialled", ["city", "sip:city@box", "ci-ty", "city;x=y", "%63ity"])
def test_a_quiet_way_is_chosen_for_the_next_call(dialled: str) -> None:
    decision = dial(dialled)
    assert decision.steps == (RunApp("way_chosen", "city"),) and decision.chooses == "city"
    assert decision.payment is None
    assert keys(decision)[-3:] == ["meaning.way", "class.allows", "way.chosen"]


def test_a_way_that_rings_is_taken() -> None:
    for dialled in ("city", "*8city"):
        decision = dial(dialled, state=CITY_RINGS)
        assert decision.steps == (PickUp("in"),) and not decision.chooses
    assert dial("eight", state=CITY_RINGS).chooses == "eight"
    nothing = dial("*8eight", state=CITY_RINGS)
    assert nothing.cause is Cause.BUSY and keys(nothing)[-1] == "pickup.nothing_by"


def test_without_directed_pickup_a_ringing_way_is_not_taken() -> None:
    closed = office(directed_pickup_code="")
    decision = dial("city", state=CITY_RINGS, snapshot=closed)
    assert decision.steps == (RunApp("way_chosen", "city"),)


def test_a_way_that_is_taken_or_off_gives_the_busy_tone() -> None:
    full = LiveState(
        trunk_calls={"plus": (OutboundCall("a", 1, False), OutboundCall("b", 1, False))}
    )
    for decision in (dial("plus", state=full), dial("off")):
        assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.BUSY)
        assert not decision.chooses


def test_the_next_call_goes_by_the_chosen_way_alone() -> None:
    assert trunks(dial(LOCAL).steps) == ["city", "plus"]
    decision = dial(LOCAL, state=chosen("plus"))
    assert trunks(decision.steps) == ["plus"] and "way.as_chosen" in keys(decision)
    assert trunks(dial(LOCAL, state=chosen("plus", by="2002")).steps) == ["city", "plus"]


def test_a_choice_opens_no_way_that_the_rule_has_not() -> None:
    decision = dial(LOCAL, state=chosen("eight"))
    assert trunks(decision.steps) == ["city", "plus"]
    assert "way.chosen_elsewhere" in keys(decision)


def test_a_choice_opens_nothing_that_the_class_forbids() -> None:
    assert dial("988125551525", state=chosen("plus", by="2005"), by="2005").cause is Cause.FORBIDDEN
    assert dial("city", by="2003").cause is Cause.FORBIDDEN


def test_emergency_calls_take_any_way() -> None:
    assert trunks(dial("112", state=chosen("plus")).steps) == trunks(dial("112").steps)


def test_a_chosen_way_that_is_full_is_busy_and_no_other_is_taken() -> None:
    full = {"plus": (OutboundCall("a", 1, False), OutboundCall("b", 1, False))}
    decision = dial(LOCAL, state=replace(chosen("plus"), trunk_calls=full))
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.CONGESTION)


def test_names_that_could_be_numbers_mean_nothing_else() -> None:
    trunks_ = (*DOCUMENT.trunks, replace(DOCUMENT.trunks[0], name="84955551525"))
    document = replace(DOCUMENT, trunks=trunks_)
    snapshot = replace(office(), document=document)
    assert trunks(dial(LOCAL, snapshot=snapshot).steps) == ["city", "plus"]
    assert not dial("84955551525", snapshot=snapshot).chooses


def test_names_in_russian() -> None:
    named = replace(DOCUMENT.trunks[2], name="Городская линия 1")
    snapshot = replace(office(), document=replace(DOCUMENT, trunks=(named,)))
    for dialled in (
        "Городская линия 1",
        "%D0%93%D0%BE%D1%80%D0%BE%D0%B4%D1%81%D0%BA%D0%B0%D1%8F%20линия%201",
    ):
        assert dial(dialled, snapshot=snapshot).chooses == "Городская линия 1"
