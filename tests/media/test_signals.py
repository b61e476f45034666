"""Call progress tones as a line hears them: each country's, and nothing else."""

from __future__ import annotations

import pytest

from appliance.media.api import KeyPressed, Listening, ToneHeard, ToneWatch
from appliance.media.signals import Detectors, Generator, KeyBegan
from appliance.media.tone_watches import tone_watches
from drivers.country import ToneSegment, country_codes, country_profile
from tests.kit import line_signals as line

COUNTRIES = country_codes()
LEVELS_DBM0 = (-10.0, -20.0, -35.0)
BUSY_WITHIN_S = 3.0


def listen(samples, tones, block=160):
    """Tones heard in samples that come in blocks, as (name, seconds, event)."""
    detectors, data = Detectors(Listening(tones=tuple(tones))), line.octets(samples)
    heard = []
    for start in range(0, len(data), 2 * block):
        heard += detectors.feed(data[start : start + 2 * block])
    return [(h.event.tone, h.at_s, h.event) for h in heard]


def rhythm(segments, periods, level_dbm0=-13.0):
    one = [
        s
        for part in segments
        for s in line.chord(part.frequencies_hz, part.duration_ms, level_dbm0)
    ]
    return one * periods


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("level_dbm0", LEVELS_DBM0)
def test_busy_is_found_within_3_s(country, level_dbm0):
    """At 20 dB of SNR, after half a second of silence."""
    profile, noise = country_profile(country), line.Noise(3)
    samples = line.silence(500) + rhythm(profile.tones["busy"].segments, 6, level_dbm0)
    heard = listen(noise.under(samples, level_dbm0 - 20), tone_watches(profile))
    (first, *others) = [item for item in heard if item[0] == "busy"]
    took_s = first[1] - 0.5
    print(f"busy {country} at {level_dbm0:.0f} dBm0: {took_s:.2f} s")
    assert took_s <= BUSY_WITHIN_S and not others
    pattern = [part.duration_ms for part in profile.tones["busy"].segments]
    assert abs(first[2].on_ms - pattern[0]) <= 15 and abs(first[2].off_ms - pattern[1]) <= 15
    assert first[2].frequency_hz == pytest.approx(
        profile.tones["busy"].segments[0].frequencies_hz[0], abs=3
    )


def test_russian_busy_of_any_length_that_the_order_allows():
    """Russia's 300 to 400 ms, on and off alike, in steps of 10."""
    for ms in range(300, 401, 10):
        segments = (ToneSegment((425,), ms), ToneSegment((), ms))
        samples = line.silence(200) + rhythm(segments, 6)
        heard = listen(samples, tone_watches(country_profile("RU")))
        assert [item[0] for item in heard] == ["busy"], ms
        assert heard[0][1] - 0.2 <= BUSY_WITHIN_S


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("name", ["ringback", "congestion", "sit", "dial"])
def test_each_tone_is_told_by_its_name(country, name):
    profile = country_profile(country)
    samples = line.silence(300) + rhythm(
        profile.tones[name].segments, 3 if name == "ringback" else 6
    )
    watches = tone_watches(profile, dial_least_ms=3000)
    heard = listen([*samples, *line.silence(300)], watches)
    assert [item[0] for item in heard] == [name]


@pytest.mark.parametrize("offset_hz", [-20, 20])
def test_a_tone_may_be_a_little_off(offset_hz):
    tone = line.sine(425 + offset_hz, 2000, -15)
    (heard,) = listen(tone, [ToneWatch("dial", (425.0,), least_ms=500)])
    assert heard[2].frequency_hz == pytest.approx(425 + offset_hz, abs=2)
    assert heard[2].level_dbm0 == pytest.approx(-15, abs=1)


@pytest.mark.parametrize("hz", [350, 375, 480, 500, 850])
def test_another_frequency_is_another_tone(hz):
    assert listen(line.sine(hz, 3000, -15), [ToneWatch("dial", (425.0,), least_ms=500)]) == []


@pytest.mark.parametrize("segments", [((425, 350), (0, 500)), ((425, 500), (0, 350))])
def test_another_rhythm_is_another_tone(segments):
    parts = [ToneSegment((hz,) if hz else (), ms) for hz, ms in segments]
    watches = [w for w in tone_watches(country_profile("RU")) if w.tone == "busy"]
    assert listen(rhythm(parts, 8), watches) == []


def test_noise_between_the_bursts_is_no_rhythm():
    """A voice that pauses with the tone under it is no busy tone."""
    on, off = line.sine(425, 350, -13), line.Noise(5).under(line.silence(350), -13)
    watches = [w for w in tone_watches(country_profile("RU")) if w.tone == "busy"]
    assert listen((on + off) * 8, watches) == []


def test_busy_after_busy_is_told_again():
    profile = country_profile("RU")
    busy = rhythm(profile.tones["busy"].segments, 8)
    heard = listen(busy + line.silence(1500) + busy, tone_watches(profile))
    assert [item[0] for item in heard] == ["busy", "busy"]


def test_the_size_of_blocks_does_not_matter():
    profile = country_profile("GB")
    samples = rhythm(profile.tones["congestion"].segments, 4)
    results = [listen(samples, tone_watches(profile), block) for block in (1, 37, 160, 8000)]
    assert results[0] and all(result == results[0] for result in results)


def test_silence_is_told_once_a_stretch():
    detectors = Detectors(Listening(silence_s=2.0))
    quiet = line.octets(line.Noise(1).under(line.silence(5000), -55))
    heard = detectors.feed(line.octets(line.sine(300, 500, -20)) + quiet)
    heard += detectors.feed(line.octets(line.sine(300, 500, -20)) + quiet)
    assert [type(h.event) for h in heard] == [ToneHeard, ToneHeard]
    assert heard[0].event.tone == "silence" and heard[0].at_s == pytest.approx(2.5, abs=0.05)


