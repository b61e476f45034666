"""Which phones cannot be called, and why. Owns nothing: the daemon told."""

from __future__ import annotations

from collections import defaultdict

from appliance.doctor.finding import Finding, Patient, ok, warning


def check(patient: Patient) -> list[Finding]:
    """How many phones can be called, and a line for each reason that others cannot."""
    rows = patient.answers.get("registrations", {}).get("registrations", ())
    if not patient.is_running:
        return []
    if not rows:
        return [warning("phones.none")]
    reachable = {row["extension"] for row in rows if row["is_reachable"]}
    missing: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["extension"] not in reachable and row["why"] != "disabled":
            missing[row["why"]].append(row["extension"])
    findings = [ok("phones.reachable", count=len(reachable))]
    for why, numbers in missing.items():
        kind = "refused" if why.startswith("refused_") else why
        shown = ", ".join(numbers[:20]) + (" …" if len(numbers) > 20 else "")
        findings.append(warning(f"phones.{kind}", numbers=shown, status=why.rpartition("_")[2]))
    return findings
