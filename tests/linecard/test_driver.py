"""Tests of drivers/linecard/driver.py on a pty where no card answers."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from drivers.api import DeviceAddress
from drivers.linecard.driver import LineCardDriver
from drivers.serial_line import open_serial
from tests.kit.virtual_loop import elapse


def test_a_card_whose_opening_is_given_up_is_let_go() -> None:
    """Nobody answers on this tty, and whoever opens it does not wait for that."""

    async def scene() -> None:
        master, slave = os.openpty()
        name = os.ttyname(slave)
        opening = asyncio.ensure_future(LineCardDriver().open(DeviceAddress("serial", name), "ru"))
        await elapse(0.3)
        assert not opening.done()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        os.close(open_serial(Path(name)))  # it is nobody's
        os.close(master)
        os.close(slave)

    asyncio.run(scene())
