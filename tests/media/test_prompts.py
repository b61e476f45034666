"""Prompts by key and language, tones by country, and what is heard where a file is missing."""

from __future__ import annotations

import wave

import pytest

from appliance.media.prompts import (
    PromptLibrary,
    country_tones,
    fallback_octets,
    prompt_map,
    read_recording,
    tone_octets,
)
from appliance.media.sounds import Sounds
from appliance.routing.texts import PROMPTS
from appliance.rtp.g711 import Law, decode_g711, encode_g711

NEEDED = {"not_registered", "echo_intro", "invalid", *PROMPTS}
SAMPLES = b"".join((i * 97 % 20000 - 10000).to_bytes(2, "little", signed=True) for i in range(800))


def write_wav(path, rate=8000):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(SAMPLES)


@pytest.fixture
def voice(tmp_path):
    """A sounds directory with the Russian voice's folder."""
    return tmp_path / prompt_map().voices["ru"]


def test_every_prompt_that_routing_names_exists_in_both_languages():
    assert set(prompt_map().prompts) >= NEEDED
    for prompt in prompt_map().prompts.values():
        assert set(prompt.recordings) == {"ru", "en"}
        for country in ("RU", "US"):
            assert prompt.tone in country_tones(country)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("key", sorted(NEEDED))
def test_the_packages_hold_every_recording(key, language):
    octets = PromptLibrary().octets(key, language, Law.PCMA)
    assert octets is not None
    assert 0.5 < len(octets) / 8000 < 30
    assert len(set(octets)) > 50  # a voice, not silence


def test_a_wav_becomes_either_law(voice, tmp_path):
    write_wav(voice / "invalid.wav")
    library = PromptLibrary(tmp_path)
    for law in Law:
        assert library.octets("invalid", "ru", law) == encode_g711(SAMPLES, law)


def test_recordings_of_one_prompt_follow_each_other(voice, tmp_path):
    for name in prompt_map().prompts["no_answer"].recordings["ru"]:
        write_wav(voice / f"{name}.wav")
    octets = PromptLibrary(tmp_path).octets("no_answer", "ru", Law.PCMU)
    assert octets == encode_g711(SAMPLES, Law.PCMU) * 2


def test_a_prompt_is_read_once(voice, tmp_path):
    write_wav(voice / "invalid.wav")
    library = PromptLibrary(tmp_path)
    first = library.octets("invalid", "ru", Law.PCMA)
    (voice / "invalid.wav").unlink()
    assert library.octets("invalid", "ru", Law.PCMA) is first


def test_raw_recordings_are_taken_as_they_are(tmp_path):
    octets = bytes(range(256))
    (tmp_path / "one.al").write_bytes(octets)
    (tmp_path / "two.ul").write_bytes(octets)
    assert read_recording(tmp_path / "one", Law.PCMA) == octets
    assert read_recording(tmp_path / "two", Law.PCMU) == octets
    recoded = encode_g711(decode_g711(octets, Law.PCMA), Law.PCMU)
    assert read_recording(tmp_path / "one", Law.PCMU) == recoded


def test_another_rate_is_refused(tmp_path):
    write_wav(tmp_path / "wide.wav", rate=16000)
    with pytest.raises(ValueError, match="8 kHz"):
        read_recording(tmp_path / "wide", Law.PCMA)


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"no wave at all, but long enough to be read"])
def test_a_damaged_file_gives_the_tone(voice, tmp_path, damage):
    voice.mkdir()
    (voice / "invalid.wav").write_bytes(damage)
    assert PromptLibrary(tmp_path).octets("invalid", "ru", Law.PCMA) is None
    sounds = Sounds("ru", "RU", tmp_path)
    assert sounds.prompt("invalid", "PCMA") == fallback_octets("invalid", "RU", Law.PCMA)


@pytest.mark.parametrize(("key", "tone"), [("busy", "busy"), ("nonsense", "congestion")])
def test_missing_words_become_about_two_seconds_of_tone(tmp_path, key, tone):
    heard = Sounds("ru", "RU", tmp_path).prompt(key, "PCMA")
    period = tone_octets("RU", tone, Law.PCMA)
    assert heard == period * (len(heard) // len(period))
    assert 1.5 < len(heard) / 8000 < 4


def test_language_and_country_follow_the_site(voice, tmp_path):
    write_wav(voice / "invalid.wav")
    sounds = Sounds("en", "RU", tmp_path)
    in_english = sounds.prompt("invalid", "pcma")
    sounds.configure("ru", "US")
    assert sounds.prompt("invalid", "pcma") == encode_g711(SAMPLES, Law.PCMA) != in_english
    assert sounds.tone("dial", "PCMU") == tone_octets("US", "dial", Law.PCMU)


def test_a_country_without_a_file_has_tones_all_the_same():
    assert country_tones("ZZ") == country_tones("US")
