"""What part a number, or a way out, takes in a live call: the source of every lamp.

PURE. Several phones of one number that ring take one part. Who calls is told while it rings, so
that a colleague can decide whether to pick up; with whom somebody talks is nobody's affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from appliance.call.body import CallLeg, LegPhase
from appliance.call.call import Call
from appliance.call.leg import Party, PhoneDestination, TrunkDestination

_OVER = (LegPhase.ENDING, LegPhase.GONE)


@dataclass(frozen=True, slots=True)
class CallPart:
    """One call of a number. ident: the same as long as it lasts; is_called: the call came to it;
    caller: who calls, while it rings there, else None; leg: its answered leg, 0 while it rings."""

    ident: str
    is_called: bool
    is_talking: bool
    caller: Party | None = None
    leg: int = field(default=0, compare=False)


def parts_of_extension(call: Call, number: str) -> Iterator[CallPart]:
    """The parts that an extension takes: as the caller, as the called one, by a pickup."""
    body = call.body
    ringing: CallLeg | None = None
    talking: CallLeg | None = None
    for leg in body.legs.values():
        if leg.phase in _OVER:
            continue
        if leg.number == body.offered.leg:
            if body.offered.extension == number:
                is_talking = body.answered_since is not None
                talks_by = leg.number if is_talking else 0
                yield CallPart(f"{call.call_ref}-1", False, is_talking, leg=talks_by)
        elif _is_of(leg, number):
            if leg.phase is LegPhase.ANSWERED:
                talking = leg
            else:
                ringing = leg
    if talking is not None:
        yield CallPart(f"{call.call_ref}-2", True, True, leg=talking.number)
    elif ringing is not None:
        yield CallPart(f"{call.call_ref}-2", True, False, body.offered.caller)


def parts_of_way(call: Call, name: str) -> Iterator[CallPart]:
    """The parts that a trunk or a line takes; one that dials out is taken at once."""
    body = call.body
    for leg in body.legs.values():
        if leg.phase in _OVER:
            continue
        destination = leg.destination
        if leg.number == body.offered.leg:
            if body.offered.trunk == name:
                is_talking = body.answered_since is not None
                caller = None if is_talking else body.offered.caller
                talks_by = leg.number if is_talking else 0
                yield CallPart(f"{call.call_ref}-1", True, is_talking, caller, talks_by)
        elif isinstance(destination, TrunkDestination) and destination.trunk == name:
            yield CallPart(f"{call.call_ref}-{leg.number}", False, True, leg=leg.number)


def most_urgent_first(part: CallPart) -> int:
    """What rings can be picked up, so it is shown before what is talked about (a sort key)."""
    if part.is_talking:
        return 1
    return 0 if part.is_called else 2


def _is_of(leg: CallLeg, number: str) -> bool:
    destination = leg.destination
    if isinstance(destination, PhoneDestination):
        return destination.extension == number
    return destination is None and leg.party == f"extension {number}"
