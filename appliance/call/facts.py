"""What is known of a call while its journal is folded, and the row that is made of it.

PURE. journal.py reads the entries into Facts; ``make_record`` is total: whatever is missing is said
to be unknown, and a call without an end was cut off by a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from appliance.call.leg import (
    Cause,
    Destination,
    Offered,
    Party,
    PhoneDestination,
    TrunkDestination,
)
from appliance.call.record import CallRecord, LegQuality, LegRecord
from appliance.config.model import DestinationKind
from appliance.routing.decision import Decision, Verdict

_INSIDE = (None, DestinationKind.INTERNAL, DestinationKind.FEATURE)
_MAILBOX = "voicemail"  # the app that takes messages
_NOBODY = Offered(0, Party(""), "", None)


def party_of(destination: Destination) -> tuple[str, str]:
    """(who, the digits that this leg is sent), e.g. ``("trunk mango", "+74955551525")``."""
    if isinstance(destination, PhoneDestination):
        return f"extension {destination.extension}", destination.extension
    if isinstance(destination, TrunkDestination):
        return f"trunk {destination.trunk}", destination.number
    if destination.app == _MAILBOX:
        return f"voicemail {destination.argument}", destination.argument
    return f"app {destination.app}", destination.argument


def caller_party(offered: Offered) -> str:
    """Who brought the call: an extension, a trunk, or nobody known."""
    if offered.extension:
        return f"extension {offered.extension}"
    return f"trunk {offered.trunk}" if offered.trunk else "unknown"


def direction_of(offered: Offered | None, decision: Decision | None, *, is_sent_out: bool) -> str:
    """``inbound`` by a trunk, ``outbound`` to one (tried or refused), else ``internal``."""
    if offered is not None and offered.trunk:
        return "inbound"
    is_outside = decision is not None and decision.kind not in _INSIDE
    return "outbound" if is_outside or is_sent_out else "internal"


@dataclass(slots=True)
class LegFacts:
    leg: int
    role: str
    party: str
    number: str
    dialled_after_s: float
    rang_after_s: float | None = None
    answered_after_s: float | None = None
    ended_after_s: float | None = None
    cause: Cause | None = None
    status: int = 0
    quality: LegQuality | None = None
    destination: Destination | None = None
    replaces: int = 0  # the leg whose place it asked for
    is_replaced: bool = False


@dataclass(slots=True)
class Facts:
    """What is known so far; times are seconds since the first entry."""

    call_ref: str
    started_at: float
    revision: int
    began: float | None = None
    now: float = 0.0
    offered: Offered | None = None
    decision: Decision | None = None
    legs: dict[int, LegFacts] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    connected: int = 0
    trunk: TrunkDestination | None = None
    answered_after_s: float | None = None
    over_after_s: float | None = None
    cause: Cause | None = None
    announced: Cause | None = None  # why he is refused, as words were to tell the caller

    def decide(self, decision: Decision) -> None:
        """A decision came. One that follows another in the same call tells where it went on to, if
        it went; the reasons of both are told."""
        known, self.decision = self.decision, decision
        if known is not None:
            kept = known if decision.verdict is Verdict.REFUSE else decision
            self.decision = replace(kept, reasons=(*known.reasons, *decision.reasons))

    def end(self, cause: Cause) -> None:
        """The first reason why the call is over is the reason."""
        if self.cause is None:
            self.cause, self.over_after_s = cause, self.now

    @property
    def answered_by(self) -> LegFacts | None:
        """The leg that talked with the caller, once he was answered."""
        return self.legs.get(self.connected) if self.answered_after_s is not None else None


def make_record(fact: Facts) -> CallRecord:
    """The journal row of what is known."""
    offered = fact.offered or _NOBODY
    decision = fact.decision
    trunk = _carrier(fact)
    over_after_s = fact.now if fact.over_after_s is None else fact.over_after_s
    answered_after_s = fact.answered_after_s
    return CallRecord(
        call_ref=fact.call_ref,
        started_at=fact.started_at,
        direction=direction_of(fact.offered, decision, is_sent_out=trunk is not None),
        caller=offered.caller.number,
        caller_name=offered.caller.name,
        dialled=offered.dialled,
        number=decision.number if decision else "",
        sent=trunk.number if trunk else "",
        trunk=trunk.trunk if trunk else offered.trunk,
        answered_by=_name_of(fact.answered_by),
        setup_s=answered_after_s,
        talk_s=0.0 if answered_after_s is None else max(0.0, over_after_s - answered_after_s),
        total_s=over_after_s,
        cause=fact.cause or Cause.RESTART,
        legs=tuple(_leg_record(leg) for leg in fact.legs.values()),
        reasons=decision.reasons if decision else (),
        alerts=tuple(fact.alerts),
        revision=fact.revision,
    )


def _carrier(fact: Facts) -> TrunkDestination | None:
    """The trunk that carried the call, else the last one that was tried."""
    answered = fact.answered_by
    if answered is not None and isinstance(answered.destination, TrunkDestination):
        return answered.destination
    return fact.trunk if answered is None else None


def _name_of(leg: LegFacts | None) -> str:
    if leg is None:
        return ""
    return leg.number if leg.party.startswith("extension ") else leg.party


def _leg_record(leg: LegFacts) -> LegRecord:
    return LegRecord(
        leg=leg.leg,
        role=leg.role,
        party=leg.party,
        number=leg.number,
        dialled_after_s=leg.dialled_after_s,
        rang_after_s=leg.rang_after_s,
        answered_after_s=leg.answered_after_s,
        ended_after_s=leg.ended_after_s,
        cause=leg.cause,
        status=leg.status,
        quality=leg.quality,
    )
