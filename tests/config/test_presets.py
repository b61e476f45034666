"""The data files that come with the program: plans, zones, classes, providers."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from appliance.config.checking import problems_of
from appliance.config.codec import from_data
from appliance.config.model import DestinationKind, Document
from appliance.config.presets import (
    class_titles,
    countries,
    factory_document,
    make_snapshot,
    numbering,
    provider,
    providers,
)
from appliance.config.validate import refusals
from appliance.errors import UserError
from tests.config.offices import office


def _zone(digits: str) -> str:
    zones = numbering("RU").zones
    return next((zones[digits[:n]] for n in range(len(digits), 0, -1) if digits[:n] in zones), "")


@pytest.mark.parametrize(
    ("digits", "country"),
    [
        ("74955551525", "RU"),
        ("79036785665", "RU"),
        ("77272580000", "KZ"),
        ("76001234567", "KZ"),
        ("78402260000", "XA"),
        ("12125551525", "US"),
        ("14165551525", "CA"),
        ("18765551525", "JM"),
        ("18095551525", "DO"),
        ("17875551525", "PR"),
        ("12425551525", "BS"),
        ("442079460000", "GB"),
        ("441534880000", "JE"),
        ("441481700000", "GG"),
        ("380692123456", "UA"),
        ("375171234567", "BY"),
        ("3581845678", "AX"),
        ("358451234567", "FI"),
        ("390549123456", "SM"),
        ("390669812345", "VA"),
        ("390612345678", "IT"),
        ("262269123456", "YT"),
        ("262262123456", "RE"),
        ("59991234567", "CW"),
        ("59931234567", "BQ"),
        ("8816312345", "XS"),
        ("870123456789", "XS"),
        ("882161234567", "XN"),
        ("80012345678", "XF"),
        ("979123456789", "XR"),
        ("672106123", "AQ"),
        ("672322123", "NF"),
        ("61891641234", "CX"),
        ("61291234567", "AU"),
        ("38344123456", "XK"),
        ("37410123456", "AM"),
        ("99544123456", "XA"),
        ("995322123456", "GE"),
        ("8521234567", "HK"),
        ("886212345678", "TW"),
        ("210123456", ""),
        ("999123456", ""),
        ("2899123", ""),
        ("851123", ""),
    ],
)
def test_the_longest_prefix_names_the_country(digits: str, country: str) -> None:
    assert _zone(digits) == country


def test_the_zones_are_complete_and_consistent() -> None:
    plan = numbering("RU")
    assert all(prefix.isdecimal() and 1 <= len(prefix) <= 7 for prefix in plan.zones)
    assert set(plan.zones.values()) == set(plan.zone_names)
    assert len(plan.zone_names) >= 245
    for iso, names in plan.zone_names.items():
        assert re.fullmatch("[A-Z]{2}", iso), iso
        assert re.search("[А-я]", names["ru"]) and not re.search("[А-я]", names["en"]), iso
        assert names["ru"] == names["ru"].strip() and names["en"] == names["en"].strip()
    titles = [names["en"] for names in plan.zone_names.values()]
    assert len(set(titles)) == len(titles)


def test_every_two_digit_beginning_is_assigned_or_known_to_be_spare() -> None:
    # E.164: what begins no assigned country code; 28, 83 and 89 are spare as a whole.
    firsts = {prefix[:2] for prefix in numbering("RU").zones}
    spare = {f"{n}" for n in range(20, 100)} - firsts - {f"7{n}" for n in range(10)}
    assert spare == {"28", "83", "89"}
    spare_codes = {"210", "214", "215", "217", "219", "259", "292", "384", "422", "671", "851"}
    assert not spare_codes & {prefix[:3] for prefix in numbering("RU").zones}


def test_the_north_american_codes_do_not_overlap() -> None:
    codes = [p for p in numbering("US").zones if p.startswith("1") and len(p) > 1]
    assert all(len(code) == 4 and code[1] in "23456789" for code in codes)
    assert len(codes) > 70


@pytest.mark.parametrize("country", ["RU", "US"])
def test_a_plan_makes_sense(country: str) -> None:
    plan = numbering(country)
    assert plan is numbering(country)
    assert plan.country == country and plan.zones[plan.country_code] == country
    assert plan.national_length == 10
    assert set(plan.emergency_after_timer) <= set(plan.emergency)
    assert set(plan.emergency_sent_as) <= set(plan.emergency)
    assert {"112", "911"} <= set(plan.emergency)
    for prefixes in (plan.mobile, plan.premium, plan.toll_free):
        assert all(prefix.isdecimal() for prefix in prefixes)
    assert not set(plan.premium) & set(plan.toll_free)


def test_emergency_in_russia() -> None:
    plan = numbering("RU")
    assert set(plan.emergency) == {
        "112", "101", "102", "103", "104", "911", "01", "02", "03", "04",
    }  # fmt: skip
    assert plan.emergency_after_timer == ("911",)
    assert plan.emergency_sent_as["911"] == "112" and plan.emergency_sent_as["03"] == "103"
    assert numbering("US").emergency_sent_as == {"112": "911"}


def test_a_country_without_a_plan() -> None:
    assert countries() == ("RU", "US")
    with pytest.raises(UserError) as caught:
        numbering("../RU")
    assert caught.value.key == "numbering.unknown_country"


def test_a_snapshot_has_the_plan_of_its_country() -> None:
    snapshot = make_snapshot(7, factory_document("en", "US"))
    assert snapshot.revision == 7 and snapshot.numbering is numbering("US")


@pytest.mark.parametrize("country", ["RU", "US"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_factory_document_is_sound(language: str, country: str) -> None:
    document = factory_document(language, country)
    assert refusals(problems_of(document)) == ()
    assert document.site.language == language and document.site.country == country
    assert list(class_titles(language)) == [*(c.name for c in document.classes), "neighbours"]


def test_factory_classes_grow_from_narrow_to_wide() -> None:
    allows = [set(c.allows) for c in factory_document().classes]
    for narrow, wide in pairwise(allows):
        assert narrow <= wide
    everything = allows[-1] | {DestinationKind.EMERGENCY, DestinationKind.INTERNATIONAL}
    assert everything == set(DestinationKind)
    assert all(service.countries == () for service in factory_document().classes)
    assert all(DestinationKind.PREMIUM not in kinds for kinds in allows[:-1])
    assert Document().classes == ()


EXPECTED = {
    "mango", "exolve", "zadarma", "uis", "telphin", "beeline", "megafon", "mts", "rostelecom",
    "sipnet", "novofon", "sipgate", "twilio", "voipms", "telnyx", "callcentric",
}  # fmt: skip


def test_the_providers_are_there() -> None:
    assert {p.key for p in providers()} >= EXPECTED
    assert provider("telnyx") in providers()
    with pytest.raises(UserError) as caught:
        provider("../generic")
    assert caught.value.key == "trunk.preset.unknown"


@pytest.mark.parametrize("key", [p.key for p in providers()])
def test_a_provider_makes_a_trunk_that_can_be_saved(key: str) -> None:
    preset = provider(key)
    given = {"name": "new", "host": "sip.example.com", "username": "u", "secret": "kRz7Wq2mPx9T"}
    document = from_data({"trunks": [given | preset.trunk_data()]})
    ready = replace(office(), trunks=(*office().trunks, *document.trunks))
    assert refusals(problems_of(ready)) == ()
    assert document.trunks[0].preset == key
    assert set(preset.codecs) <= {"PCMA", "PCMU", "G722", "G729", "opus"}
    assert preset.titles["ru"] and preset.titles["en"]
    assert preset.notes["ru"] and preset.notes["en"]
    assert all(c == "*" or c in numbering("RU").zone_names for c in preset.countries)


@pytest.mark.parametrize("key", [p.key for p in providers()])
def test_a_provider_is_honest_about_its_sources(key: str) -> None:
    for group in provider(key).groups.values():
        assert group.source
        assert group.source.startswith("not verified: ") != group.is_verified
        assert not group.is_verified or group.source.startswith("https://")
    assert provider(key).is_verified == all(g.is_verified for g in provider(key).groups.values())
