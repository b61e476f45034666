"""Feature codes: the echo test, the box's address, group and directed pickup (003.3), forwarding of
one's own calls (004.9), one's own mailbox (002.24); and what the key of a trunk or line does, which
dials its name.

PURE. Group pickup takes the call that has rung longest at a phone of the picker's group; extensions
without a pickup group form no group. Directed pickup names the extension. When nothing rings the
caller hears the busy tone, as he does on other systems, and no words.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.apps.echo import AT_ONCE
from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Extension
from appliance.routing.decision import Decision, PickUp, RingingCall, RunApp, Step, Verdict
from appliance.routing.forwarding import target_dialled, why_closed
from appliance.routing.mailbox import decide_listening
from appliance.routing.number import shown
from appliance.routing.plan import Asking
from appliance.routing.profile import FORWARDING, Feature, Meaning

_KIND = DestinationKind.FEATURE
#: The class of the self-test's telephone (legs/guests.py), which needs no words before the echo.
SELF_TEST_CLASS = "self-test"
#: What a code ends: a field of the extension, or all of them.
_ENDS = {
    Feature.FORWARD_END: "all",
    Feature.FORWARD_BUSY_END: "forward_busy",
    Feature.FORWARD_NO_ANSWER_END: "forward_no_answer",
    Feature.FORWARD_OFFLINE_END: "forward_offline",
}


def decide_feature(asking: Asking, meaning: Meaning, caller: Extension) -> Decision:
    """What a feature code does for this caller."""
    if meaning.feature is Feature.ECHO:
        asking.because("feature.echo")
        needs_words = caller.class_of_service != SELF_TEST_CLASS
        return _do(asking, meaning, RunApp("echo", "" if needs_words else AT_ONCE))
    if meaning.feature is Feature.ADDRESS:
        asking.because("feature.address")
        return _do(asking, meaning, RunApp("address"))
    if meaning.feature is Feature.VOICEMAIL:
        return decide_listening(asking, meaning, caller)
    if meaning.feature is Feature.WAY:
        return _press_way(asking, meaning)
    if meaning.feature in FORWARDING:
        return _forward(asking, meaning, caller)
    if meaning.feature in _ENDS:
        asking.because("forward.ends", extension=caller.number)
        argument = f"{caller.number} {_ENDS[meaning.feature]}"
        return _do(asking, meaning, RunApp("forward", argument))
    if meaning.feature is Feature.DIRECTED_PICKUP:
        return _pick_up_at(asking, meaning)
    return _pick_up_in_group(asking, meaning, caller)


def _forward(asking: Asking, meaning: Meaning, caller: Extension) -> Decision:
    """Send the caller's own calls on from now, where his class lets him call."""
    target = target_dialled(meaning.number, asking.plan)
    if not target or target == caller.number:
        asking.because("forward.no_target", target=shown(meaning.number) or "-")
        return asking.refuse(_KIND, shown(meaning.number), Cause.NOT_FOUND, "no_such_number")
    closed = why_closed(caller, target, asking.plan)
    if closed is not None:
        asking.reasons.append(closed)
        return asking.refuse(_KIND, target, Cause.FORBIDDEN, "forbidden")
    asking.because("forward.sets", extension=caller.number, target=target)
    assert meaning.feature is not None
    argument = f"{caller.number} {meaning.feature.value} {target}"
    return _do(asking, replace(meaning, number=target), RunApp("forward", argument))


def _pick_up_in_group(asking: Asking, meaning: Meaning, caller: Extension) -> Decision:
    group = caller.pickup_group
    if not group:
        asking.because("pickup.no_group", extension=caller.number)
        return asking.refuse(_KIND, meaning.number, Cause.BUSY, "")
    extensions = asking.plan.extensions
    ringing = [
        call
        for call in asking.state.ringing
        if call.extension in extensions and extensions[call.extension].pickup_group == group
    ]
    if not ringing:
        asking.because("pickup.nothing", group=group)
        return asking.refuse(_KIND, meaning.number, Cause.BUSY, "")
    return _take(asking, meaning, min(ringing, key=_since))


def _pick_up_at(asking: Asking, meaning: Meaning) -> Decision:
    wanted = meaning.number
    if wanted in asking.plan.trunks:
        ringing = _ringing_by(asking, wanted)
        if ringing:
            return _take(asking, meaning, min(ringing, key=_since))
        asking.because("pickup.nothing_by", trunk=shown(wanted))
        return asking.refuse(_KIND, wanted, Cause.BUSY, "")
    if wanted not in asking.plan.extensions:
        asking.because("extension.missing", extension=shown(wanted))
        return asking.refuse(_KIND, wanted, Cause.NOT_FOUND, "no_such_number")
    ringing = [call for call in asking.state.ringing if call.extension == wanted]
    if not ringing:
        asking.because("pickup.nothing_at", extension=wanted)
        return asking.refuse(_KIND, wanted, Cause.BUSY, "")
    return _take(asking, meaning, min(ringing, key=_since))


def _press_way(asking: Asking, meaning: Meaning) -> Decision:
    """The key of a trunk or line: take what rings by it, or have the next call go by it."""
    ringing = _ringing_by(asking, meaning.number)
    if ringing and asking.plan.document.dialling.directed_pickup_code:
        return _take(asking, meaning, min(ringing, key=_since))
    way = asking.plan.trunks[meaning.number]
    calls = len(asking.state.trunk_calls.get(way.name, ()))
    if not way.is_enabled or calls >= way.max_calls:
        key = "way.full" if way.is_enabled else "way.disabled"
        asking.because(key, trunk=way.name, calls=str(calls))
        return asking.refuse(_KIND, way.name, Cause.BUSY, "")
    asking.because("way.chosen", trunk=way.name)
    return replace(_do(asking, meaning, RunApp("way_chosen", way.name)), chooses=way.name)


def _ringing_by(asking: Asking, way: str) -> list[RingingCall]:
    """Calls that came in by this way and ring at somebody's phone."""
    came = {call.call_ref for call in asking.state.trunk_calls.get(way, ())}
    return [call for call in asking.state.ringing if call.call_ref in came]


def _take(asking: Asking, meaning: Meaning, call: RingingCall) -> Decision:
    asking.because("pickup.takes", extension=call.extension, call=call.call_ref)
    return _do(asking, meaning, PickUp(call.call_ref))


def _do(asking: Asking, meaning: Meaning, step: Step) -> Decision:
    return Decision(
        verdict=Verdict.ROUTE,
        kind=_KIND,
        number=meaning.number,
        steps=(step,),
        cause=Cause.BUSY,
        reasons=tuple(asking.reasons),
    )


def _since(call: RingingCall) -> float:
    return call.since
