"""A host of a line card in a process of its own, for tests that kill it: rings port 0 and seizes
port 1, says so, and waits until its input ends. ``python -m tests.kit.line_card_host PATH``
"""

from __future__ import annotations

import asyncio
import sys

from drivers.api import Cadence, DeviceAddress
from drivers.linecard.driver import LineCardDriver


async def main(path: str) -> None:
    device = await LineCardDriver().open(DeviceAddress("serial", path), "ru")
    phone, city = device.ports
    while phone.health.state.value != "idle" or city.health.state.value != "idle":
        await asyncio.sleep(0.01)
    await phone.ring(Cadence((3000, 100)), None)
    await city.seize()
    print("ringing", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
