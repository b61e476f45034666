"""A live call as plain data: what ``dozvon calls`` and the web pages show.

PURE. Words for people are the reader's business.
"""

from __future__ import annotations

from typing import Any

from appliance.call.body import CallLeg
from appliance.call.call import Call
from appliance.call.facts import caller_party, party_of
from appliance.call.leg import TrunkDestination
from appliance.call.summary import summary


def shown_call(call: Call, started: float, now: float) -> dict[str, Any]:
    """One call (docs/control.md, ``calls``). started, now: monotonic seconds."""
    brief = summary(call)
    since = brief.answered_since
    is_answered = since is not None
    return {
        "call_ref": brief.call_ref,
        "state": brief.state,
        "direction": brief.direction,
        "caller": brief.caller,
        "caller_name": brief.caller_name,
        "dialled": brief.dialled,
        "number": brief.number,
        "trunk": _trunk_of(call),
        "answered_by": brief.parties[0] if is_answered and brief.parties else "",
        "started_at": brief.started_at,
        "duration_s": round(now - started, 3),
        "talk_s": round(now - since, 3) if since is not None else 0.0,
        "legs": [_shown_leg(leg, call) for leg in call.body.legs.values()],
    }


def _trunk_of(call: Call) -> str:
    if call.body.offered.trunk:
        return call.body.offered.trunk
    for leg in call.body.legs.values():
        if isinstance(leg.destination, TrunkDestination):
            return leg.destination.trunk
    return ""


def _shown_leg(leg: CallLeg, call: Call) -> dict[str, Any]:
    is_caller = leg.number == call.body.offered.leg
    if is_caller:
        party = caller_party(call.body.offered)
    else:
        party = party_of(leg.destination)[0] if leg.destination is not None else leg.party
    return {
        "leg": leg.number,
        "role": "originating" if is_caller else "terminating",
        "party": party,
        "state": leg.phase.value,
    }
