"""Tests of appliance/alerts.py."""

from __future__ import annotations

from appliance.alerts import KEPT, Alerts


class Wall:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_repeats_is_counted_and_after_a_minute_told_anew() -> None:
    wall = Wall()
    alerts = Alerts(wall)
    alerts.raise_("trunk_down", "a: dns")
    wall.now += 59
    alerts.raise_("trunk_down", "a: dns")
    alerts.raise_("trunk_down", "b: dns")
    wall.now += 2
    alerts.raise_("trunk_down", "a: dns")
    assert [(a["at"], a["detail"], a["count"]) for a in alerts.listed()] == [
        (1000.0, "a: dns", 2),
        (1059.0, "b: dns", 1),
        (1061.0, "a: dns", 1),
    ]


def test_a_flood_is_bounded_and_the_newest_stay() -> None:
    alerts = Alerts(Wall())
    for number in range(KEPT + 50):
        alerts.raise_("unknown_did", str(number))
    details = [a["detail"] for a in alerts.listed()]
    assert len(details) == KEPT
    assert details[-1] == str(KEPT + 49)


def test_what_is_over_is_withdrawn_and_may_come_again() -> None:
    alerts = Alerts(Wall())
    alerts.raise_("disk_full", "state.db")
    alerts.raise_("trunk_down", "a: dns")
    alerts.withdraw("disk_full")
    alerts.withdraw("never_raised")
    assert [a["key"] for a in alerts.listed()] == ["trunk_down"]
    alerts.raise_("disk_full", "state.db")
    assert [(a["key"], a["count"]) for a in alerts.listed()][-1] == ("disk_full", 1)
