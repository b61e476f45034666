"""Another phone takes a call that rings: it answers in place of the phones that ring.

PURE. The picker's leg was offered as a call of its own, so both it and the caller made an offer;
each is answered with what they have in common (sdp.answers.intersect).
"""

from __future__ import annotations

from appliance.call.body import CallBody, CallLeg, Exchange, LegPhase, State
from appliance.call.inputs import PickedUp
from appliance.call.leg import Answer, Cause, Reject
from appliance.call.media_exchange import answer_caller, await_answer, connect
from appliance.sdp.media import Media
from appliance.sdp.negotiate import intersect


def on_picked_up(body: CallBody, picked: PickedUp, now: float) -> None:
    """The picker joins, unless the two have no codec in common: then the call rings on."""
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


def _join(body: CallBody, picked: PickedUp) -> CallLeg:
    leg = CallLeg(picked.leg, None, LegPhase.OFFERED, picked.offer)
    leg.wish = picked.offer.direction
    leg.party = f"extension {picked.extension}"
    body.legs[picked.leg] = leg
    body.timers.clear()
    body.release_called(Cause.ANSWERED_ELSEWHERE)
    connect(body, leg)
    return leg


def _offer_to_caller(body: CallBody, leg: CallLeg, offer: Media, now: float) -> None:
    """The caller offered nothing: he gets the picker's offer, the picker his answer."""
    answer_caller(body, offer, now)
    await_answer(body, State.PROPOSING, Exchange(body.originating, leg, offer), now)
