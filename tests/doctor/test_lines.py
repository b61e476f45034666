"""Tests of appliance/doctor/lines.py, and of a box whose only way out is a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.doctor import trunks
from appliance.doctor.lines import check
from appliance.doctor.texts import say
from tests.doctor.patients import keys, running, stopped


def row(name: str, kind: str, state: str, why: str = "") -> dict[str, Any]:
    return {"name": name, "kind": kind, "state": state, "why": why}


def test_each_line_is_told_with_its_reason(tmp_path: Path) -> None:
    rows = [
        row("desk", "fxs", "idle"),
        row("city", "fxo", "down", "line.unplugged"),
        row("sim", "cellular", "starting", "line.starting"),
        row("old", "fxo", "fault"),
        row("spare", "fxo", "disabled"),
    ]
    findings = check(running(tmp_path, lines={"lines": rows}))
    assert keys(findings) == [
        "ok lines.up",
        "fault lines.down",
        "warning lines.starting",
        "fault lines.broken",
    ]
    assert "the device is not plugged in" in say(findings[1], "en")
    assert "устройство не подключено" in say(findings[1], "ru")
    assert check(stopped(tmp_path)) == []


@pytest.mark.parametrize(
    ("kind", "state", "found"),
    [
        ("fxo", "idle", "ok trunks.lines_alone"),
        ("cellular", "down", "ok trunks.lines_alone"),
        ("fxs", "idle", "warning trunks.none"),
        ("fxo", "disabled", "warning trunks.none"),
    ],
)
def test_a_city_line_is_a_way_out_too(tmp_path: Path, kind: str, state: str, found: str) -> None:
    told = {"trunks": {"trunks": []}, "lines": {"lines": [row("only", kind, state)]}}
    assert keys(trunks.check(running(tmp_path, **told))) == [found]
