"""A line card that is plugged in, pulled and plugged in again: the event loop's side of it.

Owns the thread (uart.py) while there is a card. Ports are made when the card first says what it has
and stay the same objects. Another card with the same ports takes its place and is told of; one with
other ports, or of a version that we do not speak, leaves them down and says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.api import DeviceInfo, LineError
from drivers.country import country_profile
from drivers.linecard.card_clock import CardClock
from drivers.linecard.messages import PROTOCOL, CardPort, CardStatistics, Happening, HelloAnswer
from drivers.linecard.port import LineCardPort
from drivers.linecard.session import (
    CardSession,
    Closed,
    Opened,
    Refused,
    Responded,
    SessionEvent,
)
from drivers.linecard.uart import CardThread

log = logging.getLogger(__name__)
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Wiring:
    """How the card is reached. open_port: OSError while it is not there. best_baud: 0 = as it is.
    ports: what it has, if that is known beforehand."""

    open_port: Callable[[], Awaitable[int]]
    best_baud: int
    ports: tuple[CardPort, ...] = ()


class LineCardDevice:
    """``start``, ``known`` (it said what it is), ``close``."""

    def __init__(self, wiring: Wiring, country: str, now_ns: Callable[[], int]) -> None:
        self._wiring = wiring
        self._profile = country_profile(country)
        self._now_ns = now_ns
        self._ports: tuple[LineCardPort, ...] = self._make(wiring.ports)
        self._answer: HelloAnswer | None = None
        self._is_known = asyncio.Event()
        self.why = ""  # stable key: why a card that is there cannot be used
        self._is_lost = asyncio.Event()
        self._thread: CardThread | None = None
        self._clock = CardClock()
        self._answers: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._attaching: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def info(self) -> DeviceInfo:
        answer = self._answer
        kinds = tuple(port.kind for port in self._ports)
        if answer is None:
            return DeviceInfo("linecard", "line card", "", "", kinds)
        return DeviceInfo("linecard", "line card", answer.firmware, answer.serial_number, kinds)

    @property
    def ports(self) -> tuple[LineCardPort, ...]:
        return self._ports

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._live(), name="line card")

    async def known(self, limit_s: float) -> bool:
        """Whether the card said within limit_s what it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._is_known.wait()
        return self._is_known.is_set()

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._drop("line.closed")

    async def _live(self) -> None:
        while True:
            try:
                await self._serve(await self._wiring.open_port())
            except OSError as fault:
                log.debug("no line card: %s", fault)
            except Exception:  # termios.error of a tty that is just being pulled, say
                log.exception("a line card was dropped")
                self._drop("line.unplugged")
            await asyncio.sleep(_LOOK_S)

    async def _serve(self, descriptor: int) -> None:
        self._is_lost.clear()
        session = CardSession(secrets.randbits(32), self._wiring.best_baud, time.monotonic())
        self._thread = CardThread(descriptor, session, self._hear, self._is_lost.set)
        self._thread.start()
        await self._is_lost.wait()
        self._drop("line.unplugged")

    def _drop(self, reason: str) -> None:
        self.why = ""
        thread, self._thread = self._thread, None
        if thread:
            thread.stop()
        self._detach(reason)

    def _detach(self, reason: str) -> None:
        answers, self._answers = self._answers, {}
        for future in answers.values():
            if not future.done():
                future.set_result((-1, b""))
        for port in self._ports:
            port.detach(reason)

    def _hear(self, event: SessionEvent) -> None:
        """Events of the card, on the loop, in order."""
        if isinstance(event, Happening):
            if event.port < len(self._ports) and not self.why:
                now_ns = self._now_ns()
                at_ns = self._clock.to_ns(event.at_us, now_ns)
                self._ports[event.port].hear(event, at_ns)
        elif isinstance(event, Responded):
            future = self._answers.pop(event.ticket, None)
            if future and not future.done():
                future.set_result((event.status, event.details))
        elif isinstance(event, Opened):
            self._open(event.answer)
        elif isinstance(event, Closed):
            log.warning("the line card's session ended: %s", event.reason)
            self._detach("line.silent")
        elif isinstance(event, Refused):
            self._refuse(
                "line.card_version",
                f"its version is {event.protocol or 'unknown'}, ours {PROTOCOL}",
            )
        elif isinstance(event, CardStatistics):
            self._show(event)

    def _open(self, answer: HelloAnswer) -> None:
        before, self._answer = self._answer, answer
        self._clock = CardClock()
        if not self._ports:
            self._ports = self._make(answer.ports)
        kinds = [port.kind for port in answer.ports]
        if kinds[: len(self._ports)] != [port.kind for port in self._ports]:
            self._answer = before
            self._refuse("line.other_card", ", ".join(kind.value for kind in kinds))
            return
        self.why = ""
        if before and before.serial_number != answer.serial_number:
            self._tell_replaced(before.serial_number, answer.serial_number)
        self._is_known.set()
        for port in self._ports:
            task = asyncio.get_running_loop().create_task(self._attach(port, answer))
            self._attaching.add(task)
            task.add_done_callback(self._attaching.discard)

    def _refuse(self, why: str, detail: str) -> None:
        if self.why != why:
            log.error("this line card cannot be used: %s (%s)", why, detail)
        self.why = why
        self._detach(why)

    def _tell_replaced(self, before: str, now: str) -> None:
        for port in self._ports:
            port.tell_fault("line.card_replaced", f"{before} -> {now}")

    async def _attach(self, port: LineCardPort, answer: HelloAnswer) -> None:
        try:
            await port.attach(self, answer.firmware, answer.serial_number)
        except LineError as fault:
            log.warning("port %d of the line card: %s", port.number, fault)

    def _make(self, abouts: tuple[CardPort, ...]) -> tuple[LineCardPort, ...]:
        return tuple(
            LineCardPort(number, about, self._profile, self._now_ns)
            for number, about in enumerate(abouts)
        )

    def _show(self, event: CardStatistics) -> None:
        thread = self._thread
        figures: dict[str, float] = {
            "bad_frames": event.bad_frames,
            "repeated": event.repeated,
            "underruns": event.underruns,
            "overruns": event.overruns,
            "skipped": thread.skipped if thread else 0,
            "missing": thread.missing if thread else 0,
            "unread": thread.unread if thread else 0,
        }
        for port in self._ports:
            port.show(figures)

    # ---- CardLink

    async def command(self, port: int, payload: bytes) -> tuple[int, bytes]:
        thread = self._thread
        if thread is None:
            return -1, b""
        future: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        thread.command(port, payload, lambda ticket: self._answers.__setitem__(ticket, future))
        return await future

    def open_audio(self, port: int) -> int:
        if self._thread is None:
            raise LineError("line.lost", "line card")
        return self._thread.open_audio(port)

    def close_audio(self, port: int) -> None:
        if self._thread:
            self._thread.close_audio(port)
