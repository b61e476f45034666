"""The emulated modem in virtual time: a device's wire that leads straight into the machine.

Owns a task that moves the machine on every 10 ms of the loop's time. It does what wire.Wire does
for a tty, so that a driver's whole life runs in a test without a pty and without waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

from tests.kit.v253_line import Line
from tests.kit.v253_machine import Machine
from tests.kit.v253_models import MODELS

_TICK_S = 0.01


class VirtualModem:
    """A modem and its socket. ``opening`` is what a device is given to open its wire with;
    absent, it raises what ``missing`` makes. has_ready_line: DTR reaches the modem."""

    def __init__(
        self,
        model: str,
        missing: Callable[[], Exception],
        *,
        country: str = "ru",
        has_ready_line: bool = True,
        seed: int = 1,
        **quirks: Any,
    ) -> None:
        self.model = dataclasses.replace(MODELS[model], **quirks)
        self.machine = Machine(self.model, country, contextlib.nullcontext(), seed)
        self.line: Line = self.machine.line
        self.is_plugged_in = True
        self.has_ready_line = has_ready_line
        self.opened = 0
        self.begun = 0.0  # the loop's time at the modem's birth
        self._missing = missing
        self._wire: VirtualWire | None = None

    async def opening(self, address: Any) -> VirtualWire:
        if not self.is_plugged_in:
            raise self._missing()
        self.opened += 1
        self._wire = VirtualWire(self)
        return self._wire

    def vanish(self) -> None:
        self.is_plugged_in = False
        self.machine.dropped()
        if self._wire is not None:
            self._wire.lose("EIO")

    def plug_in(self) -> None:
        self.is_plugged_in = True

    @property
    def wire(self) -> VirtualWire:
        assert self._wire is not None
        return self._wire


class VirtualWire:
    """What wire.Wire is for a tty. While paused, what comes waits in ``held`` for the core."""

    def __init__(self, modem: VirtualModem) -> None:
        self.descriptor = 99
        self.serial_number = modem.model.usb_name.rpartition("-")[0].rpartition("_")[2]
        self.held = bytearray()
        self._modem = modem
        self._is_paused = False
        self._is_lost = False
        self._task: asyncio.Task[None] | None = None
        self._on_octets: Callable[[bytes], None] = lambda octets: None
        self._on_lost: Callable[[str], None] = lambda why: None

    def start(self, on_octets: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_octets, self._on_lost = on_octets, on_lost
        self._task = asyncio.get_running_loop().create_task(self._tick())

    async def _tick(self) -> None:
        machine, loop = self._modem.machine, asyncio.get_running_loop()
        self._modem.begun = self._modem.begun or loop.time()
        while True:
            await asyncio.sleep(_TICK_S)
            machine.advance(loop.time() - self._modem.begun)
            if machine.out:
                self.held += machine.out
                machine.out.clear()
            if self.held and not self._is_paused:
                octets = bytes(self.held)
                self.held.clear()
                self._on_octets(octets)

    def write(self, octets: bytes) -> None:
        if not self._is_lost:
            self._modem.machine.receive(octets)

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False

    def take(self) -> bytes:
        """As the media core: what came meanwhile."""
        octets = bytes(self.held)
        self.held.clear()
        return octets

    def drop_terminal_ready(self) -> bool:
        if self._modem.has_ready_line:
            self._modem.machine.dropped()
        return self._modem.has_ready_line

    def raise_terminal_ready(self) -> bool:
        return self._modem.has_ready_line

    def lose(self, why: str) -> None:
        if not self._is_lost:
            self._is_lost = True
            self.stop()
            self._on_lost(why)

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        self.stop()
        if not self._is_lost:
            self._modem.machine.dropped()
        self._is_lost = True
