"""One modem in its socket: found, set up, watched, recovered, and found again when it was away.

Owns the wire and the task that keeps it. The port stays the same object for ever; what was probed
is kept by serial number, so that a modem that is plugged in again works within seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from drivers.api import DeviceAddress, DeviceInfo, LineError, PortKind
from drivers.country import country_profile
from drivers.modem_v253 import procedures
from drivers.modem_v253.capability import CapabilityRecord
from drivers.modem_v253.engine import Engine
from drivers.modem_v253.models import GENERIC
from drivers.modem_v253.modem import Modem
from drivers.modem_v253.port import ModemPort
from drivers.modem_v253.procedures import Identity
from drivers.modem_v253.recovery import Patient, recover
from drivers.modem_v253.wire import Wire, find_tty, open_wire, reauthorise

log = logging.getLogger(__name__)
DRIVER = "modem_v253"
_CLOSED_S = 0.2  # closing lets DTR fall: long enough to be seen
_LOOK_S = 0.5  # for a modem that is away
_LOOK_AGAIN_S = 5.0  # for one that is there and does not work
_YES = {"yes": True, "no": False}

Opening = Callable[[DeviceAddress], Awaitable[Wire]]


async def open_in_thread(address: DeviceAddress) -> Wire:
    """Opening may block: a tty for some ms, a socket until its time is up. What is opened for
    somebody who was cancelled meanwhile is closed."""
    opening = asyncio.ensure_future(asyncio.to_thread(open_wire, address))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_let_go)
        raise


def _let_go(opening: asyncio.Future[Wire]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class ModemDevice:
    """A device of drivers.api. opening: how its wire is opened (another one in virtual tests)."""

    def __init__(
        self,
        address: DeviceAddress,
        country: str,
        now_ns: Callable[[], int],
        opening: Opening = open_in_thread,
    ) -> None:
        self._address = address
        self._t35 = country_profile(country).t35
        self._now_ns = now_ns
        self._opening = opening
        self._port = ModemPort(now_ns, self._recover)
        self._wire: Wire | None = None
        self._engine = Engine(self._write, self._port.ears)
        self._lost = asyncio.Event()
        self._why_lost = ""
        self._is_closed = False
        self._modem: Modem | None = None
        self._identity = Identity(GENERIC, "")
        self._units: dict[str, tuple[Identity, CapabilityRecord]] = {}  # by serial number
        self._figures: dict[str, float] = {"replugs": 0.0, "recoveries": 0.0}
        self._info = DeviceInfo(DRIVER, "", "", "", (PortKind.FXO,))
        self._task = asyncio.get_running_loop().create_task(self._live())

    @property
    def info(self) -> DeviceInfo:
        return self._info

    @property
    def ports(self) -> tuple[ModemPort, ...]:
        return (self._port,)

    async def close(self) -> None:
        """On-hook, then let go."""
        await self._port.release()
        self._is_closed = True
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._port.drop_work()
        if self._modem is not None:
            self._port.detach("closed")
        self._close_wire()

    # ---- its life

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_closed:
            begun = loop.time()
            try:
                await self._come_up()
            except LineError as error:
                await self._stay_away(error)
                continue
            except Exception as error:  # of a tty that is just being pulled, say
                log.exception("a modem was dropped")
                await self._stay_away(LineError("line.device", str(error)))
                continue
            self._figures["set_up_ms"] = (loop.time() - begun) * 1000
            await self._lost.wait()
            self._figures["replugs"] += 1
            self._go_down(self._why_lost, "")

    async def _come_up(self) -> None:
        """Open, wake, identify, set up, and give it to the port. Raises LineError."""
        await self._open()
        self._port.starting()
        recovery = await recover(self._patient())
        if recovery.rung != "asked":
            log.warning("modem woke by %s after %.0f ms", recovery.rung, recovery.took_ms)
        serial_number = self._wire.serial_number if self._wire else ""
        unit = self._units.get(serial_number) if serial_number else None
        if unit is not None:
            identity, record = unit[0], replace(unit[1], has_receive=True)
            await procedures.set_up_again(
                self._engine, identity.model, self._t35, record.start_lines
            )
        else:
            identity, record = await self._meet()
        self._info = DeviceInfo(
            DRIVER, identity.model.name, identity.firmware, serial_number, (PortKind.FXO,)
        )
        self._identity = identity
        self._attach(identity, record, serial_number)

    async def _meet(self) -> tuple[Identity, CapabilityRecord]:
        """A unit that was not here before."""
        engine = self._engine
        identity = await procedures.identify(engine)
        start_lines = await procedures.set_up(engine, identity.model, self._t35)
        record = await procedures.read_capabilities(engine, identity.model, start_lines)
        wanted = self._address.options.get("duplex", "")
        if wanted in _YES:
            record = replace(record, has_duplex=_YES[wanted])
        if record.has_voice and record.method and record.has_duplex is None:
            is_duplex = await procedures.try_duplex(engine, record)
            record = replace(record, has_duplex=is_duplex)
        return identity, record

    def _attach(self, identity: Identity, record: CapabilityRecord, serial_number: str) -> None:
        assert self._wire is not None
        wire = self._wire
        self._modem = Modem(
            engine=self._engine,
            model=identity.model,
            record=record,
            descriptor=wire.descriptor,
            write=wire.write,
            pause=wire.pause,
            resume=wire.resume,
            firmware=identity.firmware,
            serial_number=serial_number,
            figures=self._figures,
        )
        self._port.attach(self._modem)

    async def _stay_away(self, error: LineError) -> None:
        is_absent = error.key in ("line.not_found", "line.lost")
        if not is_absent and self._port.health.detail != str(error):
            log.warning("modem at %s: %s", self._address.place, error)
        self._go_down(str(error), "" if is_absent else error.key)
        await asyncio.sleep(_LOOK_S if is_absent else _LOOK_AGAIN_S)

    def _go_down(self, why: str, fault: str) -> None:
        if self._modem is not None and self._modem.serial_number:
            self._units[self._modem.serial_number] = (self._identity, self._modem.record)
        self._modem = None
        self._port.detach(why, fault)
        self._close_wire()

    # ---- recovery

    async def _recover(self, why: str) -> None:
        """The port's modem is wedged: free the line, set it up again, or give it up."""
        modem = self._modem
        if modem is None or self._lost.is_set() or self._is_closed:
            return
        log.warning("modem does not answer (%s): it is recovered", why)
        first = "terminal_ready" if "does not end" in why else "end_codes"
        try:
            recovery = await recover(self._patient(), first)
            await self._set_up_again(modem)
        except (LineError, OSError) as error:
            self._lose(str(error))
            return
        self._figures["recoveries"] += 1
        self._figures[f"recovered_by_{recovery.rung}_ms"] = recovery.took_ms
        wire = self._wire
        if wire is not None:
            modem.descriptor, modem.pause, modem.resume = wire.descriptor, wire.pause, wire.resume
            self._port.attach(modem, f"{recovery.rung}, {recovery.took_ms:.0f} ms")

    async def _set_up_again(self, modem: Modem) -> None:
        await self._engine.command("ATH")
        lines = modem.record.start_lines
        await procedures.set_up_again(self._engine, modem.model, self._t35, lines)

    def _patient(self) -> Patient:
        assert self._wire is not None
        return Patient(self._engine, self._wire, self._reopen, self._reauthorise)

    async def _reopen(self) -> bool:
        self._close_wire()
        await asyncio.sleep(_CLOSED_S)
        try:
            await self._open()
        except LineError:
            return False
        return True

    async def _reauthorise(self) -> bool:
        if self._address.scheme != "serial":
            return False
        path = find_tty(self._address)
        self._close_wire()
        return await asyncio.to_thread(reauthorise, path)

    # ---- the wire

    async def _open(self) -> None:
        if self._is_closed:
            raise LineError("line.lost", "closed")
        self._lost.clear()
        self._wire = await self._opening(self._address)
        self._wire.start(self._engine.feed, self._lose)

    def _lose(self, why: str) -> None:
        self._why_lost = why
        self._lost.set()
        self._engine.fail(LineError("line.lost", why))

    def _close_wire(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def _write(self, octets: bytes) -> None:
        if self._wire is not None:
            self._wire.write(octets)
