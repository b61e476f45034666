"""Countries abroad: what the list shows, and what ticking makes of a class of service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.codec import from_data, to_data
from appliance.config.model import ClassOfService, DestinationKind, Document
from appliance.config.presets import factory_document, numbering
from webui import countries


@pytest.fixture
def document() -> Document:
    return factory_document()


def service(document: Document, name: str) -> ClassOfService:
    return next(each for each in document.classes if each.name == name)


def ticked(document: Document, name: str, **values: str) -> ClassOfService:
    decoded = countries.with_countries(document, name, values)
    assert not decoded.problems
    return service(decoded.document, name)


def test_every_country_of_the_world_but_ours_is_listed_once(document: Document) -> None:
    rows = countries.countries_of(document, service(document, "national"), "ru")
    codes = [row.code for row in rows]
    assert sorted(codes) == sorted(set(numbering("RU").zone_names) - {"RU"})
    assert not any(row.is_open for row in rows)
    assert [row.code for row in rows if row.is_service] == codes[-6:]
    assert all(row.name and row.prefixes.startswith("+") for row in rows)


def test_those_that_are_open_come_first(document: Document) -> None:
    neighbours = ClassOfService(
        name="n", allows=(DestinationKind.INTERNATIONAL,), countries=("BY", "KZ", "AM", "KG", "UZ")
    )
    rows = countries.countries_of(document, neighbours, "ru")
    assert {row.code for row in rows[:5]} == {"BY", "KZ", "AM", "KG", "UZ"}
    assert all(row.is_open for row in rows[:5]) and not rows[5].is_open


@pytest.mark.parametrize(
    ("search", "code"),
    [
        ("белар", "BY"),
        ("BELARUS", "BY"),
        ("+375", "BY"),
        ("+3751", "BY"),
        ("by", "BY"),
        ("+999", ""),
    ],
)
def test_a_country_is_found_by_name_code_or_number(
    document: Document, search: str, code: str
) -> None:
    rows = countries.countries_of(document, service(document, "national"), "ru", search)
    assert (code in {row.code for row in rows}) if code else rows == []


def test_the_first_country_allows_calls_abroad_and_the_last_takes_them_away(
    document: Document,
) -> None:
    opened = ticked(
        document, "national", open="chosen", shown="BY KZ", **{"country.BY": "yes"}, prefixes=""
    )
    assert opened.countries == ("BY",)
    assert DestinationKind.INTERNATIONAL in opened.allows
    changed = replace(
        document, classes=tuple(opened if c.name == "national" else c for c in document.classes)
    )
    closed = ticked(changed, "national", open="chosen", shown="BY KZ", prefixes="")
    assert closed.countries == ()
    assert closed.allows == service(document, "national").allows


def test_what_was_not_shown_stays(document: Document) -> None:
    given = {f"country.{code}": "yes" for code in ("BY", "KZ", "AM", "KG", "UZ")}
    opened = ticked(document, "international", open="chosen", shown="BY KZ AM KG UZ", **given)
    changed = replace(document, classes=(opened,))
    values = {"open": "chosen", "shown": "BY DE", "country.DE": "yes"}
    found = ticked(changed, "international", **values)
    assert set(found.countries) == {"DE", "KZ", "AM", "KG", "UZ"}


def test_all_countries_one_range_and_a_satellite(document: Document) -> None:
    given = {"country.XS": "yes", "prefixes": "+4470\n+37181", "shown": "XS BY", "open": "all"}
    found = ticked(document, "national", **given)
    assert found.countries == ("*", "XS", "+4470", "+37181")
    assert countries.is_all_open(found)
    assert countries.prefixes_of(found) == "+4470\n+37181"
    assert countries.names_of(document, found, "en") == ["Satellite networks", "+4470", "+37181"]


def test_ours_is_not_abroad_wherever_we_are() -> None:
    data = to_data(factory_document())
    data["site"]["country"] = "US"
    data.pop("format", None)
    document = from_data(data)
    codes = {row.code for row in countries.countries_of(document, document.classes[0], "en")}
    assert "US" not in codes and "RU" in codes
