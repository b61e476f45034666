"""The driver of boards on an I2C bus (drivers.api.Driver): ``i2c:1:0x20?map=quad-a``.

Owns the knowledge of which chips are open: two keepers of one would undo each other's work. What
the options mean is in place.py, how a board is wired in docs/hardware.md.
"""

from __future__ import annotations

import asyncio

import smbus2

from drivers.api import DeviceAddress, DeviceInfo, LineError
from drivers.fxs_i2c import mcp23017
from drivers.fxs_i2c.device import BoardDevice, kinds_of
from drivers.fxs_i2c.place import Place, build_expander, parse_place


class FxsI2cDriver:
    def __init__(self) -> None:
        self._opened: dict[tuple[str, int], BoardDevice] = {}

    @property
    def name(self) -> str:
        return "fxs_i2c"

    async def probe(self, address: DeviceAddress) -> DeviceInfo | None:
        """Reads two registers that have no side effect; whatever answers so is taken for a chip."""
        try:
            place = parse_place(address)
            is_there = await asyncio.to_thread(_answers, place)
        except (LineError, OSError):
            return None
        if not is_there:
            return None
        return DeviceInfo(self.name, place.board.model, "", "", kinds_of(place))

    async def open(self, address: DeviceAddress, country: str) -> BoardDevice:
        """Raises LineError for an address or a country that makes no sense, and ``line.twice`` for
        a chip that is open; an absent board is opened all the same, DOWN."""
        place = parse_place(address)
        build_expander(place, country)
        other = self._opened.get(place.chip)
        if other is not None and not other.is_closed:
            raise LineError("line.twice", address.place)
        device = self._opened[place.chip] = BoardDevice(place, country)
        device.start()
        return device


def _answers(place: Place) -> bool:
    """IOCON is one register with two addresses: both read alike, and its lowest bit is 0."""
    bus = smbus2.SMBus(place.bus)
    try:
        first, second = bus.read_i2c_block_data(place.address, mcp23017.IOCON, 2)
    finally:
        bus.close()
    return bool(first == second and not first & 1)
