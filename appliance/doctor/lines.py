"""Which wires and SIMs cannot be used, and why. Owns nothing: the daemon told."""

from __future__ import annotations

from typing import Any

from appliance.doctor.finding import Finding, Patient, fault, ok, warning

_BROKEN = ("down", "fault")


def check(patient: Patient) -> list[Finding]:
    """A line each; nothing of those that are switched off."""
    return [_judge(row) for row in rows_of(patient) if row["state"] != "disabled"]


def rows_of(patient: Patient) -> list[dict[str, Any]]:
    """What the daemon tells of lines; empty while it is silent."""
    rows: list[dict[str, Any]] = patient.answers.get("lines", {}).get("lines", [])
    return rows


def leads_outside(row: dict[str, Any]) -> bool:
    """Whether the city can be called by it: a copper line or a SIM that is switched on."""
    return bool(row["kind"] != "fxs" and row["state"] != "disabled")


def _judge(row: dict[str, Any]) -> Finding:
    name, state, why = row["name"], row["state"], str(row["why"])
    if state in _BROKEN:
        return fault("lines.down", name=name, why=why) if why else fault("lines.broken", name=name)
    if state == "starting":
        return warning("lines.starting", name=name)
    return ok("lines.up", name=name)
