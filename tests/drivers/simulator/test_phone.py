"""A simulated telephone's keys on its wire, read as an exchange reads them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

from drivers.simulator.phone import SimulatedPhone
from drivers.simulator.sound import FRAME, KeyReader
from tests.kit.virtual_loop import VirtualLoop, elapse, run_virtually


class Listener:
    """Whoever holds the other end of a lifted telephone's wire."""

    def __init__(self, phone: SimulatedPhone, descriptor: int) -> None:
        self.phone = phone
        self.heard = ""
        self._descriptor = descriptor
        self._reader = KeyReader()

    def listen(self) -> int:
        """So many frames came since it was asked last."""
        try:
            octets = os.read(self._descriptor, 1 << 20)
        except BlockingIOError:
            return 0
        size = 2 * FRAME
        for at in range(0, len(octets), size):
            self.heard += self._reader.feed(octets[at : at + size])
        return len(octets) // size


def lifted(main: Callable[[Listener], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        phone = SimulatedPhone(0, time.monotonic_ns, ())
        phone.lift()
        audio = await phone.open_audio()
        try:
            await main(Listener(phone, audio.descriptor))
        finally:
            phone.close()

    run_virtually(run())


def test_a_loop_that_stalls_delays_keys_and_loses_none() -> None:
    """What was missed is not given in a rush, which the core would cut to the 40 ms that may wait
    in a device, a key with it."""

    async def main(line: Listener) -> None:
        line.phone.press("1122")
        await elapse(0.23)
        assert 11 <= line.listen() <= 13 and line.heard == "11"
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.stall(0.7)
        await elapse(0.001)
        assert 2 <= line.listen() <= 3
        await elapse(0.6)
        line.listen()
        assert line.heard == "1122"

    lifted(main)


def test_keys_pressed_meanwhile_sound_after_those_before() -> None:
    async def main(line: Listener) -> None:
        line.phone.press("12")
        await elapse(0.1)
        line.phone.press("3")
        line.phone.press("4")
        await elapse(0.8)
        line.listen()
        assert line.heard == "1234"

    lifted(main)


def test_a_handset_put_down_says_no_key_that_was_not_heard() -> None:
    async def main(line: Listener) -> None:
        line.phone.press("1234")
        await elapse(0.15)
        line.phone.hang_up()
        line.phone.lift()
        await elapse(0.8)
        line.listen()
        assert line.heard == "1"

    lifted(main)
