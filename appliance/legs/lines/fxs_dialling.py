"""Digits from a telephone on our wires, one by one, until they mean a number (K5).

Owns nothing. Routing says after each digit whether a longer number could come; a number that could
not is called at once, one that could waits for the inter-digit timer, which ``#`` cuts.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from appliance.call.leg import Offered, Party
from appliance.config.model import DialProfile
from appliance.legs.lines import listening
from appliance.legs.lines.fxs_leg import FxsLeg, Place
from appliance.routing.decision import CallRequest, Verdict
from appliance.sdp.negotiate import default_offer
from drivers.api import LineError

if TYPE_CHECKING:
    from appliance.legs.lines.fxs_desk import FxsDesk

FIRST_DIGIT_S = 16.0
#: A pickup code that could begin a number (K3).
PICKUP_S = 3.0
_LONGEST = 32


async def dial_out(desk: FxsDesk) -> None:
    """A handset that was lifted by itself: dial tone, digits, a call."""
    try:
        await desk.post.audio.open()
    except LineError:
        return
    desk.post.audio.listen(listening.for_keys())
    digits = await digits_of(desk)
    if digits:
        _place(desk, digits)
    else:
        await desk.ear.dead_end("congestion")


def _place(desk: FxsDesk, digits: str) -> None:
    """Call; a handset that is down by now calls nobody, for nobody could end that call."""
    if not desk.is_lifted:
        return
    parts, extension = desk.post.parts, desk.post.line.extension
    known = parts.legs.snapshot().document.extension_by_number.get(extension)
    caller = Party(extension, known.name if known is not None else "")
    leg = FxsLeg(parts.leg_number(), desk, Place.AT_EAR, caller)
    desk.legs.append(leg)
    desk.post.audio.give(leg.number)
    offered = Offered(leg.number, caller, digits, default_offer(), extension=extension)
    parts.adopt(leg, offered)


async def digits_of(desk: FxsDesk) -> str:
    """What was dialled, from the dial tone on; empty when nothing came for 16 s."""
    line = desk.post.line
    if line.hot_line and not line.hot_line_after_s:
        return line.hot_line
    desk.ear.tone("stutter" if _forwards(desk) or _has_messages(desk) else "dial")
    digits = await _next(desk, float(line.hot_line_after_s) if line.hot_line else FIRST_DIGIT_S)
    if not digits:
        return line.hot_line
    desk.ear.silence()
    return await _complete(desk, digits)


def _forwards(desk: FxsDesk) -> bool:
    """Whether this telephone will not ring: the special dial tone reminds of it (ITU-T E.182)."""
    extensions = desk.post.parts.legs.snapshot().document.extension_by_number
    known = extensions.get(desk.post.line.extension)
    return known is not None and bool(known.forward_always)


def _has_messages(desk: FxsDesk) -> bool:
    """Whether new messages wait in the mailbox: a telephone on wires has no lamp for them."""
    counts = desk.post.parts.message_counts(desk.post.line.extension)
    return counts is not None and counts.new > 0


async def _complete(desk: FxsDesk, digits: str) -> str:
    while len(digits) < _LONGEST and _could_grow(desk, digits):
        profile = desk.post.parts.legs.snapshot().document.dialling
        digit = await _next(desk, _wait_s(digits, profile))
        if not digit:
            break
        digits += digit
    return digits


def _could_grow(desk: FxsDesk, digits: str) -> bool:
    extension = desk.post.line.extension
    request = CallRequest(
        dialled=digits,
        extension=extension,
        caller_number=extension,
        is_digit_by_digit=True,
        is_complete=False,
    )
    return desk.post.parts.decide(request).verdict is Verdict.MORE_DIGITS


def _wait_s(digits: str, profile: DialProfile) -> float:
    is_pickup = digits == profile.pickup_code
    return min(PICKUP_S, profile.inter_digit_s) if is_pickup else profile.inter_digit_s


async def _next(desk: FxsDesk, timeout_s: float) -> str:
    try:
        async with asyncio.timeout(timeout_s):  # a digit that comes with OnHook does not hide it
            return await desk.keys.get()
    except TimeoutError:
        return ""
