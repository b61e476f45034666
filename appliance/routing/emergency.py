"""Emergency calls (K2, K3): before everything, through every way out in turn.

PURE. No class of service, limit or rule stands in their way. Free trunks come first, in the order
of the emergency rules and then of the document; then full ones, where the youngest normal call is
dropped; then trunks that are down. A trunk full of emergency calls is tried without dropping any.
A city line without dial tone may be dead, and a dead one would swallow the call: it is left like
any other silent way, and dialled all the same when nothing else is left.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Extension
from appliance.routing.decision import Decision, OutboundCall, UseTrunk, Verdict
from appliance.routing.plan import Asking, Plan
from appliance.routing.profile import Meaning
from appliance.routing.way import Way

EMERGENCY_CALL = "emergency_call"
EMERGENCY_HAS_NO_WAY = "emergency_no_way"
#: A silent way is left after this at the latest: the next one must be reached within 5 s.
LONGEST_SILENCE_S = 4.0
RING_TIME_S = 180
#: Any refusal sends the call to the next way (RFC 3261 §21.4-21.6).
LEAVE_ON = tuple(range(400, 700))

_KIND = DestinationKind.EMERGENCY


def decide_emergency(asking: Asking, meaning: Meaning, caller: Extension | None) -> Decision:
    """Every way out for an emergency number; caller None = an extension that is not known."""
    number = meaning.number
    sent = asking.plan.sent_as.get(number, number)
    asking.because("emergency.first", number=number, sent=sent)
    steps = _ways(asking, sent, caller)
    if not steps:
        asking.because("emergency.no_way")
        alerts = (EMERGENCY_CALL, EMERGENCY_HAS_NO_WAY)
        return asking.refuse(_KIND, number, Cause.UNREACHABLE, "cannot_complete", alerts)
    return Decision(
        verdict=Verdict.ROUTE,
        kind=_KIND,
        number=number,
        steps=steps,
        cause=Cause.CONGESTION,
        prompt="cannot_complete",
        reasons=tuple(asking.reasons),
        alerts=(EMERGENCY_CALL,),
    )


def _ways(asking: Asking, sent: str, caller: Extension | None) -> tuple[UseTrunk, ...]:
    free: list[UseTrunk] = []
    full: list[UseTrunk] = []
    down: list[UseTrunk] = []
    for trunk in asking.plan.emergency_trunks:
        if not trunk.is_enabled:
            asking.because("way.disabled", trunk=trunk.name)
            continue
        calls = asking.state.trunk_calls.get(trunk.name, ())
        is_full = len(calls) >= trunk.max_calls
        preempt = in_the_way(trunk, calls)
        way = UseTrunk(
            trunk=trunk.name,
            number=sent,
            caller_id=asking.plan.caller_id_for(caller, trunk),
            no_answer_s=min(trunk.no_answer_s, LONGEST_SILENCE_S),
            leave_on=LEAVE_ON,
            ring_time_s=RING_TIME_S,
            preempt=preempt,
        )
        _explain(asking, trunk, way, is_full)
        if trunk.name in asking.state.down:
            down.append(way)
        else:
            (full if is_full else free).append(way)
    return _blindly_at_last((*free, *full, *down), asking.plan)


def _blindly_at_last(ways: tuple[UseTrunk, ...], plan: Plan) -> tuple[UseTrunk, ...]:
    """Lines that need their dial tone are dialled without it once they are all that is left."""
    lines = [way for way in ways if plan.trunks[way.trunk].needs_dial_tone]
    if lines and lines[-1] is ways[-1]:
        ways = ways[:-1]
        lines.insert(0, lines.pop())
    return (*ways, *(replace(line, is_blind=True) for line in lines))


def _explain(asking: Asking, trunk: Way, way: UseTrunk, is_full: bool) -> None:
    name = trunk.name
    why = asking.state.down.get(name)
    if why is not None:
        asking.because("way.down", trunk=name, why=why, number=way.number)
    if way.preempt:
        asking.because("way.preempts", trunk=name, call=way.preempt)
    elif is_full:
        asking.because("way.full_of_emergencies", trunk=name)
    elif why is None:
        asking.because("way.kept", trunk=name, number=way.number, caller=way.caller_id or "-")


def in_the_way(trunk: Way, calls: tuple[OutboundCall, ...]) -> str:
    """The call that is dropped for an emergency by this way, the youngest normal one; empty where
    a place is free, or emergencies have them all."""
    if len(calls) < trunk.max_calls:
        return ""
    normal = [call for call in calls if not call.is_emergency]
    return max(normal, key=_started).call_ref if normal else ""


def _started(call: OutboundCall) -> float:
    return call.started
