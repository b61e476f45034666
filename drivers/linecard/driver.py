"""The driver of our line card (drivers.api.Driver): probes and opens one.

Stateless. Addresses: ``serial:/dev/ttyAMA0`` or ``serial:/dev/serial/by-id/…``,
``socket://host:port``. Options: ``baud`` (the best rate to go to, 921600; 0 = stay at 115200),
``ports=ssoo`` (two FXS, two FXO: opens a card that is absent now).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from drivers.api import DeviceAddress, DeviceInfo, LineError, PortKind
from drivers.linecard.device import LineCardDevice, Wiring
from drivers.linecard.messages import MOST_PORTS, CardCapability, CardPort, Format
from drivers.serial_line import BAUD_RATES, open_remote, open_serial

_PROBE_S = 1.5
_OPEN_S = 3.0
_BEST_BAUD = 921600
_LETTERS = {"s": PortKind.FXS, "o": PortKind.FXO}


class LineCardDriver:
    """Stateless."""

    @property
    def name(self) -> str:
        return "linecard"

    async def probe(self, address: DeviceAddress) -> DeviceInfo | None:
        """Says HELLO at 115200 baud; what is no line card hears a few octets of noise."""
        device = LineCardDevice(Wiring(_opener(address), 0), "ru", time.monotonic_ns)
        device.start()
        try:
            return device.info if await device.known(_PROBE_S) else None
        finally:
            await device.close()

    async def open(self, address: DeviceAddress, country: str) -> LineCardDevice:
        """Raises LineError ``line.device`` if nobody answers and ``ports`` does not say what would
        be there, ``line.card_version`` if a card answers that speaks another version."""
        wiring = Wiring(_opener(address), _baud(address), _ports(address))
        device = LineCardDevice(wiring, country, time.monotonic_ns)
        device.start()
        try:
            if not wiring.ports and not await device.known(_OPEN_S):
                why = device.why
                raise LineError(why or "line.device", "" if why else "no line card answers")
        except BaseException:  # whoever opens it may be cancelled, too
            await device.close()
            raise
        return device


def _opener(address: DeviceAddress) -> Callable[[], Awaitable[int]]:
    async def open_port() -> int:
        if address.scheme == "socket":
            return await asyncio.to_thread(open_remote, address.place)
        return open_serial(address.place)

    return open_port


def _baud(address: DeviceAddress) -> int:
    if address.scheme == "socket":
        return 0
    text = address.options.get("baud", str(_BEST_BAUD))
    if not text.isdecimal() or (int(text) and int(text) not in BAUD_RATES):
        raise LineError("line.bad_address", f"baud={text}")
    return int(text)


def _ports(address: DeviceAddress) -> tuple[CardPort, ...]:
    letters = address.options.get("ports", "")
    if len(letters) > MOST_PORTS or set(letters) - set(_LETTERS):
        raise LineError("line.bad_address", f"ports={letters}: s and o, at most {MOST_PORTS}")
    return tuple(CardPort(_LETTERS[letter], CardCapability(15), Format.ALAW) for letter in letters)
