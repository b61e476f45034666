"""Which trunks are down, and why. Owns nothing: the daemon told."""

from __future__ import annotations

from appliance.doctor.finding import Finding, Patient, fault, ok, warning
from appliance.doctor.lines import leads_outside, rows_of


def check(patient: Patient) -> list[Finding]:
    """A line a trunk; nothing while the daemon is silent."""
    rows = patient.answers.get("trunks", {}).get("trunks", ())
    if patient.is_running and not rows:
        has_line = any(map(leads_outside, rows_of(patient)))
        return [ok("trunks.lines_alone")] if has_line else [warning("trunks.none")]
    return [_judge(row) for row in rows]


def _judge(row: dict[str, object]) -> Finding:
    name, state = row["name"], row["state"]
    if state == "down":
        why = str(row["why"]) or "refused"
        return fault(f"trunks.down.{why}", name=name, status=row["status"] or "-")
    if state == "disabled":
        return ok("trunks.disabled", name=name)
    if state == "up":
        return ok("trunks.up", name=name)
    return warning("trunks.unknown", name=name)
