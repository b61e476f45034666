"""One pair of wires of a line card: commands to the card, its events to line events.

Runs on the event loop; the card itself does what is hard in time. FXS: a phone hangs here; FXO: a
city line. ``CardLink`` is the device's side: how commands and audio get to the card.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from drivers.api import (
    AudioDescriptor,
    Cadence,
    Capabilities,
    DialMode,
    Encoding,
    Health,
    LineError,
    PortKind,
)
from drivers.country import CountryProfile
from drivers.events import (
    CallerIdRecord,
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    LoopBroken,
    OffHook,
    OnHook,
    PolarityReversed,
    PortFault,
    RingStarted,
    RingStopped,
)
from drivers.linecard.incoming_ring import IncomingRing
from drivers.linecard.messages import (
    CardCapability,
    CardEvent,
    CardPort,
    Command,
    Happening,
    Status,
    encode_audio,
    encode_country,
    encode_ms,
    encode_pulses,
    encode_ring,
)
from drivers.port_base import BasePort

_COMMAND_S = 2.0
_MS = 1_000_000
_CALLER_ID_AFTER_MS, _CALLER_ID_BEFORE_MS = 250, 300
_FIRST_MS = 500  # of nothing but a caller id, where the first pause is too short
_ERRORS = {
    Status.UNKNOWN_COMMAND: "line.unsupported",
    Status.WRONG_PORT: "line.unsupported",
    Status.BAD_ARGUMENT: "line.unsupported",
    Status.NOT_NOW: "line.busy",
    Status.HARDWARE: "line.device",
}


class CardLink(Protocol):
    """What a port needs of its device."""

    async def command(self, port: int, payload: bytes) -> tuple[int, bytes]:
        """Status and details; status -1 when the card is gone."""

    def open_audio(self, port: int) -> int:
        """A descriptor for the media core."""

    def close_audio(self, port: int) -> None: ...


class LineCardPort(BasePort):
    """The contract of drivers.api.Port; ``attach detach hear`` are the device's."""

    def __init__(
        self, number: int, about: CardPort, profile: CountryProfile, now_ns: Callable[[], int]
    ) -> None:
        super().__init__(number, now_ns)
        self._about = about
        self._profile = profile
        self._link: CardLink | None = None
        self._firmware = self._serial_number = ""
        self._is_audio_on = False
        self._is_off_hook = False  # the phone (FXS), or we (FXO)
        self._has_feed = True  # of the exchange, until the card says otherwise
        self._ring = IncomingRing(self._given_up)
        self._cadence: Cadence | None = None
        self._shows_caller = False
        self._figures: dict[str, float] = {}
        self._detail = ""  # why it is DOWN

    @property
    def kind(self) -> PortKind:
        return self._about.kind

    @property
    def capabilities(self) -> Capabilities:
        can, is_fxs = self._about.capabilities, self.kind is PortKind.FXS
        return Capabilities(
            duplex=True,
            caller_id=True,
            caller_id_in_band=not is_fxs,
            flash=not is_fxs and CardCapability.FLASH in can,
            polarity=CardCapability.POLARITY in can,
            loop_break=CardCapability.LOOP in can,
            pulse=CardCapability.PULSE in can,
            transmit_delay_ms=20.0,
        )

    @property
    def health(self) -> Health:
        return Health(
            self._state,
            self._since_ns,
            model="line card",
            firmware=self._firmware,
            serial_number=self._serial_number,
            detail=self._detail,
            figures=self._figures,
        )

    async def seize(self) -> None:
        self._only(PortKind.FXO, "seize")
        if self._ring.is_on:
            raise LineError("line.glare")
        await self._lift()

    async def answer(self) -> None:
        self._only(PortKind.FXO, "answer")
        self._ring.end()
        await self._lift()

    async def _lift(self) -> None:
        await self._order(bytes((Command.SEIZE,)))
        self._is_off_hook = True
        self._enter(LineState.TALKING)

    async def release(self) -> None:
        try:
            if self.kind is PortKind.FXO:
                await self._order(bytes((Command.RELEASE,)))
            else:
                await self.stop_ring()
        except LineError:
            pass  # a card without its host puts everything on-hook by itself
        if self.kind is PortKind.FXO:
            self._is_off_hook = False
        if self._link:
            self._enter(self._resting())

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        if mode is not DialMode.PULSE:
            raise LineError("line.unsupported", "tones go in band")
        await self._order(encode_pulses("".join(d for d in digits if d.isdecimal())))

    async def flash(self, duration_ms: int) -> None:
        self._only(PortKind.FXO, "flash")
        await self._order(encode_ms(Command.FLASH, duration_ms))
        await asyncio.sleep(duration_ms / 1000)  # the card has begun it

    async def ring(self, cadence: Cadence, caller_id: CallerIdRecord | None) -> None:
        self._only(PortKind.FXS, "ring")
        self._cadence = cadence
        self._shows_caller = caller_id is not None
        await self._order(encode_ring(cadence.pattern_ms))
        self._enter(LineState.RINGING)

    async def stop_ring(self) -> None:
        self._only(PortKind.FXS, "stop_ring")
        self._shows_caller = False
        await self._order(bytes((Command.RING_STOP,)))
        if self._state is LineState.RINGING:
            self._enter(self._resting())

    async def reverse(self, is_reversed: bool) -> None:
        self._only(PortKind.FXS, "reverse")
        await self._order(bytes((Command.POLARITY, is_reversed)))

    async def open_loop(self, duration_ms: int) -> None:
        self._only(PortKind.FXS, "open_loop")
        await self._order(encode_ms(Command.OPEN_LOOP, duration_ms))

    async def open_audio(self) -> AudioDescriptor:
        if self._link is None:
            raise LineError("line.lost", "line card")
        descriptor = self._link.open_audio(self.number)
        await self._order(encode_audio(True))
        self._is_audio_on = True
        return AudioDescriptor(Encoding.ALAW, descriptor, frame_octets=80, queue_ms=20, lead_ms=0)

    async def close_audio(self, unread: bytes) -> None:
        self._is_audio_on = False
        if self._link:
            self._link.close_audio(self.number)
            try:
                await self._order(encode_audio(False))
            except LineError:
                return  # a card that is gone sends no audio

    async def restart_audio(self) -> None:
        await self._order(encode_audio(False))
        await self._order(encode_audio(True))

    async def _order(self, payload: bytes) -> bytes:
        """Raises LineError ``line.lost line.timeout line.unsupported line.busy line.device``."""
        if self._link is None:
            raise LineError("line.lost", "line card")
        try:
            async with asyncio.timeout(_COMMAND_S):
                status, details = await self._link.command(self.number, payload)
        except TimeoutError:
            raise LineError("line.timeout", f"command {payload[0]:#04x}") from None
        if status == Status.DONE:
            return details
        if status not in set(Status):
            raise LineError("line.lost", "line card")
        raise LineError(_ERRORS[Status(status)], f"command {payload[0]:#04x}")

    def _only(self, kind: PortKind, command: str) -> None:
        if self.kind is not kind:
            raise LineError("line.unsupported", command)

    def _resting(self) -> LineState:
        if not self._has_feed:
            return LineState.DOWN
        is_phone_off = self._is_off_hook and self.kind is PortKind.FXS
        return LineState.OFF_HOOK if is_phone_off else LineState.IDLE

    # ---- the device's side

    async def attach(self, link: CardLink, firmware: str, serial_number: str) -> None:
        """The card is there, everything on-hook; open audio goes on; without feed it is down."""
        self._link = link
        self._firmware, self._serial_number = firmware, serial_number
        ring_hz = round(self._profile.ringing.frequency_hz)
        await self._order(encode_country(self._profile.hook.times, ring_hz))
        if self._has_feed:
            self._detail = ""
            self._tell(LineBack(self._now_ns()))
        self._enter(self._resting())

    def detach(self, reason: str) -> None:
        """The card is gone, and everything on it on-hook."""
        had_link, self._link = self._link is not None, None
        self._ring.end()
        if self._is_off_hook and self.kind is PortKind.FXS:
            self._tell(OnHook(self._now_ns()))
        self._is_off_hook = False
        self._has_feed = True  # the next session tells where there is none
        is_news = self._detail != reason
        self._detail = reason
        if had_link or is_news or self._state is not LineState.DOWN:
            self._tell(LineLost(self._now_ns(), reason))
        self._enter(LineState.DOWN)

    def tell_fault(self, code: str, detail: str) -> None:
        """Something of the whole card that a person may want to know."""
        self._tell(PortFault(self._now_ns(), code, True, detail))

    def show(self, figures: dict[str, float]) -> None:
        """The card's statistics."""
        self._figures = figures

    def hear(self, happening: Happening, at_ns: int) -> None:
        """An event of this port."""
        if event := self._event_of(happening, at_ns):
            self._tell(event)

    def _event_of(self, happening: Happening, at_ns: int) -> LineEvent | None:
        code = happening.code
        if code == CardEvent.OFF_HOOK:
            self._is_off_hook = True
            self._shows_caller = False
            self._enter(LineState.OFF_HOOK)
            return OffHook(at_ns)
        if code == CardEvent.ON_HOOK:
            self._is_off_hook = False
            self._enter(LineState.IDLE)
            return OnHook(at_ns)
        if code == CardEvent.RING_ON:
            return self._rung(at_ns)
        if code == CardEvent.RING_OFF:
            return self._burst_over(at_ns)
        if code == CardEvent.LINE_LOST:
            self._has_feed, self._detail = False, "line.no_loop"
            self._ring.end()
            self._enter(LineState.DOWN)
            return LineLost(at_ns, "line.no_loop")
        if code == CardEvent.LINE_BACK:
            self._has_feed, self._detail = True, ""
            self._enter(self._resting())
            return LineBack(at_ns)
        return _plain_event(happening, at_ns)

    # ---- ringing

    def _rung(self, at_ns: int) -> LineEvent | None:
        if self.kind is PortKind.FXS or not self._ring.burst_began():
            return None
        self._enter(LineState.RINGING)
        return RingStarted(at_ns)

    def _burst_over(self, at_ns: int) -> LineEvent | None:
        if self.kind is PortKind.FXS:
            return self._window(at_ns)
        self._ring.burst_ended()
        return None

    def _window(self, at_ns: int) -> LineEvent | None:
        """After the first burst the phone listens for who calls."""
        if not self._shows_caller or self._cadence is None:
            return None
        self._shows_caller = False
        pause_ms = max(self._cadence.pattern_ms[1], _FIRST_MS)
        return CallerIdWindow(
            at_ns + _CALLER_ID_AFTER_MS * _MS, at_ns + (pause_ms - _CALLER_ID_BEFORE_MS) * _MS
        )

    def _given_up(self) -> None:
        self._enter(self._resting())
        self._tell(RingStopped(self._now_ns()))


def _plain_event(happening: Happening, at_ns: int) -> LineEvent | None:
    """Events that change nothing of the port; None for RING_TRIP, after which OFF_HOOK comes, and
    for what a newer card tells."""
    code, number, details = happening.code, happening.number, happening.details
    if code == CardEvent.THERMAL:
        return PortFault(at_ns, "line.hot", True)
    if code == CardEvent.FLASH:
        return FlashHook(at_ns, number)
    if code == CardEvent.LOOP_BREAK:
        return LoopBroken(at_ns, number)
    if code == CardEvent.POLARITY and details:
        return PolarityReversed(at_ns, details[0] != 0)
    if code == CardEvent.PULSE_DIGIT and details:
        return DigitPulsed(at_ns, str(details[0] % 10))
    return None
