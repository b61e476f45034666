"""Caller id in a line's audio while its phone hangs on the hook: shown to ours, heard from theirs.

Owns the audio for that moment only and gives it back, whatever happens. A device that does it by
itself (a modem) needs none of this.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from appliance.call.leg import Party
from appliance.clock import SiteTime
from appliance.legs.lines import listening
from appliance.legs.lines.fxs_leg import FxsLeg, Place
from appliance.legs.lines.post import LinePost
from appliance.media.api import CallerIdHeard
from appliance.media.caller_id_sound import caller_id_sound
from appliance.rtp.g711 import Law
from drivers.api import LineError, Port
from drivers.caller_id import read_caller_id
from drivers.events import CallerIdRecord, CallerIdStatus, CallerIdWindow

log = logging.getLogger(__name__)
_RATE_HZ = 8000


def shown_record(caller: Party) -> CallerIdRecord:
    """Who calls, as a telephone shows it."""
    if caller.is_hidden:
        return CallerIdRecord("", status=CallerIdStatus.WITHHELD)
    status = CallerIdStatus.GIVEN if caller.number else CallerIdStatus.UNAVAILABLE
    return CallerIdRecord(caller.number, caller.name, status=status)


def record_now(post: LinePost, caller: Party) -> CallerIdRecord:
    """With the site's time: telephones set their clocks by it."""
    legs = post.parts.legs
    moment = SiteTime(legs.clock).now(legs.snapshot().document.site.timezone)
    return replace(shown_record(caller), time=moment.strftime("%m%d%H%M"))


def show_caller(
    post: LinePost, leg: FxsLeg | None, window: CallerIdWindow, is_lifted: Callable[[], bool]
) -> None:
    """Play who calls into the window, while the telephone still rings for this leg."""
    if leg is None:
        return
    record = record_now(post, leg.caller)
    length_ms = (window.until_ns - window.at_ns) // 1_000_000
    octets = caller_id_sound(record, post.profile, length_ms)
    if octets:
        post.spawn(_play(post, leg, octets, is_lifted))


async def _play(post: LinePost, leg: FxsLeg, octets: bytes, is_lifted: Callable[[], bool]) -> None:
    try:
        stream = await post.audio.open()
    except LineError as error:
        log.warning("line %s: caller id not shown: %s", post.line.name, error)
        return
    if leg.place is Place.RINGING and not leg.is_over and not is_lifted():
        stream.play(octets, payload_type=Law.PCMA.value, repeats=False)
        await asyncio.sleep(len(octets) / _RATE_HZ + 0.1)
    if not is_lifted():  # else the handset has the audio
        await post.audio.close()


@asynccontextmanager
async def overhearing(post: LinePost, port: Port) -> AsyncIterator[None]:
    """Listen to the line while it rings, where that is how the device learns who calls."""
    if not port.capabilities.caller_id_in_band:
        yield
        return
    try:
        await post.audio.open()
        post.audio.listen(listening.for_caller_id(post.profile))
    except LineError as error:
        log.warning("line %s: caller id not heard: %s", post.line.name, error)
    try:
        yield
    finally:
        await post.audio.close()


def record_of(event: CallerIdHeard) -> CallerIdRecord | None:
    """What was heard, as a record; None = nothing that makes sense, or another message."""
    try:
        found = read_caller_id(event.method, event.message)
    except ValueError as error:
        log.info("caller id by %s not understood: %s", event.method, error)
        return None
    return found if isinstance(found, CallerIdRecord) else None
