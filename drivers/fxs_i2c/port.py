"""A port of a board as the daemon sees it: commands become orders, the keeper's events its own.

Owns no bus; its device (device.py) carries orders and outcomes. A telephone's audio is a channel of
an ALSA codec, open to the media core whenever it likes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Protocol

from drivers.api import (
    AudioDescriptor,
    Cadence,
    Capabilities,
    DialMode,
    Health,
    LineError,
    PortKind,
)
from drivers.events import (
    CallerIdRecord,
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    OffHook,
    OnHook,
    PortFault,
    RingStarted,
    RingStopped,
)
from drivers.fxs_i2c.messages import Figures, Verb
from drivers.fxs_i2c.place import Place
from drivers.port_base import BasePort

FXS = Capabilities(duplex=True, caller_id=True, flash=True, polarity=True, loop_break=True)
#: RING shows a reversal on the hook alone (before a caller id): no answer is known by it.
FXO = Capabilities(duplex=True, caller_id=True, caller_id_in_band=True, flash=True, pulse=True)
_STATES: dict[type[LineEvent], LineState] = {
    LineLost: LineState.DOWN,
    LineBack: LineState.IDLE,
    OffHook: LineState.OFF_HOOK,
    OnHook: LineState.IDLE,
    RingStarted: LineState.RINGING,
    RingStopped: LineState.IDLE,
}


class Send(Protocol):
    """Carry an order to the keeper and wait for its outcome. Raises LineError."""

    def __call__(
        self,
        port: int,
        verb: Verb,
        *,
        pattern_ms: tuple[int, ...] = (),
        is_on: bool = False,
        duration_ms: int = 0,
        digits: str = "",
    ) -> Awaitable[None]: ...


class BoardPort(BasePort):
    """What FXS and FXO ports of a board share."""

    def __init__(self, number: int, place: Place, send: Send, now_ns: Callable[[], int]) -> None:
        super().__init__(number, now_ns)
        self._place = place
        self._send = send
        self.figures = Figures()

    @property
    def health(self) -> Health:
        figures = {name: float(value) for name, value in asdict(self.figures).items()}
        return Health(self._state, self._since_ns, self._place.board.model, figures=figures)

    def hear(self, event: LineEvent) -> None:
        """Something that the keeper told of this port."""
        if isinstance(event, PortFault) and self._state is LineState.RINGING:
            self._enter(LineState.IDLE)
        if (state := _STATES.get(type(event))) is not None:
            self._enter(state)
        self._tell(event)

    def lose(self, reason: str) -> None:
        """Nobody tends the board."""
        if self._state is not LineState.DOWN:
            self.hear(LineLost(self._now_ns(), reason))

    async def open_audio(self) -> AudioDescriptor:
        audio = self._place.audio(self.number)
        if self._state is LineState.OFF_HOOK:
            self._enter(LineState.TALKING)
        return audio

    async def close_audio(self, unread: bytes) -> None:
        if self._state is LineState.TALKING:
            self._enter(LineState.OFF_HOOK)


class FxsPort(BoardPort):
    """A handset that is up when its board comes back is told once more: with LineLost everybody
    took it for put down, and its keeper, who saw no change, says nothing."""

    def __init__(self, number: int, place: Place, send: Send, now_ns: Callable[[], int]) -> None:
        super().__init__(number, place, send, now_ns)
        self._is_up = False  # the handset, as this keeper told it

    def hear(self, event: LineEvent) -> None:
        super().hear(event)
        if isinstance(event, OffHook | OnHook):
            self._is_up = isinstance(event, OffHook)
        elif isinstance(event, LineBack) and self._is_up:
            super().hear(OffHook(event.at_ns))

    def lose(self, reason: str) -> None:
        super().lose(reason)
        self._is_up = False  # the next keeper looks for itself

    @property
    def kind(self) -> PortKind:
        return PortKind.FXS

    @property
    def capabilities(self) -> Capabilities:
        """loop_break: where PD is wired."""
        has_feed = self._place.board.fxs[self.number].pd.bit != 0
        return FXS if has_feed else replace(FXS, loop_break=False)

    async def ring(self, cadence: Cadence, caller_id: CallerIdRecord | None) -> None:
        shows = caller_id is not None
        await self._send(self.number, Verb.RING, pattern_ms=cadence.pattern_ms, is_on=shows)
        if self._state is LineState.IDLE:
            self._enter(LineState.RINGING)

    async def stop_ring(self) -> None:
        await self._send(self.number, Verb.STOP_RING)
        if self._state is LineState.RINGING:
            self._enter(LineState.IDLE)

    async def reverse(self, is_reversed: bool) -> None:
        await self._send(self.number, Verb.REVERSE, is_on=is_reversed)

    async def open_loop(self, duration_ms: int) -> None:
        await self._send(self.number, Verb.OPEN_LOOP, duration_ms=duration_ms)

    async def release(self) -> None:
        """Nothing of ours on the line: no ringing, no reversal. The handset is the user's."""
        try:
            await self.stop_ring()
            await self.reverse(False)
        except LineError:
            return  # a board that is lost has neither


class FxoPort(BoardPort):
    @property
    def kind(self) -> PortKind:
        return PortKind.FXO

    @property
    def capabilities(self) -> Capabilities:
        return FXO

    async def seize(self) -> None:
        await self._send(self.number, Verb.SEIZE)
        self._enter(LineState.OFF_HOOK)

    async def answer(self) -> None:
        await self._send(self.number, Verb.ANSWER)
        self._enter(LineState.OFF_HOOK)

    async def release(self) -> None:
        try:
            await self._send(self.number, Verb.RELEASE)
        except LineError as error:
            if error.key == "line.timeout":
                raise  # nobody knows how the line is
            return  # a board that is lost has its lines on-hook
        if self._state is not LineState.DOWN:
            self._enter(LineState.IDLE)

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        if mode is not DialMode.PULSE:
            raise LineError("line.unsupported", "tones are the media core's")
        before, wanted = self._state, LineState.DIALLING
        self._enter(wanted)
        try:
            await self._send(self.number, Verb.DIAL_PULSES, digits=digits)
        finally:
            if self._state is wanted:
                self._enter(before)

    async def flash(self, duration_ms: int) -> None:
        await self._send(self.number, Verb.FLASH, duration_ms=duration_ms)
