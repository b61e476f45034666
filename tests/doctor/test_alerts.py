"""Tests of appliance/doctor/alerts.py."""

from __future__ import annotations

from pathlib import Path

from appliance.doctor.alerts import MOST, check
from appliance.doctor.finding import Patient
from appliance.doctor.texts import say
from tests.commands.stand_in import STATUS
from tests.doctor.patients import keys, running, stopped

NOON_UTC = 1772452800.0  # 2026-03-02


def patient(folder: Path, *alerts: tuple[str, str, int]) -> Patient:
    """A box in Moscow's time that raised these (key, detail, count), a minute after each other."""
    raised = [
        {"at": NOON_UTC + 60 * n, "key": key, "detail": detail, "count": count}
        for n, (key, detail, count) in enumerate(alerts)
    ]
    return running(folder, status=STATUS | {"alerts": raised})


def test_none(tmp_path: Path) -> None:
    assert keys(check(patient(tmp_path))) == ["ok alerts.none"]
    assert check(stopped(tmp_path)) == [], "who does not answer told of none"


def test_the_latest_comes_first_in_words_and_by_the_clock_of_the_office(tmp_path: Path) -> None:
    found = check(
        patient(tmp_path, ("trunk_down", "city: no_answer", 3), ("calls_cut", "2 calls", 1))
    )
    assert keys(found) == ["warning alerts.raised", "warning alerts.repeated"]
    assert say(found[0], "en").startswith("Raised 2026-03-02 15:01:00. ")
    assert say(found[1], "en") == (
        "Raised 2026-03-02 15:00:00, 3 times. A trunk is down: city: the provider is silent"
    )
    assert say(found[1], "ru").startswith("Поднята 2026-03-02 15:00:00, раз: 3. ")


def test_no_more_than_ten(tmp_path: Path) -> None:
    found = check(patient(tmp_path, *[("flood", f"192.0.2.{n}", 1) for n in range(MOST + 5)]))
    assert len(found) == MOST + 1
    assert found[0].params["detail"] == f"192.0.2.{MOST + 4}"
    assert found[-1].key == "alerts.earlier" and found[-1].params == {"count": "5"}


def test_what_a_stranger_sent_moves_no_cursor(tmp_path: Path) -> None:
    (found,) = check(patient(tmp_path, ("flood", "evil\x1b[2J", 1)))
    assert "\x1b" not in say(found, "en")
