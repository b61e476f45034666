"""Does the telephone service run, and can its settings be read? Owns nothing."""

from __future__ import annotations

from appliance.doctor.finding import Finding, Patient, fault, ok


def check(patient: Patient) -> list[Finding]:
    """One line for the daemon, one for settings that cannot be read."""
    found = []
    if patient.is_running:
        status = patient.answers["status"]
        found.append(ok("service.runs", version=status["version"], revision=status["revision"]))
    else:
        found.append(fault("service.down", folder=patient.data))
    if patient.document is None:
        found.append(fault("service.no_settings", folder=patient.data))
    return found
