"""Tests of appliance/guard/homes.py: who proved himself where, and for how long that counts."""

from __future__ import annotations

from unittest.mock import patch

from appliance.guard import homes as homes_module
from appliance.guard.homes import Homes

DAY = 24 * 3600.0


def test_a_proof_makes_a_home_for_a_week() -> None:
    homes = Homes()
    assert homes.proved("a", "2001", 0.0)
    assert not homes.proved("a", "2001", DAY)
    assert homes.is_known("a", 7 * DAY) and not homes.is_known("a", 8 * DAY)
    assert homes.is_home("a", "2001", 7 * DAY) and not homes.is_home("a", "2001", 8 * DAY)
    assert not homes.is_home("a", "2002", DAY) and not homes.is_home("b", "2001", DAY)


def test_the_one_that_was_quiet_longest_makes_room() -> None:
    with patch.object(homes_module, "_ROOM", 2):
        homes = Homes()
        for place in ("a", "b", "a", "c"):
            homes.proved(place, "2001", 0.0)
        assert [homes.is_known(place, 1.0) for place in "abc"] == [True, False, True]
        assert len(homes) == 2
