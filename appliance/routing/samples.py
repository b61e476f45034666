"""Sample numbers: how 000.1-000.6 are dialled in this office, and what each becomes.

PURE. The set-up wizard and ``dozvon explain --samples`` show them (K1). The digits follow the
office's prefix, local length and country, and are read by the same profile as a live call's.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.model import DestinationKind, NumberForm, Snapshot
from appliance.routing.plan import Plan, plan_of

_LOCAL = "5551525432"
_NATIONAL = {"RU": ("9036785665", "3433789809"), "US": ("6175551525", "3125550143")}
_ABROAD = "380692123456"


@dataclass(frozen=True, slots=True)
class Sample:
    """One row: the requirement, the digits, what they mean, and the number in each trunk's form."""

    requirement: str
    dialled: str
    kind: DestinationKind | None
    number: str  # extension, +E.164, service number
    forms: dict[str, str]  # NumberForm value -> as a trunk of that form is given it


def samples(snapshot: Snapshot) -> tuple[Sample, ...]:
    """Sample numbers of the snapshot's dial profile, in the order of the requirements."""
    plan = plan_of(snapshot)
    prefix, numbering = plan.profile.prefix, snapshot.numbering
    mobile, intercity = _NATIONAL.get(numbering.country, _NATIONAL["RU"])
    extension = next(iter(plan.extensions), "2001")
    rows = [
        ("000.1", extension),
        (
            "000.3" if plan.numbers.local_length == 6 else "000.2",
            prefix + _LOCAL[: plan.numbers.local_length],
        ),
        ("000.4", prefix + numbering.trunk_prefix + mobile),
        ("000.5", prefix + numbering.trunk_prefix + intercity),
        ("000.6", prefix + numbering.international_prefix + _ABROAD),
        ("K2", numbering.emergency[0]),
    ]
    if prefix:
        rows.append(("K2", prefix + numbering.emergency[0]))
    return tuple(_sample(plan, requirement, dialled) for requirement, dialled in rows)


def _sample(plan: Plan, requirement: str, dialled: str) -> Sample:
    meaning = plan.profile.read(dialled)
    inside = (None, DestinationKind.INTERNAL, DestinationKind.FEATURE, DestinationKind.EMERGENCY)
    if meaning.kind in inside:
        return Sample(requirement, dialled, meaning.kind, meaning.number, {})
    forms = {form.value: plan.numbers.format(meaning.number, form) for form in NumberForm}
    return Sample(requirement, dialled, meaning.kind, "+" + meaning.number, forms)
