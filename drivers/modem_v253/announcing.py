"""A recording said to the line by a modem without duplex (+VTX, V.253 §8.3.2), paced by our clock.

Coroutine over ``write``; owns nothing. The modem buffers 1 to 2 KB (Conexant 102184B) and may have
no flow control that works: it is kept LEAD_S ahead, so that neither it nor we run dry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.api import LineError
from drivers.modem_v253.octets import DLE

LEAD_S = 0.1
_PART_S = 0.02


async def announce(
    octets: bytes, octets_per_s: int, write: Callable[[bytes], None], is_over: Callable[[], bool]
) -> None:
    """Returns when the last octet is about to be heard; LineError ``line.aborted`` when is_over."""
    loop = asyncio.get_running_loop()
    began, size = loop.time(), int(octets_per_s * _PART_S)
    for at in range(0, len(octets), size):
        if is_over():
            raise LineError("line.aborted", "hung up")
        await asyncio.sleep(max(0.0, began + at / octets_per_s - LEAD_S - loop.time()))
        write(shielded(octets[at : at + size]))
    await asyncio.sleep(max(0.0, began + len(octets) / octets_per_s - loop.time()))


def shielded(octets: bytes) -> bytes:
    """Each DLE twice (V.253 §8.2)."""
    return octets.replace(bytes((DLE,)), bytes((DLE, DLE)))
