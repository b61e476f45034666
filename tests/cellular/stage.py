"""A device of the driver on a modem of the kit, in virtual time: what these tests stand on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from drivers.cellular.device import CellularDevice, Wiring
from drivers.cellular.find import Places
from drivers.cellular.pin_memory import PinMemory
from drivers.cellular.port import CellularPort
from drivers.events import (
    LineBack,
    LineEvent,
    ProgressReported,
    StateChanged,
)
from tests.kit.gsm_modem import GsmModem
from tests.kit.gsm_plug import SocketPlug
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.virtual_loop import run_virtually, until

MAKERS = pytest.mark.parametrize("kind", [QuectelEc25, Sim7600])


class Bench:
    """A device on a modem of the kit, and everything that its port told."""

    def __init__(self, modem: GsmModem, pin: str = "", memory: PinMemory | None = None) -> None:
        self.modem = modem
        self.plug = SocketPlug(modem)
        loop = asyncio.get_running_loop()
        wiring = Wiring(self._find, self.plug.open_port, pin=pin)
        self.device = CellularDevice(wiring, memory or PinMemory(), lambda: int(loop.time() * 1e9))
        self.events: list[LineEvent] = []
        self._reader = loop.create_task(self._collect())

    def _find(self) -> Places | None:
        return Places("at", "pcm") if self.plug.is_plugged else None

    @property
    def port(self) -> CellularPort:
        return self.device.ports[0]

    async def _collect(self) -> None:
        async for event in self.port.events():
            if not isinstance(event, StateChanged):
                self.events.append(event)

    def told(self, kind: type[LineEvent]) -> list[LineEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def words(self) -> list[str]:
        return [event.word for event in self.events if isinstance(event, ProgressReported)]

    async def close(self) -> None:
        await self.device.close()
        self._reader.cancel()
        self.modem.detach()


@asynccontextmanager
async def bench(
    modem: GsmModem, pin: str = "", memory: PinMemory | None = None
) -> AsyncIterator[Bench]:
    made = Bench(modem, pin, memory)
    made.device.start()
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def ready(kind: type[GsmModem]) -> AsyncIterator[Bench]:
    async with bench(kind()) as made:
        await until(lambda: made.told(LineBack))
        made.events.clear()
        yield made


def play(scene: Callable[[], Coroutine[None, None, None]]) -> None:
    run_virtually(scene())
