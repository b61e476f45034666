"""Tests of appliance/doctor/registry.py: a check that breaks stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.doctor import registry
from appliance.doctor.finding import Finding, Patient, ok
from tests.doctor.patients import stopped


def test_a_check_that_breaks_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(patient: Patient) -> list[Finding]:
        raise ZeroDivisionError("by zero")

    checks = {"disk": break_down, "clock": lambda patient: [ok("clock.sane", now="now")]}
    monkeypatch.setattr(registry, "CHECKS", checks)
    found = [(name, f.key) for name, f in registry.examine(stopped(tmp_path))]
    assert found == [("disk", "check.broken"), ("clock", "clock.sane")]
