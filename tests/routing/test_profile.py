"""Dial profiles: the requirements' samples in each, per trunk form, and replacements (K1, K5)."""

from __future__ import annotations

import pytest

from appliance.config.model import DestinationKind, NumberForm, Replacement, Snapshot
from appliance.routing.plan import plan_of
from appliance.routing.samples import samples

from .office import BARE, P0, P9, SIX, US9, dial, keys, office

K = DestinationKind
SEVEN = office("custom", outside_prefix="7")
REWRITING = office(
    "custom",
    replacements=(
        Replacement(prefix="00", instead="810"),
        Replacement(prefix="3", length=3, instead="2"),
        Replacement(prefix="77", length=2, instead="112"),
        Replacement(prefix="6", length=4, instead="84955550"),
    ),
)

#: requirement, national digits after the profile's prefix, meaning, kind
SAMPLES = [
    ("000.2", "5551525", "+74955551525", K.LOCAL),
    ("000.4", "89036785665", "+79036785665", K.MOBILE),
    ("000.5", "83433789809", "+73433789809", K.NATIONAL),
    ("000.6", "810380692123456", "+380692123456", K.INTERNATIONAL),
    ("003.5", "89101234567", "+79101234567", K.MOBILE),
    ("toll free", "88005553535", "+78005553535", K.TOLL_FREE),
    ("premium", "88095553535", "+78095553535", K.PREMIUM),
]
PREFIXES = [("9", P9), ("0", P0), ("", BARE), ("7", SEVEN)]


@pytest.mark.parametrize(("requirement", "digits", "number", "kind"), SAMPLES)
@pytest.mark.parametrize(("prefix", "snapshot"), PREFIXES, ids=["P9", "P0", "none", "custom"])
def test_samples_mean_the_same_in_every_profile(
    prefix: str,
    snapshot: Snapshot,
    requirement: str,
    digits: str,
    number: str,
    kind: DestinationKind,
) -> None:
    decision = dial(prefix + digits, snapshot, by="2001")
    assert (decision.number, decision.kind) == (number, kind), requirement


@pytest.mark.parametrize(
    ("dialled", "forms"),
    [
        ("9 555 15 25", ("+74955551525", "74955551525", "84955551525", "5551525")),
        ("9 8 903 678 56 65", ("+79036785665", "79036785665", "89036785665", "89036785665")),
        ("9 8 343 378 98 09", ("+73433789809", "73433789809", "83433789809", "83433789809")),
        (
            "9 8 10 380 692 123 456",
            ("+380692123456", "380692123456", "810380692123456", "810380692123456"),
        ),
    ],
)
def test_trunk_forms_of_the_memo(dialled: str, forms: tuple[str, ...]) -> None:
    plan = plan_of(P9)
    e164 = dial(dialled).number.removeprefix("+")
    assert tuple(plan.numbers.format(e164, form) for form in NumberForm) == forms


def test_six_digit_city() -> None:
    decision = dial("9 432 345", SIX)
    assert (decision.number, decision.kind) == ("+73522432345", K.LOCAL)
    assert dial("95551525", SIX).number == "95551525"


def test_united_states_behind_nine() -> None:
    assert dial("95550143", US9).number == "+12125550143"
    assert dial("916175550143", US9).number == "+16175550143"
    assert dial("96175550143", US9).number == "+16175550143"
    assert dial("9011380692123456", US9).number == "+380692123456"


def test_plus_needs_no_prefix() -> None:
    for snapshot in (P9, P0, BARE):
        assert dial("+79036785665", snapshot).number == "+79036785665"
    assert dial("9+79036785665").number == "+79036785665"


def test_without_the_prefix_nothing_goes_outside() -> None:
    decision = dial("89036785665")
    assert decision.kind is None
    assert keys(decision) == ["profile.prefix_missing"]
    assert decision.reasons[0].params["prefix"] == "9"


def test_replacements_come_before_the_numbering_plan() -> None:
    decision = dial("00380692123456", REWRITING)
    assert decision.number == "+380692123456"
    assert keys(decision)[0] == "profile.replaced"
    assert dial("6123", REWRITING).number == "+74955550123"


def test_a_replacement_may_lead_to_an_extension_or_to_help() -> None:
    assert dial("302", office("custom", replacements=(Replacement(prefix="3", instead="20"),))).kind
    assert dial("3002", REWRITING).kind is None
    internal = office("custom", replacements=(Replacement(prefix="5", length=2, instead="200"),))
    assert dial("52", internal).number == "2002"
    emergency = dial("77", REWRITING)
    assert (emergency.kind, emergency.number) == (K.EMERGENCY, "112")


def test_extensions_and_emergencies_stand_before_replacements() -> None:
    greedy = office("custom", replacements=(Replacement(prefix="", instead="8495"),))
    assert dial("112", greedy).kind is K.EMERGENCY
    assert dial("2002", greedy).kind is K.INTERNAL
    assert dial("5551525", greedy).number == "+74955551525"


def test_replacements_belong_to_the_custom_profile_only() -> None:
    named = office("none", replacements=(Replacement(prefix="2", instead="3"),))
    assert dial("2745152", named).number == "+74952745152"


@pytest.mark.parametrize(("prefix", "snapshot"), PREFIXES, ids=["P9", "P0", "none", "custom"])
def test_samples_for_the_wizard(prefix: str, snapshot: Snapshot) -> None:
    rows = {row.requirement: row for row in samples(snapshot)}
    assert rows["000.1"].number == "2001"
    assert rows["000.2"].dialled == prefix + "5551525"
    assert rows["000.2"].forms["local"] == "5551525"
    assert rows["000.4"].number == "+79036785665"
    assert rows["000.5"].number == "+73433789809"
    assert rows["000.6"].dialled == prefix + "810380692123456"
    assert rows["K2"].number == "112"


def test_samples_follow_the_local_length() -> None:
    rows = {row.requirement: row for row in samples(SIX)}
    assert rows["000.3"].dialled == "9555152"
    assert rows["000.3"].number == "+73522555152"
