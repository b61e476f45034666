"""Tests of appliance/live/counts.py."""

from __future__ import annotations

from appliance.live.counts import LiveCounts
from appliance.routing.decision import OutboundCall


def test_three_phones_of_one_number_are_one_call() -> None:
    counts = LiveCounts()
    for leg in (1, 2, 3):
        counts.extension_rings(leg, "2001", "call", 0.0)
    assert counts.extension_calls["2001"] == 1
    counts.over(1)
    counts.over(2)
    assert counts.extension_calls["2001"] == 1
    counts.over(3)
    assert "2001" not in counts.extension_calls


def test_two_calls_of_one_number_are_two() -> None:
    counts = LiveCounts()
    counts.extension_joins(1, "2001", "a")
    counts.extension_joins(2, "2001", "b")
    assert counts.extension_calls["2001"] == 2


def test_a_trunk_knows_its_calls() -> None:
    counts = LiveCounts()
    call = OutboundCall("a", 1.0, False)
    counts.trunk_joins(1, "mango", call)
    assert counts.trunk_calls["mango"] == (call,)
    counts.over(1)
    assert counts.trunk_calls.get("mango", ()) == ()


def test_only_what_rings_can_be_picked_up() -> None:
    counts = LiveCounts()
    counts.extension_rings(1, "2001", "a", 5.0)
    counts.extension_rings(2, "2002", "a", 5.0)
    assert [r.extension for r in counts.ringing()] == ["2001", "2002"]
    counts.answered(1)
    counts.over(2)
    assert counts.ringing() == ()


def test_telling_the_end_twice_does_no_harm() -> None:
    counts = LiveCounts()
    counts.extension_joins(1, "2001", "a")
    counts.extension_joins(2, "2001", "b")
    counts.over(1)
    counts.over(1)
    assert counts.extension_calls["2001"] == 1
