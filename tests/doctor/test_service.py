"""Tests of appliance/doctor/service.py."""

from __future__ import annotations

from pathlib import Path

from appliance.config.presets import factory_document
from appliance.doctor.service import check
from tests.commands.stand_in import STATUS
from tests.doctor.patients import keys, running, stopped


def test_it_runs_or_not(tmp_path: Path) -> None:
    assert keys(check(running(tmp_path))) == ["ok service.runs"]
    assert keys(check(stopped(tmp_path))) == ["fault service.down", "fault service.no_settings"]


def test_one_that_is_not_compiled_is_slow(tmp_path: Path) -> None:
    slow = running(tmp_path, status=STATUS | {"is_compiled": False})
    assert keys(check(slow)) == ["ok service.runs", "warning service.uncompiled"]
    silent = {name: value for name, value in STATUS.items() if name != "is_compiled"}
    assert keys(check(running(tmp_path, status=silent))) == ["ok service.runs"], "an older daemon"


def test_one_that_hangs_or_is_not_for_us_is_not_down(tmp_path: Path) -> None:
    hangs = stopped(tmp_path, factory_document(), why_silent="control.timeout")
    assert keys(check(hangs)) == ["fault service.silent"]
    closed = stopped(tmp_path, why_silent="control.no_permission", is_closed=True)
    assert keys(check(closed)) == ["fault service.forbidden", "fault service.closed"]
    assert keys(check(stopped(tmp_path, factory_document(), why_silent="control.not_running"))) == [
        "fault service.down"
    ]
