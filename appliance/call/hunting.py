"""Finding somebody who answers: the steps of a routing decision, one after the other.

PURE. Ring an extension's phones all at once, offer the call to a trunk and leave it when the way is
dead, run an app. Forking and its clean-up are RFC 3261 §16.7 in spirit; what the caller is told
when nobody was found is announcing.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.call.announcing import refuse
from appliance.call.body import CallBody, CallLeg, LegPhase, State
from appliance.call.ending import finish, on_caller_gone, on_late_answer
from appliance.call.inputs import Alert, AskRouting, GiveLegTo, Preempt, Routed
from appliance.call.leg import (
    Answered,
    AppDestination,
    Cause,
    Ended,
    Failed,
    Offered,
    PhoneDestination,
    Progressed,
    Ring,
    TrunkDestination,
    Trying,
)
from appliance.call.media_exchange import connect, settle
from appliance.call.outcome import NO_WAY_OUT, PROMPTS, better
from appliance.routing.decision import (
    CallRequest,
    Decision,
    PickUp,
    RingExtension,
    RunApp,
    Step,
    UseTrunk,
    Verdict,
)
from appliance.routing.forwarding import onward
from appliance.sdp.negotiate import default_offer

#: Bounds a step that names no ring time (Timer C, RFC 3261 §16.6).
RING_BOUND_S = 180.0
#: A way that fails so was never reached: the next one is tried whatever its policy says.
_DEAD_WAY = (Cause.NO_RESPONSE, Cause.UNREACHABLE)


def on_offered(body: CallBody, offered: Offered, _now: float) -> None:
    request = CallRequest(
        dialled=offered.dialled,
        extension=offered.extension,
        trunk=offered.trunk,
        caller_number=offered.caller.number,
        replaces=offered.replaces,
    )
    body.offered, body.request = offered, request
    caller = body.legs[offered.leg] = CallLeg(offered.leg, None, LegPhase.OFFERED, offered.offer)
    if offered.offer is not None:
        caller.wish = offered.offer.direction
    body.move(State.ROUTING)
    body.say(AskRouting(request))


def on_routed(body: CallBody, routed: Routed, now: float) -> None:
    decision = body.decision = routed.decision
    for key in decision.alerts:
        body.say(Alert(key, decision.alert_detail or decision.number))
    if decision.verdict is Verdict.ROUTE:
        body.move(State.HUNTING)
        body.steps_taken = 0
        _next_step(body, now)
    elif body.told is not None and better(decision.cause, body.told) is body.told:
        refuse(body, body.told, PROMPTS.get(body.told, decision.prompt), now)
    else:
        refuse(body, decision.cause, decision.prompt, now)


def on_gone_meanwhile(body: CallBody, event: Failed | Ended, now: float) -> None:
    """ROUTING: the caller gave up, or a phone that the call goes on from confirms its end."""
    if event.leg == body.originating.number:
        on_caller_gone(body, event, now)
    elif event.leg in body.legs:
        body.legs[event.leg].phase = LegPhase.GONE


def on_trying(body: CallBody, event: Trying, _now: float) -> None:
    """Any response proves that the way is alive."""
    leg = body.legs.get(event.leg)
    if leg is not None and leg.phase is LegPhase.DIALLED:
        leg.phase = LegPhase.ALIVE
        body.timers.pop("no_answer", None)


def on_progressed(body: CallBody, event: Progressed, now: float) -> None:
    """Somebody's phone rings, or its early media begins; the caller hears the first."""
    leg = body.legs.get(event.leg)
    if leg is None or not leg.is_called:
        return
    if all(other.phase is not LegPhase.RINGING for other in body.called):
        _bound_ringing(body, now)
    leg.phase = LegPhase.RINGING
    body.has_step_rung = True
    body.timers.pop("no_answer", None)
    if event.answer is None or body.offer is None:
        ring_caller(body)
    elif body.connected is None:
        leg.media = event.answer
        body.has_rung = True
        body.say(Ring(body.originating.number, event.answer))
        connect(body, leg)


