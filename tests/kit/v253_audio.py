"""Samples for the emulated modem and the exchange behind it: G.711, tones, DTMF, levels.

PURE: lists of signed 16-bit integers at 8 kHz, and no library; nothing of the product is imported,
so that two mistakes cannot agree. 0 dBm0 is a sine 3.14 dB below full scale.
"""

from __future__ import annotations

import array
import math
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RATE_HZ = 8000
ROWS, COLUMNS = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
KEY_TONES = {
    key: (ROWS[row], COLUMNS[column])
    for row, keys in enumerate(KEYS)
    for column, key in enumerate(keys)
}


@dataclass(frozen=True)
class Sound:
    """Sines with a cadence (on, off, … in ms; empty = without end) at dBm0 a component."""

    frequencies_hz: tuple[float, ...]
    pattern_ms: tuple[int, ...] = ()
    level_dbm0: float = -10.0


def amplitude(level_dbm0: float) -> float:
    return float(32767 * 10 ** ((level_dbm0 - 3.14) / 20))


def level_dbm0(samples: Sequence[int]) -> float:
    """RMS of the samples; -99 for silence."""
    power = sum(s * s for s in samples) / max(1, len(samples))
    return -99.0 if power < 1 else 10 * math.log10(power / (amplitude(0.0) ** 2 / 2))


def level_at(samples: Sequence[int], frequency_hz: float) -> float:
    """dBm0 of one frequency (Goertzel over the whole stretch)."""
    coefficient = 2 * math.cos(2 * math.pi * frequency_hz / RATE_HZ)
    older = old = 0.0
    for sample in samples:
        older, old = old, sample + coefficient * old - older
    power = old * old + older * older - coefficient * old * older
    peak = 2 * math.sqrt(max(power, 0.0)) / max(1, len(samples))
    return -99.0 if peak < 1 else 20 * math.log10(peak / amplitude(0.0))


class Player:
    """Makes a Sound sample by sample, for as long as it is asked."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self._at = 0
        self._steps = [2 * math.pi * f / RATE_HZ for f in sound.frequencies_hz]
        self._peak = amplitude(sound.level_dbm0)
        self._length = sum(sound.pattern_ms) * RATE_HZ // 1000

    def take(self, count: int) -> list[int]:
        at, peak, steps = self._at, self._peak, self._steps
        self._at += count
        made = [int(peak * sum(math.sin(s * n) for s in steps)) for n in range(at, at + count)]
        if self._length:
            made = [m if self._is_on(at + n) else 0 for n, m in enumerate(made)]
        return made

    def _is_on(self, at: int) -> bool:
        left = at % self._length
        for index, part_ms in enumerate(self._sound.pattern_ms):
            if left < part_ms * 8:
                return index % 2 == 0
            left -= part_ms * 8
        return False


def key_samples(key: str, on_ms: int = 80, level: float = -9.0) -> list[int]:
    return Player(Sound(KEY_TONES[key], (), level)).take(on_ms * 8)


class KeyEar:
    """An exchange's DTMF receiver: a key counts when two blocks of 20 ms agree, once a press."""

    BLOCK = 160

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._last = ""
        self._reported = ""

    def hear(self, samples: Sequence[int]) -> str:
        self._kept.extend(samples)
        found = ""
        while len(self._kept) >= self.BLOCK:
            found += self._block(self._kept[: self.BLOCK])
            del self._kept[: self.BLOCK]
        return found

    def _block(self, block: Sequence[int]) -> str:
        key, before, self._last = _key_in(block), self._last, ""
        self._last = key
        if not key:
            self._reported = self._reported if before else ""  # 40 ms of nothing end a press
            return ""
        if key == before and key != self._reported:
            self._reported = key
            return key
        return ""


def _key_in(block: Sequence[int]) -> str:
    total = level_dbm0(block)
    if total < -30:
        return ""
    rows = [level_at(block, f) for f in ROWS]
    columns = [level_at(block, f) for f in COLUMNS]
    row, column = max(rows), max(columns)
    both = 10 * math.log10(10 ** (row / 10) + 10 ** (column / 10))
    if min(row, column) < -27 or abs(row - column) > 9 or both < total - 2:
        return ""
    return KEYS[rows.index(row)][columns.index(column)]


def read_wav(path: Path) -> list[int]:
    """The samples of a mono 16-bit 8 kHz file."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE_HZ):
            raise ValueError(f"{path}: mono, 16 bit, 8 kHz is wanted")
        return array.array("h", file.readframes(file.getnframes())).tolist()


def write_wav(path: Path, samples: Sequence[int]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(array.array("h", samples).tobytes())


# ---- how a modem writes a sample


def _ulaw_to_linear(octet: int) -> int:
    octet = ~octet & 0xFF
    value = (((octet & 0x0F) << 3) + 0x84) << ((octet >> 4) & 7)
    return (0x84 - value) if octet & 0x80 else (value - 0x84)


def _alaw_to_linear(octet: int) -> int:
    octet ^= 0x55
    exponent, value = (octet >> 4) & 7, ((octet & 0x0F) << 4) + 8
    if exponent:
        value = (value + 0x100) << (exponent - 1)
    return value if octet & 0x80 else -value


def _nearest(decode: Sequence[int]) -> bytes:
    """For each signed 12-bit value (of 16 bit, >> 4) + 2048 the octet that comes nearest."""
    order = sorted(range(256), key=lambda octet: decode[octet])
    octets, place = bytearray(), 0
    for value in range(-32768 + 8, 32768, 16):
        while place < 255 and abs(decode[order[place + 1]] - value) <= abs(
            decode[order[place]] - value
        ):
            place += 1
        octets.append(order[place])
    return bytes(octets)


@dataclass(frozen=True)
class Format:
    """One way to write samples as octets. silence: the octet of nothing."""

    name: str
    decode: tuple[int, ...]
    encode: bytes
    silence: int

    def to_octets(self, samples: Sequence[int]) -> bytes:
        encode = self.encode
        return bytes([encode[(min(32767, max(-32768, sample)) >> 4) + 2048] for sample in samples])

    def to_samples(self, octets: bytes) -> list[int]:
        decode = self.decode
        return [decode[octet] for octet in octets]


def _format(name: str, decode: list[int], silence: int) -> Format:
    return Format(name, tuple(decode), _nearest(decode), silence)


ULAW = _format("ulaw", [_ulaw_to_linear(o) for o in range(256)], 0xFF)
ALAW = _format("alaw", [_alaw_to_linear(o) for o in range(256)], 0xD5)
U8 = _format("u8", [(o - 128) * 256 for o in range(256)], 0x80)
S8 = _format("s8", [(o - 256 if o > 127 else o) * 256 for o in range(256)], 0x00)
FORMATS = (ULAW, ALAW, U8, S8)
