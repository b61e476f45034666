"""A device of the driver on an emulated modem, all in virtual time: what these tests stand on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from drivers.api import DeviceAddress, LineError
from drivers.events import LineEvent, LineState
from drivers.modem_v253.device import ModemDevice
from drivers.modem_v253.port import ModemPort
from tests.kit.v253_virtual import VirtualModem
from tests.kit.virtual_loop import run_virtually

_Event = TypeVar("_Event")


@dataclass
class Stage:
    modem: VirtualModem
    device: ModemDevice
    events: list[tuple[float, LineEvent]] = field(default_factory=list)

    @property
    def port(self) -> ModemPort:
        return self.device.ports[0]

    @property
    def state(self) -> LineState:
        return self.port.health.state

    def told(self, kind: type[_Event]) -> list[_Event]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def told_at(self, kind: type) -> float:
        return next(at for at, event in self.events if isinstance(event, kind))

    async def until(self, condition: Callable[[], object], limit_s: float = 20.0) -> float:
        """How long it took, in virtual seconds."""
        begun = now()
        while not condition():
            assert now() - begun < limit_s, (
                f"never: {self.events[-8:]} {self.modem.machine.commands[-8:]}"
            )
            await pause(0.005)
        return now() - begun

    async def is_(self, state: LineState, limit_s: float = 20.0) -> float:
        return await self.until(lambda: self.state is state, limit_s)


def now() -> float:
    return asyncio.get_running_loop().time()


async def pause(seconds: float) -> None:
    """Virtual seconds pass."""
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(seconds, done.set_result, None)
    await done


async def fails(work: Awaitable[object], key: str) -> None:
    """The command is refused with this key."""
    with pytest.raises(LineError) as caught:
        await work
    assert caught.value.key == key


@asynccontextmanager
async def stage(model: str = "cx93010", **given: Any) -> AsyncIterator[Stage]:
    options = given.pop("options", {})
    is_up = given.pop("is_up", True)
    scheme = given.pop("scheme", "socket")
    missing = given.pop("missing", lambda: LineError("line.not_found", "gone"))
    modem = VirtualModem(model, missing, **given)
    address = DeviceAddress(scheme, "emulated:1", options)
    device = ModemDevice(
        address,
        "ru",
        lambda: int(now() * 1e9),
        modem.opening,  # type: ignore[arg-type]
    )
    built = Stage(modem, device)

    async def read() -> None:
        async for event in built.port.events():
            built.events.append((now(), event))

    reading = asyncio.get_running_loop().create_task(read())
    try:
        if is_up:
            await built.is_(LineState.IDLE)
        yield built
        assert modem.machine.violations == []
    finally:
        await device.close()
        reading.cancel()
        modem.wire.stop() if modem.opened else None


def play(scene: Callable[[], Awaitable[None]]) -> float:
    """Run a scene in virtual time; real seconds that it took."""
    begun = time.monotonic()
    run_virtually(scene())  # type: ignore[arg-type]
    return time.monotonic() - begun
