"""The journal row of a call: a fold over everything that went in and out of it.

PURE and total. The switchboard keeps a list of entries (monotonic time, item): every CallInput and
CallOutput in order, and LegMeasured when a leg's media was counted. A list that breaks off gives a
row too, whose cause is RESTART: the box died in the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from appliance.call.facts import Facts, LegFacts, caller_party, make_record, party_of
from appliance.call.inputs import (
    Alert,
    CallInput,
    CallOutput,
    Finished,
    GiveLegTo,
    HangUpRequested,
    MediaLost,
    PickedUp,
    Routed,
)
from appliance.call.leg import (
    Answer,
    Answered,
    AppDestination,
    Bridge,
    Cause,
    Dial,
    Ended,
    Failed,
    HangUp,
    Offered,
    Progressed,
    Reject,
    TrunkDestination,
)
from appliance.call.record import CallRecord, LegQuality


@dataclass(frozen=True, slots=True)
class LegMeasured:
    """What media counted on one leg, told at the call's end."""

    leg: int
    quality: LegQuality


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that went in or out of a call. now: monotonic seconds."""

    now: float
    item: CallInput | CallOutput | LegMeasured


def fold(
    call_ref: str, started_at: float, entries: Iterable[Entry], *, revision: int = 0
) -> CallRecord:
    """The journal row of a call. started_at: epoch seconds of the first entry."""
    fact = Facts(call_ref, started_at, revision)
    for entry in entries:
        if fact.began is None:
            fact.began = entry.now
        fact.now = entry.now - fact.began
        read = _READERS.get(type(entry.item))
        if read is not None:
            read(fact, entry.item)
    return make_record(fact)


def _on_offered(fact: Facts, offered: Offered) -> None:
    if fact.offered is None:
        fact.offered = offered
        party = caller_party(offered)
        leg = LegFacts(offered.leg, "originating", party, offered.dialled, fact.now)
        fact.legs[offered.leg] = leg


def _on_routed(fact: Facts, routed: Routed) -> None:
    fact.decide(routed.decision)


def _on_dial(fact: Facts, dial: Dial) -> None:
    party, number = party_of(dial.destination)
    leg = LegFacts(dial.leg, "terminating", party, number, fact.now)
    leg.destination = dial.destination
    fact.legs[dial.leg] = leg
    if isinstance(dial.destination, TrunkDestination):
        fact.trunk = dial.destination
    elif isinstance(dial.destination, AppDestination) and dial.destination.is_early:
        fact.announced = dial.destination.cause


def _on_picked_up(fact: Facts, picked: PickedUp) -> None:
    party = f"extension {picked.extension}"
    leg = LegFacts(picked.leg, "terminating", party, picked.extension, fact.now)
    leg.replaces = picked.replaces
    fact.legs[picked.leg] = leg


def _on_progressed(fact: Facts, event: Progressed) -> None:
    leg = fact.legs.get(event.leg)
    if leg is not None and leg.rang_after_s is None:
        leg.rang_after_s = fact.now


def _on_answer(fact: Facts, event: Answer | Answered) -> None:
    """A leg answered us, or we answered it; the call is up when its caller was answered."""
    leg = fact.legs.get(event.leg)
    if leg is None:
        return
    if leg.answered_after_s is None and leg.ended_after_s is None and leg.cause is None:
        leg.answered_after_s = fact.now
    replaced = fact.legs.get(leg.replaces)
    if replaced is not None:
        leg.role, replaced.is_replaced = replaced.role, True
    if isinstance(event, Answer) and leg.role == "originating" and fact.answered_after_s is None:
        fact.answered_after_s = fact.now


def _on_bridge(fact: Facts, bridge: Bridge) -> None:
    fact.connected = bridge.other


def _on_gone(fact: Facts, event: Failed | Ended) -> None:
    leg = fact.legs.get(event.leg)
    if leg is None or leg.ended_after_s is not None:
        return
    leg.ended_after_s = fact.now
    leg.cause = leg.cause or event.cause
    leg.status = event.status if isinstance(event, Failed) else 0
    if leg.is_replaced:
        return
    if fact.answered_after_s is None:
        if leg.role == "originating":
            gave_up = Cause.CANCELLED if event.cause is Cause.NORMAL else event.cause
            fact.end(fact.announced or gave_up)
    elif leg.role == "originating" or leg.leg == fact.connected:
        fact.end(event.cause)


def _on_reject(fact: Facts, reject: Reject) -> None:
    leg = fact.legs.get(reject.leg)
    if leg is None or leg.ended_after_s is not None:
        return
    leg.ended_after_s, leg.cause = fact.now, reject.cause
    if leg.role == "originating":
        fact.end(reject.cause)


def _on_hang_up(fact: Facts, hang_up: HangUp) -> None:
    leg = fact.legs.get(hang_up.leg)
    if leg is None:
        return
    leg.cause = leg.cause or hang_up.cause
    if leg.role == "originating" and not leg.is_replaced:
        fact.end(hang_up.cause)


def _on_hang_up_requested(fact: Facts, request: HangUpRequested) -> None:
    fact.end(request.cause)


def _on_media_lost(fact: Facts, _lost: MediaLost) -> None:
    if fact.answered_after_s is not None:
        fact.end(Cause.MEDIA_LOST)


def _on_given(fact: Facts, given: GiveLegTo) -> None:
    leg = fact.legs.get(given.leg)
    if leg is not None:
        leg.ended_after_s, leg.cause = fact.now, Cause.NORMAL


def _on_finished(fact: Facts, _finished: Finished) -> None:
    """A call that ends without any word of why has handed its caller over."""
    fact.end(Cause.NORMAL)


def _on_alert(fact: Facts, alert: Alert) -> None:
    if alert.key not in fact.alerts:
        fact.alerts.append(alert.key)


def _on_measured(fact: Facts, measured: LegMeasured) -> None:
    leg = fact.legs.get(measured.leg)
    if leg is not None:
        leg.quality = measured.quality


_READERS: dict[type[Any], Callable[[Facts, Any], None]] = {
    Offered: _on_offered,
    Routed: _on_routed,
    Dial: _on_dial,
    PickedUp: _on_picked_up,
    Progressed: _on_progressed,
    Answered: _on_answer,
    Answer: _on_answer,
    Bridge: _on_bridge,
    Failed: _on_gone,
    Ended: _on_gone,
    Reject: _on_reject,
    HangUp: _on_hang_up,
    HangUpRequested: _on_hang_up_requested,
    MediaLost: _on_media_lost,
    GiveLegTo: _on_given,
    Finished: _on_finished,
    Alert: _on_alert,
    LegMeasured: _on_measured,
}
