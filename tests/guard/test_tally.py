"""Tests of appliance/guard/tally.py: events in a sliding window, for so many keys."""

from __future__ import annotations

from appliance.guard.tally import Tally


def test_the_limit_is_reached_within_the_window_only() -> None:
    tally: Tally[str] = Tally(3, 60.0, 10)
    assert [tally.add("a", at) for at in (0.0, 30.0, 60.0, 91.0, 120.0)] == [
        False,
        False,
        True,
        False,
        True,
    ]
    assert tally.is_reached("a", 120.0) and not tally.is_reached("a", 121.0)
    assert tally.count("a", 125.0) == 2 and tally.count("b", 125.0) == 0


def test_keys_are_counted_apart_and_can_be_forgotten() -> None:
    tally: Tally[str] = Tally(2, 60.0, 10)
    for key in ("a", "b", "b"):
        tally.add(key, 1.0)
    assert tally.reached(1.0) == ["b"]
    tally.forget("b")
    tally.forget("nobody")
    assert tally.reached(1.0) == [] and len(tally) == 1


def test_the_quietest_key_makes_room() -> None:
    tally: Tally[int] = Tally(2, 60.0, 3)
    for key in (1, 2, 3, 1, 4):
        tally.add(key, 1.0)
    assert len(tally) == 3
    assert [tally.count(key, 1.0) for key in (1, 2, 3, 4)] == [2, 0, 1, 1]
