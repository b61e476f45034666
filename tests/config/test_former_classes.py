"""From format 1 to 2: nobody loses a call, and no class opens a country that nobody uses."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from appliance.config.codec import from_data
from appliance.config.formats import FORMAT, upgrade
from appliance.config.former_classes import FORMER
from appliance.config.model import DestinationKind, Document
from appliance.config.presets import factory_document
from appliance.config.yaml_file import format_yaml, parse_yaml

YAML = """format: {format}
extensions:
- {{number: "2001", secret: kefir-Tramvay-77, class_of_service: {service}}}
"""


def read(service: str, number: int = 1) -> Document:
    text = YAML.format(format=number, service=service)
    return parse_yaml(text.encode(), factory_document()).document


def upgraded(*classes: dict[str, Any], used: tuple[str, ...] = ()) -> Document:
    extensions = [
        {"number": str(2001 + n), "secret": "kefir-Tramvay-77", "class_of_service": name}
        for n, name in enumerate(used)
    ]
    data = {"classes": copy.deepcopy(list(classes)), "extensions": extensions}
    return from_data(upgrade(data, 1))


@pytest.mark.parametrize("row", FORMER, ids=lambda row: row["name"])
def test_who_could_call_abroad_still_can(row: dict[str, Any]) -> None:
    """By a file without classes, and by settings that list them."""
    (expected,) = from_data({"classes": [row]}).classes
    assert read(row["name"]).class_by_name[row["name"]] == expected
    assert upgraded(*FORMER, used=(row["name"],)).class_by_name[row["name"]] == expected


def test_what_nobody_has_opens_nothing() -> None:
    document = upgraded(*FORMER, used=("national", "neighbours"))
    assert document.class_by_name["neighbours"].countries
    for name in ("international", "everything"):
        service = document.class_by_name[name]
        assert service.countries == () and DestinationKind.INTERNATIONAL not in service.allows
    assert DestinationKind.PREMIUM in document.class_by_name["everything"].allows


def test_what_an_owner_opened_himself_stays() -> None:
    mine = {"name": "boss", "allows": ["international"], "countries": ["*"]}
    changed = {**FORMER[4], "countries": ["DE"]}
    document = upgraded(mine, changed)
    assert document.class_by_name["boss"].countries == ("*",)
    assert document.class_by_name["international"].countries == ("DE",)


def test_a_new_file_has_the_new_classes() -> None:
    document = read("everything", FORMAT)
    assert document.classes == factory_document().classes
    assert not any(service.countries for service in document.classes)
    written = format_yaml(document, with_secrets=True)
    assert f"format: {FORMAT}\n" in written
    assert parse_yaml(written.encode(), document).document == document


@pytest.mark.parametrize(
    "data",
    [
        {"classes": "all", "extensions": {}},
        {
            "classes": [1, None, [], {"name": ["x"]}],
            "extensions": ["2001", {"class_of_service": []}],
        },
        {"classes": [{**FORMER[4], "allows": "everything"}]},
        {"classes": [{**FORMER[4], "countries": {"*": 1}}], "extensions": None},
    ],
)
def test_what_cannot_be_read_is_left_for_the_checks(data: dict[str, Any]) -> None:
    before = copy.deepcopy(data)
    assert upgrade(data, 1) == before == data