def ring_caller(body: CallBody) -> None:
    """Ringback for the caller, once; early media is not talked over."""
    if not body.has_rung and body.connected is None:
        body.has_rung = True
        body.say(Ring(body.originating.number, None))


def on_answered(body: CallBody, event: Answered, now: float) -> None:
    """The first answer wins; the others stop ringing (RFC 3326: completed elsewhere)."""
    leg = body.legs.get(event.leg)
    if leg is not None and leg.is_called:
        settle(body, leg, event.answer, now)
    else:
        on_late_answer(body, event, now)


def on_failed(body: CallBody, event: Failed, now: float) -> None:
    if event.leg == body.originating.number:
        on_caller_gone(body, event, now)
    else:
        _lose(body, event.leg, event.cause, event.status, now)


def on_ended(body: CallBody, event: Ended, now: float) -> None:
    if event.leg == body.originating.number:
        on_caller_gone(body, event, now)
    else:
        _lose(body, event.leg, event.cause, 0, now)


def on_ring_time_over(body: CallBody, now: float) -> None:
    """It rang long enough and nobody came."""
    body.blame = better(body.blame, Cause.NO_ANSWER)
    body.release_called(Cause.NO_ANSWER)
    _drop_early_media(body)
    if isinstance(body.step, UseTrunk) and not _is_emergency(body):
        give_up(body, now)
    elif not (_forward(body, Cause.NO_ANSWER) or _forward_from_silence(body)):
        _next_step(body, now)


def on_way_silent(body: CallBody, now: float) -> None:
    """The trunk's no_answer_s passed without any response: the way is dead."""
    body.left_because = better(body.left_because, Cause.NO_RESPONSE)
    body.release_called(Cause.NO_RESPONSE)
    _next_step(body, now)


def on_given(body: CallBody, now: float) -> None:
    """Nobody said that the handing over failed: the leg is the other call's."""
    body.originating.phase = LegPhase.GONE
    body.cause = Cause.NORMAL
    finish(body, now)


def give_up(body: CallBody, now: float) -> None:
    """Nobody was found: the call goes on from outside, or the caller is told the best reason."""
    decision = body.decision
    assert decision is not None
    if decision.forwards is not None and decision.forwards.beyond and body.request is not None:
        cause = body.blame or body.left_because or decision.cause
        _ask_onward(body, onward(body.request, decision.forwards, cause), cause)
        return
    if body.blame is not None:
        refuse(body, body.blame, PROMPTS.get(body.blame, decision.prompt), now)
    elif decision.prompt or body.left_because is None:
        refuse(body, decision.cause, decision.prompt, now)
    else:
        refuse(body, body.left_because, NO_WAY_OUT, now)


def _lose(body: CallBody, number: int, cause: Cause, status: int, now: float) -> None:
    """A called leg is over unanswered; when it was the step's last, the step is over."""
    leg = body.legs.get(number)
    if leg is None or leg.phase is LegPhase.GONE:
        return
    was_called = leg.is_called
    leg.phase = LegPhase.GONE
    if not was_called:
        return
    if leg is body.connected:
        _drop_early_media(body)
    is_left = isinstance(body.step, UseTrunk) and _leaves(body, body.step, cause, status)
    if is_left:
        body.left_because = better(body.left_because, cause)
    else:
        body.blame = better(body.blame, cause)
    if next(body.called, None) is not None:
        return
    body.timers.clear()
    if isinstance(body.step, UseTrunk) and not is_left:
        give_up(body, now)
    elif body.blame is None or not _forward(body, body.blame):
        _next_step(body, now)


def _forward(body: CallBody, cause: Cause) -> bool:
    """Send the call on from the extension whose phones could not be had; False = it stays.

    Routing is asked anew: limits and phones are looked at as they are by then. A phone that rang
    and then says that it is not there has not been answered.
    """
    decision, request = body.decision, body.request
    assert decision is not None
    if decision.forwards is None or request is None or body.steps_taken < len(decision.steps):
        return False
    if cause in _DEAD_WAY and body.has_step_rung:
        cause = Cause.NO_ANSWER
    return _ask_onward(body, onward(request, decision.forwards, cause), cause)


