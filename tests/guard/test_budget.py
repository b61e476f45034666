"""Tests of appliance/guard/budget.py: a burst, then a steady rate."""

from __future__ import annotations

from appliance.guard.budget import Bucket, Rate


def taken(bucket: Bucket, now: float, tries: int) -> int:
    return sum(bucket.take(now) for _ in range(tries))


def test_a_burst_then_a_steady_rate() -> None:
    bucket = Bucket(Rate(10, 30), 100.0)
    assert taken(bucket, 100.0, 50) == 30
    assert taken(bucket, 101.0, 50) == 10
    assert taken(bucket, 101.05, 50) == 0
    assert taken(bucket, 101.25, 50) == 2


def test_a_long_rest_gives_a_burst_and_no_more() -> None:
    bucket = Bucket(Rate(10, 30), 0.0)
    assert taken(bucket, 0.0, 30) == 30
    assert taken(bucket, 10_000.0, 100) == 30


def test_who_asks_too_often_does_not_get_less() -> None:
    bucket = Bucket(Rate(10, 1), 0.0)
    assert sum(taken(bucket, step / 1000, 1) for step in range(10_000)) in (99, 100, 101)
