"""What a telephone on our wires hears before it shows who calls."""

from __future__ import annotations

import cmath
import math

import pytest

from appliance.media.api import Listening
from appliance.media.caller_id_sound import caller_id_sound, waiting_alert, waiting_sound
from appliance.media.signals import Detectors
from appliance.rtp.g711 import Law, decode_g711
from drivers.caller_id import read_caller_id
from drivers.country import country_codes, country_profile
from drivers.events import CallerIdRecord, CallerIdStatus
from tests.kit import line_signals as signals

EVERYTHING = Listening(caller_id=("fsk_v23", "fsk_bell202", "dtmf"))
IVANOV = CallerIdRecord("4951234567", "Иванов", "11220930")
WINDOW_MS = 2500


def read(octets):
    samples = decode_g711(octets, Law.PCMA) + bytes(16000)
    (heard,) = Detectors(EVERYTHING).feed(samples)
    return read_caller_id(heard.event.method, heard.event.message)


@pytest.mark.parametrize("country", country_codes())
def test_every_country_shows_the_number(country):
    profile = country_profile(country)
    record = read(caller_id_sound(IVANOV, profile, WINDOW_MS))
    assert record.number == "4951234567"
    if profile.caller_id.show != "dtmf":
        assert (record.name, record.time) == ("Ivanov", "11220930")


@pytest.mark.parametrize("country", ["RU", "FI", "US"])
@pytest.mark.parametrize("status", [CallerIdStatus.WITHHELD, CallerIdStatus.UNAVAILABLE])
def test_a_hidden_caller_stays_hidden(country, status):
    record = CallerIdRecord("", time="11220930", status=status)
    assert read(caller_id_sound(record, country_profile(country), WINDOW_MS)).status is status


def test_a_short_window_has_the_number_alone():
    profile = country_profile("RU")
    whole = len(caller_id_sound(IVANOV, profile, WINDOW_MS)) / 8
    short = caller_id_sound(IVANOV, profile, round(whole) - 20)
    assert (read(short).number, read(short).name) == ("4951234567", "")
    assert caller_id_sound(IVANOV, profile, 300) == b""


@pytest.mark.parametrize("country", country_codes())
def test_who_knocks_is_told_by_fsk_everywhere(country):
    """Without the octets that wake a telephone on its hook: it listens already."""
    octets = waiting_sound(IVANOV, country_profile(country))
    record = read(octets)
    assert (record.number, record.name) == ("4951234567", "Ivanov")
    assert len(octets) < 8 * 700


@pytest.mark.parametrize("country", country_codes())
def test_the_signal_comes_after_the_tone(country):
    """75 to 85 ms of 2130 and 2750 Hz, and nothing else behind (EN 300 659-2)."""
    samples = signals.floats(decode_g711(waiting_alert(country_profile(country)), Law.PCMA))
    ms = [samples[at : at + 8] for at in range(0, len(samples) - 7, 8)]
    loud = [max(map(abs, each)) > signals.amplitude(-50.0) for each in ms]
    assert all(loud[-80:]) and not any(loud[-105:-85]), "a pause before it"
    signal = samples[-640:]
    for hz in (2130.0, 2750.0):
        assert tone_dbm0(signal, hz) == pytest.approx(-15.0, abs=0.5)
    assert 100 <= len(ms) - 110 <= 700, "the country's own tone"


def tone_dbm0(samples, hz):
    """The level of one frequency."""
    turns = [cmath.exp(-2j * cmath.pi * hz * n / 8000) for n in range(len(samples))]
    amplitude = 2 * abs(sum(s * t for s, t in zip(samples, turns, strict=True))) / len(samples)
    return 20 * math.log10(amplitude / signals.amplitude(0.0))
