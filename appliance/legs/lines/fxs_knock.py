"""A second call that knocks at a telephone which talks: the tone, and who it is.

Owns the telephone's audio for the moment in which it is told who knocks. Country and line say
whether it is (caller id of "type II", GR-575, EN 300 659-2): the talk is shut off both ways, the
tone and an alerting signal follow, and a phone that understands it answers by the key D (or A); it
gets FSK then. From one that does not, the talk is shut off no longer than the answer could take.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from appliance.legs.lines.caller_id import record_now
from appliance.legs.lines.fxs_leg import FxsLeg, Place
from appliance.media.api import LineStream
from appliance.media.caller_id_sound import RATE_HZ, waiting_alert, waiting_sound
from appliance.rtp.g711 import Law

if TYPE_CHECKING:
    from appliance.legs.lines.fxs_desk import FxsDesk

log = logging.getLogger(__name__)
EVERY_S = 5.0
#: The phone's key begins within 100 ms of the signal and ends within 165; the delays of device and
#: detector, both ways, come on top.
ANSWER_S = 0.3
ANSWERS = "DA"
_AFTER_S = 0.06  # what waits in the device is said, too


class Knock:
    """At one telephone, by one call at a time."""

    def __init__(self, desk: FxsDesk) -> None:
        self._desk = desk
        self._task: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[str] | None = None  # while a phone may answer

    def begin(self) -> None:
        """Somebody waits: knock until he does no more, or ``stop``."""
        self.stop()
        self._task = self._desk.post.spawn(self._knock())

    def stop(self) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._task = None

    def takes(self, digit: str) -> bool:
        """A key of the telephone; True while its talk is shut off: nobody else shall have it."""
        if self._answers is None:
            return False
        self._answers.put_nowait(digit)
        return True

    @property
    def _shows_caller(self) -> bool:
        line, plan = self._desk.post.line, self._desk.post.profile.caller_id
        wanted = line.waiting_caller_id
        is_shown = wanted == "yes" or (not wanted and plan.shows_waiting)
        return is_shown and line.has_caller_id

    async def _knock(self) -> None:
        is_told = not self._shows_caller
        while (waiting := self._desk.waiting) is not None:
            if is_told:
                self._desk.ear.beep()
            else:
                is_told = True
                await self._tell(waiting)
            await asyncio.sleep(EVERY_S)

    async def _tell(self, waiting: FxsLeg) -> None:
        audio, talking = self._desk.post.audio, self._desk.at_ear
        stream = audio.stream
        if stream is None or talking is None:
            return
        self._answers = asyncio.Queue()
        audio.give(0)
        stream.disconnect()
        try:
            if await self._is_answered(stream):
                await _say(stream, self._sound(waiting))
        finally:
            self._answers = None
            if talking.place is Place.AT_EAR and not talking.is_over and audio.stream is stream:
                audio.give(talking.number)
                talking.regain()

    async def _is_answered(self, stream: LineStream) -> bool:
        alert = waiting_alert(self._desk.post.profile)
        stream.play(alert, payload_type=Law.PCMA.value, repeats=False)
        assert self._answers is not None
        try:
            async with asyncio.timeout(len(alert) / RATE_HZ + ANSWER_S):
                while await self._answers.get() not in ANSWERS:
                    pass
        except TimeoutError:
            return False
        log.info("line %s: is told who knocks", self._desk.post.line.name)
        return True

    def _sound(self, waiting: FxsLeg) -> bytes:
        post = self._desk.post
        return waiting_sound(record_now(post, waiting.caller), post.profile)


async def _say(stream: LineStream, octets: bytes) -> None:
    stream.play(octets, payload_type=Law.PCMA.value, repeats=False)
    await asyncio.sleep(len(octets) / RATE_HZ + _AFTER_S)
