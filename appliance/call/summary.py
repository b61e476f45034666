"""A live call in one line: what ``dozvon calls`` and the web page show.

PURE. Made of a call as it stands; the journal's row comes only when it is over.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.call.body import CallLeg, LegPhase
from appliance.call.call import Call
from appliance.call.facts import caller_party, direction_of, party_of
from appliance.call.leg import TrunkDestination


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """state: body.State's value; parties: who is called or talked with; started_at: epoch s."""

    call_ref: str
    state: str
    direction: str
    caller: str
    caller_name: str
    from_party: str
    dialled: str
    number: str
    parties: tuple[str, ...]
    started_at: float
    answered_since: float | None  # monotonic seconds


def summary(call: Call) -> CallSummary:
    """The call as it is now."""
    body = call.body
    legs = _shown_legs(call)
    is_sent_out = any(isinstance(leg.destination, TrunkDestination) for leg in legs)
    return CallSummary(
        call_ref=call.call_ref,
        state=body.state.value,
        direction=direction_of(body.offered, body.decision, is_sent_out=is_sent_out),
        caller=body.offered.caller.number,
        caller_name=body.offered.caller.name,
        from_party=caller_party(body.offered),
        dialled=body.offered.dialled,
        number=body.decision.number if body.decision else "",
        parties=tuple(dict.fromkeys(_party(leg) for leg in legs)),
        started_at=call.started_at,
        answered_since=body.answered_since,
    )


def _shown_legs(call: Call) -> list[CallLeg]:
    """The leg that the caller talks with, else all that may still answer."""
    body = call.body
    if body.connected is not None and body.connected.phase is LegPhase.ANSWERED:
        return [body.connected]
    return list(body.called)


def _party(leg: CallLeg) -> str:
    return party_of(leg.destination)[0] if leg.destination is not None else leg.party
