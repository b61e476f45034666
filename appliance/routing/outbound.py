"""Calls that leave the office: class of service, the first rule that fits, its ways in order.

PURE. Only the ways of the chosen rule are used. A trunk that is switched off or full is left out;
one that is known to be down is tried after all the others. Each way tells why it was kept or not.
"""

from __future__ import annotations

from appliance.call.leg import Cause
from appliance.config.model import ClassOfService, DestinationKind, Extension
from appliance.routing.decision import Decision, UseTrunk, Verdict
from appliance.routing.limits import payment, refuse_by_limits
from appliance.routing.plan import Asking, Plan, Rule
from appliance.routing.profile import Meaning
from appliance.routing.way import Way


def decide_outbound(asking: Asking, meaning: Meaning, caller: Extension) -> Decision:
    """The ways out for an outside number, for a caller whose class was checked."""
    assert meaning.kind is not None
    refusal = refuse_by_limits(asking, meaning, caller)
    if refusal is not None:
        return refusal
    number = "+" + meaning.number
    rule = _first_rule(asking.plan, meaning.kind, meaning.number)
    if rule is None:
        asking.because("rule.none", number=number, kind=meaning.kind._value_)
        return asking.refuse(meaning.kind, number, Cause.UNREACHABLE, "cannot_complete")
    asking.because("rule.chosen", rule=rule.rule.name)
    paid = payment(asking, meaning, caller)
    steps, is_any_full = _ways(asking, rule, meaning.number, caller)
    prompt = "all_lines_busy" if is_any_full else "cannot_complete"
    if not steps:
        cause = Cause.CONGESTION if is_any_full else Cause.UNREACHABLE
        asking.because("way.none", rule=rule.rule.name)
        return asking.refuse(meaning.kind, number, cause, prompt)
    return Decision(
        verdict=Verdict.ROUTE,
        kind=meaning.kind,
        number=number,
        steps=steps,
        cause=Cause.CONGESTION,
        prompt=prompt,
        payment=paid,
        reasons=tuple(asking.reasons),
    )


def refuse_by_class(asking: Asking, meaning: Meaning, caller: Extension) -> Decision | None:
    """None when the caller's class of service allows the destination, otherwise the refusal."""
    kind = meaning.kind
    assert kind is not None
    service = asking.plan.class_of(caller)
    name = caller.class_of_service
    if kind is DestinationKind.INTERNATIONAL:
        return _refuse_country(asking, meaning, service, name)
    if service is not None and _allows(service, kind):
        asking.because("class.allows", **{"class": name, "kind": kind._value_})
        return None
    asking.because("class.forbids", **{"class": name, "kind": kind._value_})
    is_outside = kind not in (DestinationKind.INTERNAL, DestinationKind.FEATURE)
    number = "+" + meaning.number if is_outside else meaning.number
    return asking.refuse(kind, number, Cause.FORBIDDEN, "forbidden")


def _refuse_country(
    asking: Asking, meaning: Meaning, service: ClassOfService | None, name: str
) -> Decision | None:
    """Abroad is allowed when the class names the kind and opens the country (000.6)."""
    params = {"class": name, **asking.plan.profile.country_params(meaning.country)}
    why = _why_closed(asking.plan, meaning, service)
    if not why:
        asking.because("class.country_open", **params)
        return None
    asking.because(why, number="+" + meaning.number, **params)
    return asking.refuse(
        meaning.kind, "+" + meaning.number, Cause.INTERNATIONAL_BARRED, "international_barred"
    )


def _why_closed(plan: Plan, meaning: Meaning, service: ClassOfService | None) -> str:
    """The reason why a number abroad is closed to this class, or empty.

    ``*`` opens countries; satellites, global services and prefixes that belong to nobody are open
    by their own code or +prefix only. What is dear within a country (plan.premium_abroad) needs
    the kind ``premium`` too, or a +prefix that names at least that range.
    """
    if service is None or DestinationKind.INTERNATIONAL not in service.allows:
        return "class.country_closed"
    numbering = plan.numbers.plan
    entries = service.countries
    named = max((len(p) - 1 for p in entries if _covers(p, meaning.number)), default=0)
    country = meaning.country
    is_country = country != "" and country not in numbering.named_only
    opening = {country, "*"} if is_country else {country} - {""}
    if not named and opening.isdisjoint(entries):
        return "class.service_closed" if "*" in entries else "class.country_closed"
    dear = plan.dear_abroad(meaning.number)
    if dear and named < len(dear) and DestinationKind.PREMIUM not in service.allows:
        return "class.premium_abroad"
    return ""


def _covers(entry: str, e164: str) -> bool:
    """Whether a +prefix of a class leads this number."""
    return entry[:1] == "+" and len(entry) > 1 and e164.startswith(entry[1:])


def _allows(service: ClassOfService, kind: DestinationKind) -> bool:
    """Feature codes come with internal calls; every other kind must be named."""
    if kind in service.allows:
        return True
    return kind is DestinationKind.FEATURE and DestinationKind.INTERNAL in service.allows


def _first_rule(plan: Plan, kind: DestinationKind, e164: str) -> Rule | None:
    for rule in plan.rules[kind]:
        if e164.startswith(rule.rule.prefix):
            return rule
    return None


def _ways(
    asking: Asking, rule: Rule, e164: str, caller: Extension
) -> tuple[tuple[UseTrunk, ...], bool]:
    """The ways in order, those that are down last; and whether any was skipped as full."""
    plan = asking.plan
    kept: list[UseTrunk] = []
    down: list[UseTrunk] = []
    is_any_full = False
    for name in rule.missing:
        asking.because("way.missing", trunk=name)
    for trunk in _wanted(asking, rule):
        if not trunk.is_enabled:
            asking.because("way.disabled", trunk=trunk.name)
            continue
        calls = len(asking.state.trunk_calls.get(trunk.name, ()))
        if calls >= trunk.max_calls:
            asking.because("way.full", trunk=trunk.name, calls=str(calls))
            is_any_full = True
            continue
        way = _use(plan, trunk, e164, caller)
        why = asking.state.down.get(trunk.name)
        if why is None:
            asking.because(
                "way.kept", trunk=trunk.name, number=way.number, caller=way.caller_id or "-"
            )
            kept.append(way)
        else:
            asking.because("way.down", trunk=trunk.name, why=why, number=way.number)
            down.append(way)
    return (*kept, *down), is_any_full


def _wanted(asking: Asking, rule: Rule) -> tuple[Way, ...]:
    """The rule's ways, or the one of them that the caller has chosen by its key."""
    chosen = asking.state.chosen.get(asking.request.extension, "")
    if not chosen or asking.request.on_behalf_of:
        return rule.trunks
    only = tuple(way for way in rule.trunks if way.name == chosen)
    asking.because("way.as_chosen" if only else "way.chosen_elsewhere", trunk=chosen)
    return only or rule.trunks


def _use(plan: Plan, trunk: Way, e164: str, caller: Extension) -> UseTrunk:
    return UseTrunk(
        trunk=trunk.name,
        number=plan.numbers.sent(e164, trunk.number_form),
        caller_id=plan.caller_id_for(caller, trunk),
        no_answer_s=trunk.no_answer_s,
        leave_on=trunk.leave_on,
        ring_time_s=plan.site.ring_time_s,
    )
