"""One call at the simulated provider, as its subscriber lives it: ring, answer, speak, echo.

Owns the call's stream and the coroutine that talks. The call is a SIP session of the provider's own
endpoint; what the subscriber says is the box's own echo app (apps/echo.py), over the same Line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from appliance.apps.echo import echo
from appliance.clock import Clock
from appliance.demo.manners import Manner
from appliance.errors import MediaError, RemoteProtocolError
from appliance.legs.app import StreamLine
from appliance.legs.leg_media import LegMedia
from appliance.media.ports import PORTS_EXHAUSTED
from appliance.media.sounds import Sounds
from appliance.sdp.answers import answerable, default_offer
from appliance.sdp.media import Media
from appliance.sip.endpoint import Endpoint

log = logging.getLogger(__name__)
RING_S = 2.0
LONGEST_CALL_S = 600.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a subscriber works with. wake: have the endpoint's output sent."""

    endpoint: Endpoint
    clock: Clock
    sounds: Sounds
    wake: Callable[[], None]


class Subscriber:
    """A call; ``session`` is its number at the endpoint."""

    def __init__(self, exchange: Exchange, session: int, media: LegMedia) -> None:
        self.session = session
        self.media = media
        self._exchange = exchange
        self._line: StreamLine | None = None
        self._task: asyncio.Task[None] | None = None

    def called(self, offer: bytes, manner: Manner) -> None:
        """The box calls this number. Raises RemoteProtocolError, MediaError: to be refused."""
        agreed = self._agree(offer)
        self._say_ringing()
        if manner is Manner.ANSWERS:
            self._start(self._answer_and_talk(agreed))

    def offer(self) -> bytes:
        """The description for a call that this subscriber makes."""
        return self.media.offer(default_offer())

    def answered(self, answer: bytes) -> None:
        """The box took the call that this subscriber made."""
        agreed = self._agree(answer)
        self._start(self._talk(agreed))

    def renegotiate(self, body: bytes | None) -> None:
        """Hold and resume: agree to what the box offers in the dialog."""
        exchange, now = self._exchange, self._exchange.clock.now()
        try:
            agreed = self._agree(body) if body is not None else default_offer()
        except (RemoteProtocolError, MediaError):
            exchange.endpoint.reject_offer(self.session, 488, now)
            return
        description = self.media.answer(agreed) if body is not None else self.media.offer(agreed)
        exchange.endpoint.accept_offer(self.session, description, now)

    def on_play_ended(self) -> None:
        if self._line is not None:
            self._line.on_play_ended()

    def close(self) -> None:
        """The call is over: fall silent, give the ports back."""
        if self._task is not None:
            self._task.cancel()
        self.media.close()

    def _agree(self, body: bytes) -> Media:
        """Put the far end's description in force; our answer to it."""
        described = self.media.read(body)
        agreed = answerable(self.media.adopt(described))
        if agreed is None:
            raise RemoteProtocolError("no G.711", status=488, section="RFC 3264 §6")
        return agreed

    def _say_ringing(self) -> None:
        exchange = self._exchange
        exchange.endpoint.provisional(self.session, 180, now=exchange.clock.now())

    def _start(self, work: Awaitable[None]) -> None:
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(_tell_failure)

    async def _answer_and_talk(self, agreed: Media) -> None:
        await asyncio.sleep(RING_S)
        exchange = self._exchange
        exchange.endpoint.answer(self.session, self.media.answer(agreed), exchange.clock.now())
        exchange.wake()
        await self._talk(agreed)

    async def _talk(self, agreed: Media) -> None:
        self._line = StreamLine(self.media.open(), agreed, self._exchange.sounds)
        try:
            async with asyncio.timeout(LONGEST_CALL_S):
                await echo(self._line, "")
        except TimeoutError:
            exchange = self._exchange
            exchange.endpoint.bye(self.session, "", exchange.clock.now())
            exchange.wake()


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a subscriber failed", exc_info=task.exception())


def refusal(error: RemoteProtocolError | MediaError) -> int:
    """The status that refuses a call for this error."""
    if isinstance(error, RemoteProtocolError):
        return error.status
    return 503 if error.key == PORTS_EXHAUSTED else 488
