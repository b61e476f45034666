"""Lines in routing: ways out like trunks, callers like theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, DialRule, Did, Line, LineKind, NumberForm
from appliance.config.presets import make_snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import (
    CallRequest,
    Decision,
    LiveState,
    OutboundCall,
    RingExtension,
    RunApp,
    UseTrunk,
    Verdict,
)
from tests.config.offices import office

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
CITY = Line(
    name="city",
    kind=LineKind.FXO,
    device="sim:a",
    extension="2001",
    number="+74955550001",
    number_form=NumberForm.NATIONAL,
)
DESK = Line(name="desk", kind=LineKind.FXS, device="sim:a", port=1, extension="2001")
RULE = DialRule(
    name="out",
    kinds=(DestinationKind.NATIONAL, DestinationKind.LOCAL, DestinationKind.MOBILE),
    ways=("mango", "city"),
)


def ask(
    dialled: str,
    state: LiveState | None = None,
    *,
    changes: dict[str, Any] | None = None,
    **who: Any,
) -> Decision:
    given = {"lines": (CITY, DESK), "rules": (RULE,)} | (changes or {})
    document = replace(office(), **given)
    return decide(
        CallRequest(dialled=dialled, **who), make_snapshot(1, document), state or LiveState(), NOW
    )


def ways(decision: Decision) -> list[tuple[str, str]]:
    return [(s.trunk, s.number) for s in decision.steps if isinstance(s, UseTrunk)]


def test_a_line_is_a_way_after_the_trunk_with_its_own_form() -> None:
    decision = ask("989101234567", extension="2001")
    assert ways(decision) == [("mango", "+79101234567"), ("city", "89101234567")]
    assert decision.steps[1].caller_id == "84955550001"  # type: ignore[union-attr]


def test_a_dead_trunk_is_tried_after_the_line() -> None:
    state = LiveState(down={"mango": "no_answer"})
    assert [w for w, _ in ways(ask("989101234567", state, extension="2001"))] == ["city", "mango"]


def test_a_busy_line_is_full() -> None:
    busy = {"city": (OutboundCall("c1", 1.0, is_emergency=False),)}
    decision = ask("989101234567", LiveState(trunk_calls=busy), extension="2001")
    assert [w for w, _ in ways(decision)] == ["mango"]


def test_an_emergency_takes_a_busy_line() -> None:
    silent = tuple(replace(t, is_enabled=False) for t in office().trunks)
    busy = {"city": (OutboundCall("c1", 1.0, is_emergency=False),)}
    decision = ask("112", LiveState(trunk_calls=busy), changes={"trunks": silent}, extension="2001")
    (step,) = decision.steps
    assert isinstance(step, UseTrunk)
    assert (step.trunk, step.number, step.preempt) == ("city", "112", "c1")


def test_who_calls_by_a_line_rings_its_extension() -> None:
    state = LiveState(bindings={"2001": ("line:desk",)})
    decision = ask("", state, trunk="city")
    assert decision.steps == (RingExtension("2001", ("line:desk",), 60),)
    assert decision.reasons[-2].key == "did.known"


def test_a_did_of_the_line_says_otherwise() -> None:
    state = LiveState(bindings={"2002": ("p",), "2001": ("q",)})
    two = replace(office().extensions[1], is_enabled=True)
    dids = (Did(number="+74955550001", trunk="city", extension="2002"),)
    changes = {"dids": dids, "extensions": (office().extensions[0], two)}
    decision = ask("+74955550001", state, changes=changes, trunk="city")
    assert decision.steps == (RingExtension("2002", ("p",), 60),)


def test_a_line_takes_messages_for_its_extension() -> None:
    """Nobody rings, though its telephone could; a DID of the line changes nothing."""
    first, second, *others = office().extensions
    line = replace(CITY, announces="voicemail", extension="2002")
    dids = (Did(number="+74955550001", trunk="city", extension="2001"),)
    changes = {"lines": (line, DESK), "dids": dids}
    state = LiveState(bindings={"2001": ("line:desk",), "2002": ("p",)})
    owners = (first, replace(second, voicemail=True, is_enabled=True), *others)
    decision = ask("+74955550001", state, changes=changes | {"extensions": owners}, trunk="city")
    assert (decision.steps, decision.number) == ((RunApp("voicemail", "2002"),), "2002")
    assert decision.reasons[-1].key == "did.voicemail"
    without = ask("+74955550001", state, changes=changes, trunk="city")
    assert (without.verdict, without.cause) == (Verdict.REFUSE, Cause.UNREACHABLE)
    assert without.reasons[-1].key == "voicemail.none"


def test_a_line_that_is_off_brings_nobody() -> None:
    off = replace(CITY, is_enabled=False)
    decision = ask("", changes={"lines": (off, DESK)}, trunk="city")
    assert decision.verdict is Verdict.REFUSE and decision.cause is Cause.FORBIDDEN


def test_a_telephone_is_no_way() -> None:
    assert ask("", trunk="desk").verdict is Verdict.REFUSE


def test_an_emergency_dials_a_line_blindly_only_when_nothing_else_is_left() -> None:
    rule = replace(RULE, kinds=(DestinationKind.EMERGENCY,), ways=("city",))
    second = replace(CITY, name="second", port=2)

    def tried(**changes: Any) -> list[tuple[str, bool]]:
        steps = ask("112", changes=changes, extension="2001").steps
        return [(s.trunk, s.is_blind) for s in steps if isinstance(s, UseTrunk)]

    assert tried(rules=(rule,)) == [("city", False), ("mango", False), ("city", True)]
    assert tried() == [("mango", False), ("city", True)]
    assert tried(lines=(CITY, second), trunks=()) == [
        ("city", False),
        ("second", True),
        ("city", True),
    ]
    deaf = replace(CITY, needs_dial_tone=False)  # it is always dialled blindly
    assert tried(lines=(deaf,)) == [("mango", False), ("city", False)]
