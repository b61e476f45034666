"""A board as the daemon holds it: starts its keeper, talks with it, and replaces it when it dies.

Owns the keeper's process and pipes. A keeper that ends, that rings and does not beat for half a
second, or that says nothing at all for ten, is killed, the board silenced, and another one started;
ports stay the same objects.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from itertools import count

from drivers.api import DeviceInfo, LineError, PortKind
from drivers.fxs_i2c import noted
from drivers.fxs_i2c.messages import Beat, Figures, Order, Outcome, PortEvent, Verb, decode, encode
from drivers.fxs_i2c.place import Place
from drivers.fxs_i2c.port import FxoPort, FxsPort
from drivers.fxs_i2c.silence import silence

log = logging.getLogger(__name__)
BEAT_LOST_S = 0.5
#: Figures come each second; a bus that sticks holds a keeper up for three, a cold start for longer.
SILENT_S = 10.0
FIRST_S = 30.0
ORDER_S = 5.0  # beyond what the order itself takes
AGAIN_S = 1.0
END_S = 3.0


class BoardDevice:
    """``start`` once. info says what was configured: a chip has no name to ask for."""

    def __init__(self, place: Place, country: str) -> None:
        self._place = place
        self._country = country
        self._ports = tuple(self._port(n, kind) for n, kind in enumerate(kinds_of(place)))
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._references = count(1)
        self._is_ringing = False
        self._task: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None  # of the keeper before
        self.is_closed = False

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo("fxs_i2c", self._place.board.model, "", "", kinds_of(self._place))

    @property
    def ports(self) -> tuple[FxsPort | FxoPort, ...]:
        return self._ports

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._live(), name="board keeper")

    async def close(self) -> None:
        """All silent, then let go."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._end_keeper()
        for port in self._ports:
            port.lose("line.closed")
        self.is_closed = True

    def _port(self, number: int, kind: PortKind) -> FxsPort | FxoPort:
        if kind is PortKind.FXS:
            return FxsPort(number, self._place, self._send, time.monotonic_ns)
        return FxoPort(number, self._place, self._send, time.monotonic_ns)

    # ---- the keeper

    async def _live(self) -> None:
        while True:
            try:
                noted.note(self._place)  # else nobody could silence what dies with us
                await self._keep()
            except (OSError, ValueError) as error:
                log.warning("board %s: no keeper: %s", noted.text_of(self._place), error)
            except Exception:  # nobody would hear that keeper any more: another one is started
                log.exception("board %s: its keeper is dropped", noted.text_of(self._place))
            await self._end_keeper()
            for port in self._ports:
                port.lose("line.keeper")
            await asyncio.sleep(AGAIN_S)

    async def _keep(self) -> None:
        """From the start of a keeper to its end."""
        argv = [sys.executable, "-m", "drivers.fxs_i2c.keeper", _words(self._place), self._country]
        process = self._process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        limit = FIRST_S
        while True:
            try:
                async with asyncio.timeout(limit):
                    line = await process.stdout.readline()
            except TimeoutError:
                while_what = "while it rings" if self._is_ringing else "and says nothing"
                log.error("board %s: its keeper hangs %s", noted.text_of(self._place), while_what)
                process.kill()
                return
            if not line:
                return
            self._hear(line)
            limit = BEAT_LOST_S if self._is_ringing else SILENT_S

    def _hear(self, line: bytes) -> None:
        message = decode(line)
        if isinstance(message, PortEvent):
            self._ports[message.port].hear(message.event)
        elif isinstance(message, Beat):
            self._is_ringing = message.is_ringing
        elif isinstance(message, Figures):
            for port in self._ports:
                port.figures = message
        elif isinstance(message, Outcome):
            waiting = self._waiting.pop(message.reference, None)
            if waiting is not None and not waiting.done():
                if message.key:
                    waiting.set_exception(LineError(message.key, message.detail))
                else:
                    waiting.set_result(None)

    async def _end_keeper(self) -> None:
        """Goes on to its end whoever is cancelled meanwhile; the next who wants it waits for it."""
        if self._ending is None or self._ending.done():
            self._ending = asyncio.get_running_loop().create_task(self._let_go())
        await asyncio.shield(self._ending)

    async def _let_go(self) -> None:
        """Its input ends, and it silences the board; one that does not is killed, and we do it."""
        process, self._process, self._is_ringing = self._process, None, False
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(LineError("line.lost", "the keeper of the board ended"))
        self._waiting.clear()
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            code = await process.wait()
        is_silent = code == 0 or await asyncio.to_thread(silence, self._place)
        log.info("board %s: keeper ended (%d)", noted.text_of(self._place), code)
        if is_silent and (self._task is None or self._task.done()):
            with contextlib.suppress(OSError):  # then it is silenced once more
                noted.forget(self._place)

    async def _send(
        self,
        port: int,
        verb: Verb,
        *,
        pattern_ms: tuple[int, ...] = (),
        is_on: bool = False,
        duration_ms: int = 0,
        digits: str = "",
    ) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            raise LineError("line.lost", "nobody tends the board")
        order = Order(next(self._references), port, verb, pattern_ms, is_on, duration_ms, digits)
        waiting = self._waiting[order.reference] = asyncio.get_running_loop().create_future()
        process.stdin.write(encode(order))
        limit = ORDER_S + duration_ms / 1000 + 2.0 * len(digits)
        try:
            async with asyncio.timeout(limit):
                await waiting
        except TimeoutError:
            raise LineError("line.timeout", verb.value) from None
        finally:
            self._waiting.pop(order.reference, None)


def _words(place: Place) -> str:
    """The place for a keeper's command line."""
    return f"{noted.text_of(place)}&supply_ma={place.supply_ma}"


def kinds_of(place: Place) -> tuple[PortKind, ...]:
    """The ports of a board, in order."""
    return (PortKind.FXS,) * len(place.board.fxs) + (PortKind.FXO,) * len(place.board.fxo)
