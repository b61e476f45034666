"""A tone made, and what came back of it measured.

PURE. Audio is what the test's telephone calls audio: linear, 8 bits, unsigned (128 is silence), 8
kHz, in frames of 160 octets = 20 ms. One tone is looked for by Goertzel's algorithm, its frequency
by its passages through zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

RATE_HZ = 8000
FRAME = 160
FRAME_S = FRAME / RATE_HZ
SILENCE = b"\x80" * FRAME
_MIDDLE = 128
_FULL_SCALE = 127
_NOTHING_DBFS = -99.0
_TONE_SHARE = 0.5  # of a frame's power at the wanted frequency; 8 bits and G.711 leave more


@dataclass(frozen=True, slots=True)
class Measured:
    """What returned of a burst: frames of 20 ms sent and returned, levels in dBFS, frequency of
    what returned, delay from the first frame written to the first one heard."""

    sent: int
    returned: int
    sent_dbfs: float
    level_dbfs: float
    frequency_hz: float
    delay_ms: float

    @property
    def loss(self) -> float:
        """Share of the burst that did not return, 0..1."""
        return max(0.0, 1 - self.returned / self.sent)


def tone(hz: float, frames: int, dbfs: float) -> bytes:
    """So many frames of a tone."""
    peak = _FULL_SCALE * 10 ** (dbfs / 20)
    step = 2 * math.pi * hz / RATE_HZ
    return bytes(_MIDDLE + round(peak * math.sin(step * n)) for n in range(frames * FRAME))


def level_dbfs(octets: Sequence[int]) -> float:
    """The mean level; a sine of full scale is 0."""
    power = sum((o - _MIDDLE) ** 2 for o in octets) / len(octets) if octets else 0.0
    return 10 * math.log10(2 * power / _FULL_SCALE**2) if power else _NOTHING_DBFS


def is_sound(frame: Sequence[int]) -> bool:
    """Whether anything at all is heard in a frame."""
    return level_dbfs(frame) > -45


def is_tone(frame: Sequence[int], hz: float) -> bool:
    """Whether a frame is this tone, and little else."""
    total = sum((o - _MIDDLE) ** 2 for o in frame)
    return is_sound(frame) and _energy(frame, hz) > _TONE_SHARE * total


def frequency_hz(octets: Sequence[int]) -> float:
    """The frequency of a single tone, by the median of its periods; 0 where there is none."""
    floor = max((abs(o - _MIDDLE) for o in octets), default=0) // 8
    rises: list[float] = []
    is_below = False
    before = 0
    for at, octet in enumerate(octets):
        sample = octet - _MIDDLE
        if sample < -floor:
            is_below = True
        elif is_below and sample >= floor:
            is_below = False
            rises.append(at - (sample - floor) / max(1, sample - before))
        before = sample
    if len(rises) < 3:
        return 0.0
    periods = sorted(later - earlier for earlier, later in pairwise(rises))
    middle = periods[len(periods) // 4 : len(periods) * 3 // 4 + 1]
    return RATE_HZ * len(middle) / sum(middle)


def _energy(frame: Sequence[int], hz: float) -> float:
    """Power of one frequency in a frame, in the unit of the sum of squares."""
    factor = 2 * math.cos(2 * math.pi * hz / RATE_HZ)
    one = two = 0.0
    for octet in frame:
        one, two = octet - _MIDDLE + factor * one - two, one
    return (one * one + two * two - factor * one * two) * 2 / len(frame)
