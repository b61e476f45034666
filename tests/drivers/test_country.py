"""Countries' profiles: whole, plausible, and refused with the field's name when they are not."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from drivers.api import LineError
from drivers.country import country_codes, country_profile, parse_profile

NAMED = {"RU", "DE", "GB", "FI", "US", "KZ", "BY"}


def data(code="ru"):
    return tomllib.loads(
        resources.files("drivers").joinpath("countries", f"{code}.toml").read_text("utf-8")
    )


def test_the_named_countries_are_there():
    assert set(country_codes()) >= NAMED and len(country_codes()) >= 8


@pytest.mark.parametrize("code", country_codes())
def test_each_profile_is_whole(code):
    profile = country_profile(code)
    assert profile.country == code
    assert {heard.tone for heard in profile.heard} >= {
        "dial",
        "ringback",
        "busy",
        "congestion",
        "sit",
    }
    assert 15 <= profile.ringing.frequency_hz <= 68
    assert profile.pulse.break_ms + profile.pulse.make_ms == 100


@pytest.mark.parametrize("code", country_codes())
def test_what_is_sent_is_what_is_heard(code):
    """Our own busy and congestion tones are ones that a neighbour's box would recognise."""
    profile = country_profile(code)
    for name in ("busy", "congestion"):
        sent = profile.tones[name]
        pattern = [part.duration_ms for part in sent.segments]
        assert any(
            heard.frequencies_hz == sent.segments[0].frequencies_hz
            and all(
                abs(ms - own) <= max(25, own / 10)
                for ms, own in zip(pattern, heard.pattern_ms, strict=True)
            )
            for heard in profile.heard
            if heard.tone == name
        ), name


@pytest.mark.parametrize("code", country_codes())
def test_no_burst_of_ringing_is_longer_than_a_slic_may(code):
    """The Ag1171's RM: a third of the time at most (analog-lines §3.1), bursts of 3 s at most."""
    pattern = country_profile(code).ringing.cadence.pattern_ms
    assert sum(pattern[::2]) / sum(pattern) <= 1 / 3 and max(pattern[::2]) <= 3000


def test_a_profile_is_found_by_either_name_and_case():
    assert country_profile("uk") is country_profile("GB") or (
        country_profile("uk") == country_profile("GB")
    )


def test_an_unknown_country_names_the_known_ones():
    with pytest.raises(LineError) as caught:
        country_profile("xx")
    assert caught.value.key == "line.unknown_country" and "RU" in caught.value.detail


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("hook", "flash_ms"), [1000, 300], "flash_ms"),
        (("hook", "pulse_longest_ms"), 400, "pulse_longest_ms"),
        (("hook", "flash_send_ms"), 2000, "flash_send_ms"),
        (("hook", "flsh_ms"), 1, "flsh_ms"),
        (("ring", "cadence_ms"), [1000], "cadence_ms"),
        (("caller_id", "hear"), ["smoke"], "caller_id.hear"),
        (("caller_id", "moment"), "later", "moment"),
        (("t35",), 256, "t35"),
        (("hear",), [], "busy"),
    ],
)
def test_a_bad_file_is_refused_by_name(path, value, said):
    broken = data()
    table = broken
    for name in path[:-1]:
        table = table[name]
    table[path[-1]] = value
    with pytest.raises(ValueError, match=said):
        parse_profile(broken)


@pytest.mark.parametrize("name", ["ring", "hook", "tones", "hear", "levels", "t35"])
def test_a_missing_part_is_named(name):
    broken = data()
    del broken[name]
    with pytest.raises(ValueError, match=name):
        parse_profile(broken)
