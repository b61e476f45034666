"""The far end of a line's descriptor: what a modem, a card or a SIM module does with its octets.

A socket pair stands for the device. Where clocks do not matter it goes in lock-step (``exchange``),
so that no test depends on how quick the machine is; where they do, by the wall's clock (``live``).
"""

from __future__ import annotations

import math
import select
import socket
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from drivers.api import AudioDescriptor, Encoding
from tests.media.phones import DEADLINE_S

SILENCE = {Encoding.S16LE: b"\0\0", Encoding.U8: b"\x80", Encoding.ALAW: b"\xd5"}
SILENCE[Encoding.ULAW] = b"\xff"
BLOCK = 80  # 10 ms


class LineDevice:
    """One device; ``audio`` is what its driver would hand to the media core."""

    def __init__(self, encoding: Encoding = Encoding.ALAW, **more: Any) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)
        self._ours.settimeout(DEADLINE_S)
        self.audio = AudioDescriptor(encoding, self._theirs.fileno(), **more)
        self.heard = b""

    def give(self, octets: bytes) -> None:
        self._ours.sendall(octets)

    def take(self, count: int) -> bytes:
        """The next octets that the core wrote, exactly so many."""
        while len(self.heard) < count:
            self.heard += self._ours.recv(4096)
        taken, self.heard = self.heard[:count], self.heard[count:]
        return taken

    def exchange(self, frames: Iterable[bytes]) -> bytes:
        """Gives frame after frame, each once as much has come back; all that came."""
        got = b""
        for frame in frames:
            self.give(frame)
            got += self.take(len(frame))
        return got

    def live(self, frames: Sequence[bytes], also: Callable[[int], object] = int) -> bytes:
        """As its own clock has it, 20 ms a frame by the wall's; also: what else happens at each."""
        began = time.monotonic()
        for number, frame in enumerate(frames):
            also(number)
            self.give(frame)
            self._hear_until(began + 0.02 * (number + 1))
        return self.take(len(self.heard))

    def _hear_until(self, ends: float) -> None:
        while (left := ends - time.monotonic()) > 0:
            if select.select([self._ours], [], [], left)[0]:
                self.heard += self._ours.recv(4096)

    def is_waiting(self) -> bool:
        return bool(self.heard) or bool(select.select([self._ours], [], [], 0)[0])

    def vanish(self) -> None:
        self._ours.close()

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()


def frames_of(octets: bytes, size: int = 160) -> list[bytes]:
    return [octets[at : at + size] for at in range(0, len(octets) - size + 1, size)]


def sine(hz: float, samples: int, amplitude: float = 8000.0) -> list[int]:
    step = 2 * math.pi * hz / 8000
    return [round(amplitude * math.sin(step * i)) for i in range(samples)]


def share_of(hz: float, samples: Sequence[int], window: int = 400) -> float:
    """How much of the energy is at this frequency, 0-1: the median of windows of 50 ms, so that
    neither a slow drift nor a moment's gap counts."""
    starts = range(0, len(samples) - window + 1, window)
    return statistics.median(_share(hz, samples[at : at + window]) for at in starts)


def _share(hz: float, samples: Sequence[int]) -> float:
    step = 2 * math.pi * hz / 8000
    real = sum(s * math.cos(step * i) for i, s in enumerate(samples))
    imaginary = sum(s * math.sin(step * i) for i, s in enumerate(samples))
    energy = sum(s * s for s in samples)
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy) if energy else 0.0


def until(fact: Callable[[], bool], step: Callable[[], object], most: int = 500) -> None:
    """Steps until the fact holds."""
    for _ in range(most):
        if fact():
            return
        step()
    raise AssertionError("it did not happen")
