"""Call progress tones out of data (ITU-T E.180): which frequencies sound, and for how long.

PURE. A tone is a row of segments; one period of it is rendered to G.711 and repeated by the player.
The countries' figures are files of drivers/countries/.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

from appliance.rtp.g711 import FRAME_OCTETS, SAMPLE_RATE_HZ, Law, encode_g711

FULL_SCALE_DBM0 = 3.14  # a sine that just fills A-law (G.711 §4); µ-law's 3.17 is within 0.03 dB
FULL_SCALE = 32635


@dataclass(frozen=True, slots=True)
class Segment:
    """These frequencies together (none = silence) for so long."""

    frequencies_hz: tuple[float, ...]
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Tone:
    """One period; level_dbm0 is of each frequency by itself."""

    segments: tuple[Segment, ...]
    level_dbm0: float


def render_samples(tone: Tone) -> array[int]:
    """16-bit samples of one period at 8 kHz."""
    amplitude = FULL_SCALE * 10 ** ((tone.level_dbm0 - FULL_SCALE_DBM0) / 20)
    samples = array("h")
    for segment in tone.segments:
        count = segment.duration_ms * SAMPLE_RATE_HZ // 1000
        steps = [2 * math.pi * hz / SAMPLE_RATE_HZ for hz in segment.frequencies_hz]
        samples.extend(
            round(amplitude * sum(math.sin(step * i) for step in steps)) for i in range(count)
        )
    return samples


def render_tone(tone: Tone, law: Law) -> bytes:
    """G.711 octets of one period, made longer by whole periods until it fills whole frames."""
    samples = render_samples(tone)
    octets = encode_g711(array("h", samples).tobytes(), law)
    periods = FRAME_OCTETS // math.gcd(len(octets), FRAME_OCTETS)
    return octets * periods
