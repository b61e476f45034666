"""A Decision told: as plain data for programs, and as lines for people.

PURE. ``to_data`` is what the control socket sends and what the web and ``--json`` show, free of any
language; ``to_lines`` reads that data, so that the reader's side chooses the language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Snapshot
from appliance.routing.decision import (
    Decision,
    PickUp,
    RingExtension,
    RunApp,
    Step,
    UseTrunk,
    Verdict,
)
from appliance.routing.plan import plan_of
from appliance.routing.texts import (
    label,
    say_alert,
    say_cause,
    say_key,
    say_kind,
    say_prompt,
    say_verdict,
)

Data = dict[str, Any]


def to_data(decision: Decision, snapshot: Snapshot) -> Data:
    """The decision as JSON-able data with stable keys; revision and profile it was made with."""
    return {
        "verdict": decision.verdict.value,
        "kind": decision.kind.value if decision.kind else "",
        "number": decision.number,
        "is_emergency": decision.is_emergency,
        "is_digit_final": decision.is_digit_final,
        "steps": [step_data(step) for step in decision.steps],
        "cause": decision.cause.value,
        "prompt": decision.prompt,
        "reasons": [{"key": r.key, "params": dict(r.params)} for r in decision.reasons],
        "alerts": list(decision.alerts),
        "revision": snapshot.revision,
        "profile": snapshot.document.dialling.name,
        "outside_prefix": plan_of(snapshot).profile.prefix,
    }


def step_data(step: Step) -> Data:
    """One step; ``step`` names its kind: ring, trunk, app or pickup."""
    if isinstance(step, RingExtension):
        return {
            "step": "ring",
            "extension": step.extension,
            "bindings": list(step.bindings),
            "phones": len(step.bindings),
            "ring_time_s": step.ring_time_s,
        }
    if isinstance(step, UseTrunk):
        return {
            "step": "trunk",
            "trunk": step.trunk,
            "number": step.number,
            "caller_id": step.caller_id,
            "no_answer_s": step.no_answer_s,
            "ring_time_s": step.ring_time_s,
            "preempt": step.preempt,
            "is_blind": step.is_blind,
        }
    if isinstance(step, RunApp):
        return {"step": "app", "app": step.app, "argument": step.argument}
    assert isinstance(step, PickUp)
    return {"step": "pickup", "call_ref": step.call_ref}


def to_lines(data: Mapping[str, Any], language: str) -> list[str]:
    """The decision for a person: the outcome, the steps in order, then every reason."""
    lines = [_headline(data, language)]
    if data["steps"]:
        lines.append(f"{label('steps', language)}:")
        lines += [
            f"  {place}. {say_step(step, language)}" for place, step in enumerate(data["steps"], 1)
        ]
    if data["verdict"] != Verdict.MORE_DIGITS.value:
        lines.append(say_ending(data, language))
    lines.append(f"{label('why', language)}:")
    lines += [f"  - {say_key(r['key'], r['params'], language)}" for r in data["reasons"]]
    lines += [f"{label('alert', language)}: {say_alert(key, language)}" for key in data["alerts"]]
    return lines


def say_step(step: Mapping[str, Any], language: str) -> str:
    """One step as a phrase."""
    values = {name: value if value != "" else "-" for name, value in step.items()}
    if "no_answer_s" in values:
        values["no_answer_s"] = f"{values['no_answer_s']:g}"
    phrase = label(f"step.{step['step']}", language).format_map(values)
    if step.get("preempt"):
        phrase += ", " + label("step.preempt", language).format_map(values)
    if step.get("is_blind"):
        phrase += ", " + label("step.blind", language)
    return phrase


def _headline(data: Mapping[str, Any], language: str) -> str:
    parts = [data["number"] or "-"]
    if data["kind"]:
        parts.append(say_kind(DestinationKind(data["kind"]), language))
    outcome = say_verdict(Verdict(data["verdict"]), language)
    return f"{label('number', language)}: {', '.join(parts)} — {outcome}"


def say_ending(data: Mapping[str, Any], language: str) -> str:
    """What the caller hears when it is refused, or when every step was tried in vain."""
    cause = say_cause(Cause(data["cause"]), language)
    heard = say_prompt(data["prompt"], language) or label("tone", language)
    if data["verdict"] == Verdict.ROUTE.value:
        return f"{label('otherwise', language)}: {cause}, {heard}"
    return f"{label('caller_hears', language)}: {heard} ({cause})"
