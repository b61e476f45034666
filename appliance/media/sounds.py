"""What the site's callers hear: prompts in its language, tones of its country.

Owns the choice and the library of recordings. Codec names are those of SDP (``PCMA``, ``PCMU``).
"""

from __future__ import annotations

from pathlib import Path

from appliance.media.prompts import SOUNDS, PromptLibrary, fallback_octets, tone_octets
from appliance.rtp.g711 import Law


class Sounds:
    """Prompts and tones as G.711 octets, ready for ``Stream.play``."""

    def __init__(self, language: str, country: str, directory: Path = SOUNDS) -> None:
        self._library = PromptLibrary(directory)
        self._language = language
        self._country = country

    def configure(self, language: str, country: str) -> None:
        """What is asked for next follows these (``ru``, ``en``; ISO country code)."""
        self._language = language
        self._country = country

    def prompt(self, key: str, codec: str) -> bytes:
        """A prompt of prompts.toml; its tone where there is no recording."""
        law = Law[codec.upper()]
        octets = self._library.octets(key, self._language, law)
        return octets or fallback_octets(key, self._country, law)

    def tone(self, name: str, codec: str) -> bytes:
        """One period of ``dial ringback busy congestion sit call_waiting``; play it repeating."""
        return tone_octets(self._country, name, Law[codec.upper()])
