"""Is the box really alive? Asked of the parts themselves, each within a time, each in its own way.

Owns nothing: a round of questions. The database must acknowledge a write, our own SIP sockets must
answer an OPTIONS that comes in by the network, the packet thread must make a round. What is found
is a list of findings; service/heartbeat.py decides what follows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from appliance.errors import StoreError
from appliance.net.own_options import AddressMissing, OptionsUnanswered
from appliance.net.socket_options import is_wildcard

log = logging.getLogger(__name__)
ANSWER_S = 5.0  # what has not answered by then is dead
_MEDIA_POLL_S = 0.05
_LOOPBACKS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
_OF_THE_DISK = ("store.disk_full", "store.cannot_write", "store.cannot_open")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: a stable key and what it said. is_deadly: a restart may help, so the watchdog
    must not be fed; a full disk is told and does not end calls."""

    key: str
    said: str = ""
    is_deadly: bool = True


@dataclass(frozen=True, slots=True)
class Vitals:
    """The parts that are asked. write: one durable write to state.db; poke_media: rounds that the
    packet thread has made, and one more asked for; sip: (host, port) where we listen on UDP; ask:
    one OPTIONS to ourselves (OwnOptions.ask)."""

    write: Callable[[], Awaitable[object]]
    poke_media: Callable[[], int]
    sip: Callable[[], Iterable[tuple[str, int]]]
    ask: Callable[[str, int, float], Awaitable[None]]


class SelfCheck:
    """``await find()``: everything that is wrong now; empty = the box lives."""

    def __init__(self, vitals: Vitals, answer_s: float = ANSWER_S) -> None:
        self._vitals = vitals
        self._answer_s = answer_s

    async def find(self) -> list[Finding]:
        """Ask all parts at once; takes answer_s at most."""
        asked = [self._database(), self._media(), *(self._sip(*at) for at in self._vitals.sip())]
        found = await asyncio.gather(*asked)
        return [finding for finding in found if finding is not None]

    async def _database(self) -> Finding | None:
        """A write that hangs is fatal; a disk that takes nothing is not: calls need none, and the
        writer goes on asking it."""
        try:
            async with asyncio.timeout(self._answer_s):
                await self._vitals.write()
        except TimeoutError:
            return Finding("check.database_silent", f"{self._answer_s:g}")
        except StoreError as error:
            is_of_the_disk = getattr(error, "key", "") in _OF_THE_DISK
            return Finding("check.database_refused", str(error), is_deadly=not is_of_the_disk)
        return None

    async def _media(self) -> Finding | None:
        before = self._vitals.poke_media()
        try:
            async with asyncio.timeout(self._answer_s):
                while self._vitals.poke_media() == before:
                    await asyncio.sleep(_MEDIA_POLL_S)
        except TimeoutError:
            return Finding("check.media_silent", f"{self._answer_s:g}")
        return None

    async def _sip(self, host: str, port: int) -> Finding | None:
        """Where IPv6 was switched off there is no ::1 to ask ``::`` by, and an address that has
        just gone is told elsewhere: no silence of our port, and nothing that a restart would mend.
        """
        target = _LOOPBACKS[host] if is_wildcard(host) else host
        try:
            await self._vitals.ask(target, port, self._answer_s)
        except AddressMissing:
            return None
        except OptionsUnanswered as error:
            return Finding("check.sip_silent", f"{host} {port}: {error}")
        return None
