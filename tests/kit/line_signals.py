"""What a line carries, made in plain Python: sines, keys, noise, rhythms, FSK, 2-of-6.

Knows nothing of the product: a second opinion on its detectors. Samples are lists of floats in
16-bit units at 8 kHz; ``octets`` makes s16le of them. Levels are dBm0 (a full sine is +3.14).
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterable, Sequence

RATE_HZ = 8000
FULL_SCALE, FULL_SCALE_DBM0 = 32767.0, 3.14
KEYS = "123A456B789C*0#D"
KEY_LOW, KEY_HIGH = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
#: Order 36 of 02.09.2008, table 11: symbol -> the two frequencies.
AON = {
    "1": (700, 900),
    "2": (700, 1100),
    "3": (900, 1100),
    "4": (700, 1300),
    "5": (900, 1300),
    "6": (1100, 1300),
    "7": (700, 1500),
    "8": (900, 1500),
    "9": (1100, 1500),
    "0": (1300, 1500),
    "S": (1100, 1700),
    "R": (1300, 1700),
}


def aon_symbols(number: str, category: str = "1", *, packets: int = 3) -> str:
    """What an exchange answers to the AON request: start, category, the last seven digits from last
    to first; a symbol that equals its neighbour is sent as ``R``."""
    symbols = ""
    for symbol in f"S{category}{number[-7:][::-1]}" * packets:
        symbols += "R" if symbols.endswith(symbol) else symbol
    return symbols


def amplitude(level_dbm0: float) -> float:
    return FULL_SCALE * 10 ** ((level_dbm0 - FULL_SCALE_DBM0) / 20)


def octets(samples: Iterable[float]) -> bytes:
    """s16le, clipped."""
    return array("h", (max(-32768, min(32767, round(value))) for value in samples)).tobytes()


def floats(data: bytes) -> list[float]:
    return [float(value) for value in array("h", data)]


def silence(ms: float) -> list[float]:
    return [0.0] * round(ms * RATE_HZ / 1000)


def sine(hz: float, ms: float, level_dbm0: float, phase: float = 0.0) -> list[float]:
    step, size = math.tau * hz / RATE_HZ, amplitude(level_dbm0)
    return [size * math.sin(phase + step * i) for i in range(round(ms * RATE_HZ / 1000))]


def mix(*signals: Sequence[float]) -> list[float]:
    """All at once; as long as the first."""
    length = len(signals[0])
    padded = [[*signal[:length], *[0.0] * (length - len(signal))] for signal in signals]
    return [sum(values) for values in zip(*padded, strict=True)]


def chord(hz: Sequence[float], ms: float, level_dbm0: float) -> list[float]:
    return mix(*(sine(each, ms, level_dbm0) for each in hz)) if hz else silence(ms)


def key(
    digit: str,
    ms: float,
    level_dbm0: float = -8.0,
    *,
    twist_db: float = 0.0,
    offset: tuple[float, float] = (0.0, 0.0),
    phase: float = 0.0,
) -> list[float]:
    """One key; level of the low tone, twist_db: how much stronger the high one is; offset: by how
    much of itself each frequency is wrong."""
    row, column = divmod(KEYS.index(digit), 4)
    low = sine(KEY_LOW[row] * (1 + offset[0]), ms, level_dbm0, phase)
    high = sine(KEY_HIGH[column] * (1 + offset[1]), ms, level_dbm0 + twist_db, phase / 2)
    return mix(low, high)


class Noise:
    """White noise, cut from one long piece so that much of it costs little."""

    def __init__(self, seed: int = 1, seconds: int = 20) -> None:
        self._random = random.Random(seed)
        self._piece = [self._random.gauss(0.0, 1.0) for _ in range(seconds * RATE_HZ)]

    def under(self, samples: Sequence[float], level_dbm0: float) -> list[float]:
        """The samples with noise of this level (its power that of a sine of the level)."""
        size = amplitude(level_dbm0) / math.sqrt(2)
        room = len(self._piece)
        at = self._random.randrange(room)
        return [value + size * self._piece[(at + i) % room] for i, value in enumerate(samples)]


def fsk_bits(message: bytes, seizure: int = 300, marks: int = 180) -> list[int]:
    """The bits of a caller id: 0101…, marks, then 8N1, least bit first, and marks to end with."""
    bits = [i % 2 for i in range(seizure)] + [1] * marks
    for octet in message:
        bits += [0, *((octet >> i) & 1 for i in range(8)), 1]
    return bits + [1] * 10


def fsk(bits: Sequence[int], mark_hz: float, space_hz: float, level_dbm0: float) -> list[float]:
    """1200 bit/s, phase going on from bit to bit."""
    size, phase, samples = amplitude(level_dbm0), 0.0, []
    for i in range(int(len(bits) * RATE_HZ / 1200)):
        phase += math.tau * (mark_hz if bits[i * 1200 // RATE_HZ] else space_hz) / RATE_HZ
        samples.append(size * math.sin(phase))
    return samples


def aon(symbols: str, level_dbm0: float, symbol_ms: float = 40.0) -> list[float]:
    return [value for symbol in symbols for value in chord(AON[symbol], symbol_ms, level_dbm0)]