def _ask_onward(body: CallBody, asked: CallRequest | None, cause: Cause) -> bool:
    """Ask routing anew, if there is anything to ask. cause: what the caller is told if that fails,
    too."""
    if asked is None:
        return False
    body.told, body.blame, body.left_because, body.request = cause, None, None, asked
    body.timers.clear()
    body.move(State.ROUTING)
    body.say(AskRouting(asked))
    return True


def _forward_from_silence(body: CallBody) -> bool:
    """No phone even rang: they are registered and not there."""
    return not body.has_step_rung and _forward(body, Cause.NO_RESPONSE)


def _leaves(body: CallBody, step: UseTrunk, cause: Cause, status: int) -> bool:
    """True when a trunk's failure is the way's fault and not the called party's word."""
    return cause in _DEAD_WAY or status == 0 or status in step.leave_on or _is_emergency(body)


def _is_emergency(body: CallBody) -> bool:
    return body.decision is not None and body.decision.is_emergency


def _drop_early_media(body: CallBody) -> None:
    if body.connected is not None:
        body.connected = None
        body.has_rung = False


def _bound_ringing(body: CallBody, now: float) -> None:
    """Ring time counts from the first ring; an emergency call may ring as long as it must."""
    if _is_emergency(body):
        body.timers.pop("ring", None)
    else:
        body.timers["ring"] = now + _ring_time_s(body.step)


def _ring_time_s(step: Step | None) -> float:
    seconds = step.ring_time_s if isinstance(step, RingExtension | UseTrunk) else 0
    return float(seconds) if seconds > 0 else RING_BOUND_S


def _next_step(body: CallBody, now: float) -> None:
    decision: Decision | None = body.decision
    assert decision is not None
    body.timers.clear()
    while body.steps_taken < len(decision.steps):
        step = body.step = decision.steps[body.steps_taken]
        body.steps_taken += 1
        body.has_step_rung = False
        if _STARTS[type(step)](body, step, now):
            return
    give_up(body, now)


def _dial(body: CallBody, destination: Any) -> CallLeg:
    return body.dial(destination, body.offer if body.offer is not None else default_offer())


def _ring_extension(body: CallBody, step: RingExtension, now: float) -> bool:
    if not step.bindings:
        body.blame = better(body.blame, Cause.UNREACHABLE)
        return False
    for binding in step.bindings:
        _dial(body, PhoneDestination(step.extension, binding))
    body.timers["ring"] = now + _ring_time_s(step)
    return True


def _use_trunk(body: CallBody, step: UseTrunk, now: float) -> bool:
    if step.preempt:
        body.say(Preempt(step.preempt))
    ring_caller(body)
    _dial(
        body,
        TrunkDestination(
            step.trunk, step.number, step.caller_id, _is_emergency(body), step.is_blind
        ),
    )
    body.timers["no_answer"] = now + step.no_answer_s
    body.timers["ring"] = now + max(_ring_time_s(step), step.no_answer_s + 1)
    return True


def _run_app(body: CallBody, step: RunApp, now: float) -> bool:
    _dial(body, AppDestination(step.app, step.argument))
    body.timers["ring"] = now + RING_BOUND_S
    return True


def _pick_up(body: CallBody, step: PickUp, now: float) -> bool:
    if body.offer is None:
        body.blame = better(body.blame, Cause.INCOMPATIBLE)
        return False
    body.move(State.GIVING)
    body.say(GiveLegTo(body.originating.number, step.call_ref, step.leg))
    body.timers["given"] = now
    return True


_STARTS: dict[type, Callable[[CallBody, Any, float], bool]] = {
    RingExtension: _ring_extension,
    UseTrunk: _use_trunk,
    RunApp: _run_app,
    PickUp: _pick_up,
}
