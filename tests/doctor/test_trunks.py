"""Tests of appliance/doctor/trunks.py."""

from __future__ import annotations

from pathlib import Path

from appliance.doctor.trunks import check
from tests.commands.stand_in import TRUNKS
from tests.doctor.patients import keys, running, stopped


def test_states(tmp_path: Path) -> None:
    up = TRUNKS["trunks"][0]
    rows = [*TRUNKS["trunks"], up | {"state": "unknown"}, up | {"state": "disabled"}]
    assert keys(check(running(tmp_path, trunks={"trunks": rows}))) == [
        "ok trunks.up",
        "fault trunks.down.credentials_refused",
        "warning trunks.unknown",
        "ok trunks.disabled",
    ]
    assert keys(check(running(tmp_path, trunks={"trunks": []}))) == ["warning trunks.none"]
    assert check(stopped(tmp_path)) == []
