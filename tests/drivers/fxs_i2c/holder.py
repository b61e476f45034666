"""A daemon in small: ``python -m tests.drivers.fxs_i2c.holder WIRING ORDER…`` holds a board.

Orders are ``ring:0``, ``seize:2``. It says ``holding``, tells events, and waits for its end.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from drivers.api import Cadence, DeviceAddress, Port
from drivers.events import LineBack, PortFault
from drivers.fxs_i2c.driver import FxsI2cDriver


async def _hold(wiring: str, orders: list[str]) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    device = await FxsI2cDriver().open(DeviceAddress("i2c", "1:0x20", {"map": wiring}), "ru")
    readers = [asyncio.ensure_future(_read(port, orders)) for port in device.ports]
    await over.wait()
    for reader in readers:
        reader.cancel()
    await device.close()


async def _read(port: Port, orders: list[str]) -> None:
    async for event in port.events():
        print(port.number, event, flush=True)
        if isinstance(event, LineBack):
            if f"ring:{port.number}" in orders:
                await port.ring(Cadence((1000, 4000)), None)
            if f"seize:{port.number}" in orders:
                await port.seize()
            print(f"holding {port.number}", flush=True)
        elif isinstance(event, PortFault) and event.code == "line.ring_late":
            await port.ring(Cadence((1000, 4000)), None)  # a busy machine; as a desk does it


if __name__ == "__main__":
    asyncio.run(_hold(sys.argv[1], sys.argv[2:]))
