"""A snapshot compiled for deciding: every table that a decision looks into, made once.

PURE. ``plan_of`` keeps the compiled Plan inside the snapshot, beside its fields, just as
functools.cached_property keeps its values: it lives and dies with that revision and no global
remembers it. ``Asking`` carries one question through the rooms of routing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appliance.call.leg import Cause
from appliance.config.model import (
    ClassOfService,
    DestinationKind,
    DialRule,
    Did,
    Document,
    Extension,
    NumberForm,
    Snapshot,
)
from appliance.routing.decision import CallRequest, Decision, LiveState, Reason, Verdict
from appliance.routing.number import Numbers, normalise
from appliance.routing.profile import Profile
from appliance.routing.way import Way, ways_of

_KEPT_AS = "_routing_plan"


@dataclass(frozen=True, slots=True)
class Rule:
    """A dial rule with its ways found; ``missing``: names of ways that do not exist."""

    rule: DialRule
    trunks: tuple[Way, ...]
    missing: tuple[str, ...]


class Plan:
    """One revision's routing tables."""

    def __init__(self, snapshot: Snapshot) -> None:
        document = snapshot.document
        self.document = document
        self.site = document.site
        self.numbers = Numbers(snapshot.numbering, document.dialling)
        self.profile = Profile(document, snapshot.numbering, self.numbers)
        self.sent_as = snapshot.numbering.emergency_sent_as
        self.extensions: Mapping[str, Extension] = document.extension_by_number
        self.trunks: Mapping[str, Way] = {way.name: way for way in ways_of(document)}
        self.rules = {kind: _rules_for(kind, document, self.trunks) for kind in DestinationKind}
        self.emergency_trunks = _emergency_trunks(
            self.rules[DestinationKind.EMERGENCY], self.trunks
        )
        self.dids = {name: _did_table(name, document, self.numbers) for name in self.trunks}
        self._dear_abroad = frozenset(snapshot.numbering.premium_abroad)
        self._dear_lengths = sorted({len(prefix) for prefix in self._dear_abroad})
        self._trunk_caller_ids = {
            way.name: self.caller_id(way.caller_id, way.number_form) for way in self.trunks.values()
        }

    def class_of(self, extension: Extension) -> ClassOfService | None:
        return self.document.class_by_name.get(extension.class_of_service)

    def dear_abroad(self, e164: str) -> str:
        """The dear range within a country that leads this number, or empty."""
        for length in self._dear_lengths:
            if e164[:length] in self._dear_abroad:
                return e164[:length]
        return ""

    def caller_id(self, number: str, form: NumberForm) -> str:
        """A caller's number in a trunk's form; what is no telephone number goes as it is."""
        e164 = self.numbers.interpret(number)
        return self.numbers.format(e164, form) if e164 else number

    def caller_id_for(self, extension: Extension | None, trunk: Way) -> str:
        """The number shown outside: the extension's own, otherwise the way's; a line has no
        choice."""
        if extension is not None and extension.caller_id and not trunk.is_line:
            return self.caller_id(extension.caller_id, trunk.number_form)
        return self._trunk_caller_ids[trunk.name]


@dataclass(slots=True)
class Asking:
    """One question on its way to a Decision; reasons grow in the order of thought. now: in the
    site's zone; None where only a class of service is asked about."""

    request: CallRequest
    plan: Plan
    state: LiveState
    now: datetime | None = None
    reasons: list[Reason] = field(default_factory=list)

    def because(self, key: str, **params: str) -> None:
        self.reasons.append(Reason(key, params))

    def refuse(
        self,
        kind: DestinationKind | None,
        number: str,
        cause: Cause,
        prompt: str,
        alerts: tuple[str, ...] = (),
    ) -> Decision:
        """The caller is told why he cannot have it."""
        return Decision(
            verdict=Verdict.REFUSE,
            kind=kind,
            number=number,
            cause=cause,
            prompt=prompt,
            reasons=tuple(self.reasons),
            alerts=alerts,
        )


def plan_of(snapshot: Snapshot) -> Plan:
    """The snapshot's routing tables, compiled at the first question."""
    kept = snapshot.__dict__
    plan: Plan | None = kept.get(_KEPT_AS)
    if plan is None:
        plan = kept[_KEPT_AS] = Plan(snapshot)
    return plan


def _rules_for(
    kind: DestinationKind, document: Document, trunks: Mapping[str, Way]
) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            rule,
            tuple(trunks[way] for way in rule.ways if way in trunks),
            tuple(way for way in rule.ways if way not in trunks),
        )
        for rule in document.rules
        if rule.is_enabled and kind in rule.kinds
    )


def _emergency_trunks(rules: tuple[Rule, ...], trunks: Mapping[str, Way]) -> tuple[Way, ...]:
    """Every way once: those of the emergency rules in their order, then all the others."""
    ordered = {trunk.name: trunk for rule in rules for trunk in rule.trunks}
    for trunk in trunks.values():
        ordered.setdefault(trunk.name, trunk)
    return tuple(ordered.values())


def _did_table(trunk: str, document: Document, numbers: Numbers) -> dict[str, Did]:
    """Every way in which a provider may write a trunk's own numbers -> the DID.

    Whole numbers win over short forms, and an earlier DID over a later one.
    """
    table: dict[str, Did] = {}
    own = [(did, numbers.interpret(did.number)) for did in document.dids if did.trunk == trunk]
    for did, e164 in own:
        table.setdefault(e164 or normalise(did.number), did)
    for did, e164 in own:
        if e164:
            for form in (NumberForm.NATIONAL, NumberForm.LOCAL):
                table.setdefault(numbers.format(e164, form), did)
            national = numbers.format(e164, NumberForm.NATIONAL)
            table.setdefault(national.removeprefix(numbers.plan.trunk_prefix), did)
    return table
