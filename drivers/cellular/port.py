"""One SIM as a line: the port of a cellular modem.

Runs on the event loop over whatever modem is plugged in (``attach``, ``detach``: device.py). Calls
are call_desk.py's, messages inbox.py's, the network radio.py's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from drivers.api import AudioDescriptor, Capabilities, DialMode, Health, LineError, PortKind
from drivers.at import Result
from drivers.cellular.call_desk import CallDesk
from drivers.cellular.inbox import Inbox
from drivers.cellular.modem import Modem
from drivers.cellular.radio import Radio
from drivers.cellular.reports import (
    AudioAllowed,
    KeyHeard,
    MessageStored,
    Registration,
    Restarted,
    SimState,
    parse_report,
)
from drivers.events import KeyReported, LineBack, LineLost, LineState, PortFault
from drivers.port_base import BasePort

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


class CellularPort(BasePort):
    """The contract of drivers.api.Port; ``attach detach fail tend hear`` are the device's."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        super().__init__(0, now_ns)
        self._desk = CallDesk(self._tell, self._enter, now_ns)
        loop = asyncio.get_running_loop()
        self._inbox = Inbox(self._tell, loop.time, now_ns)
        self._radio = Radio()
        self._modem: Modem | None = None
        self._is_lost_told = False
        self.has_restarted = False  # by itself: it has forgotten its settings
        self._detail = ""
        self._reading: set[asyncio.Task[None]] = set()

    @property
    def kind(self) -> PortKind:
        return PortKind.CELLULAR

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            duplex=self._modem is None or self._modem.open_pcm is not None,
            caller_id=True,
            sends_keys=True,
            sms=True,
            needs_echo_canceller=False,
            transmit_delay_ms=60.0,
        )

    @property
    def health(self) -> Health:
        identity = self._modem.identity if self._modem else None
        figures = dict(self._radio.figures)
        if self._desk.audio:
            figures |= self._desk.audio.figures
        return Health(
            self._state,
            self._since_ns,
            model=identity.model if identity else "",
            firmware=identity.firmware if identity else "",
            serial_number=identity.serial_number if identity else "",
            operator=self._radio.operator if self._modem else "",
            detail=self._detail,
            figures=figures if self._modem else {},
        )

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        if not _NUMBER.fullmatch(digits):
            raise LineError("line.number", "digits, * and #, + in front")
        modem = self._at_work()
        if not self._radio.is_registered:
            raise LineError("line.lost", "line.no_network")
        await self._desk.dial(modem, digits)

    async def answer(self) -> None:
        await self._desk.answer(self._at_work())

    async def release(self) -> None:
        await self._desk.release()

    async def send_key(self, digit: str, duration_ms: int) -> None:
        """duration_ms is the network's to choose (TS 27.007 §C.11: +VTD rules +VTS)."""
        if len(digit) != 1 or digit not in "0123456789*#ABCD":
            raise LineError("line.number", "one of 0-9 * # A-D")
        finished = await self._at_work().run(f"AT+VTS={digit}")
        if finished.result is not Result.OK:
            raise LineError("line.refused", finished.final)

    async def open_audio(self) -> AudioDescriptor:
        if self._desk.audio is None:
            raise LineError("line.audio", "no call audio on a serial port")
        return await self._desk.audio.open()

    async def close_audio(self, unread: bytes) -> None:
        if self._desk.audio:
            self._desk.audio.close()

    async def send_sms(self, number: str, text: str) -> str:
        return await self._inbox.send(self._at_work().run, number, text)

    async def forget_sms(self, reference: str) -> None:
        await self._inbox.forget(self._at_work().run, reference)

    def _at_work(self) -> Modem:
        if self._modem is None:
            raise LineError("line.lost", self._detail)
        return self._modem

    # ---- the device's side

    async def attach(self, modem: Modem) -> None:
        """A modem is ready; returns when its network was asked and its messages are read."""
        self._modem = modem
        self.has_restarted = False
        self._radio = Radio()
        self._desk.begin(modem)
        await self._radio.ask(modem.run)
        self._show_network()
        await self._inbox.read_all(modem.run)

    def detach(self, reason: str) -> None:
        """The modem is gone, and with it a call that it had."""
        self._modem = None
        self._desk.end()
        self._lose(reason)

    def fail(self, fault: LineError) -> None:
        """The modem is there and cannot be a line: a person must see to it."""
        is_known = self._detail == fault.key and self._state is LineState.FAULT
        self._is_lost_told, self._detail = True, fault.key
        self._enter(LineState.FAULT)
        if not is_known:
            self._tell(PortFault(self._now_ns(), fault.key, False, fault.detail))

    async def tend(self) -> None:
        """Now and then: signal, network, messages of which no news came."""
        if modem := self._modem:
            await self._radio.ask(modem.run)
            self._show_network()
            if self._desk.is_idle and self._radio.is_answered:
                await self._inbox.read_all(modem.run)

    @property
    def asks_again_s(self) -> float:
        """When to ``tend`` next."""
        return self._radio.asks_again_s

    @property
    def is_stuck(self) -> bool:
        """The modem does not answer any more."""
        return self._radio.is_stuck

    @property
    def why_no_sim(self) -> str:
        """The card is gone, or is not ready any more: the modem is to be set up anew."""
        return self._radio.why_no_sim

    @property
    def wants_reset(self) -> bool:
        """The line is idle and its modem lost its audio for good."""
        return self._desk.is_idle and self._desk.audio is not None and self._desk.audio.needs_reset

    def hear(self, line: str) -> None:
        """A line of news."""
        report = parse_report(line)
        modem = self._modem
        if report is None or modem is None:
            return
        if isinstance(report, Registration):
            self._radio.hear(report)
            self._show_network()
        elif isinstance(report, SimState):
            self._radio.hear_sim(report.word)
        elif isinstance(report, MessageStored):
            task = asyncio.get_running_loop().create_task(
                self._inbox.read_slot(modem.run, report.slot)
            )
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        elif isinstance(report, Restarted):
            self.has_restarted = True
        elif isinstance(report, KeyHeard):
            self._tell(KeyReported(self._now_ns(), report.digit))
        elif isinstance(report, AudioAllowed):
            if self._desk.audio:
                self._desk.audio.allow(report.may_send)
        else:
            self._desk.hear(report)

    def _show_network(self) -> None:
        if not self._radio.is_registered:
            if self._desk.is_idle:  # a call ends by its own news, not by a gap of the network
                self._lose("line.no_network")
        elif self._is_lost_told or self._state is LineState.DOWN:
            self._detail = ""
            self._is_lost_told = False
            self._tell(LineBack(self._now_ns()))
            self._enter(LineState.IDLE)

    def _lose(self, reason: str) -> None:
        """It cannot make calls now; told once a reason."""
        if not self._is_lost_told or self._detail != reason:
            self._tell(LineLost(self._now_ns(), reason))
        self._is_lost_told = True
        self._detail = reason
        if self._desk.is_idle:
            self._enter(LineState.DOWN)
