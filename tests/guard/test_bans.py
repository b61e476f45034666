"""Tests of appliance/guard/bans.py: how long, how far, and that they end."""

from __future__ import annotations

from unittest.mock import patch

from appliance.guard import bans as bans_module
from appliance.guard.bans import Bans, Scope

HOST = "192.0.2.1"


def test_a_ban_lasts_ten_minutes_and_ends() -> None:
    bans = Bans()
    assert not bans.is_any(0.0)
    ban = bans.begin(Scope.PLACE, HOST, "2001", 10, 100.0)
    assert ban.lasts_s == 600
    assert bans.is_any(699.0) and bans.is_in_force(Scope.PLACE, HOST, "", 699.0)
    assert not bans.is_in_force(Scope.PLACE, HOST, "", 700.0) and not bans.is_any(700.0)
    assert bans.listed(699.0) == [ban] and bans.listed(700.0) == []


def test_who_comes_back_within_a_day_is_banned_for_longer() -> None:
    bans, now, lasted = Bans(), 0.0, []
    for _ in range(8):
        ban = bans.begin(Scope.PLACE, HOST, "2001", 10, now)
        lasted.append(ban.lasts_s)
        now = ban.until + 60
    assert lasted == [600, 1200, 2400, 4800, 9600, 19200, 21600, 21600]
    assert bans.begin(Scope.PLACE, HOST, "2001", 10, now + 25 * 3600).lasts_s == 600


def test_a_login_is_barred_for_five_minutes_every_time() -> None:
    bans = Bans()
    for now in (0.0, 400.0, 800.0):
        assert bans.begin(Scope.LOGIN, HOST, "2001", 10, now).lasts_s == 300
    assert bans.is_in_force(Scope.LOGIN, HOST, "2001", 1000.0)
    assert not bans.is_in_force(Scope.LOGIN, HOST, "2002", 1000.0)
    assert not bans.is_in_force(Scope.PLACE, HOST, "2001", 1000.0)


def test_bans_are_lifted_by_address_or_account() -> None:
    bans = Bans()
    bans.begin(Scope.PLACE, HOST, "2001", 10, 0.0)
    bans.begin(Scope.LOGIN, "192.168.1.50", "2001", 10, 0.0)
    bans.begin(Scope.LOGIN, "192.168.1.50", "2002", 10, 0.0)
    assert bans.lift("198.51.100.1", 1.0) == 0
    assert bans.lift(HOST, 1.0) == 1
    assert bans.lift("2001", 1.0) == 1
    assert [ban.account for ban in bans.listed(1.0)] == ["2002"]
    assert bans.lift("2002", 500.0) == 0  # it was over


def test_the_oldest_ban_makes_room() -> None:
    with patch.object(bans_module, "_ROOM", 3):
        bans = Bans()
        for last in range(5):
            bans.begin(Scope.PLACE, f"192.0.2.{last}", "2001", 10, float(last))
        assert [ban.place[-1] for ban in bans.listed(5.0)] == ["2", "3", "4"]
        assert len(bans) == 3
