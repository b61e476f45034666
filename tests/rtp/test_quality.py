"""The E-model: known points, and that more harm never sounds better."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.rtp.quality import estimate_mos, mos_of


@pytest.mark.parametrize(
    ("rating", "mos"), [(93.2, 4.41), (80, 4.02), (70, 3.60), (60, 3.10), (50, 2.58), (-5, 1.0)]
)
def test_annex_b(rating, mos):
    assert mos_of(rating) == pytest.approx(mos, abs=0.01)


def test_unknown_where_nothing_was_measured():
    assert estimate_mos(8, 0, None, None, None) is None
    assert estimate_mos(8, 1, 0, None, None) is None


def test_a_clean_local_call():
    assert estimate_mos(8, 1000, 0, 1.0, None) == pytest.approx(4.39, abs=0.02)


def test_g729_sounds_worse_than_g711():
    assert estimate_mos(18, 1000, 0, 1.0, 20.0) < estimate_mos(0, 1000, 0, 1.0, 20.0) - 0.2


def test_duplicates_are_no_gain():
    assert estimate_mos(8, 100, -5, 1.0, None) == estimate_mos(8, 100, 0, 1.0, None)


@settings(max_examples=100)
@given(st.integers(0, 900), st.floats(0, 200), st.floats(0, 2000))
def test_more_harm_never_sounds_better(lost, jitter_ms, round_trip_ms):
    here = estimate_mos(8, 1000, lost, jitter_ms, round_trip_ms)
    assert 1.0 <= here <= 4.5
    assert estimate_mos(8, 1000, lost + 50, jitter_ms, round_trip_ms) <= here
    assert estimate_mos(8, 1000, lost, jitter_ms + 30, round_trip_ms) <= here
    assert estimate_mos(8, 1000, lost, jitter_ms, round_trip_ms + 100) <= here
