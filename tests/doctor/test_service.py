"""Tests of appliance/doctor/service.py."""

from __future__ import annotations

from pathlib import Path

from appliance.doctor.service import check
from tests.doctor.patients import keys, running, stopped


def test_it_runs_or_not(tmp_path: Path) -> None:
    assert keys(check(running(tmp_path))) == ["ok service.runs"]
    assert keys(check(stopped(tmp_path))) == ["fault service.down", "fault service.no_settings"]
