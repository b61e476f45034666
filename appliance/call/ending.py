"""How a call ends: by a party, by the box, before or after the answer.

PURE. A leg that was told to end confirms it by Ended or Failed; the call is Finished when every leg
is gone, or after END_BOUND_S when one never says so.
"""

from __future__ import annotations

from appliance.call.body import CallBody, LegPhase, State
from appliance.call.inputs import (
    Alert,
    CallInput,
    Finished,
    HangUpRequested,
    MediaLost,
    PickedUp,
)
from appliance.call.leg import (
    Answered,
    Cause,
    Ended,
    Failed,
    HangUp,
    RefuseReoffer,
    Reject,
    Reoffered,
)
from appliance.routing.decision import DAY_LIMIT, limit_detail

#: Longer than any SIP transaction that a leg may need for its end (64*T1 = 32 s, RFC 3261 §17).
END_BOUND_S = 40.0
#: Answer to an offer of a leg that is not, or no longer, a party of the call.
NO_SUCH_DIALOG = 481
REQUEST_TERMINATED = 487


def end(body: CallBody, cause: Cause, now: float) -> None:
    """End the call: every leg that lives is told why."""
    if body.cause is None:
        body.cause = cause
    body.timers.clear()
    _refuse_pending_offer(body)
    for leg in list(body.legs.values()):
        body.release(leg, cause)
    body.move(State.ENDING)
    body.timers["end"] = now + END_BOUND_S
    _finish_if_over(body, now)


def finish(body: CallBody, _now: float) -> None:
    """Nothing of the call is left."""
    body.timers.clear()
    body.move(State.FINISHED)
    body.say(Finished())


def on_leg_gone(body: CallBody, event: Ended | Failed, now: float) -> None:
    """ENDING: one more leg confirmed."""
    leg = body.legs.get(event.leg)
    if leg is not None:
        leg.phase = LegPhase.GONE
        _finish_if_over(body, now)


def on_party_gone(body: CallBody, event: Ended | Failed, now: float) -> None:
    """CONNECTED: one of the two hung up, or a phone that lost the race confirmed its end."""
    leg = body.legs.get(event.leg)
    if leg is None:
        return
    leg.phase = LegPhase.GONE
    if body.opposite(event.leg) is not None:
        end(body, event.cause, now)


def on_caller_gone(body: CallBody, event: Ended | Failed, now: float) -> None:
    """The caller withdrew before the answer: everything that rings is cancelled."""
    body.originating.phase = LegPhase.GONE
    body.cause = Cause.CANCELLED if event.cause is Cause.NORMAL else event.cause
    end(body, Cause.CANCELLED, now)


def on_late_answer(body: CallBody, event: Answered, _now: float) -> None:
    """A phone answered while its CANCEL was on the way: it is hung up (RFC 3261 §9.1)."""
    leg = body.legs.get(event.leg)
    if leg is not None and leg.phase is LegPhase.ENDING:
        body.say(HangUp(leg.number, body.cause or Cause.ANSWERED_ELSEWHERE))


def on_hang_up_requested(body: CallBody, request: HangUpRequested, now: float) -> None:
    payment = body.decision.payment if body.decision is not None else None
    if request.cause is Cause.LIMIT and payment is not None:
        body.say(Alert(DAY_LIMIT, limit_detail(payment.payer, round(payment.day_s / 60))))
    end(body, request.cause, now)


def on_media_lost(body: CallBody, _lost: MediaLost, now: float) -> None:
    end(body, Cause.MEDIA_LOST, now)


def on_too_late_to_pick_up(body: CallBody, picked: PickedUp, _now: float) -> None:
    """The call is not ringing any more: the picker is told that nothing is there."""
    body.say(Reject(picked.leg, Cause.NOT_FOUND))


def on_offer_of_the_dead(body: CallBody, event: Reoffered, _now: float) -> None:
    """No media is negotiated with a leg that ends; one that is gone cannot be answered."""
    leg = body.legs.get(event.leg)
    if leg is not None and leg.phase is not LegPhase.GONE:
        body.say(RefuseReoffer(event.leg, NO_SUCH_DIALOG))


def ignore(_body: CallBody, _input: CallInput, _now: float) -> None:
    """It crossed something that we decided meanwhile and changes nothing now."""


def _finish_if_over(body: CallBody, now: float) -> None:
    if all(leg.phase is LegPhase.GONE for leg in body.legs.values()):
        finish(body, now)


def _refuse_pending_offer(body: CallBody) -> None:
    """A party whose offer was on its way to the other gets an answer before it is hung up."""
    exchange, body.exchange = body.exchange, None
    if exchange is None or body.state is not State.REOFFERING or exchange.waiting is None:
        return
    if exchange.waiting.phase is not LegPhase.GONE:
        body.say(RefuseReoffer(exchange.waiting.number, REQUEST_TERMINATED))
