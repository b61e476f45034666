"""dial_plan.py and digit_map.py: no phone sends a number too early; routing is the oracle."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from appliance.config.model import DestinationKind, Extension, Replacement, Snapshot
from appliance.config.presets.factory import factory_document
from appliance.config.presets.loader import make_snapshot
from appliance.routing.plan import plan_of
from provisioning.api import Account, DialPlan, DialRule, Identity, NeutralSettings
from provisioning.dial_plan import dial_plan_of, samples_of
from provisioning.digit_map import LONGEST_MAP, digit_map, in_words
from provisioning.render import render


def office(
    profile: str, country: str = "RU", numbers: tuple[str, ...] = ("2001", "2002")
) -> Snapshot:
    document = factory_document(country=country)
    extensions = tuple(Extension(number=n, secret="correct horse battery") for n in numbers)
    dialling = replace(document.dialling, name=profile)
    if profile == "custom":
        step = Replacement(prefix="55", instead="9810")
        dialling = replace(dialling, outside_prefix="9", replacements=(step,))
    return make_snapshot(1, replace(document, extensions=extensions, dialling=dialling))


OFFICES = [
    office(profile, country)
    for country in ("RU", "US")
    for profile in ("none", "P9", "P0", "custom")
]


def matches(rule: DialRule, digits: str) -> bool:
    return bool(re.fullmatch(rule.pattern.replace("*", r"\*").replace("x", r"\d"), digits))


@pytest.mark.parametrize("snapshot", OFFICES, ids=range(len(OFFICES)))
@effort(deadline=None)
@given(
    tail=st.text("0123456789", max_size=14),
    head=st.sampled_from(
        ["", "9", "0", "8", "98", "011", "9810", "91", "112", "911", "*8", "*4", "2", "55"]
    ),
)
def test_what_is_sent_at_once_could_not_have_grown(
    snapshot: Snapshot, head: str, tail: str
) -> None:
    profile = plan_of(snapshot).profile
    digits = head + tail
    for rule in dial_plan_of(snapshot).rules:
        if rule.is_final and matches(rule, digits):
            is_emergency = profile.read(digits).kind is DestinationKind.EMERGENCY
            assert is_emergency or not profile.can_grow(digits), (rule, digits)


@pytest.mark.parametrize("snapshot", OFFICES, ids=range(len(OFFICES)))
def test_emergency_numbers_are_sent_at_once_unless_routing_waits(snapshot: Snapshot) -> None:
    profile = plan_of(snapshot).profile
    rules = dial_plan_of(snapshot).rules
    for number in profile.emergency:
        is_final = any(rule.is_final and matches(rule, number) for rule in rules)
        assert is_final == (number not in profile.emergency_waits), number


@pytest.mark.parametrize("snapshot", OFFICES, ids=range(len(OFFICES)))
def test_extensions_and_whole_numbers_have_a_rule(snapshot: Snapshot) -> None:
    rules = dial_plan_of(snapshot).rules
    prefix = plan_of(snapshot).profile.prefix
    abroad = snapshot.numbering.international_prefix
    national = "84951234567" if snapshot.numbering.country == "RU" else "12125551525"
    for number in ("2001", prefix + national, prefix + "5551525"):
        assert any(matches(rule, number) for rule in rules), number
    assert any(not r.is_final and (prefix + abroad).startswith(r.pattern[:-1]) for r in rules)


def test_national_numbers_end_and_international_ones_do_not() -> None:
    patterns = {rule.pattern: rule.is_final for rule in dial_plan_of(office("P9")).rules}
    assert patterns["98[2-9]xxxxxxxxx"] and patterns["981[1-9]xxxxxxxx"]
    assert not patterns["9810x"]
    assert patterns["2xxx"] and patterns["112"] and patterns["10[1-4]"]


def test_extensions_that_begin_others_wait() -> None:
    rules = {
        r.pattern: r.is_final for r in dial_plan_of(office("P9", numbers=("20", "2001"))).rules
    }
    assert (rules["2x"], rules["2xxx"]) == (False, True)


def test_samples() -> None:
    assert set(samples_of("8[2-4]x")) == {f"8{a}{b}" for a in "234" for b in "0123456789"}
    assert set(samples_of("[17-9]")) == set("1789")


@pytest.mark.parametrize(
    ("syntax", "expected"),
    [
        ({"join": " | ", "begin": "{ ", "end": " }"}, "{ 112 | 8[2-479]x | 810x+ | x+ | *x+ }"),
        ({"more": "x.T", "join": "|"}, "112|8[2-479]x|810x.T|x.T|*x.T"),
        (
            {"more": "xx.", "final": "S0", "join": "|", "begin": "(", "end": ")"},
            "(112S0|8[2-479]xS0|810xx.|xx.|*xx.)",
        ),
        ({}, ""),
    ],
)
def test_maps_of_brands(syntax: dict[str, str], expected: str) -> None:
    rules = (DialRule("112"), DialRule("8[2-479]x"), DialRule("810x", False))
    rules += (DialRule("911", False), DialRule("x", False), DialRule("*x", False))
    assert digit_map(DialPlan(rules=rules), syntax) == expected


MAPPED = [
    ("grandstream", "GRP2614", "/cfg{mac}.xml"),
    ("cisco-spa", "SPA508G", "/{mac}.xml"),
    ("cisco-mpp", "8841", "/{mac}.xml"),
    ("htek", "UC924", "/cfg{mac}.xml"),
    ("poly", "VVX450", "/{mac}-settings.cfg"),
]


@pytest.mark.parametrize("blocks", [4, 5, 9])
@pytest.mark.parametrize(("brand", "model", "path"), MAPPED)
def test_an_office_with_many_blocks_of_numbers_still_has_its_files(
    brand: str, model: str, path: str, blocks: int
) -> None:
    """The map on one line is longer then than anything that a person may type."""
    mac = "c074ad0b63ee"
    numbers = tuple(f"{first}01" for first in range(1, blocks + 1))
    identity = Identity(brand=brand, model=model, mac=mac)
    accounts = (Account(number=numbers[0], password="s3cret"),)
    plan = dial_plan_of(office("P9", numbers=numbers))
    told = NeutralSettings(accounts=accounts, dial_plan=plan)
    rendered = render(identity, told, path.format(mac=mac))
    assert rendered is not None and b"xx" in rendered.body


def test_a_map_that_no_phone_could_hold_goes_without_its_last_final_rules() -> None:
    rules = (DialRule("112"), *(DialRule(f"{n}xxx") for n in range(1000)))
    rules += (DialRule("810x", False), DialRule("x", False))
    words = digit_map(DialPlan(rules=rules), {"join": "|"})
    assert words.startswith("112|0xxx|1xxx|") and words.endswith("|810x+|x+")
    assert LONGEST_MAP - 8 < len(words) <= LONGEST_MAP


def test_a_revision_has_one_plan_and_another_its_own() -> None:
    first, second = office("P9"), office("none")
    assert dial_plan_of(first) is dial_plan_of(first)
    assert dial_plan_of(second) != dial_plan_of(first)
    assert dial_plan_of(replace(first, revision=2)) == dial_plan_of(first)


def test_sets_with_commas() -> None:
    assert in_words(DialRule("9[1-79]x"), {"set_join": ","}) == "9[1-7,9]x"
    assert in_words(DialRule("[179]"), {"set_join": ","}) == "[1,7,9]"
