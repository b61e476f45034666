"""What a telephone on our wires hears before it shows who calls."""

from __future__ import annotations

import pytest

from appliance.media.api import Listening
from appliance.media.caller_id_sound import caller_id_sound
from appliance.media.signals import Detectors
from appliance.rtp.g711 import Law, decode_g711
from drivers.caller_id import read_caller_id
from drivers.country import country_codes, country_profile
from drivers.events import CallerIdRecord, CallerIdStatus

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
