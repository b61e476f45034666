"""Tables of dial strings with verdicts, all through decide: who may call what, trick by trick."""

from __future__ import annotations

import re

import pytest

from appliance.config.model import DestinationKind, NumberForm
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, UseTrunk, Verdict
from appliance.routing.plan import plan_of
from tests.routing.dial_offices import CALLERS, PROFILES, STATE, office, outcome, read_table
from tests.routing.office import NOW

NATIONAL = read_table("national.toml")
CLASSES = read_table("classes.toml")
STRINGS = [row[0] for row in NATIONAL["rows"]]
#: A number within the country that a class "national" may reach: Russia's own codes, not
#: Kazakhstan's (6, 7), not Abkhazia's and South Ossetia's, no paid service; the NANP's of the USA.
_OWN = {
    "RU": re.compile(r"\+7(?!840|850|940|80[1235-9]|954)[3489]\d{9}"),
    "US": re.compile(r"\+1(?!900|416|876|809|242)[2-9]\d{9}"),
}


def _outcome(column: str, dialled: str, by: str = "national") -> str:
    request = CallRequest(dialled=dialled, extension=CALLERS[by])
    found = outcome(decide(request, office(column), STATE, NOW))
    words = {"nothing": "-", "international international_barred": "abroad closed"}
    return words.get(found, found.replace(" forbidden", " closed"))


def test_the_table_is_long_enough_and_says_nothing_twice() -> None:
    assert len(STRINGS) >= 150
    assert len(set(STRINGS)) == len(STRINGS)
    assert set(NATIONAL["columns"]) == set(PROFILES)


@pytest.mark.parametrize("column", PROFILES)
def test_every_string_of_the_table_in_every_profile(column: str) -> None:
    place = NATIONAL["columns"].index(column) + 1
    wrong = [
        f"{row[0]!r}: {found}, expected {row[place]}"
        for row in NATIONAL["rows"]
        if (found := _outcome(column, row[0])) != row[place]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("column", ["ru_p9", "us_p9"])
def test_what_each_class_opens(column: str) -> None:
    wrong = [
        f"{by} {dialled}: {found}, expected {expected}"
        for by, dialled, expected in CLASSES[column]["rows"]
        if (found := _outcome(column, dialled, by)) != expected
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("column", PROFILES)
def test_whatever_goes_goes_to_a_number_of_the_own_country(column: str) -> None:
    """The same rule once more, written without the engine."""
    own = _OWN[PROFILES[column][0]]
    for dialled in STRINGS:
        request = CallRequest(dialled=dialled, extension=CALLERS["national"])
        decision = decide(request, office(column), STATE, NOW)
        trunks = [step for step in decision.steps if isinstance(step, UseTrunk)]
        if decision.verdict is Verdict.ROUTE and trunks and not decision.is_emergency:
            assert own.fullmatch(decision.number), f"{dialled!r} leads to {decision.number}"
            assert trunks[0].number == decision.number


@pytest.mark.parametrize("column", PROFILES)
def test_no_form_of_a_trunk_makes_another_number_of_it(column: str) -> None:
    """A provider reads 8 10… as a call abroad, wherever the digits came from."""
    numbers = plan_of(office(column)).numbers
    abroad = numbers.plan.international_prefix
    for head in ("", "+", "8", "+7", "+8", "8810", "+1", "810", "011", "810810"):
        for tail in ("1067712345", "10375171234567", "4955551525", "0442079460000", "881631234567"):
            e164 = numbers.read(head + tail)
            if not e164:
                continue
            assert numbers.read(numbers.format(e164, NumberForm.NATIONAL)) == e164
            assert not numbers.format(e164, NumberForm.E164).startswith(abroad), e164


@pytest.mark.parametrize("column", PROFILES)
def test_none_of_the_strings_leads_a_stranger_or_a_provider_outside(column: str) -> None:
    """Unauthenticated, known by address, and in the name of an extension that does not exist."""
    callers = (
        CallRequest(dialled=""),
        CallRequest(dialled="", caller_number="2006"),
        CallRequest(dialled="", trunk="way"),
        CallRequest(dialled="", trunk="way", caller_number="2006"),
        CallRequest(dialled="", trunk="elsewhere"),
    )
    strings = [*STRINGS, *(row[1] for table in CLASSES.values() for row in table["rows"])]
    assert len(set(strings)) >= 200
    for dialled in strings:
        for caller in callers:
            request = CallRequest(
                dialled=dialled, trunk=caller.trunk, caller_number=caller.caller_number
            )
            decision = decide(request, office(column), STATE, NOW)
            assert not [s for s in decision.steps if isinstance(s, UseTrunk)], (dialled, caller)
            assert decision.kind in (None, DestinationKind.INTERNAL)
            assert decision.payment is None
