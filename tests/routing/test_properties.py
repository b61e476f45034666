"""What must hold for any digits, any caller and any document."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.config.model import (
    DestinationKind,
    DialProfile,
    DialRule,
    Document,
    Extension,
    Replacement,
)
from appliance.config.presets.loader import make_snapshot, numbering
from appliance.routing.caller import callable_form, present_caller
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, LiveState, UseTrunk, Verdict
from appliance.routing.plan import plan_of
from appliance.routing.texts import REASONS, say

from .office import BARE, DOCUMENT, NOW, P0, P9, SIX, STATE, TRUNKS, US9, dial, key_in, office

CUSTOM = office(
    "custom",
    outside_prefix="7",
    replacements=(
        Replacement(prefix="00", instead="7810"),
        Replacement(prefix="5", length=3, instead="20"),
        Replacement(prefix="66", instead="11"),
    ),
)
BY_NAME = {"P9": P9, "P0": P0, "none": BARE, "six": SIX, "US": US9, "custom": CUSTOM}
OFFICES = st.sampled_from(sorted(BY_NAME))
KEYPAD = st.text("0123456789*#", max_size=20)
TELLING = st.one_of(
    KEYPAD,
    st.sampled_from(
        ("9", "0", "7", "8", "98", "9810", "98903", "00", "0112", "911", "*8200")
    ).flatmap(lambda start: st.text("0123456789", max_size=12).map(lambda rest: start + rest)),
)
code = st.text("0123456789*#", max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents as wild as the types allow, emergency-shadowing ones among them."""
    dialling = DialProfile(
        name=draw(st.sampled_from(("P9", "P0", "none", "custom"))),
        outside_prefix=draw(st.text("0123456789", max_size=2)),
        local_length=draw(st.integers(5, 8)),
        pickup_code=draw(code),
        echo_code=draw(code),
        directed_pickup_code=draw(code),
        replacements=tuple(
            Replacement(prefix=draw(code), length=draw(st.integers(0, 5)), instead=draw(code))
            for _ in range(draw(st.integers(0, 3)))
        ),
    )
    numbers = draw(st.sets(st.text("0123456789", min_size=1, max_size=5), max_size=6))
    extensions = tuple(
        Extension(number=n, secret="x", class_of_service=draw(st.sampled_from(("all", "nothing"))))
        for n in sorted(numbers | {"2001"})
    )
    rules = draw(st.permutations(DOCUMENT.rules))
    kept = draw(st.integers(0, len(rules)))
    return replace(DOCUMENT, dialling=dialling, extensions=extensions, rules=tuple(rules[:kept]))


@given(documents(), st.sampled_from(numbering("RU").emergency), st.booleans())
@settings(max_examples=200, deadline=None)
def test_emergency_is_always_first(document: Document, number: str, is_prefixed: bool) -> None:
    snapshot = make_snapshot(1, document)
    prefix = plan_of(snapshot).profile.prefix if is_prefixed else ""
    decision = dial(prefix + number, snapshot, LiveState(extension_calls={"2001": 50}))
    assert decision.kind is DestinationKind.EMERGENCY
    enabled = {trunk.name for trunk in TRUNKS if trunk.is_enabled}
    assert {s.trunk for s in decision.steps if isinstance(s, UseTrunk)} == enabled


@given(documents(), st.text(max_size=24))
@settings(max_examples=200, deadline=None)
def test_no_text_and_no_document_raise(document: Document, dialled: str) -> None:
    snapshot = make_snapshot(1, document)
    for request in (
        CallRequest(dialled=dialled, extension="2001"),
        CallRequest(dialled=dialled, extension="2001", is_digit_by_digit=True, is_complete=False),
        CallRequest(dialled=dialled, trunk="plus"),
        CallRequest(dialled=dialled),
    ):
        decision = decide(request, snapshot, STATE, NOW)
        assert decision.reasons
        assert decision.steps or decision.verdict is not Verdict.ROUTE
        for reason in decision.reasons:
            assert reason.key in REASONS
            assert say(reason, "ru").encode() and say(reason, "en").encode()
    present_caller(dialled, snapshot)
    callable_form(dialled, snapshot)


@given(OFFICES, TELLING)
@settings(max_examples=300, deadline=None)
def test_en_bloc_and_digit_by_digit_agree(name: str, digits: str) -> None:
    """Key by key, the phone gets what en bloc dialling of the same digits gets, sooner or later."""
    snapshot = BY_NAME[name]
    for length in range(len(digits) + 1):
        dialled = digits[:length]
        decision = key_in(dialled, snapshot)
        en_bloc = dial(dialled, snapshot)
        assert en_bloc.verdict is not Verdict.MORE_DIGITS
        if decision.verdict is not Verdict.MORE_DIGITS:
            assert decision == en_bloc
            return
        assert key_in(dialled, snapshot, is_complete=True) == en_bloc


@given(OFFICES, TELLING)
@settings(max_examples=300, deadline=None)
def test_whatever_can_be_reached_is_waited_for(name: str, digits: str) -> None:
    """No proper beginning of a number that exists is refused before the number is complete."""
    snapshot = BY_NAME[name]
    final = dial(digits, snapshot)
    if final.prompt == "no_such_number" or digits.endswith("#"):
        return
    for length in range(len(digits)):
        begun = key_in(digits[:length], snapshot)
        assert begun.verdict is Verdict.MORE_DIGITS or begun.is_emergency
        if begun.is_emergency:
            return


@given(
    OFFICES,
    st.one_of(TELLING, st.text(max_size=20)),
    st.sampled_from(("plus", "eight", "", "off", "x")),
)
@settings(max_examples=300, deadline=None)
def test_strangers_never_get_out(name: str, dialled: str, trunk: str) -> None:
    snapshot = BY_NAME[name]
    decision = decide(CallRequest(dialled=dialled, trunk=trunk), snapshot, STATE, NOW)
    assert not any(isinstance(step, UseTrunk) for step in decision.steps)
    assert decision.verdict is not Verdict.MORE_DIGITS


@given(OFFICES, st.text("0123456789", min_size=10, max_size=14))
@settings(max_examples=300, deadline=None)
def test_a_shown_number_can_be_called_back(name: str, said: str) -> None:
    snapshot = BY_NAME[name]
    shown = present_caller(said, snapshot)
    if shown.startswith("+"):
        dialled = callable_form(shown, snapshot)
        assert dial(dialled, snapshot).number == shown
        assert present_caller(shown, snapshot) == shown


@given(OFFICES, TELLING)
@settings(max_examples=150, deadline=None)
def test_deciding_twice_gives_the_same(name: str, digits: str) -> None:
    snapshot = BY_NAME[name]
    assert dial(digits, snapshot) == dial(digits, snapshot)


def test_a_rule_with_no_ways_in_the_plan_is_harmless() -> None:
    rule = DialRule(name="empty", kinds=tuple(DestinationKind), ways=())
    snapshot = make_snapshot(1, replace(DOCUMENT, rules=(rule,)))
    assert dial("989036785665", snapshot).prompt == "cannot_complete"
    assert dial("112", snapshot).verdict is Verdict.ROUTE
