"""A port as a leg: what telephones on our wires, city lines and SIMs have in common in a call.

Owns nothing of its own: the audio is its post's (legs/lines/audio.py). LegCommands go to the
subclass, which knows its kind; here is who talks with whom, the media that a line can offer, and
the one Failed or Ended that every leg tells. No policy: the call decides.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.call import leg as vocabulary
from appliance.call.leg import FLASH, Cause, LegCommand
from appliance.legs.command_methods import obey
from appliance.legs.parts import LegParts
from appliance.legs.sip_leg import SipLeg
from appliance.media.api import LineStream, StreamStatistics
from appliance.media.warning import warning_octets
from appliance.rtp.g711 import Law
from appliance.sdp.media import Media
from appliance.sdp.negotiate import answerable, default_offer

if TYPE_CHECKING:  # a box without lines need not load it
    from appliance.legs.lines.audio import LineAudio

log = logging.getLogger(__name__)


class AnalogLeg(ABC):
    """One party that is reached over a port. number: the leg's; party: for the log."""

    def __init__(self, number: int, party: str, parts: LegParts, audio: LineAudio) -> None:
        self.number = number
        self.party = party
        self.is_over = False
        self.is_answered = False
        self.partner: SipLeg | AnalogLeg | None = None
        self._parts = parts
        self._audio = audio
        self._waiting: Callable[[LineStream], None] | None = None  # an app, until audio is open
        self._spoken: Media | None = None  # what the other side's description wants of us

    # ---- the call's side

    def execute(self, command: LegCommand) -> None:
        """Carry out one command; what cannot be done any more is left undone."""
        if not self.is_over:
            obey(self, command)

    @property
    def stream(self) -> LineStream | None:
        """The line's audio, where this leg has it now."""
        return self._audio.stream_of(self.number)

    @property
    def makes_keys(self) -> bool:
        """Whether the device makes DTMF by itself."""
        port = self._audio.port
        return port is not None and port.capabilities.sends_keys

    @property
    def wants_flash(self) -> bool:
        """Whether the flash of one of our telephones is passed on to this leg."""
        return self._audio.line.passes_flash

    def bridge(self, other: SipLeg | AnalogLeg) -> None:
        """Talk with this leg, at once or as soon as both have audio."""
        self.partner = other
        self._waiting = None
        if isinstance(other, AnalogLeg):
            other.partner = self
        self.connect()

    def attach(self, take: Callable[[LineStream], None]) -> None:
        """An app takes the line's audio, at once or as soon as it is open."""
        self.partner = None
        stream = self.stream
        if stream is None:
            self._waiting = take
        else:
            take(stream)

    def connect(self) -> None:
        """The audio is open, or was somewhere else: let it flow to whom this leg talks with."""
        stream, partner = self.stream, self.partner
        if stream is None:
            return
        if self._waiting is not None:
            take, self._waiting = self._waiting, None
            take(stream)
        elif isinstance(partner, AnalogLeg):
            if partner.stream is not None:
                stream.connect(partner.stream)
        elif partner is not None and not partner.is_over:
            stream.connect(partner.media.open())

    def statistics(self) -> StreamStatistics | None:
        """Packets are counted where there are packets."""
        return None

    def release(self) -> None:
        """The call is over: whom we talked with is gone."""
        self.partner = None

    def fail(self, cause: Cause, status: int = 0, said: str = "") -> None:
        """It came to nothing; told once."""
        if not self.is_over:
            self.is_over = True
            self._parts.tell(vocabulary.Failed(self.number, cause, status, said))

    # ---- what every kind does alike

    def _reoffer(self, command: vocabulary.Reoffer) -> None:
        """The other party wants other media: G.711 it is, or nothing changes."""
        media = answerable(command.offer)
        if media is None:
            self._parts.tell(vocabulary.ReofferRefused(self.number, 488))
        else:
            self._speak(media)
            self._parts.tell(vocabulary.ReofferAnswered(self.number, media))

    def _accept_reoffer(self, command: vocabulary.AcceptReoffer) -> None:
        self._speak(command.answer)

    def _refuse_reoffer(self, command: vocabulary.RefuseReoffer) -> None:
        log.debug("leg %d (%s): what it offered is refused", self.number, self.party)

    def _send_digit(self, command: vocabulary.SendDigit) -> None:
        if self.stream is not None and command.digit != FLASH:
            self._audio.send_key(command.digit, command.duration_ms)

    def _warn(self, command: vocabulary.Warn) -> None:
        """Over the talk; the other side is held back for so long."""
        if self.stream is not None:
            octets = warning_octets(Law.PCMA, is_last=command.is_last)
            self.stream.play(octets, payload_type=Law.PCMA.value, repeats=False)

    @abstractmethod
    def _ring(self, command: vocabulary.Ring) -> None: ...

    @abstractmethod
    def _answer(self, command: vocabulary.Answer) -> None: ...

    @abstractmethod
    def _reject(self, command: vocabulary.Reject) -> None: ...

    @abstractmethod
    def _hang_up(self, command: vocabulary.HangUp) -> None: ...

    def _speak(self, media: Media) -> None:
        """Send to the other side what its description wants."""
        self._spoken = media
        stream = self.stream
        if stream is not None and media.codecs:
            stream.speak(payload_type=media.codecs[0].payload_type)

    def _media_for(self, offer: Media | None) -> Media | None:
        """Our answer to what the caller offers; None = no G.711 in it."""
        return answerable(offer if offer is not None else default_offer())

    def _end(self, cause: Cause, *, is_remote: bool, said: str = "") -> None:
        if not self.is_over:
            self.is_over = True
            self._parts.tell(vocabulary.Ended(self.number, cause, is_remote, said))
