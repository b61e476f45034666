"""The cellular driver: finds, probes and opens Quectel and SIMCom modems (drivers.api.Driver).

Stateless but for the memory of PINs. Addresses: ``serial:usb:1-1.3`` (a USB path; ``serial:usb:`` =
the first modem of a maker we know), ``serial:/dev/ttyUSB2?pcm=/dev/ttyUSB4&vendor=simcom``,
``socket://host:port?pcm=host:port``. Options: ``pcm``, ``vendor`` (quectel, simcom), ``pin``.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from drivers.api import DeviceAddress, DeviceInfo, LineError
from drivers.at_port import AtPort
from drivers.cellular.device import CellularDevice, Wiring, device_info
from drivers.cellular.find import Places, find_places
from drivers.cellular.makers import MAKERS
from drivers.cellular.pin_memory import PinMemory
from drivers.cellular.reports import NEWS
from drivers.cellular.start import identify
from drivers.serial_line import open_remote, open_serial


class CellularDriver:
    """memory_folder: one that a restart of the machine empties; the service's if not given."""

    def __init__(self, memory_folder: Path | None = None) -> None:
        of_service = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._memory = PinMemory(memory_folder or (Path(of_service) if of_service else None))

    @property
    def name(self) -> str:
        return "cellular"

    async def probe(self, address: DeviceAddress) -> DeviceInfo | None:
        """Asks for identities only; no setting but the echo is changed, no PIN tried."""
        wiring = _wiring(address)
        try:
            places = wiring.find()
            if places is None:
                return None
            descriptor = await wiring.open_port(places.at)
        except (OSError, ValueError):
            return None
        port = AtPort(descriptor, NEWS, _ignore, lambda: None)
        try:
            identity = await identify(port.run, wiring.maker)
        finally:
            port.close()
        return device_info(identity) if identity else None

    async def open(self, address: DeviceAddress, country: str) -> CellularDevice:
        """country is the network's business here."""
        device = CellularDevice(_wiring(address), self._memory, time.monotonic_ns)
        device.start()
        return device


def _ignore(line: str) -> None:
    """News of a modem that is only probed."""


async def _open_file(path: str) -> int:
    return open_serial(path)


async def _open_remote(place: str) -> int:
    return await asyncio.to_thread(open_remote, place)


def _wiring(address: DeviceAddress) -> Wiring:
    options = address.options
    maker = options.get("vendor", "")
    if maker and maker not in MAKERS:
        raise LineError("line.bad_address", f"vendor={maker}: one of {', '.join(MAKERS)}")
    find: Callable[[], Places | None]
    open_port: Callable[[str], Awaitable[int]] = _open_file
    if address.scheme == "socket":
        place = address.place.removeprefix("//")
        places = Places(place, options.get("pcm", ""))
        find, open_port = (lambda: places), _open_remote
    else:
        find = partial(find_places, address.place, options)
    return Wiring(find, open_port, maker, options.get("pin", ""))
