"""A telephone on our wires: what lifting, dialling, flashing and hanging up mean.

Owns the port's legs and the handset's dialogue. Lifted: dial tone at once, digits one by one, each
asked of routing (K5); a call that comes to nothing leaves a tone, and after a minute the howler.
Flash holds and resumes, takes the call that knocks, or goes to the exchange of a city line. What
is sent to the port happens in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from appliance.call import leg as vocabulary
from appliance.call.leg import FLASH, Cause, Dial
from appliance.legs.lines import fxs_dialling as dialling
from appliance.legs.lines import listening
from appliance.legs.lines.caller_id import show_caller, shown_record
from appliance.legs.lines.fxs_ear import Ear
from appliance.legs.lines.fxs_knock import Knock
from appliance.legs.lines.fxs_leg import FxsLeg, Place
from appliance.legs.lines.post import LinePost, PortOrders, quietly
from appliance.media.api import KeyPressed, MediaEvent
from drivers.api import LineError, Port
from drivers.events import (
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    KeyReported,
    LineEvent,
    LineState,
    OffHook,
    OnHook,
    PortFault,
)

_TONES = {
    Cause.CONGESTION: "congestion",
    Cause.UNREACHABLE: "congestion",
    Cause.NO_RESPONSE: "congestion",
    Cause.INTERNAL: "congestion",
    Cause.FORBIDDEN: "congestion",
}


class FxsDesk:
    """One telephone."""

    def __init__(self, post: LinePost, port: Port) -> None:
        self.post = post
        self.port = port
        self.ear = Ear(post.audio)
        self.legs: list[FxsLeg] = []
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.is_lifted = False
        self._dialogue: asyncio.Task[None] | None = None
        self.knock = Knock(self)
        self._orders = PortOrders(post)
        if port.health.state is LineState.OFF_HOOK:
            self._lift()

    @property
    def why_busy(self) -> str:
        return "line.off_hook" if self.is_lifted and not self.legs else ""

    @property
    def at_ear(self) -> FxsLeg | None:
        return self._at(Place.AT_EAR)

    @property
    def waiting(self) -> FxsLeg | None:
        return self._at(Place.WAITING)

    # ---- calls that ring here

    def dial(self, command: Dial, number: str, *, is_emergency: bool) -> FxsLeg:
        """Ring this telephone, or knock while it talks."""
        place = Place.WAITING if self.is_lifted else Place.RINGING
        leg = FxsLeg(command.leg, self, place, command.caller)
        if not self._has_room():
            leg.fail(Cause.BUSY, 486, "busy")
        elif leg.ring(command.offer):
            self.legs.append(leg)
            self.post.note_caller(command.caller.number, command.caller.name)
            if place is Place.RINGING:
                self._orders.give(self._ring(leg))
            else:
                self.knock.begin()
            self.post.parts.legs.tell(vocabulary.Progressed(leg.number, None))
        return leg

    def _has_room(self) -> bool:
        """One call rings at a time; another knocks at one that talks, and nothing is held."""
        if not self.is_lifted:
            return not self.legs
        at_ear = self.at_ear
        return len(self.legs) == 1 and at_ear is not None and at_ear.is_answered

    async def _ring(self, leg: FxsLeg) -> None:
        if leg.is_over or leg.place is not Place.RINGING:
            return
        shown = shown_record(leg.caller) if self.post.line.has_caller_id else None
        try:
            await self.port.ring(self.post.profile.ringing.cadence, shown)
        except LineError as error:
            if leg in self.legs:  # else its caller has given up meanwhile
                self.legs.remove(leg)
            leg.fail(Cause.UNREACHABLE, 480, error.key)

    # ---- what legs tell

    def rings_elsewhere(self, leg: FxsLeg) -> None:
        if leg.place is Place.AT_EAR:
            self.ear.tone("ringback")

    def answered(self, leg: FxsLeg) -> None:
        """The far end answered the call of this telephone."""
        if self.port.capabilities.polarity:
            self._orders.give(self.port.reverse(True))

    def over(self, leg: FxsLeg, cause: Cause) -> None:
        """The call let this leg go."""
        if leg in self.legs:
            self.legs.remove(leg)
        if leg.place is Place.RINGING:
            self._orders.give(self.port.stop_ring())
        elif leg.place is Place.AT_EAR and self.is_lifted:
            self.post.audio.give(0)
            self._after(leg, cause)
        elif leg.place is Place.HELD and self.is_lifted and not self.legs:
            self._after(leg, cause)

    def _after(self, leg: FxsLeg, cause: Cause) -> None:
        """The far end is gone: back to whom we hold, or a tone that says so."""
        if (held := self._at(Place.HELD)) is not None:
            self._give_ear(held)
            return
        self.ear.silence()
        if leg.is_answered:
            if self.port.capabilities.loop_break:
                self._orders.give(self.port.open_loop(self.post.profile.disconnect.loop_open_ms))
            if self.port.capabilities.polarity:
                self._orders.give(self.port.reverse(False))
        self._start(self.ear.dead_end(_TONES.get(cause, "busy")))

    # ---- the hook

    def on_line_event(self, event: LineEvent) -> None:
        match event:
            case OffHook():
                self._lift()
            case OnHook():
                self._hang_up()
            case FlashHook():
                self._flash()
            case DigitPulsed(digit="1", break_ms=ms) if _is_recall(self, ms):
                self._flash()
            case DigitPulsed(digit=digit) | KeyReported(digit=digit):
                self._press(digit)
            case CallerIdWindow():
                show_caller(self.post, self._at(Place.RINGING), event, lambda: self.is_lifted)
            case PortFault(code="line.ring_late"):
                self._ring_again()

    def _ring_again(self) -> None:
        """A board was late and ended its ringing for the SLIC's sake; the call goes on."""
        ringing = self._at(Place.RINGING)
        if ringing is not None and not self.is_lifted:
            self._orders.give(self._ring(ringing))

    def on_media_event(self, event: MediaEvent) -> None:
        if isinstance(event, KeyPressed):
            is_taken = self.knock.takes(event.digit)
            if self.at_ear is None and not is_taken:
                self.keys.put_nowait(event.digit)

    def _press(self, digit: str) -> None:
        if (at_ear := self.at_ear) is None:
            self.keys.put_nowait(digit)
        elif at_ear.is_answered:
            at_ear.press(digit)

    def _lift(self) -> None:
        if self.is_lifted:
            return
        self.is_lifted = True
        ringing = self._at(Place.RINGING)
        self._start(self._take(ringing) if ringing is not None else dialling.dial_out(self))

    def _hang_up(self) -> None:
        if not self.is_lifted:
            return
        self.is_lifted = False
        self._stop()
        legs, self.legs = self.legs, []
        for leg in legs:
            if leg.place is Place.WAITING:
                leg.place = Place.RINGING
                self.legs.append(leg)
            else:
                leg.hung_up()
        self._orders.give(self._hush())
        for leg in self.legs:
            self._orders.give(self._ring(leg))

    def _flash(self) -> None:
        at_ear, waiting, held = self.at_ear, self.waiting, self._at(Place.HELD)
        if not self.is_lifted or (at_ear is not None and not at_ear.is_answered):
            return
        if at_ear is not None and not (waiting or held) and at_ear.flashes_far:
            at_ear.press(FLASH)
            return
        if at_ear is not None:
            self.post.audio.give(0)
            self.ear.silence()
            at_ear.hold()
        if waiting is not None:
            self._stop()
            self.post.audio.give(waiting.number)
            waiting.lifted()
        elif held is not None:
            self._give_ear(held)
        elif at_ear is not None:
            self.ear.tone("stutter")

    def _give_ear(self, leg: FxsLeg) -> None:
        self._stop()
        self.ear.silence()
        self.post.audio.give(leg.number)
        leg.resume()

    # ---- dialogues with the handset

    async def _take(self, leg: FxsLeg) -> None:
        """The telephone that rings is lifted."""
        try:
            await self.post.audio.open()
        except LineError:
            leg.lost()
            return
        self.post.audio.listen(listening.for_keys())
        if leg.is_over:
            await self.ear.dead_end("busy")
            return
        self.post.audio.give(leg.number)
        leg.lifted()

    # ---- parts

    def _at(self, place: Place) -> FxsLeg | None:
        return next((leg for leg in self.legs if leg.place is place), None)

    def _start(self, dialogue: Coroutine[Any, Any, None]) -> None:
        self._stop()
        self.keys = asyncio.Queue()
        self._dialogue = self.post.spawn(dialogue)

    def _stop(self) -> None:
        self.knock.stop()
        if self._dialogue is not None and self._dialogue is not asyncio.current_task():
            self._dialogue.cancel()
        self._dialogue = None

    async def _hush(self) -> None:
        """On-hook: no audio, nothing reversed."""
        await self.post.audio.close()
        await self.port.release()

    def lost(self) -> None:
        self._stop()
        legs, self.legs = self.legs, []
        self.is_lifted = False
        for leg in legs:
            leg.lost()
        self._orders.give(self.post.audio.close())

    async def close(self) -> None:
        self.lost()
        self._orders.drop()
        await self.post.audio.close()
        await quietly(self.port.stop_ring(), self.post.line.name)
        await quietly(self.port.release(), self.post.line.name)


def _is_recall(desk: FxsDesk, break_ms: int) -> bool:
    """A break in a call that could be a pulse, in a country whose flash is as short."""
    hook, at_ear = desk.post.profile.hook, desk.at_ear
    is_talking = at_ear is not None and at_ear.is_answered
    is_in_call = is_talking or desk._at(Place.HELD) is not None
    return is_in_call and hook.has_short_flash and break_ms >= hook.flash_ms[0]