def test_machines_are_told_among_the_tones_of_a_country():
    """A fax machine calls (T.30 §4.3.3.3), a modem answers (V.25)."""
    machines = (
        ToneWatch("fax", (1100.0,), (500, 3000), tolerance_hz=38.0),
        ToneWatch("answer", (2100.0,), least_ms=500),
    )
    calling = line.silence(500) + (line.sine(1100, 500, -15) + line.silence(3000)) * 2
    answering = line.silence(500) + line.sine(2100, 3000, -15)
    watches = (*tone_watches(country_profile("RU")), *machines)
    assert [item[0] for item in listen(calling, watches)] == ["fax"]
    assert [item[0] for item in listen(answering, watches)] == ["answer"]


@pytest.mark.parametrize(
    "watch",
    [
        ToneWatch("x", ()),
        ToneWatch("x", (5000.0,)),
        ToneWatch("x", (425.0,), (350,)),
        ToneWatch("x", (425.0,), (350, 0)),
        ToneWatch("x", (425.0,), (350, 350), cycles=0),
        ToneWatch("x", (425.0,), tolerance_hz=1000.0),
        ToneWatch("x", (950.0, 1400.0), (330,), is_in_turn=True),
        ToneWatch("x", (425.0,) * 5),
        ToneWatch("x", (425.0,), (10,) * 10),
    ],
)
def test_what_cannot_be_listened_for_is_refused(watch):
    with pytest.raises(ValueError):
        Detectors(Listening(tones=(watch,)))


def test_more_tones_than_there_is_room_for_are_refused():
    with pytest.raises(ValueError, match="more than"):
        Detectors(Listening(tones=(ToneWatch("x", (425.0,)),) * 13))


def as_eight_bits(samples):
    """What a modem of 8-bit linear samples leaves of it (some 48 dB of range)."""
    return [256.0 * round(value / 256) for value in samples]


@pytest.mark.parametrize("level_dbm0", [-13.0, -25.0])
def test_busy_through_a_modem_of_eight_bits(level_dbm0):
    profile = country_profile("RU")
    samples = line.silence(500) + rhythm(profile.tones["busy"].segments, 6, level_dbm0)
    heard = listen(as_eight_bits(samples), tone_watches(profile))
    assert [item[0] for item in heard] == ["busy"] and heard[0][1] - 0.5 <= BUSY_WITHIN_S


def test_busy_under_the_echo_of_our_own_announcement():
    """What we say comes back 12 dB under the tone, and fills its pauses."""
    profile = country_profile("RU")
    samples = line.silence(500) + rhythm(profile.tones["busy"].segments, 6, -13.0)
    voice = line.mix(*(line.sine(hz, len(samples) / 8, -33.0) for hz in (210, 630, 1170, 2300)))
    heard = listen(line.mix(samples, voice), tone_watches(profile))
    assert [item[0] for item in heard] == ["busy"]


@pytest.mark.parametrize("ppm", [-200, 200])
def test_busy_by_a_clock_that_is_wrong(ppm):
    profile, wrong = country_profile("DE"), 1 + ppm / 1e6
    parts = [
        ToneSegment(tuple(hz * wrong for hz in part.frequencies_hz), part.duration_ms)
        for part in profile.tones["busy"].segments
    ]
    heard = listen(rhythm(parts, 6), tone_watches(profile))
    assert [item[0] for item in heard] == ["busy"]


# ---- what is made


def test_what_is_made_is_what_a_plain_sine_is():
    made = line.floats(
        Generator().tone([ToneSegment((425,), 100), ToneSegment((), 50)], level_dbm0=-10.0)
    )
    wanted = line.sine(425, 100, -10.0) + line.silence(50)
    assert len(made) == len(wanted)
    assert all(abs(a - b) <= 1 for a, b in zip(made, wanted, strict=True))


def test_keys_that_are_made_are_heard():
    digits = "0123456789*#ABCD"
    made = Generator().keys(digits, on_ms=50, off_ms=50, level_dbm0=-8.0)
    assert len(made) == len(digits) * 2 * 800
    events = [h.event for h in Detectors(Listening(keys=True)).feed(made)]
    assert "".join(e.digit for e in events if isinstance(e, KeyBegan)) == digits
    assert "".join(e.digit for e in events if isinstance(e, KeyPressed)) == digits


def test_a_comma_is_a_second():
    made = Generator().keys("1,2", on_ms=50, off_ms=50, level_dbm0=-8.0)
    assert len(made) == 2 * (2 * 800 + 8000)


@pytest.mark.parametrize("digits", ["", "12x", "1" * 65])
def test_keys_that_no_telephone_has_are_refused(digits):
    with pytest.raises(ValueError):
        Generator().keys(digits, on_ms=50, off_ms=50, level_dbm0=-8.0)


def test_signals_too_loud_or_impossible_are_refused():
    make = Generator()
    with pytest.raises(ValueError):
        make.tone([ToneSegment((425,), 100)], level_dbm0=10.0)
    with pytest.raises(ValueError):
        make.tone([ToneSegment((4100,), 100)], level_dbm0=-10.0)
    with pytest.raises(ValueError):
        make.aon("12x", level_dbm0=-10.0)
    with pytest.raises(ValueError):
        make.caller_id(b"", "fsk_v23")
    with pytest.raises(ValueError):
        make.caller_id(b"x", "dtmf")
