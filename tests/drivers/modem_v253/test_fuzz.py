"""A million random octets from the modem: no crash, and nothing goes off-hook by itself."""

from __future__ import annotations

import random

import pytest

from drivers.events import LineState
from tests.drivers.modem_v253.stage import pause, play, stage

TOTAL, PIECES = 1_000_000, 4
WORDS = (
    b"\r\nRING\r\n",
    b"\r\nOK\r\n",
    b"\x10R",
    b"\x10X",
    b"\x10.",
    b"CONNECT\r\n",
    b"NMBR=1\r\n",
)


def noise(chance: random.Random, size: int) -> bytes:
    """Octets, with words of the protocol strewn in."""
    made = bytearray()
    while len(made) < size:
        made += chance.choice(WORDS) if chance.random() < 0.02 else chance.randbytes(24)
    return bytes(made[:size])


@pytest.mark.parametrize("seed", range(PIECES))
def test_noise_is_survived_on_the_hook(seed: int) -> None:
    async def scene() -> None:
        async with stage(seed=seed) as s:
            chance, sent = random.Random(seed), 0
            while sent < TOTAL // PIECES:
                size = chance.choice((1, 3, 64, 1000, 4000))
                sent += size
                s.device._engine.feed(noise(chance, size))
                if chance.random() < 0.05:
                    await pause(0.02)
            assert s.modem.line.times_lifted == 0, "never off-hook by itself"
            assert not s.modem.line.is_off_hook
            await pause(40.0)
            await s.is_(LineState.IDLE)
            s.events.clear()
            await s.port.seize()
            assert s.modem.line.is_off_hook
            await s.port.release()

    play(scene)
