"""Tests of appliance/doctor/clock.py: the year, and who keeps the time."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.doctor.clock import check, is_kept, judge
from tests.doctor.patients import keys, stopped

NOW = 1_790_000_000.0  # 2026


@pytest.mark.parametrize(
    ("now", "kept", "found"),
    [
        (NOW, True, "ok clock.kept"),
        (NOW, False, "warning clock.alone"),
        (NOW, None, "ok clock.sane"),
        (0.0, True, "fault clock.year"),
        (NOW + 25 * 31_557_600, False, "fault clock.year"),
    ],
)
def test_the_clock(now: float, kept: bool | None, found: str) -> None:
    assert keys(judge(now, kept)) == [found]


def test_this_machine_answers_something(tmp_path: Path) -> None:
    assert is_kept() in (True, False, None)
    assert len(check(stopped(tmp_path))) == 1
