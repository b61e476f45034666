"""A cellular modem that comes, works, sulks, goes and comes back: one task that tends it.

Owns the AT port. Looks every second for what is not there (a plugged-in modem works within 5 s),
starts it by the ladder of start.py, watches that it answers, and starts it anew when its audio is
lost for good and the line idle.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.api import DeviceInfo, LineError, PortKind
from drivers.at import AtCommand
from drivers.at_port import AtPort
from drivers.cellular.find import Places
from drivers.cellular.modem import Modem
from drivers.cellular.pin_memory import PinMemory
from drivers.cellular.port import CellularPort
from drivers.cellular.reports import NEWS
from drivers.cellular.start import Identity, configure, identify, unlock

log = logging.getLogger(__name__)
_LOOK_S = 1.0
_BUSY_S = 2.0
_FAULT_S = 30.0


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a device is reached. find: None while nothing is plugged in; open_port: OSError."""

    find: Callable[[], Places | None]
    open_port: Callable[[str], Awaitable[int]]
    maker: str = ""
    pin: str = ""


class CellularDevice:
    """``start`` once; then it is there whenever its modem is."""

    def __init__(self, wiring: Wiring, memory: PinMemory, now_ns: Callable[[], int]) -> None:
        self._wiring = wiring
        self._memory = memory
        self._port = CellularPort(now_ns)
        self._identity: Identity | None = None
        self._at: AtPort | None = None
        self._is_lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def info(self) -> DeviceInfo:
        known = self._identity
        if known is None:
            return DeviceInfo("cellular", "", "", "", (PortKind.CELLULAR,))
        return device_info(known)

    @property
    def ports(self) -> tuple[CellularPort, ...]:
        return (self._port,)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._live(), name="cellular modem")

    async def close(self) -> None:
        await self._port.release()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._at:
            self._at.close()
        self._port.detach("line.closed")
        await self._port.close_audio(b"")

    async def _live(self) -> None:
        while True:
            wait_s = _LOOK_S
            try:
                wait_s = await self._serve()
            except (OSError, ValueError) as fault:
                log.debug("no modem: %s", fault)
                self._port.detach("line.unplugged")
            except Exception:
                log.exception("a cellular modem was dropped")
                self._port.detach("line.device")
            if self._at:
                self._at.close()
                self._at = None
            await asyncio.sleep(wait_s)

    async def _serve(self) -> float:
        """From plugging in to unplugging; how long to wait before the next look."""
        places = self._wiring.find()
        if places is None:
            self._port.detach("line.unplugged")
            return _LOOK_S
        self._is_lost.clear()
        at = self._at = AtPort(
            await self._wiring.open_port(places.at),
            NEWS,
            self._port.hear,
            self._is_lost.set,
        )
        self._identity = await identify(at.run, self._wiring.maker)
        if self._identity is None:
            self._port.detach("line.unplugged" if not at.is_open else "line.silent")
            return _LOOK_S
        try:
            modem = await self._prepare(at, self._identity, places)
        except LineError as fault:
            if not at.is_open or fault.key == "line.sim_busy":
                self._port.detach(fault.key)
                return _BUSY_S
            self._port.fail(fault)
            return _FAULT_S
        log.info("cellular modem %s ready on %s", self._identity.model, places.at)
        await self._port.attach(modem)
        self._port.detach(await self._tend(at, modem))
        return _LOOK_S

    async def _prepare(self, at: AtPort, identity: Identity, places: Places) -> Modem:
        await unlock(at.run, identity.maker, self._wiring.pin, self._memory)
        refused = await configure(at.run, identity.maker)
        if refused:
            log.info("cellular modem %s refuses %s", identity.model, ", ".join(refused))
        open_pcm = None
        if identity.has_voice and places.pcm:
            pcm = places.pcm

            def open_pcm() -> Awaitable[int]:
                return self._wiring.open_port(pcm)

        return Modem(at.run, identity, open_pcm)

    async def _tend(self, at: AtPort, modem: Modem) -> str:
        """Until it is lost; why."""
        asked_at = asyncio.get_running_loop().time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._is_lost.wait()
                return "line.unplugged"
            if self._port.wants_reset:
                log.warning(
                    "cellular modem %s starts anew: its audio is stuck", modem.identity.model
                )
                await at.run(AtCommand(modem.maker.reset, 10.0))
                return "line.restarting"
            if asyncio.get_running_loop().time() - asked_at >= self._port.asks_again_s:
                asked_at = asyncio.get_running_loop().time()
                await self._port.tend()
            if self._port.is_stuck:
                return "line.silent"
            if self._port.has_restarted:
                return "line.restarting"
            if why := self._port.why_no_sim:
                return why


def device_info(identity: Identity) -> DeviceInfo:
    return DeviceInfo(
        "cellular",
        identity.model,
        identity.firmware,
        identity.serial_number,
        (PortKind.CELLULAR,),
    )
