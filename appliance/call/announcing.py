"""Telling a caller why his call cannot be made, before he is refused.

PURE. The announcement is an early app: its 183 lets the caller hear it while nobody pays, and when
it is over the caller gets the true cause. A caller who offered no audio is refused at once.
"""

from __future__ import annotations

from appliance.call.body import CallBody, LegPhase, State
from appliance.call.ending import end, on_caller_gone, on_late_answer
from appliance.call.leg import Answered, AppDestination, Cause, Ended, Failed, Progressed, Ring
from appliance.call.media_exchange import connect
from appliance.sdp.media import MediaKind

#: Longer than any announcement; an app that never ends does not hold the caller.
ANNOUNCEMENT_BOUND_S = 60.0


def refuse(body: CallBody, cause: Cause, prompt: str, now: float) -> None:
    """Refuse the caller with cause, after the words of prompt (empty = at once)."""
    body.cause = cause
    body.timers.clear()
    offer = body.offer
    if not prompt or offer is None or offer.kind is not MediaKind.AUDIO:
        end(body, cause, now)
        return
    body.connected = None
    body.move(State.ANNOUNCING)
    body.dial(AppDestination("announcement", prompt, is_early=True, cause=cause), offer)
    body.timers["announcement"] = now + ANNOUNCEMENT_BOUND_S


def on_words(body: CallBody, event: Progressed | Answered, now: float) -> None:
    """The announcement begins; whatever else answers now is too late."""
    leg = body.legs.get(event.leg)
    if leg is None or not leg.is_called or event.answer is None:
        if isinstance(event, Answered):
            on_late_answer(body, event, now)
        return
    leg.phase = LegPhase.RINGING
    if body.connected is None:
        body.say(Ring(body.originating.number, event.answer))
        connect(body, leg)


def on_words_over(body: CallBody, event: Failed | Ended, now: float) -> None:
    """The announcement ended, or the caller did not listen to its end."""
    leg = body.legs.get(event.leg)
    if leg is body.originating:
        on_caller_gone(body, event, now)
    elif leg is not None:
        was_speaking = leg.is_called
        leg.phase = LegPhase.GONE
        if was_speaking:
            on_announcement_over(body, now)


def on_announcement_over(body: CallBody, now: float) -> None:
    end(body, body.cause or Cause.NORMAL, now)
