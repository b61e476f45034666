"""The inside of a modem's port: whose turn it is, rings, a modem that comes, fails and goes.

Owns the line's state and the order of commands: one at a time, each within its own deadline. Wire
and recovery are device.py's, which attaches a Modem and detaches it; port.py has the commands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from drivers.api import Capabilities, Health, LineError, PortKind
from drivers.events import LineBack, LineLost, LineState, PortFault
from drivers.modem_v253 import procedures
from drivers.modem_v253.chores import Chores
from drivers.modem_v253.ears import Ears
from drivers.modem_v253.modem import Modem
from drivers.port_base import BasePort

_GUARD_S = 2.0  # no seizing so soon after hanging up: the exchange may not have seen it
_LAST_WORD_S = 1.0  # of work that is dropped
_ALIVE_S = 60.0  # an idle modem is asked so often whether it lives
_WEDGED = ("line.timeout", "line.device")
_Value = TypeVar("_Value")


class ModemLine(BasePort):
    """One line. suspect: the device's way to be told that the modem is wedged: it recovers it
    (on-hook, set up again), or takes it away."""

    def __init__(
        self, now_ns: Callable[[], int], suspect: Callable[[str], Awaitable[None]]
    ) -> None:
        super().__init__(0, now_ns)
        self._suspect = suspect
        self._modem: Modem | None = None
        self.ears = Ears(self._tell, self._ringing, now_ns)
        self._turn = asyncio.Lock()
        self._way = ""  # the command that began the stream; empty = no stream
        self._is_ahead = False  # it began with answering, and nobody has taken it yet
        self._is_prepared = self._is_cut = self._is_recovering = False
        self._is_in_command = False  # a long one of the leg's
        self._hung_up_at = float("-inf")
        self._chores = Chores()
        self._why = ""
        self._working: set[asyncio.Task[Any]] = set()

    @property
    def kind(self) -> PortKind:
        return PortKind.FXO

    @property
    def capabilities(self) -> Capabilities:
        return self._modem.capabilities() if self._modem else Capabilities(duplex=False)

    @property
    def health(self) -> Health:
        modem = self._modem
        return Health(
            state=self._state,
            since_ns=self._since_ns,
            model=modem.model.name if modem else "",
            firmware=modem.firmware if modem else "",
            serial_number=modem.serial_number if modem else "",
            detail=self._why,
            figures={**(modem.figures if modem else {}), **self.ears.counts},
        )

    # ---- the device's side

    def attach(self, modem: Modem, recovered_by: str = "") -> None:
        """A modem that is set up and on-hook; capabilities are its own from now on."""
        self._modem, self._why = modem, ""
        self._is_recovering = False
        self.ears.attach(modem.model, reports_keys=not modem.has_duplex)
        self._is_on_hook()
        if recovered_by:
            self._tell(PortFault(self._now_ns(), "line.recovered", True, recovered_by))
        self._tell(LineBack(self._now_ns()))
        self._enter(LineState.IDLE)
        self._chores.at(_ALIVE_S, "alive", self._look_after_it)

    def starting(self) -> None:
        """A modem is being set up, for the first time or anew: nobody may speak to it."""
        self._is_recovering = True
        self._enter(LineState.STARTING)

    def detach(self, why: str, fault: str = "") -> None:
        """The modem is gone; whatever was going on fails. fault: the key of what needs a person."""
        modem, self._modem = self._modem, None
        is_news, self._why = why != self._why, why
        self._is_recovering = False
        self.ears.detach()
        self._is_on_hook()
        self._chores.forget()
        if modem is not None:
            modem.engine.fail(LineError("line.lost", why))
            self._tell(LineLost(self._now_ns(), why))
        self._enter(LineState.FAULT if fault else LineState.DOWN)
        if fault and is_news:
            self._tell(PortFault(self._now_ns(), fault, False, why))

    # ---- inside

    async def _command(
        self, work: Callable[[Modem], Awaitable[_Value]], *, is_long: bool = False
    ) -> _Value:
        """A command of the leg's: it waits for its turn. A long one is cut short by ``release``,
        which waits for any other.

        Whoever waits for it may be cancelled, as a call that is over; the command goes on without
        him. A modem that is left in the middle of one would answer it to the next, off-hook for
        ever.
        """

        async def marked(modem: Modem) -> _Value:
            self._is_in_command = is_long
            try:
                return await work(modem)
            finally:
                self._is_in_command = False

        task = asyncio.get_running_loop().create_task(self._take_turn(marked))
        self._working.add(task)
        task.add_done_callback(self._worked)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if task.cancelled() and not (waiting and waiting.cancelling()):
                raise LineError("line.lost", "closed") from None
            raise

    async def drop_work(self) -> None:
        """The device is closed: no command, and no recovery for one, outlives it."""
        for task in self._working:
            task.cancel()
        if self._working:
            await asyncio.wait(set(self._working), timeout=_LAST_WORD_S)

    def _worked(self, task: asyncio.Task[Any]) -> None:
        self._working.discard(task)
        if not task.cancelled():
            task.exception()  # told to whoever still waits

    async def _take_turn(self, work: Callable[[Modem], Awaitable[_Value]]) -> _Value:
        """One at a time; a modem that does not answer is given to the device."""
        async with self._turn:
            modem = self._modem
            if modem is None:
                raise LineError("line.lost", self._why)
            try:
                return await work(modem)
            except LineError as error:
                if error.key in _WEDGED:
                    self.starting()
                    await self._suspect(str(error))
                raise

    def _is_on_hook(self) -> None:
        if self.ears.is_lifted:
            self._hung_up_at = _now()
        self._way, self._is_prepared, self._is_cut = "", False, False
        self._is_ahead = False
        self.ears.hung_up()

    async def _wait_for_guard(self) -> None:
        await asyncio.sleep(max(0.0, self._hung_up_at + _GUARD_S - _now()))

    def _begin_guard(self) -> None:
        self._enter(LineState.RELEASING)
        self._chores.at(_GUARD_S, "guard", self._guard_over)

    def _guard_over(self) -> None:
        if self._state is LineState.RELEASING:
            self._enter(LineState.IDLE)

    def _ringing(self, word: str) -> None:
        is_free = self._state in (LineState.IDLE, LineState.RELEASING)
        if word == "started" and is_free:
            self._enter(LineState.RINGING)
        elif word == "settled" and self._state is LineState.RINGING and not self._is_prepared:
            self._chores.begin(self._take_turn(self._prepare_to_answer))
        elif word == "stopped" and self._state is LineState.RINGING:
            self._enter(LineState.IDLE)
            self._stand_down()

    def _stand_down(self) -> None:
        """Nothing came of it: back to the class in which a ring is told with its caller."""
        self._chores.begin(self._take_turn(self._forget_to_answer))

    async def _prepare_to_answer(self, modem: Modem) -> None:
        """The caller id is in: get ready for voice, so that answering takes two commands."""
        if self._state is LineState.RINGING and not self._is_prepared:
            await procedures.prepare_voice(modem.engine, modem.record)
            self._is_prepared = True

    async def _forget_to_answer(self, modem: Modem) -> None:
        if self._is_prepared and not self.ears.is_lifted and not self.ears.is_ringing:
            self._is_prepared = False
            await modem.engine.demand("AT+FCLASS=0")

    def _look_after_it(self) -> None:
        self._chores.at(_ALIVE_S, "alive", self._look_after_it)
        self._chores.begin(self._take_turn(self._ask_whether_alive))

    async def _ask_whether_alive(self, modem: Modem) -> None:
        if self._state is LineState.IDLE:
            await modem.engine.demand("AT")


def _now() -> float:
    return asyncio.get_running_loop().time()
