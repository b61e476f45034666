"""Tests of appliance/selftest/measure.py against tones whose nature is known."""

from __future__ import annotations

import pytest

from appliance.selftest.measure import (
    FRAME,
    SILENCE,
    Measured,
    frequency_hz,
    is_sound,
    is_tone,
    level_dbfs,
    tone,
)


@pytest.mark.parametrize(("hz", "dbfs"), [(1000, -10), (440, -3), (1700, -20)])
def test_a_tone_is_known_by_level_and_frequency(hz: float, dbfs: float) -> None:
    octets = tone(hz, 20, dbfs)
    assert level_dbfs(octets) == pytest.approx(dbfs, abs=0.5)
    assert frequency_hz(octets) == pytest.approx(hz, rel=0.01)
    assert is_tone(octets[:FRAME], hz) and not is_tone(octets[:FRAME], hz + 400)


def test_silence_is_nothing() -> None:
    assert not is_sound(SILENCE) and not is_tone(SILENCE, 1000)
    assert level_dbfs(SILENCE) < -90 and level_dbfs(b"") < -90
    assert frequency_hz(SILENCE) == 0.0


def test_a_hole_full_of_zeros_is_sound_but_no_tone() -> None:
    assert is_sound(bytes(FRAME)) and not is_tone(bytes(FRAME), 1000)


@pytest.mark.parametrize(("returned", "loss"), [(100, 0.0), (75, 0.25), (0, 1.0), (101, 0.0)])
def test_loss(returned: int, loss: float) -> None:
    assert Measured(100, returned, -10, -10, 1000, 20).loss == pytest.approx(loss)
