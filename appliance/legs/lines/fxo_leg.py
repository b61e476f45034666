"""One call on a city line or a SIM as a leg, out or in.

Owns the call's dialogue with the exchange while it lasts: seize, dial, hear what becomes of it; or
answer and hear when the caller is gone. legs/lines/progress.py judges what is heard. The port is
freed the moment the leg is over, whoever ended it.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from appliance.call import leg as vocabulary
from appliance.call.leg import FLASH, Cause
from appliance.legs.lines import listening
from appliance.legs.lines.analog import AnalogLeg
from appliance.legs.lines.dialogue import Heard, LineDialogue
from appliance.legs.lines.flash import LineFlash
from appliance.legs.lines.fxo_ending import FxoEnding
from appliance.legs.lines.one_way_stream import OneWayStream
from appliance.legs.lines.post import quietly
from appliance.legs.lines.progress import Progress, Verdict
from appliance.media.api import (
    CadenceHeard,
    KeyPressed,
    LineEnded,
    LineStream,
    MediaEvent,
    ToneHeard,
)
from appliance.sdp.media import Media
from drivers.api import LineError, PortKind
from drivers.events import (
    KeyReported,
    LineEvent,
    PolarityReversed,
    ProgressReported,
    RingStopped,
)

if TYPE_CHECKING:
    from appliance.legs.lines.fxo_desk import FxoDesk
    from appliance.legs.sip_leg import SipLeg

log = logging.getLogger(__name__)
DIAL_TONE_S = 3.0
_LEVEL_EVERY_S = 0.25
#: What a device says when a call cannot be made -> cause, status (0 = the way's own fault).
_FAULTS: dict[str, tuple[Cause, int]] = {
    "line.glare": (Cause.CONGESTION, 0),
    "line.in_use": (Cause.CONGESTION, 0),
    "line.busy": (Cause.CONGESTION, 0),
    "line.no_dial_tone": (Cause.NO_RESPONSE, 0),
    "line.timeout": (Cause.NO_RESPONSE, 0),
}


class FxoLeg(AnalogLeg):
    """A call by this line. desk: whose port it is."""

    def __init__(self, number: int, desk: FxoDesk, *, is_caller: bool) -> None:
        post = desk.post
        super().__init__(number, f"line {post.line.name}", post.parts.legs, post.audio)
        self._desk = desk
        self._post = post
        self.is_caller = is_caller
        self._heard = LineDialogue(post, desk.port)
        self._task: asyncio.Task[None] | None = None
        self._is_seized = False
        self._is_cellular = desk.port.kind is PortKind.CELLULAR
        self.ending = FxoEnding(post, is_cellular=self._is_cellular)
        self.flash = LineFlash(post, desk.port, self.ending, self._reopen)

    # ---- the call's side

    def dial(self, number: str, offer: Media | None, *, is_blind: bool) -> None:
        """Call this number by the line; what comes of it is told."""
        media = self._media_for(offer)
        if media is None:
            self._over(Cause.INCOMPATIBLE, 488, "no G.711")
            return
        self._task = self._post.spawn(self._call(number, media, is_blind))

    def _ring(self, command: vocabulary.Ring) -> None:
        """The exchange lets its caller hear that it rings."""

    def _answer(self, command: vocabulary.Answer) -> None:
        media = self._media_for(command.answer)
        if media is None or not self.is_caller:
            self._hang_up(vocabulary.HangUp(self.number, Cause.INCOMPATIBLE))
            return
        self.is_answered = True
        self._task = self._post.spawn(self._take_call(media))
        self._parts.tell(vocabulary.ReofferAnswered(self.number, media))

    def _reject(self, command: vocabulary.Reject) -> None:
        """An exchange cannot be told no: it rings on."""
        self._finish(command.cause, is_remote=False)

    def _hang_up(self, command: vocabulary.HangUp) -> None:
        if self.is_answered or self.is_caller:
            self._finish(command.cause, is_remote=False)
        else:
            self._over(command.cause, 0, "")

    def _send_digit(self, command: vocabulary.SendDigit) -> None:
        if command.digit == FLASH:
            self.flash.press()
        elif self.stream is not None and self._desk.port.capabilities.sends_keys:
            key = self._desk.port.send_key(command.digit, command.duration_ms)
            self._post.spawn(quietly(key, self._post.line.name))
        else:
            super()._send_digit(command)

    def bridge(self, other: SipLeg | AnalogLeg) -> None:
        """A device without duplex talks with nobody: its calls are answered by words alone."""
        if self._desk.port.capabilities.duplex:
            super().bridge(other)
        else:
            self._finish(Cause.INCOMPATIBLE, is_remote=False)

    # ---- the line's side

    def on_line_event(self, event: LineEvent) -> None:
        if self.is_over:
            return
        if isinstance(event, RingStopped) and self.is_caller and not self._is_seized:
            self._finish(Cause.CANCELLED, is_remote=True)
        elif self.ending.is_told_by(event):
            self._gone()
        elif not _pass_key(event, self.stream):
            self._heard.put(event)

    def on_media_event(self, event: MediaEvent) -> None:
        if self.is_over:
            return
        if isinstance(event, LineEnded) and self.is_answered:
            cause = Cause.MEDIA_LOST if event.error else Cause.NORMAL
            self._finish(cause, is_remote=True)
        elif self.ending.is_watched and isinstance(event, ToneHeard):
            if self.ending.is_heard_in(event):
                self._gone()
        elif isinstance(event, CadenceHeard):
            if self.ending.stands(event):
                self._stuck()
        elif not _pass_key(event, self.stream):
            self._heard.put(event)

    def _stuck(self) -> None:
        """A rhythm without end: nobody is there, whatever it is called here."""
        if self.ending.is_watched:
            self._gone()
        else:
            self._over(Cause.BUSY, 486, "tone")

    def lost(self) -> None:
        """The port is gone."""
        if self.is_answered or self.is_caller:
            self._finish(Cause.MEDIA_LOST, is_remote=True)
        else:
            self._over(Cause.UNREACHABLE, 0, "line.lost")

    # ---- dialogues

    async def _call(self, number: str, media: Media, is_blind: bool) -> None:
        try:
            await self._desk.until_free(self)
            await self._reach(number, media, is_blind)
        except LineError as error:
            if error.key == "line.glare":
                self._is_seized = False  # it is the caller's now
            cause, status = _FAULTS.get(error.key, (Cause.UNREACHABLE, 0))
            self._over(cause, status, error.key)

    async def _reach(self, number: str, media: Media, is_blind: bool) -> None:
        if self._is_cellular:
            self._parts.tell(vocabulary.Trying(self.number))
            self._is_seized = True
            await self._desk.port.dial(number)
            await self._open(media)
        else:
            self._is_seized = True
            await self._desk.port.seize()
            self._parts.tell(vocabulary.Trying(self.number))
            await self._open(media)
            await self._wait_for_dial_tone(is_blind)
            digits = number.lstrip("+")  # no key makes a plus
            await self._heard.dial(digits, partial(self._open, media))
        self._parts.tell(vocabulary.Progressed(self.number, media))
        self._post.audio.listen(listening.for_progress(self._post.profile, self._post.line))
        await self._follow(media)

    async def _open(self, media: Media) -> None:
        await self._post.audio.open()
        self._post.audio.give(self.number)
        self._speak(media)
        self.connect()

    async def _wait_for_dial_tone(self, is_blind: bool) -> None:
        """Until the exchange is ready; LineError when it is busy, or silent and must not be."""
        line = self._post.line
        self._post.audio.listen(listening.for_dial_tone(self._post.profile))

        def is_news(heard: Heard) -> bool:
            return _word(heard) in ("dial", "dial_tone", "busy", "congestion")

        heard = await self._heard.until(is_news, DIAL_TONE_S)
        if heard is not None and _word(heard) in ("busy", "congestion"):
            raise LineError("line.busy", line.name)
        if heard is None and line.needs_dial_tone and not is_blind:
            raise LineError("line.no_dial_tone", line.name)

    async def _follow(self, media: Media) -> None:
        """Until somebody answers or the exchange says no."""
        line, clock = self._post.line, self._parts.clock
        answer_by = "polarity" if self._is_cellular else line.answer_by  # the network tells
        period_s = listening.ringback_period_s(self._post.profile)
        progress = Progress(answer_by, line.answer_after_s, period_s, clock.now())
        verdict = progress.timeout(clock.now())
        while verdict is Verdict.WAIT:
            verdict = await self._judge(progress)
        if verdict is Verdict.ANSWERED:
            self._begin_talk()
            self._parts.tell(vocabulary.Answered(self.number, media))
        elif progress.lost is not None:
            self._over(progress.lost.cause, progress.lost.status, "tone")

    async def _judge(self, progress: Progress) -> Verdict:
        """The next thing that is heard, or the time that nothing was."""
        clock = self._parts.clock
        heard = await self._heard.next(_LEVEL_EVERY_S)
        if heard is None:
            return self._judge_silence(progress)
        now = clock.now()
        if isinstance(heard, PolarityReversed):
            return progress.reversed(now)
        word = _word(heard)
        if word == "ringback":  # told once a stretch: be told again
            self._post.audio.listen(listening.for_progress(self._post.profile, self._post.line))
        return progress.hear(word, now) if word else Verdict.WAIT

    def _judge_silence(self, progress: Progress) -> Verdict:
        now = self._parts.clock.now()
        statistics = self._post.audio.statistics()
        if statistics is not None:
            verdict = progress.level(statistics.level_in_dbm0, now)
            if verdict is not Verdict.WAIT:
                return verdict
        return progress.timeout(now)

    async def _take_call(self, media: Media) -> None:
        try:
            if not self._is_seized:
                self._is_seized = True
                self._desk.answered()
                await self._desk.port.answer()
            await self._open(media)
        except LineError as error:
            log.warning("line %s: not answered: %s", self._post.line.name, error)
            self._finish(Cause.UNREACHABLE, is_remote=True)
            return
        self._begin_talk()

    async def answer_early(self) -> LineStream:
        """Off-hook before anybody here has answered; raises LineError."""
        self._is_seized = True
        self._desk.answered()
        await self._desk.port.answer()
        return await self._post.audio.open()

    def _begin_talk(self) -> None:
        self.is_answered = True
        self.ending.watch()

    async def _reopen(self) -> None:
        if not self.is_over and self._spoken is not None:
            await self._open(self._spoken)
            self.ending.listen_again()

    # ---- the end

    def _over(self, cause: Cause, status: int, said: str) -> None:
        """A call out is over unanswered."""
        if not self.is_over:
            self.fail(cause, status, said)
            self._let_go()

    def _gone(self) -> None:
        """The far end hung up, perhaps before anybody here had answered."""
        self._finish(Cause.NORMAL if self.is_answered else Cause.CANCELLED, is_remote=True)

    def _finish(self, cause: Cause, *, is_remote: bool) -> None:
        if not self.is_over:
            self._end(cause, is_remote=is_remote)
            self._let_go()

    def _let_go(self) -> None:
        self.partner = None
        self.ending.learn()
        self.flash.drop()
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        self._desk.over(self, was_seized=self._is_seized)


def _pass_key(heard: Heard, stream: LineStream | None) -> bool:
    """Give a key that device or core have heard to the stream of a line without duplex; False for
    whatever else."""
    if not isinstance(stream, OneWayStream):
        return False
    if isinstance(heard, KeyReported):
        stream.press(heard.digit)
        return True
    if isinstance(heard, KeyPressed) and heard.stream != stream.number:  # as its ear has heard it
        stream.press(heard.digit, heard.duration_ms)
        return True
    return False


def _word(heard: Heard) -> str:
    if isinstance(heard, ToneHeard):
        return heard.tone
    return heard.word if isinstance(heard, ProgressReported) else ""
