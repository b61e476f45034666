"""Tests of appliance/doctor/phones.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from appliance.doctor.phones import check
from tests.commands.stand_in import REGISTRATIONS
from tests.doctor.patients import keys, running, stopped


def row(extension: int, why: str) -> dict[str, Any]:
    first: dict[str, Any] = REGISTRATIONS["registrations"][0]
    return first | {"extension": str(extension), "is_reachable": not why, "why": why}


def test_reasons_are_gathered(tmp_path: Path) -> None:
    rows = [row(2001, ""), row(2001, "no_answer"), row(2002, "expired"), row(2003, "expired")]
    rows += [row(2004, "disabled"), row(2005, "refused_403")]
    findings = check(running(tmp_path, registrations={"registrations": rows}))
    assert keys(findings) == [
        "ok phones.reachable",
        "warning phones.expired",
        "warning phones.refused",
    ]
    assert findings[0].params["count"] == "1"
    assert findings[1].params["numbers"] == "2002, 2003"
    assert findings[2].params["status"] == "403"


def test_nobody(tmp_path: Path) -> None:
    nobody: dict[str, Any] = {"registrations": []}
    assert keys(check(running(tmp_path, registrations=nobody))) == ["warning phones.none"]
    assert check(stopped(tmp_path)) == []
