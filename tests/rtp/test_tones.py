"""Tones: frequencies, level, cadence, and a period that repeats without a seam."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

import pytest

from appliance.media.prompts import country_tones
from appliance.rtp.g711 import FRAME_OCTETS, Law, decode_g711
from appliance.rtp.tones import Segment, Tone, render_samples, render_tone
from drivers.country import country_codes

NEEDED = {"dial", "ringback", "busy", "congestion", "sit"}


def power_dbm0(samples, hz):
    """The level of one frequency (Goertzel), dBm0."""
    step = 2 * math.pi * hz / 8000
    real = sum(s * math.cos(step * i) for i, s in enumerate(samples))
    imaginary = sum(s * math.sin(step * i) for i, s in enumerate(samples))
    amplitude = 2 * math.hypot(real, imaginary) / len(samples)
    return 20 * math.log10(max(amplitude, 1e-9) / 32635) + 3.14


@pytest.mark.parametrize("country", country_codes())
def test_a_country_has_every_tone(country):
    assert set(country_tones(country)) >= NEEDED


@pytest.mark.parametrize("country", ["RU", "US"])
@pytest.mark.parametrize("name", sorted(NEEDED))
def test_each_segment_sounds_as_its_file_says(country, name):
    tone = country_tones(country)[name]
    samples = render_samples(tone)
    at = 0
    for segment in tone.segments:
        part = samples[at : at + segment.duration_ms * 8]
        at += len(part)
        if not segment.frequencies_hz:
            assert not any(part)
        for hz in segment.frequencies_hz:
            assert power_dbm0(part[:1600], hz) == pytest.approx(tone.level_dbm0, abs=0.6)
        assert power_dbm0(part[:1600], 2600) < -40
    assert at == len(samples)


@pytest.mark.parametrize("country", ["RU", "US"])
@pytest.mark.parametrize("law", Law)
def test_a_continuous_tone_has_no_seam(country, law):
    octets = render_tone(country_tones(country)["dial"], law)
    assert len(octets) % FRAME_OCTETS == 0
    samples = array("h", decode_g711(octets * 2, law))
    steps = [abs(b - a) for a, b in pairwise(samples)]
    assert steps[len(octets) - 1] <= max(steps[: len(octets) - 1])


def test_odd_periods_are_repeated_into_whole_frames():
    octets = render_tone(Tone((Segment((), 175),), -10.0), Law.PCMA)
    assert octets == bytes([Law.PCMA.silence]) * len(octets)
    assert len(octets) % FRAME_OCTETS == 0
