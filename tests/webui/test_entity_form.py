"""Tests of webui/entity_form.py: every entity goes into a form and comes back the same."""

from __future__ import annotations

from dataclasses import fields

import pytest

from appliance.config.codec import MASK, from_data, to_data
from appliance.config.model import Extension, Trunk
from webui.entity_form import blank, fill, finder, values_of, views

TRUNK = Trunk(
    name="t", host="sip.example.net", secret="S3cret-of-it", source_addresses=("192.0.2.0/24",)
)
EXTENSION = Extension(number="2001", name="Анна", secret="S", is_enabled=False)


@pytest.mark.parametrize(("collection", "entity"), [("trunks", TRUNK), ("extensions", EXTENSION)])
def test_there_and_back(collection: str, entity: Trunk | Extension) -> None:
    names = [f.name for f in fields(entity)]
    values = values_of(entity, names)
    assert values["secret"] == MASK
    filled = fill(collection, to_data(entity), names, values)
    assert getattr(from_data({collection: [filled]}), collection) == (entity,)
    assert len(views(collection, names, "ru")) == len(names)


def test_an_empty_figure_is_the_default_and_a_box_not_ticked_is_no() -> None:
    filled = fill("trunks", to_data(TRUNK), ("max_calls", "is_enabled"), {"max_calls": " "})
    assert "max_calls" not in filled and filled["is_enabled"] is False
    assert blank("trunks", ("max_calls", "is_enabled", "host")) == {
        "max_calls": "10",
        "is_enabled": "yes",
        "host": "",
    }


def test_shapes() -> None:
    shapes = {v.name: v.shape for v in views("trunks", [f.name for f in fields(TRUNK)], "en")}
    assert shapes["transport"] == "select" and shapes["authentication"] == "select"
    assert shapes["leave_on"] == shapes["source_addresses"] == "area"
    assert (shapes["secret"], shapes["is_enabled"], shapes["port"]) == ("secret", "check", "number")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("trunks[t].host", "host"),
        ("trunks[#1].host", "host"),
        ("trunks[t].source_addresses[#2]", "source_addresses"),
        ("trunks[t.x].host", ""),
        ("trunks[other].host", ""),
        ("rules[outside].ways", ""),
    ],
)
def test_where_a_problem_belongs(path: str, name: str) -> None:
    assert finder("trunks", "t", ("host", "source_addresses"))(path) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+7 (495) 000-20-01", "+74950002001"),
        (" +7\u00a0495\u00a0000\u201320\u201301 ", "+74950002001"),
        ("8 (495) 000-20-01", "8 (495) 000-20-01"),
        ("+7 495 no number", "+7 495 no number"),
        ("", ""),
    ],
)
def test_a_number_outside_may_be_written_as_a_contract_has_it(typed: str, kept: str) -> None:
    filled = fill("trunks", to_data(TRUNK), ("caller_id",), {"caller_id": typed})
    assert filled["caller_id"] == kept
