"""The driver of V.253 voice modems for registry.py: probe a tty, open a device.

``serial:/dev/serial/by-id/usb-…`` (or ``serial:any?serial=24680246``: by USB serial number,
wherever it is plugged in) and ``socket://host:port``. Options: ``baud``; ``duplex=yes|no`` instead
of a trial of +VTR.
"""

from __future__ import annotations

import asyncio
import time

from drivers.api import DeviceAddress, DeviceInfo, LineError, PortKind
from drivers.modem_v253 import procedures
from drivers.modem_v253.capability import parse_classes
from drivers.modem_v253.device import DRIVER, ModemDevice, open_in_thread
from drivers.modem_v253.engine import Engine
from drivers.modem_v253.wire import usb_serial

_PROBE_S = 6.0


class ModemDriver:
    """Stateless."""

    @property
    def name(self) -> str:
        return DRIVER

    async def probe(self, address: DeviceAddress) -> DeviceInfo | None:
        """A device that answers AT and lists class 8. It is asked a few questions, nothing more."""
        try:
            return await asyncio.wait_for(_probe(address), _PROBE_S)
        except (LineError, TimeoutError):
            return None

    async def open(self, address: DeviceAddress, country: str) -> ModemDevice:
        return ModemDevice(address, country, time.monotonic_ns)


class _Deaf:
    """Nobody listens during a probe."""

    def ring_told(self) -> None:
        """A ring is not ours to hear."""

    def caller_line_told(self, line: str) -> None:
        """Nor is who calls."""

    def code_told(self, octet: int) -> None:
        """Nor any code."""


async def _probe(address: DeviceAddress) -> DeviceInfo | None:
    wire = await open_in_thread(address)
    engine = Engine(wire.write, _Deaf())
    wire.start(engine.feed, lambda why: engine.fail(LineError("line.lost", why)))
    try:
        if not await engine.answers(b"", 0.0, 0.6):
            return None
        identity = await procedures.identify(engine)
        classes = parse_classes((await engine.command("AT+FCLASS=?")).lines)
    finally:
        wire.close()
    if "8" not in classes:
        return None
    serial_number = usb_serial(address.place) if address.scheme == "serial" else ""
    return DeviceInfo(
        DRIVER, identity.model.name, identity.firmware, serial_number, (PortKind.FXO,)
    )
