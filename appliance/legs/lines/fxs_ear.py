"""What a telephone on our wires hears when nobody talks to it: tones of its country.

Owns nothing; plays into the line's stream while there is one. The howler is the loud mixture that
tells a room of a handset beside its cradle (North America's receiver off-hook tone).
"""

from __future__ import annotations

import asyncio
from functools import cache

from appliance.legs.lines.audio import LineAudio
from appliance.media.prompts import country_tones, tone_octets
from appliance.rtp.g711 import Law
from appliance.rtp.tones import Segment, Tone, render_tone

HOWLER_AFTER_S = 60.0
HOWLER = "howler"
_HOWLER = Tone((Segment((1400, 2060, 2450, 2600), 100), Segment((), 100)), -9.0)


class Ear:
    """The earpiece of one telephone."""

    def __init__(self, audio: LineAudio) -> None:
        self._audio = audio

    def tone(self, name: str) -> None:
        """Hear this tone until something else is heard."""
        self._play(name, repeats=True)

    def beep(self) -> None:
        """Hear the call waiting tone over the talk, once."""
        self._play("call_waiting", repeats=False)

    async def dead_end(self, tone: str) -> None:
        """Nothing more comes of this handset until it is put down."""
        self.tone(tone)
        await asyncio.sleep(HOWLER_AFTER_S)
        self.tone(HOWLER)
        await asyncio.sleep(HOWLER_AFTER_S)
        self.silence()

    def silence(self) -> None:
        if self._audio.stream is not None:
            self._audio.stream.disconnect()

    def _play(self, name: str, *, repeats: bool) -> None:
        stream = self._audio.stream
        if stream is not None:
            octets = _octets(self._audio.profile.country, name)
            stream.play(octets, payload_type=Law.PCMA.value, repeats=repeats)


@cache
def _octets(country: str, name: str) -> bytes:
    if name == HOWLER:
        return render_tone(_HOWLER, Law.PCMA)
    octets = tone_octets(country, name, Law.PCMA)
    if name != "call_waiting":
        return octets
    beeps = country_tones(country)[name].segments[:-1]  # then the long pause, in which people talk
    return octets[: 8 * sum(beep.duration_ms for beep in beeps)]
