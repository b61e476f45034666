"""A telephone on our wires in one call, as a leg: it calls, or it rings, or it waits.

Owns nothing: its desk (legs/lines/fxs_desk.py) has the port and knows what the hook does; the leg
tells the call, and does what the call says. A telephone may hold one leg while it talks by another.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from appliance.call import leg as vocabulary
from appliance.call.leg import Cause, Party
from appliance.legs.lines.analog import AnalogLeg
from appliance.sdp.media import Direction, Media
from appliance.sdp.negotiate import default_offer

if TYPE_CHECKING:
    from appliance.legs.lines.fxs_desk import FxsDesk


class Place(Enum):
    """Where a leg is on its telephone."""

    RINGING = "ringing"  # the bell rings for it
    WAITING = "waiting"  # it knocks while another talks
    AT_EAR = "at_ear"
    HELD = "held"


class FxsLeg(AnalogLeg):
    """place: where it is; caller: who rings, for the display; media: our answer, once known."""

    def __init__(self, number: int, desk: FxsDesk, place: Place, caller: Party) -> None:
        post = desk.post
        party = f"extension {post.line.extension}"
        super().__init__(number, party, post.parts.legs, post.audio)
        self.place = place
        self.caller = caller
        self.is_caller = place is Place.AT_EAR
        self.media: Media | None = None
        self._desk = desk

    # ---- the call's side

    def ring(self, offer: Media | None) -> bool:
        """Take a call that rings here; False where it offers no G.711 (and the leg has failed)."""
        self.media = self._media_for(offer)
        if self.media is None:
            self.fail(Cause.INCOMPATIBLE, 488, "no G.711")
        return self.media is not None

    def _ring(self, command: vocabulary.Ring) -> None:
        if command.answer is None:
            self._desk.rings_elsewhere(self)
        else:
            self._speak(command.answer)

    def _answer(self, command: vocabulary.Answer) -> None:
        self.is_answered = True
        self.media = command.answer
        self._speak(command.answer)
        self._desk.answered(self)

    def _reject(self, command: vocabulary.Reject) -> None:
        self._end(command.cause, is_remote=False)
        self._desk.over(self, command.cause)

    def _hang_up(self, command: vocabulary.HangUp) -> None:
        if self.is_answered or self.is_caller:
            self._end(command.cause, is_remote=False)
        else:
            self.fail(command.cause)
        self._desk.over(self, command.cause)

    # ---- the telephone's side

    @property
    def flashes_far(self) -> bool:
        """Whether it talks by a city line whose exchange is to get the telephone's flash."""
        return isinstance(self.partner, AnalogLeg) and self.partner.wants_flash

    def lifted(self) -> None:
        """The handset is up and has audio: this call is answered."""
        assert self.media is not None
        self.place = Place.AT_EAR
        self.is_answered = True
        self._speak(self.media)
        self.connect()
        self._parts.tell(vocabulary.Answered(self.number, self.media))

    def hold(self) -> None:
        """The telephone turns to something else."""
        self.place = Place.HELD
        self._offer(Direction.SENDONLY)

    def resume(self) -> None:
        """The telephone turns back."""
        self.place = Place.AT_EAR
        if self.media is not None:
            self._speak(self.media)
        self.connect()
        self._offer(Direction.SENDRECV)

    def regain(self) -> None:
        """It has the audio again, which was somewhere else for a moment: nobody need know."""
        if self._spoken is not None:
            self._speak(self._spoken)
        self.connect()

    def press(self, digit: str) -> None:
        """A key or a digit of the dial that is no sound on the line."""
        self._parts.tell(vocabulary.DigitReceived(self.number, digit, 100, is_in_band=False))

    def hung_up(self) -> None:
        """The handset is down."""
        if self.is_answered:
            self._end(Cause.NORMAL, is_remote=True)
        elif self.is_caller:
            self._end(Cause.CANCELLED, is_remote=True)
        else:
            self.fail(Cause.REJECTED, 603, "on hook")
        self.partner = None

    def lost(self) -> None:
        """The port is gone."""
        if self.is_answered or self.is_caller:
            self._end(Cause.MEDIA_LOST, is_remote=True)
        else:
            self.fail(Cause.UNREACHABLE, 480, "line.lost")

    def _accept_reoffer(self, command: vocabulary.AcceptReoffer) -> None:
        self.media = replace(command.answer, direction=Direction.SENDRECV)
        if self.place is Place.AT_EAR:
            self._speak(command.answer)

    def _offer(self, direction: Direction) -> None:
        offer = replace(default_offer(), direction=direction)
        self._parts.tell(vocabulary.Reoffered(self.number, offer))
