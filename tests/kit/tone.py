"""Tones made and measured: what a test plays into a call and what it proves to have come out.

PURE but for reading and writing WAV files. Samples are 16-bit; 0 dBFS is a sine of full scale.
G.711 is coded here by ITU-T's definition, apart from the product's own tables.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

FULL_SCALE = 32767
SILENCE_DBFS = -50.0
_FRAME_MS = 10
_SILENT = -120.0


@dataclass(frozen=True)
class Sound:
    """Samples of one channel with their rate; the measures look at all of it."""

    samples: array[int]
    rate_hz: int = 8000

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz

    def part(self, from_s: float, to_s: float | None = None) -> Sound:
        """What lies between two moments."""
        end = None if to_s is None else int(to_s * self.rate_hz)
        return Sound(self.samples[int(from_s * self.rate_hz) : end], self.rate_hz)

    def level_dbfs(self) -> float:
        """The mean level, -120 for nothing at all."""
        return _level_dbfs(self.samples)

    def frame_levels_dbfs(self) -> list[float]:
        """The level of each 10 ms."""
        return [_level_dbfs(frame) for frame in self._frames()]

    def _frames(self) -> Iterator[array[int]]:
        size = self.rate_hz * _FRAME_MS // 1000
        for at in range(0, len(self.samples) - size + 1, size):
            yield self.samples[at : at + size]

    def heard(self, silence_dbfs: float = SILENCE_DBFS) -> Heard:
        """Where sound begins and ends, how loud and how high it is, and its holes."""
        loud = [level > silence_dbfs for level in self.frame_levels_dbfs()]
        if True not in loud:
            return Heard(0.0, _SILENT, 0, 0, ())
        first, last = loud.index(True), len(loud) - 1 - loud[::-1].index(True)
        sounding = self.part(first * _FRAME_MS / 1000, (last + 1) * _FRAME_MS / 1000)
        return Heard(
            frequency_hz=sounding.frequency_hz(),
            level_dbfs=sounding.level_dbfs(),
            start_ms=first * _FRAME_MS,
            duration_ms=(last + 1 - first) * _FRAME_MS,
            gaps_ms=tuple(_runs_of_silence(loud[first : last + 1])),
        )

    def frequency_hz(self) -> float:
        """Of a single tone: counted by its rising passages through zero, noise ignored."""
        floor = max((abs(s) for s in self.samples), default=0) // 8
        crossings: list[float] = []
        is_below = False
        before = 0
        for at, sample in enumerate(self.samples):
            if sample < -floor:
                is_below = True
            elif is_below and sample >= floor:
                is_below = False
                crossings.append(at - (sample - floor) / max(1, sample - before))
            before = sample
        if len(crossings) < 2:
            return 0.0
        periods = sorted(b - a for a, b in pairwise(crossings))
        middle = periods[len(periods) // 4 : len(periods) * 3 // 4 + 1]  # gaps are no periods
        return self.rate_hz * len(middle) / sum(middle)

    def share_of(self, hz: float) -> float:
        """How much of all power lies at a frequency (Goertzel over 100 ms): 1 for a clean tone."""
        size = self.rate_hz // 10
        total = at_tone = 0.0
        for start in range(0, len(self.samples) - size + 1, size):
            block = self.samples[start : start + size]
            total += sum(s * s for s in block)
            at_tone += _goertzel(block, hz, self.rate_hz)
        return at_tone / total if total else 0.0


@dataclass(frozen=True)
class Heard:
    """What Sound.heard found; gaps_ms: the silences of 20 ms and more between start and end."""

    frequency_hz: float
    level_dbfs: float
    start_ms: int
    duration_ms: int
    gaps_ms: tuple[int, ...]

    def is_tone(self, hz: float, within_hz: float = 10.0) -> bool:
        return self.duration_ms > 0 and abs(self.frequency_hz - hz) <= within_hz


def sine(hz: float, seconds: float, rate_hz: int = 8000, dbfs: float = -10.0) -> Sound:
    """A tone."""
    peak = FULL_SCALE * 10 ** (dbfs / 20)
    step = 2 * math.pi * hz / rate_hz
    count = round(seconds * rate_hz)
    return Sound(array("h", (round(peak * math.sin(step * n)) for n in range(count))), rate_hz)


def silence(seconds: float, rate_hz: int = 8000) -> Sound:
    """Nothing, for so long."""
    return Sound(array("h", bytes(2 * round(seconds * rate_hz))), rate_hz)


def joined(*sounds: Sound) -> Sound:
    """One after the other, all of one rate."""
    samples = array("h")
    for sound in sounds:
        samples.extend(sound.samples)
    return Sound(samples, sounds[0].rate_hz)


def write_wav(path: Path, sound: Sound) -> Path:
    """Write 16-bit mono WAV; returns path."""
    samples = array("h", sound.samples)
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate_hz)
        file.writeframes(samples.tobytes())
    return path


def read_wav(path: Path) -> Sound:
    """Read 16-bit WAV, the first channel; one still being written as far as it is."""
    data = path.read_bytes()
    at = data.find(b"fmt ")
    start = data.find(b"data")
    if not data.startswith(b"RIFF") or at < 0 or start < 0:
        return Sound(array("h"))
    channels = int.from_bytes(data[at + 10 : at + 12], "little")
    rate_hz = int.from_bytes(data[at + 12 : at + 16], "little")
    body = data[start + 8 :]
    samples = array("h", body[: len(body) // (2 * channels) * 2 * channels])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(samples[::channels], rate_hz)


def to_alaw(sound: Sound) -> bytes:
    """G.711 A-law octets of 8 kHz samples."""
    table = _encoding(_alaw_value)
    return bytes(table[sample + 32768] for sample in sound.samples)


def to_ulaw(sound: Sound) -> bytes:
    """G.711 mu-law octets of 8 kHz samples."""
    table = _encoding(_ulaw_value)
    return bytes(table[sample + 32768] for sample in sound.samples)


def from_alaw(octets: bytes) -> Sound:
    """Samples of G.711 A-law octets."""
    return Sound(array("h", (_ALAW[octet] for octet in octets)))


def from_ulaw(octets: bytes) -> Sound:
    """Samples of G.711 mu-law octets."""
    return Sound(array("h", (_ULAW[octet] for octet in octets)))


def _alaw_value(octet: int) -> int:
    octet ^= 0x55
    exponent, mantissa = octet >> 4 & 7, octet & 15
    magnitude = (mantissa << 4) + 8 if exponent == 0 else (mantissa << 4) + 264 << exponent - 1
    return magnitude if octet & 0x80 else -magnitude


def _ulaw_value(octet: int) -> int:
    octet ^= 0xFF
    magnitude = (((octet & 15) << 3) + 132 << (octet >> 4 & 7)) - 132
    return -magnitude if octet & 0x80 else magnitude


_ALAW = tuple(_alaw_value(octet) for octet in range(256))
_ULAW = tuple(_ulaw_value(octet) for octet in range(256))


@cache
def _encoding(value: object) -> bytes:
    """For each 16-bit sample the octet whose value is nearest."""
    values = _ALAW if value is _alaw_value else _ULAW
    ladder = sorted((decoded, octet) for octet, decoded in enumerate(values))
    table = bytearray()
    at = 0
    for sample in range(-32768, 32768):
        while at + 1 < len(ladder) and abs(ladder[at + 1][0] - sample) <= abs(
            ladder[at][0] - sample
        ):
            at += 1
        table.append(ladder[at][1])
    return bytes(table)


def _level_dbfs(samples: Sequence[int]) -> float:
    power = sum(s * s for s in samples) / len(samples) if len(samples) else 0
    return 10 * math.log10(2 * power / FULL_SCALE**2) if power else _SILENT


def _runs_of_silence(loud: list[bool]) -> Iterator[int]:
    run = 0
    for is_loud in loud:
        if is_loud and run >= 2:
            yield run * _FRAME_MS
        run = 0 if is_loud else run + 1


def _goertzel(block: Sequence[int], hz: float, rate_hz: int) -> float:
    """The energy of one frequency in a block, in the unit of the sum of squares."""
    factor = 2 * math.cos(2 * math.pi * hz / rate_hz)
    one = two = 0.0
    for sample in block:
        one, two = sample + factor * one - two, one
    return (one * one + two * two - factor * one * two) * 2 / len(block)
