"""A city line or a SIM between calls: who rings, who may use it, and the pause after each call.

Owns the line's turn: one call at a time. A caller is offered once his number is known, or cannot
come any more; the line is answered only when the called party answers. A call that meets a ring
gives way (glare). After a release nobody seizes for two seconds, so that the exchange sees it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from appliance.call.leg import Cause, Dial, Offered, TrunkDestination
from appliance.config.model import VOICEMAIL
from appliance.legs.lines.caller_id import record_of
from appliance.legs.lines.flash import why_no_flash
from appliance.legs.lines.fxo_caller import FxoCaller
from appliance.legs.lines.fxo_leg import FxoLeg
from appliance.legs.lines.post import LinePost
from appliance.media.api import CallerIdHeard, MediaEvent
from drivers.api import LineError, Port, PortKind
from drivers.events import (
    CallerIdReceived,
    LineEvent,
    LineState,
    OffHook,
    OnHook,
    PolarityReversed,
    RingStarted,
    RingStopped,
)

log = logging.getLogger(__name__)
GUARD_S = 2.0
#: Longer than a call to be pre-empted, its guard, and the device's own time.
_PATIENCE_S = 6.0


class LineCheck(Protocol):
    """Who has the line instead of a call (lines/doctor.py)."""

    def on_line_event(self, event: LineEvent) -> None: ...
    def on_media_event(self, event: MediaEvent) -> None: ...
    def lost(self) -> None:
        """Leave the line at once."""


class FxoDesk:
    """The port of a line out."""

    def __init__(self, post: LinePost, port: Port) -> None:
        self.post = post
        self.port = port
        self.leg: FxoLeg | None = None
        self._waiting: FxoLeg | None = None  # seizes as soon as the line is free
        self._check: LineCheck | None = None
        self._is_ringing = port.health.state is LineState.RINGING
        self._is_refused = False  # it rings, and nobody here wants it
        self._is_in_use = False  # by a phone beside us
        self._caller = FxoCaller(post, port)
        self._is_free = asyncio.Event()
        self._is_free.set()
        self._has_warned = False

    @property
    def why_busy(self) -> str:
        if self._why_unfit:
            return self._why_unfit
        if self._check is not None:
            return "line.checked"
        if self._is_ringing and self.leg is None:
            return "line.ringing"
        if self._is_in_use and self.leg is None:
            return "line.in_use"
        return "" if self._is_free.is_set() or self.leg is not None else "line.releasing"

    @property
    def _why_unfit(self) -> str:
        """Why this device carries no call out, as the line is set. Without pulses an emergency is
        dialled by keys: most exchanges understand both."""
        can, is_city_line = self.port.capabilities, self.port.kind is PortKind.FXO
        if not can.duplex:
            return "line.no_duplex"
        is_deaf = is_city_line and self.post.line.dial_mode == "pulse" and not can.pulse
        return "line.no_pulse" if is_deaf else ""

    @property
    def _announces(self) -> bool:
        """Whether it may answer by itself though nobody can talk over it: with words, or for a
        mailbox where its device can hear as well."""
        can, announces = self.port.capabilities, self.post.line.announces
        is_able = can.announces is not None and (can.records or announces != VOICEMAIL)
        return is_able and bool(announces)

    # ---- calls out

    def dial(self, command: Dial, number: str, *, is_emergency: bool) -> FxoLeg:
        """A leg that calls; it waits its turn, and tells how it fared."""
        leg = FxoLeg(command.leg, self, is_caller=False)
        is_fit = not self._why_unfit or (is_emergency and self.port.capabilities.duplex)
        if self._waiting is not None or not is_fit:
            leg.fail(Cause.CONGESTION, 0, self.why_busy or "line.busy")
            return leg
        if is_emergency and self._check is not None:
            self._check.lost()
        self._waiting = leg
        target = command.destination
        is_blind = isinstance(target, TrunkDestination) and target.is_blind
        leg.dial(number, command.offer, is_blind=is_blind)
        return leg

    def flash(self) -> None:
        """Whoever has the line in a call wants something of the exchange. Raises LineError."""
        if self.leg is None:
            raise LineError("line.no_call", self.post.line.name)
        self.leg.flash.ask()

    @property
    def why_no_flash(self) -> str:
        """Why this line cannot be flashed at all, empty = it can."""
        return why_no_flash(self.port.capabilities, self.post.profile.hook)

    async def until_free(self, leg: FxoLeg) -> None:
        """The line is this leg's from here on; LineError when it does not become free in time."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while self.leg is not None or not self._is_free.is_set():
                    self._is_free.clear()
                    await self._is_free.wait()
        except TimeoutError:
            raise LineError("line.busy", self.post.line.name) from None
        await self._caller.stop_listening()
        self._waiting = None
        if self._is_ringing:
            raise LineError("line.glare", self.post.line.name)
        self.leg = leg

    def over(self, leg: FxoLeg, *, was_seized: bool) -> None:
        """This leg is done with the line."""
        if self._waiting is leg:
            self._waiting = None
        if self.leg is leg:
            self._is_refused = leg.is_caller and self._is_ringing and not was_seized
            self._is_free.clear()
            self.post.spawn(self._free(leg, was_seized=was_seized))

    async def _free(self, leg: FxoLeg, *, was_seized: bool) -> None:
        if was_seized:
            await self.post.audio.close()
            await self._release()
        self.leg = None
        await self._pause(GUARD_S if was_seized else 0.0)

    async def _pause(self, guard_s: float) -> None:
        if guard_s:
            await asyncio.sleep(guard_s)
        self._is_free.set()
        self._look_who_rings()

    async def _release(self) -> None:
        """On-hook; a port that will not is told again."""
        for _ in range(2):
            try:
                await self.port.release()
            except LineError as error:
                log.error("line %s does not let go: %s", self.post.line.name, error)
            else:
                return

    # ---- checks

    def begin_check(self, check: LineCheck) -> None:
        """No call has the line until ``end_check``; LineError when it is not free now."""
        why = self.post.why or self.why_busy
        is_taken = self.leg is not None or self._waiting is not None or self._caller.is_listening
        if why or is_taken:
            raise LineError(why or "line.busy", self.post.line.name)
        self._check = check
        self._is_free.clear()

    async def end_check(self, *, was_seized: bool) -> None:
        """On-hook; the line is free after its pause."""
        if was_seized:
            await self.post.audio.close()
            await self._release()
        self._check = None
        self.post.spawn(self._pause(GUARD_S if was_seized else 0.0))

    # ---- callers

    def answered(self) -> None:
        """The ringing call is being taken."""
        self._is_ringing = False

    def on_line_event(self, event: LineEvent) -> None:
        if isinstance(event, RingStarted):
            self._is_ringing, self._is_refused = True, False
            self._look_who_rings()
        elif isinstance(event, CallerIdReceived):
            self._caller.told(event.record)
        elif isinstance(event, RingStopped):
            self._is_ringing = self._is_refused = False
            self._caller.gave_up()
        elif isinstance(event, PolarityReversed) and self._user is None and not self._is_ringing:
            self._caller.reversed()
        elif isinstance(event, OnHook):
            self._is_in_use = False  # told late, it may come while a call has the line
        elif isinstance(event, OffHook) and self._user is None:
            self._is_in_use = True
        if self._user is not None:
            self._user.on_line_event(event)

    @property
    def _user(self) -> FxoLeg | LineCheck | None:
        return self.leg or self._check

    def on_media_event(self, event: MediaEvent) -> None:
        if isinstance(event, CallerIdHeard):
            record = record_of(event)
            if record is not None:
                self.on_line_event(CallerIdReceived(0, record))
        elif self._user is not None:
            self._user.on_media_event(event)

    def _look_who_rings(self) -> None:
        if not self._is_ringing or self._is_refused or self._user is not None:
            return
        if not self.port.capabilities.duplex and not self._announces:
            self._warn()
            return
        self.leg = leg = FxoLeg(self.post.parts.leg_number(), self, is_caller=True)
        self.post.spawn(self._admit(leg))

    async def _admit(self, leg: FxoLeg) -> None:
        """Offer the caller once it is known who he is."""
        record = await self._caller.wait()
        is_asked = record is None and self._asks_aon(leg)
        if is_asked:
            record = await self._caller.ask(leg)
        self._caller.forget()
        if not (self._is_ringing or is_asked) or self.leg is not leg or leg.is_over:
            if self.leg is leg:
                self.leg = None
                self._is_free.set()
            return
        line = self.post.line
        offered = Offered(leg.number, self._caller.note(record), line.number, None, trunk=line.name)
        self.post.parts.adopt(leg, offered)

    def _asks_aon(self, leg: FxoLeg) -> bool:
        is_city_line = self.port.kind is PortKind.FXO and self.post.line.asks_aon
        is_city_line = is_city_line and self.port.capabilities.duplex
        return is_city_line and self._is_ringing and self.leg is leg and not leg.is_over

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            self.post.parts.alert("line_down", f"{self.post.line.name}: line.no_duplex")

    # ---- the end

    def lost(self) -> None:
        self._is_ringing = self._is_in_use = False
        if self._user is not None:
            self._user.lost()

    async def close(self) -> None:
        if self._waiting is not None:
            self._waiting.lost()
        if self._user is not None:
            self._user.lost()
        try:
            await self.post.audio.close()
        finally:
            await self._release()
