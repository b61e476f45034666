"""Does the telephone service run, and can its settings be read? Owns nothing."""

from __future__ import annotations

from appliance.doctor.finding import Finding, Patient, fault, ok, warning


def check(patient: Patient) -> list[Finding]:
    """One line for the daemon, one for settings that cannot be read or are not for our eyes."""
    found = []
    if patient.is_running:
        status = patient.answers["status"]
        found.append(ok("service.runs", version=status["version"], revision=status["revision"]))
        if not status.get("is_compiled", True):  # a daemon of before an update does not say it
            found.append(warning("service.uncompiled"))
    elif patient.is_down:
        found.append(fault("service.down", folder=patient.data))
    elif patient.why_silent == "control.no_permission":
        found.append(fault("service.forbidden", folder=patient.data))
    else:
        found.append(fault("service.silent", folder=patient.data))
    if patient.is_closed:
        found.append(fault("service.closed", folder=patient.data))
    elif patient.document is None:
        found.append(fault("service.no_settings", folder=patient.data))
    return found
