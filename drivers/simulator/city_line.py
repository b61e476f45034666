"""A simulated city line on an FXO port: the exchange at its end, and people who call by it.

Owns the line's exchange and audio. ``call`` has somebody call; ``far_hang_up`` ends it from the far
end, by busy tone and, where the line has it, an open loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.api import AudioDescriptor, Capabilities, DialMode, Health, LineError, PortKind
from drivers.country import CountryProfile
from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    LineState,
    LoopBroken,
    PolarityReversed,
    RingStarted,
    RingStopped,
)
from drivers.port_base import BasePort
from drivers.simulator.exchange import Exchange, State
from drivers.simulator.wire import AudioWire

_CALLER_ID_S = 0.6  # after the ring began
_PATIENCE_S = 60.0  # of who calls
_CAN = Capabilities(
    duplex=True,
    caller_id=True,
    flash=True,
    polarity=True,
    loop_break=True,
    pulse=True,
    needs_echo_canceller=False,
)


class SimulatedCityLine(BasePort):
    """reverses: whether its exchange reverses the line on answer; breaks: opens the loop at the
    end."""

    def __init__(
        self,
        number: int,
        now_ns: Callable[[], int],
        profile: CountryProfile,
        *,
        reverses: bool,
        breaks: bool,
    ) -> None:
        super().__init__(number, now_ns)
        self._state = LineState.IDLE
        self._reverses = reverses
        self._breaks = breaks
        self._exchange = Exchange(profile, self._on_answered)
        self._wire = AudioWire(self._exchange.speak, self._exchange.hear)
        self._caller: asyncio.Task[None] | None = None

    # ---- the far end

    def call(self, caller: CallerIdRecord) -> None:
        """Somebody calls; LineError ``line.busy`` when the line is not free."""
        if self._state is not LineState.IDLE:
            raise LineError("line.busy")
        self._enter(LineState.RINGING)
        self._tell(RingStarted(self._now_ns()))
        self._caller = asyncio.get_running_loop().create_task(self._wait(caller))

    def far_hang_up(self) -> None:
        """The far end goes; LineError ``line.idle`` when nobody is there."""
        if self._state is LineState.RINGING:
            self._give_up()
        elif self._exchange.state in (State.TALKING, State.RINGING):
            self._exchange.far_hang_up()
            if self._breaks:
                self._tell(LoopBroken(self._now_ns(), 500))
        else:
            raise LineError("line.idle")

    async def _wait(self, caller: CallerIdRecord) -> None:
        await asyncio.sleep(_CALLER_ID_S)
        self._tell(CallerIdReceived(self._now_ns(), caller))
        await asyncio.sleep(_PATIENCE_S)
        self._give_up()

    def _give_up(self) -> None:
        self._stop_caller()
        self._enter(LineState.IDLE)
        self._tell(RingStopped(self._now_ns()))

    def _stop_caller(self) -> None:
        task, self._caller = self._caller, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _on_answered(self) -> None:
        self._enter(LineState.TALKING)
        if self._reverses:
            self._tell(PolarityReversed(self._now_ns(), True))

    # ---- the port

    @property
    def kind(self) -> PortKind:
        return PortKind.FXO

    @property
    def capabilities(self) -> Capabilities:
        return _CAN

    @property
    def health(self) -> Health:
        """detail: what the exchange was dialled."""
        return Health(
            self._state,
            self._since_ns,
            model="simulated city line",
            detail=self._exchange.digits,
            figures={"line_volts": 60.0 if self._state is LineState.IDLE else 9.0},
        )

    async def seize(self) -> None:
        if self._state is LineState.RINGING:
            raise LineError("line.glare")
        self._enter(LineState.DIALLING)
        self._exchange.off_hook()

    async def answer(self) -> None:
        if self._state is not LineState.RINGING:
            raise LineError("line.idle")
        self._stop_caller()
        self._enter(LineState.TALKING)
        self._exchange.take_call()

    async def release(self) -> None:
        self._wire.close()
        self._exchange.on_hook()
        if self._state is not LineState.RINGING:
            self._enter(LineState.IDLE)

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        if mode is not DialMode.PULSE:
            raise LineError("line.unsupported", "dial by tone")
        self._exchange.dial(digits)

    async def flash(self, duration_ms: int) -> None:
        """This exchange has no services behind a flash."""

    async def open_audio(self) -> AudioDescriptor:
        if self._exchange.state is State.ON_HOOK:
            raise LineError("line.on_hook")
        return self._wire.open()

    async def close_audio(self, unread: bytes) -> None:
        self._wire.close()

    def close(self) -> None:
        self._stop_caller()
        self._wire.close()
