"""Tests of appliance/config/checking.py: what only this box knows of a document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.checking import problems_of
from appliance.config.model import Trunk
from appliance.config.presets import factory_document


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


def test_a_preset_that_is_not_here_refuses_nothing() -> None:
    found = [p for p in problems(preset="of_a_newer_version") if "preset" in p[0]]
    assert found == [("trunk.preset.unknown", "trunks[a].preset", True)]
