"""Abroad is closed until it is opened: country by country, service by service, range by range."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause
from appliance.config.model import ClassOfService, DestinationKind, Snapshot
from appliance.config.presets import numbering
from appliance.routing.decision import Decision, Verdict
from tests.routing.office import ABROAD, P9, changed, dial, extension, keys

K = DestinationKind


def _with(*countries: str, is_premium: bool = False) -> Snapshot:
    kinds = (*ABROAD, K.PREMIUM) if is_premium else ABROAD
    return changed(
        P9,
        classes=(ClassOfService(name="asked", allows=kinds, countries=countries),),
        extensions=(extension("2001", "asked"),),
    )


def _call(number: str, *countries: str, is_premium: bool = False) -> Decision:
    return dial("9810" + number, _with(*countries, is_premium=is_premium))


def _is_open(decision: Decision) -> bool:
    return decision.verdict is Verdict.ROUTE


@pytest.mark.parametrize("number", ["375171234567", "380692123456", "14165551525", "37167123456"])
def test_a_star_opens_every_country(number: str) -> None:
    assert _is_open(_call(number, "*"))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("870773123456", "XS"),
        ("88163123456", "XS"),
        ("8821612345678", "XN"),
        ("883510012345", "XN"),
        ("87812345678", "XP"),
        ("88812345678", "XT"),
        ("97912345678", "XR"),
        ("80812345678", "XC"),
    ],
)
def test_satellites_and_global_services_are_open_by_name_only(number: str, code: str) -> None:
    closed = _call(number, "*")
    assert closed.cause is Cause.INTERNATIONAL_BARRED
    assert "class.service_closed" in keys(closed)
    assert _is_open(_call(number, code))
    assert _is_open(_call(number, "+" + number[:3]))


def test_a_prefix_that_belongs_to_nobody_is_not_opened_by_a_star() -> None:
    assert not _is_open(_call("99912345678", "*"))
    assert _is_open(_call("99912345678", "+999"))


def test_international_freephone_costs_nothing_and_comes_with_the_star() -> None:
    assert _is_open(_call("80012345678", "*"))


@pytest.mark.parametrize(
    "number",
    ["4470123456789", "449012345678", "448712345678", "37181123456", "37190123456", "19005551234"],
)
def test_dear_ranges_of_an_open_country_need_premium_or_their_own_prefix(number: str) -> None:
    country = {"44": "GB", "37": "LV", "19": "US"}[number[:2]]
    closed = _call(number, country)
    assert closed.cause is Cause.INTERNATIONAL_BARRED
    assert "class.premium_abroad" in keys(closed)
    assert not _is_open(_call(number, "*"))
    assert not _is_open(_call(number, "+" + number[:2]))  # the country's code names no range
    assert _is_open(_call(number, "+" + number[:6]))
    assert _is_open(_call(number, country, is_premium=True))


def test_premium_alone_opens_no_country() -> None:
    assert not _is_open(_call("4470123456789", is_premium=True))


def test_russia_and_kazakhstan_share_a_code_and_nothing_else() -> None:
    for dialled in ("987011234567", "98107701123456", "+77011234567"):
        decision = dial(dialled, _with())
        assert not _is_open(decision), dialled
    national = dial("987011234567", _with("KZ"))
    assert (national.kind, _is_open(national)) == (K.INTERNATIONAL, True)


def test_a_class_without_the_kind_opens_nothing_whatever_it_lists() -> None:
    office = changed(
        P9,
        classes=(ClassOfService(name="asked", allows=(K.LOCAL,), countries=("*", "BY")),),
        extensions=(extension("2001", "asked"),),
    )
    assert not _is_open(dial("9810375171234567", office))


def test_every_dear_range_belongs_to_its_country() -> None:
    plan = numbering("RU")
    zones = dict(plan.zones)
    for prefix in plan.premium_abroad:
        owner = next(zones[prefix[:n]] for n in range(len(prefix), 0, -1) if prefix[:n] in zones)
        assert owner not in plan.named_only and owner != "RU", prefix
    assert len(set(plan.premium_abroad)) == len(plan.premium_abroad)


def test_paid_services_of_the_own_country_need_premium() -> None:
    for dialled in ("988091234567", "988031234567", "989541234567", "988011234567"):
        decision = dial(dialled, replace(P9), by="2006")
        assert (decision.kind, decision.cause) == (K.PREMIUM, Cause.FORBIDDEN), dialled
