"""Another phone takes a call: one that rings, in place of the phones that ring; one that is talked,
in place of the phone that talks (RFC 3891).

PURE. The picker's leg was offered as a call of its own, so both it and the other party made an
offer; each is answered with what they have in common (sdp.answers.intersect).
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.body import CallBody, CallLeg, Exchange, LegPhase, State
from appliance.call.ending import on_too_late_to_pick_up
from appliance.call.inputs import PickedUp
from appliance.call.leg import Answer, AppDestination, Cause, Reject
from appliance.call.media_exchange import answer_caller, await_answer, connect, offer_again
from appliance.sdp.media import Media
from appliance.sdp.negotiate import changes_talk, intersect


def on_picked_up(body: CallBody, picked: PickedUp, now: float) -> None:
    """The picker joins, unless the two have no codec in common: then the call rings on."""
    if picked.replaces:
        on_too_late_to_pick_up(body, picked, now)
        return
    if body.offer is None:
        _offer_to_caller(body, _join(body, picked), picked.offer, now)
        return
    answers = intersect(body.offer, picked.offer)
    if answers is None:
        body.say(Reject(picked.leg, Cause.INCOMPATIBLE))
        return
    to_caller, to_picker = answers
    leg = _join(body, picked)
    leg.phase, leg.heard = LegPhase.ANSWERED, to_picker
    answer_caller(body, to_caller, now)
    body.say(Answer(leg.number, to_picker))
    body.move(State.CONNECTED)


def on_taken_over(body: CallBody, picked: PickedUp, now: float) -> None:
    """CONNECTED: the picker takes the place of a phone that talks; the other party goes on talking,
    and is told where what it hears changes."""
    old, other = body.legs.get(picked.replaces), body.opposite(picked.replaces)
    is_with_us = other is not None and isinstance(other.destination, AppDestination)
    if old is None or other is None or other.media is None or is_with_us:
        on_too_late_to_pick_up(body, picked, now)
        return
    willing = replace(other.media, direction=other.wish)  # it may have been held
    answers = intersect(willing, picked.offer)
    if answers is None:
        body.say(Reject(picked.leg, Cause.INCOMPATIBLE))
        return
    to_other, to_picker = answers
    leg = _new_leg(body, picked, LegPhase.ANSWERED)
    leg.heard = to_picker
    body.say(Answer(leg.number, to_picker))
    if old is body.originating:
        old.party, body.offered = leg.party, replace(body.offered, leg=leg.number)
        connect(body, other)
    else:
        connect(body, leg)
    body.release(old, Cause.ANSWERED_ELSEWHERE)
    if other.heard is None or changes_talk(willing, other.heard, to_other):
        offer_again(body, other, to_other, now)


def _new_leg(body: CallBody, picked: PickedUp, phase: LegPhase) -> CallLeg:
    leg = CallLeg(picked.leg, None, phase, picked.offer)
    leg.wish = picked.offer.direction
    leg.party = f"extension {picked.extension}"
    body.legs[picked.leg] = leg
    return leg


def _join(body: CallBody, picked: PickedUp) -> CallLeg:
    leg = _new_leg(body, picked, LegPhase.OFFERED)
    body.timers.clear()
    body.release_called(Cause.ANSWERED_ELSEWHERE)
    connect(body, leg)
    return leg


def _offer_to_caller(body: CallBody, leg: CallLeg, offer: Media, now: float) -> None:
    """The caller offered nothing: he gets the picker's offer, the picker his answer."""
    answer_caller(body, offer, now)
    await_answer(body, State.PROPOSING, Exchange(body.originating, leg, offer), now)
