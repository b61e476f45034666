"""A telephone of "type II" on wires: it shows who calls while it talks (GR-575, EN 300 659-2).

Works on 80 samples (10 ms) of A-law at 8 kHz; knows nothing of the product. It waits for the
alerting signal (2130 and 2750 Hz together, 75 to 85 ms), shuts its own speech, answers by a key,
and listens. What it heard is kept whole, with the places of what it did, for a judge of FSK.
"""

from __future__ import annotations

import math
import subprocess
import threading
from array import array
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.tone import Sound, from_alaw, sine, to_alaw, write_wav

BLOCK = 80
_RATE_HZ = 8000
_SIGNAL_HZ = (2130.0, 2750.0)
_LEAST_SHARE = 0.4  # of a block's energy, each
_LEAST_DBFS = -40.0
_BLOCKS = (7, 9)  # whole blocks of the signal: 75 to 85 ms, wherever it begins in one
_ROWS_HZ, _COLUMNS_HZ = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS = ("123A", "456B", "789C", "*0#D")
_KEY_BLOCKS = 6
_SPEECHLESS_BLOCKS = 120  # from the signal on, at most


def _power(block: array[int], hz: float) -> float:
    re = sum(s * math.cos(2 * math.pi * hz * n / _RATE_HZ) for n, s in enumerate(block))
    im = sum(s * math.sin(2 * math.pi * hz * n / _RATE_HZ) for n, s in enumerate(block))
    return 2 * (re * re + im * im) / len(block) ** 2


@dataclass
class WaitingPhone:
    """answers: the key by which it answers the signal, empty = it is an old one; after_blocks: of
    10 ms, until the key begins; hz: what its user says."""

    answers: str = "D"
    after_blocks: int = 4
    hz: float = 620.0
    heard: array[int] = field(default_factory=lambda: array("h"))
    said: array[int] = field(default_factory=lambda: array("h"))
    signalled_at: list[int] = field(default_factory=list)  # samples: where a signal was over
    answered_at: list[int] = field(default_factory=list)  # where the key was over
    pressed_at: int = 0  # samples: where the last key that was pressed, and its pause, were over
    _signal: int = 0
    _to_say: list[array[int]] = field(default_factory=list)
    _voice_at: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def block(self, octets: bytes) -> bytes:
        """10 ms of what it hears; 10 ms of what it says."""
        samples = from_alaw(octets).samples
        with self._lock:
            self.heard.extend(samples)
            if self._is_signal(samples):
                self._signal += 1
            else:
                if _BLOCKS[0] <= self._signal <= _BLOCKS[1]:
                    self._was_signalled()
                self._signal = 0
            said = self._to_say.pop(0) if self._to_say else self._speech()
            if self._to_say:
                self.pressed_at = len(self.heard) + BLOCK
            self.said.extend(said)
            return to_alaw(Sound(said))

    def press(self, keys: str) -> None:
        """Its user dials: 100 ms of each key, 100 between."""
        with self._lock:
            for digit in keys:
                key = _key(digit, 10)
                self._to_say += [key[at : at + BLOCK] for at in range(0, len(key), BLOCK)]
                self._to_say += [array("h", bytes(2 * BLOCK))] * 10

    @property
    def is_pressing(self) -> bool:
        with self._lock:
            return bool(self._to_say)

    @property
    def seconds(self) -> float:
        """How long it has listened."""
        return len(self.heard) / _RATE_HZ

    def ear(self, from_sample: int, seconds: float) -> Sound:
        """What it heard from there on."""
        with self._lock:
            return Sound(self.heard[from_sample : from_sample + round(seconds * _RATE_HZ)])

    def read_by_minimodem(
        self, folder: Path, mark_hz: int, space_hz: int, seconds: float = 1.5
    ) -> bytes:
        """The octets of FSK that follow the last answer, as minimodem reads them."""
        file = write_wav(folder / "heard.wav", self.ear(self.answered_at[-1], seconds))
        tones = ["-M", str(mark_hz), "-S", str(space_hz)]
        read = ["minimodem", "--rx", "-q", "-8", "-c", "1.2", "-f", str(file), *tones, "1200"]
        return subprocess.run(read, check=True, capture_output=True, timeout=30).stdout

    def _is_signal(self, samples: array[int]) -> bool:
        whole = sum(s * s for s in samples) / len(samples)
        if whole < (32768**2 / 2) * 10 ** (_LEAST_DBFS / 10):
            return False
        return all(_power(samples, hz) > _LEAST_SHARE * whole for hz in _SIGNAL_HZ)

    def _was_signalled(self) -> None:
        self.signalled_at.append(len(self.heard))
        if not self.answers:
            return
        silent = array("h", bytes(2 * BLOCK))
        key = _key(self.answers)
        blocks = [key[at : at + BLOCK] for at in range(0, len(key), BLOCK)]
        speechless = [silent] * (_SPEECHLESS_BLOCKS - self.after_blocks - len(blocks))
        self._to_say = [silent] * self.after_blocks + blocks + speechless
        over = self.after_blocks + len(blocks)
        self.answered_at.append(len(self.heard) + over * BLOCK)

    def _speech(self) -> array[int]:
        said = array("h")
        for n in range(self._voice_at, self._voice_at + BLOCK):
            said.append(round(3000 * math.sin(2 * math.pi * self.hz * n / _RATE_HZ)))
        self._voice_at += BLOCK
        return said


def _key(digit: str, blocks: int = _KEY_BLOCKS) -> array[int]:
    row = next(n for n, keys in enumerate(_KEYS) if digit in keys)
    pair = _ROWS_HZ[row], _COLUMNS_HZ[_KEYS[row].index(digit)]
    low, high = (sine(hz, blocks * BLOCK / _RATE_HZ, dbfs=-12.0) for hz in pair)
    return array("h", [a + b for a, b in zip(low.samples, high.samples, strict=True)])
