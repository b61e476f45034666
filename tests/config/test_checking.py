"""Tests of appliance/config/checking.py: what only this box knows of a document."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import available_timezones

import pytest

from appliance.config import checking
from appliance.config.checking import problems_of
from appliance.config.model import Document, NumberingPlan, Site, Trunk
from appliance.config.presets import factory_document
from appliance.errors import Problem


def problems(timezone: str = "Europe/Moscow", preset: str = "") -> list[tuple[str, str, bool]]:
    factory = factory_document()
    trunk = Trunk(
        name="a", host="sip.example.net", username="u", secret="Kq7-zzP3-mmvv2-9Tb", preset=preset
    )
    document = replace(factory, site=replace(factory.site, timezone=timezone), trunks=(trunk,))
    return [(p.key, p.path, p.is_warning) for p in problems_of(document)]


def test_the_factory_document_may_be_saved() -> None:
    assert not [p for p in problems_of(factory_document()) if not p.is_warning]


@pytest.mark.parametrize(
    ("timezone", "key"),
    [("Moon/Crater", "timezone.unknown"), ("../../etc/passwd", "timezone.wrong")],
)
def test_a_time_zone_is_complained_of_once(timezone: str, key: str) -> None:
    found = [p for p in problems(timezone) if p[1] == "site.timezone"]
    assert found == [(key, "site.timezone", False)]


@pytest.mark.parametrize(
    "timezone",
    [
        "Europe/Moscow",
        "UTC",
        "Europe",
        "posixrules",
        "right/UTC",
        "posix/UTC",
        "tzdata",
        "Etc/None",
    ],
)
def test_zones_are_those_of_the_machine_s_list(timezone: str) -> None:
    """Whether or not the list was looked at: a folder, and what the list leaves out, are none."""
    is_listed = timezone in available_timezones()
    assert (("timezone.unknown", "site.timezone", False) not in problems(timezone)) is is_listed


def test_a_document_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who saves asks, and the store asks again; another document is judged for itself."""
    judged: list[Document] = []
    real = checking.check

    def noted(document: Document, plan: NumberingPlan) -> tuple[Problem, ...]:
        judged.append(document)
        return real(document, plan)

    monkeypatch.setattr(checking, "check", noted)
    first = replace(factory_document(), site=Site(name="Judged once"))
    second = replace(first, site=Site(name="", timezone="UTC"))
    assert problems_of(first) == problems_of(replace(first))
    assert ("value.empty", "site.name") in {(p.key, p.path) for p in problems_of(second)}
    assert judged == [first, second]


def test_a_preset_that_is_not_here_refuses_nothing() -> None:
    found = [p for p in problems(preset="of_a_newer_version") if "preset" in p[0]]
    assert found == [("trunk.preset.unknown", "trunks[a].preset", True)]
