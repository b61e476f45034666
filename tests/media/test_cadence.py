"""Rhythms that nobody described: measured as they are, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from appliance.media.api import CadenceHeard, Listening
from appliance.media.signals import Detectors
from drivers.country import country_codes, country_profile
from tests.kit import line_signals as signals

NOISE = signals.Noise()


def heard(samples: list[float], noise_dbm0: float = -60.0) -> list[tuple[float, CadenceHeard]]:
    whole = [*signals.silence(230), *samples, *signals.silence(30)]
    told = Detectors(Listening(cadence=True)).feed(signals.octets(NOISE.under(whole, noise_dbm0)))
    return [(t.at_s - 0.23, t.event) for t in told if isinstance(t.event, CadenceHeard)]


def rhythm(hz: tuple[float, ...], on_ms: float, off_ms: float, level_dbm0: float) -> list[float]:
    return [*signals.chord(hz, on_ms, level_dbm0), *signals.silence(off_ms)]


@pytest.mark.parametrize("level_dbm0", [-8.0, -20.0, -33.0])
@pytest.mark.parametrize(
    "hz", [(333.0,), (400.0,), (425.0,), (450.0,), (620.0,), (350.0, 440.0), (480.0, 620.0)]
)
def test_a_rhythm_is_measured(hz: tuple[float, ...], level_dbm0: float) -> None:
    """At 20 dB of noise: within 2 Hz and 10 ms, at the end of the fourth period."""
    for on_ms, off_ms in ((200, 600), (350, 350), (500, 250), (250, 250), (1000, 1000), (600, 200)):
        found = heard(rhythm(hz, on_ms, off_ms, level_dbm0) * 7, level_dbm0 - 20)
        at_s, first = found[0]
        assert len(first.frequencies_hz) == len(hz)
        assert all(abs(a - b) < 2 for a, b in zip(first.frequencies_hz, hz, strict=True))
        assert abs(first.on_ms - on_ms) <= 10 and abs(first.off_ms - off_ms) <= 10
        assert abs(first.level_dbm0 - level_dbm0 - (3 if len(hz) > 1 else 0)) < 1.0
        assert at_s <= 4 * (on_ms + off_ms) / 1000 + 0.06 or first.lasted_ms >= 1500
        periods = [round(event.lasted_ms / (on_ms + off_ms)) for _, event in found]
        assert periods == list(range(periods[0], periods[0] + len(periods)))


@pytest.mark.parametrize("country", country_codes())
def test_ringing_tone_of_no_country_is_a_rhythm_to_learn(country: str) -> None:
    segments = country_profile(country).tones["ringback"].segments * 5
    samples = [s for p in segments for s in signals.chord(p.frequencies_hz, p.duration_ms, -14.0)]
    assert heard(samples) == []


def test_what_changes_from_sound_to_sound_is_none() -> None:
    """A pitch, a level, a length or a filled pause that differs begins it anew."""
    three = rhythm((425.0,), 300, 300, -20.0) * 3
    others = {
        "pitch": rhythm((440.0,), 300, 300, -20.0),
        "level": rhythm((425.0,), 300, 300, -14.0),
        "sound": rhythm((425.0,), 360, 300, -20.0),
        "pause": rhythm((425.0,), 300, 360, -20.0),
        "voice": [*signals.chord((425.0,), 300, -20.0), *signals.chord((900.0,), 300, -20.0)],
        "glide": [*signals.chord((425.0,), 150, -20.0), *rhythm((445.0,), 150, 300, -20.0)],
    }
    for name, other in others.items():
        assert heard((three + other) * 4) == [], name
    assert heard(three * 2)  # the same without the other one


def test_a_tone_that_does_not_pause_is_none() -> None:
    assert heard(signals.chord((425.0,), 9000, -14.0)) == []


def test_keys_and_beeps_are_none() -> None:
    """Digits of one kind, a fax that calls (1100 Hz, 500/3000), a call waiting (200/5000)."""
    assert heard([*signals.key("5", 100), *signals.silence(100)] * 20) == []
    assert heard(rhythm((1100.0,), 500, 500, -14.0) * 8) == []
    assert heard(rhythm((425.0,), 200, 5000, -14.0) * 5) == []


#: Two sounds in turn: the UK's congestion, and what no country has.
TURNS = [((400.0,), (400, 350, 225, 525)), ((425.0,), (200, 200, 500, 300))]


def turns(hz: tuple[float, ...], lengths: tuple[int, ...], level_dbm0: float) -> list[float]:
    one, two = lengths[:2], lengths[2:]
    return [*rhythm(hz, *one, level_dbm0), *rhythm(hz, *two, level_dbm0)]


@pytest.mark.parametrize("level_dbm0", [-8.0, -20.0, -33.0])
@pytest.mark.parametrize(("hz", "lengths"), [*TURNS, ((480.0, 620.0), (300, 150, 150, 400))])
def test_two_sounds_in_turn_are_measured_from_the_sixth_on(
    hz: tuple[float, ...], lengths: tuple[int, ...], level_dbm0: float
) -> None:
    period_s = sum(lengths) / 1000
    whole = [*turns(hz, lengths, level_dbm0) * 7, *signals.chord(hz, 100, level_dbm0)]
    found = heard(whole, level_dbm0 - 20)
    at_s, first = found[0]
    measured = (first.on_ms, first.off_ms, first.second_on_ms, first.second_off_ms)
    assert all(abs(a - b) <= 10 for a, b in zip(measured, lengths, strict=True)), measured
    assert all(abs(a - b) < 2 for a, b in zip(first.frequencies_hz, hz, strict=True))
    assert at_s <= 3 * period_s + 0.06
    assert abs(found[-1][1].lasted_ms - 7 * period_s * 1000) <= 100
    assert len(found) == 9, "each sound from then on"


def test_two_sounds_in_turn_begin_anew_after_a_third() -> None:
    one, other = turns((400.0,), (400, 350, 225, 525), -20.0), rhythm((400.0,), 700, 300, -20.0)
    assert heard((one * 2 + other) * 3) == []
    found = heard(other + one * 3 + one[:800])
    assert len(found) == 1 and found[0][1].second_on_ms > 0


def test_three_sounds_in_turn_are_none() -> None:
    three = [s for ms in (200, 300, 400) for s in rhythm((425.0,), ms, 250, -20.0)]
    assert heard(three * 5) == []


def test_two_rhythms_in_a_row_are_two() -> None:
    one, two = rhythm((425.0,), 200, 600, -20.0) * 5, rhythm((450.0,), 300, 300, -20.0) * 6
    tones = {(round(e.frequencies_hz[0]), round(e.on_ms, -1)) for _, e in heard(one + two)}
    assert tones == {(425, 200), (450, 300)}


@pytest.mark.parametrize(("on_ms", "off_ms"), [(60, 300), (1100, 300), (300, 60), (300, 1100)])
def test_too_short_and_too_long_is_none(on_ms: int, off_ms: int) -> None:
    assert heard(rhythm((425.0,), on_ms, off_ms, -20.0) * 12) == []
