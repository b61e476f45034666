"""Sounds of the simulated world: samples to send, and what was heard.

PURE. 16-bit samples at 8 kHz, frames of 20 ms. A Player gives a sound frame by frame; DTMF is read
by Goertzel's filter, as an exchange does it.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

RATE_HZ = 8000
FRAME = 160
FRAME_S = FRAME / RATE_HZ
SILENCE = bytes(2 * FRAME)
_FULL_SCALE = 32635
_FULL_SCALE_DBM0 = 3.14
_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
_KEY_LEAST_DBM0 = -30.0
_STEADY = 0.7  # of a key's energy must be in its two tones

Segments = tuple[tuple[tuple[float, ...], int], ...]


@cache
def samples(segments: Segments, level_dbm0: float) -> array[int]:
    """One period of a tone: (frequencies, ms) in turn; level of each frequency by itself."""
    peak = _FULL_SCALE * 10 ** ((level_dbm0 - _FULL_SCALE_DBM0) / 20)
    found = array("h")
    for frequencies, duration_ms in segments:
        steps = [2 * math.pi * hz / RATE_HZ for hz in frequencies]
        count = duration_ms * RATE_HZ // 1000
        found.extend(round(peak * sum(math.sin(s * i) for s in steps)) for i in range(count))
    return found


def keys(digits: str, on_ms: int = 100, off_ms: int = 80) -> array[int]:
    """The digits as DTMF (Q.23)."""
    found = array("h")
    for digit in digits:
        row = next(i for i, keys in enumerate(_KEYS) if digit in keys)
        pair = (float(_ROWS[row]), float(_COLUMNS[_KEYS[row].index(digit)]))
        found.extend(samples(((pair, on_ms), ((), off_ms)), -8.0))
    return found


class Player:
    """What is said: sounds one after another, the last for ever if it repeats."""

    def __init__(self) -> None:
        self._sound = array("h")
        self._at = 0
        self._repeats = False

    def play(self, sound: array[int], *, repeats: bool = False) -> None:
        self._sound, self._at, self._repeats = sound, 0, repeats and len(sound) > 0

    def add(self, sound: array[int]) -> None:
        """After what is being said."""
        self.play(self._sound[self._at :] + sound)

    def stop(self) -> None:
        self.play(array("h"))

    @property
    def is_playing(self) -> bool:
        return self._repeats or self._at < len(self._sound)

    def frame(self) -> bytes:
        """The next 20 ms."""
        if not self.is_playing:
            return SILENCE
        taken = array("h")
        while len(taken) < FRAME and self.is_playing:
            part = self._sound[self._at : self._at + FRAME - len(taken)]
            taken.extend(part)
            self._at += len(part)
            if self._repeats and self._at >= len(self._sound):
                self._at = 0
        taken.extend([0] * (FRAME - len(taken)))
        return taken.tobytes()


class KeyReader:
    """DTMF in what is heard; each key once."""

    def __init__(self) -> None:
        self._last = ""
        self._told = ""

    def feed(self, frame: bytes) -> str:
        """The key that was recognised with this frame, or empty."""
        key = _key_of(frame)
        is_new = key != "" and key == self._last and key != self._told
        if key == "" and self._last == "":
            self._told = ""
        self._last = key
        if is_new:
            self._told = key
        return key if is_new else ""


class Hearing:
    """The last half second that was heard: how loud, and at what pitch."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=25)

    def feed(self, frame: bytes) -> None:
        self._frames.append(frame)

    @property
    def level_dbm0(self) -> float:
        heard = self._samples()
        if not heard:
            return -70.0
        power = sum(s * s for s in heard) / len(heard)
        return _dbm0(power)

    @property
    def pitch_hz(self) -> float:
        """Of a tone that fills the half second; 0 = quiet. A mixture gives something between."""
        heard = self._samples()
        if len(heard) < RATE_HZ // 4 or self.level_dbm0 < -45.0:
            return 0.0
        rises = sum(1 for a, b in pairwise(heard) if a < 0 <= b)
        return rises * RATE_HZ / len(heard)

    def _samples(self) -> array[int]:
        return array("h", b"".join(self._frames))


def _key_of(frame: bytes) -> str:
    heard = array("h", frame)
    power = sum(s * s for s in heard) / max(1, len(heard))
    if _dbm0(power) < _KEY_LEAST_DBM0:
        return ""
    rows, columns = _powers(heard, _ROWS), _powers(heard, _COLUMNS)
    row, column = max(rows), max(columns)
    is_steady = row + column > _STEADY * power and min(row, column) > 0.1 * max(row, column)
    return _KEYS[rows.index(row)][columns.index(column)] if is_steady else ""


def _powers(heard: array[int], frequencies: Iterable[int]) -> list[float]:
    return [_goertzel(heard, hz) for hz in frequencies]


def _goertzel(heard: array[int], frequency_hz: float) -> float:
    """Mean square of this frequency in the samples."""
    coefficient = 2 * math.cos(2 * math.pi * frequency_hz / RATE_HZ)
    before = last = 0.0
    for sample in heard:
        before, last = last, sample + coefficient * last - before
    energy = before * before + last * last - coefficient * before * last
    return 2 * energy / (len(heard) ** 2)


def _dbm0(power: float) -> float:
    if power <= 0:
        return -70.0
    full = _FULL_SCALE**2 / 2
    return max(-70.0, 10 * math.log10(power / full) + _FULL_SCALE_DBM0)
