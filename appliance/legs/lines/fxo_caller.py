"""Who calls by a city line or a SIM: what its device tells, what is overheard, what AON answers.

Owns what is known of the caller who rings now. Waiting for his number ends when it came, when it
cannot come any more, or when he gave up.
"""

from __future__ import annotations

import asyncio
import logging

from appliance.call.leg import Party
from appliance.legs.lines import listening
from appliance.legs.lines.caller_id import overhearing
from appliance.legs.lines.fxo_leg import FxoLeg
from appliance.legs.lines.post import LinePost
from appliance.media.api import LineStream
from appliance.media.caller_id_sound import aon_request
from appliance.media.prompts import tone_octets
from appliance.rtp.g711 import Law
from drivers.api import LineError, Port, PortKind
from drivers.events import CallerIdRecord, CallerIdStatus

log = logging.getLogger(__name__)
#: The first ring and the pause in which the number comes (EN 300 659-1, the longest cycle is 6 s).
_CALLER_ID_S = 5.2
#: Before the first ring: from the reversal to the message's end, and from there to the ring.
_EARLY_S = 3.0
_RING_FOLLOWS_S = 3.0
_CLIP_S = 1.0  # a network tells it with the ring
#: AON: before each request; of the request, the exchange's 300 ms and three packets.
_AON_PAUSE_S = 0.26
_AON_ANSWER_S = 1.8
_AON_TRIES = 2


class FxoCaller:
    """Of one line, from its first ring on."""

    def __init__(self, post: LinePost, port: Port) -> None:
        self._post = post
        self._port = port
        self._record: CallerIdRecord | None = None
        self._is_settled = asyncio.Event()
        self._early: asyncio.Task[None] | None = None

    @property
    def is_listening(self) -> bool:
        """The idle line's audio is open, because a ring may follow."""
        return self._early is not None

    def told(self, record: CallerIdRecord) -> None:
        self._record = record
        self._is_settled.set()
        self._post.note_caller(self._shown(record), record.name, record.source)

    def gave_up(self) -> None:
        self._is_settled.set()

    def forget(self) -> None:
        """Offered or gone: the next ring is somebody else's."""
        self._record = None

    def reversed(self) -> None:
        """The idle line was reversed: who calls may be told before it rings (UK, FI)."""
        is_told = self._post.line.has_caller_id and self._port.capabilities.caller_id_in_band
        if is_told and self._early is None:
            self._early = self._post.spawn(self._hear_early())

    async def stop_listening(self) -> None:
        """It rings, or is needed: its audio is somebody else's from here on."""
        early, self._early = self._early, None
        if early is not None:
            early.cancel()
            await asyncio.gather(early, return_exceptions=True)

    async def _hear_early(self) -> None:
        self._is_settled.clear()
        async with overhearing(self._post, self._port):
            await self._settles(_EARLY_S)
        await asyncio.sleep(_RING_FOLLOWS_S)
        self._early = None
        self.forget()

    def note(self, record: CallerIdRecord | None) -> Party:
        """The caller as a party of a call; he is the line's last caller now."""
        party = self._party(record)
        self._post.note_caller(party.number, party.name, record.source if record else "")
        return party

    async def wait(self) -> CallerIdRecord | None:
        """What the line tells by itself; None = nothing, or it is not listened for."""
        if not self._post.line.has_caller_id or not self._port.capabilities.caller_id:
            return None
        await self.stop_listening()
        if self._record is None:
            self._is_settled.clear()
            is_cellular = self._port.kind is PortKind.CELLULAR
            async with overhearing(self._post, self._port):
                await self._settles(_CLIP_S if is_cellular else _CALLER_ID_S)
        return self._record

    async def ask(self, leg: FxoLeg) -> CallerIdRecord | None:
        """Answer and ask the exchange, twice if need be (order 36 of 02.09.2008)."""
        self._is_settled.clear()
        try:
            stream = await leg.answer_early()
            for _ in range(_AON_TRIES):
                await asyncio.sleep(_AON_PAUSE_S)
                self._post.audio.listen(listening.for_aon())
                stream.play(aon_request(), payload_type=Law.PCMA.value, repeats=False)
                if await self._settles(_AON_ANSWER_S):
                    break
        except LineError as error:
            log.warning("line %s: not asked who calls: %s", self._post.line.name, error)
            leg.lost()
        else:
            self._ring_back(stream, leg)
        return self._record

    def _ring_back(self, stream: LineStream, leg: FxoLeg) -> None:
        """The exchange thinks that we answered: the caller hears the ringing from us."""
        if not leg.is_over:
            octets = tone_octets(self._post.profile.country, "ringback", Law.PCMA)
            stream.play(octets, payload_type=Law.PCMA.value, repeats=True)
            leg.ending.watch()

    async def _settles(self, limit_s: float) -> bool:
        try:
            async with asyncio.timeout(limit_s):
                await self._is_settled.wait()
        except TimeoutError:
            return False
        return True

    def _party(self, record: CallerIdRecord | None) -> Party:
        if record is None or record.status is CallerIdStatus.UNAVAILABLE:
            return Party("")
        if record.status is CallerIdStatus.WITHHELD:
            return Party("", is_hidden=True)
        return Party(self._shown(record), record.name)

    def _shown(self, record: CallerIdRecord) -> str:
        return self._post.parts.present_caller(record.number) if record.number else ""
