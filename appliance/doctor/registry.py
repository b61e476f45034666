"""Every check by its name, in the order in which a person should read them.

PURE. Explicit on purpose: a check that is not listed here is not made. A check that breaks is a
finding of its own and stops no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from appliance.doctor import (
    addresses,
    alerts,
    clock,
    databases,
    disk,
    lines,
    phones,
    ports,
    service,
    trunks,
)
from appliance.doctor.finding import Check, Finding, Patient, fault

CHECKS: Mapping[str, Check] = {
    "service": service.check,
    "disk": disk.check,
    "databases": databases.check,
    "clock": clock.check,
    "addresses": addresses.check,
    "ports": ports.check,
    "trunks": trunks.check,
    "lines": lines.check,
    "phones": phones.check,
    "alerts": alerts.check,
}


def examine(patient: Patient) -> Iterator[tuple[str, Finding]]:
    """(name of the check, finding) of everything."""
    for name, check in CHECKS.items():
        try:
            findings = check(patient)
        except Exception as error:  # the doctor must not die of his patient
            findings = [fault("check.broken", said=f"{type(error).__name__}: {error}"[:200])]
        for finding in findings:
            yield name, finding
