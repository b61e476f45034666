"""Our prompts as G.711 octets: recordings of a voice, found by key and language.

Owns a cache of what it has read. prompts.toml maps our keys to files; where one is missing the
caller hears the prompt's tone instead of silence. WAV files are 8 kHz, 16 bit, mono.
"""

from __future__ import annotations

import logging
import tomllib
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.rtp.g711 import SAMPLE_RATE_HZ, Law, decode_g711, encode_g711
from appliance.rtp.tones import Segment, Tone, render_tone

if TYPE_CHECKING:
    from drivers.country import ToneToSend

log = logging.getLogger(__name__)
SOUNDS = Path("/usr/share/asterisk/sounds")
RAW_SUFFIXES = {".al": Law.PCMA, ".ul": Law.PCMU}
FALLBACK_TONE = "congestion"
FALLBACK_COUNTRY = "US"
SHORTEST_TONE_S = 2.0  # a tone that stands for words lasts about as long


@dataclass(frozen=True, slots=True)
class Prompt:
    """recordings: file names by language, in order; tone: what is heard without them."""

    recordings: Mapping[str, tuple[str, ...]]
    tone: str


@dataclass(frozen=True, slots=True)
class PromptMap:
    """prompts.toml. voices: folder by language."""

    voices: Mapping[str, str]
    prompts: Mapping[str, Prompt]


@cache
def prompt_map() -> PromptMap:
    """The data file of this package."""
    data = tomllib.loads(files(__package__).joinpath("prompts.toml").read_text("utf-8"))
    prompts = {
        key: Prompt({k: tuple(v) for k, v in entry.items() if k != "tone"}, entry["tone"])
        for key, entry in data["prompts"].items()
    }
    return PromptMap(data["voices"], prompts)


@cache
def country_tones(country: str) -> Mapping[str, Tone]:
    """The call progress tones of a country (ISO code); North America's where we have no profile."""
    from drivers.country import country_codes, country_profile  # not before somebody hears a tone

    known = country.upper() in country_codes()
    tones = country_profile(country if known else FALLBACK_COUNTRY).tones
    return {name: Tone(_segments(tone), tone.level_dbm0) for name, tone in tones.items()}


def _segments(tone: ToneToSend) -> tuple[Segment, ...]:
    return tuple(Segment(part.frequencies_hz, part.duration_ms) for part in tone.segments)


@cache
def tone_octets(country: str, name: str, law: Law) -> bytes:
    """One period of a tone, in whole 20 ms frames; an unknown name gives congestion."""
    tones = country_tones(country)
    return render_tone(tones.get(name) or tones[FALLBACK_TONE], law)


class PromptLibrary:
    """Recordings below one directory, read once each."""

    def __init__(self, directory: Path = SOUNDS) -> None:
        self._directory = directory
        self._cache: dict[tuple[str, str, Law], bytes | None] = {}

    def octets(self, key: str, language: str, law: Law) -> bytes | None:
        """The whole prompt, or None when a recording of it is missing or cannot be read."""
        wanted = (key, language, law)
        if wanted not in self._cache:
            self._cache[wanted] = self._load(key, language, law)
        return self._cache[wanted]

    def _load(self, key: str, language: str, law: Law) -> bytes | None:
        prompt = prompt_map().prompts.get(key)
        names = prompt.recordings.get(language, ()) if prompt else ()
        voice = prompt_map().voices.get(language)
        if not names or voice is None:
            log.warning("no recording of prompt %s in language %s", key, language)
            return None
        try:
            return b"".join(read_recording(self._directory / voice / name, law) for name in names)
        except (OSError, EOFError, ValueError, wave.Error) as error:
            log.warning("prompt %s in language %s cannot be read: %s", key, language, error)
            return None


def read_recording(path: Path, law: Law) -> bytes:
    """G.711 octets of a recording named without its suffix.

    Raises OSError when there is none, ValueError when it is not 8 kHz, 16 bit, mono.
    """
    for suffix, recorded in RAW_SUFFIXES.items():
        raw = path.with_name(path.name + suffix)
        if raw.is_file():
            octets = raw.read_bytes()
            return octets if recorded is law else encode_g711(decode_g711(octets, recorded), law)
    with wave.open(str(path.with_name(path.name + ".wav")), "rb") as file:
        if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (8000, 2, 1):
            raise ValueError(f"{path.name}: not 8 kHz, 16 bit, mono")
        return encode_g711(file.readframes(file.getnframes()), law)


def fallback_octets(key: str, country: str, law: Law) -> bytes:
    """The tone that stands for a prompt without a recording: whole periods, two seconds or more."""
    prompt = prompt_map().prompts.get(key)
    period = tone_octets(country, prompt.tone if prompt else FALLBACK_TONE, law)
    return period * max(1, round(SHORTEST_TONE_S * SAMPLE_RATE_HZ / len(period)))
