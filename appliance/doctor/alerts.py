"""What the box has raised alerts for since it started, the latest first. Owns nothing: the daemon
told."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from appliance.commands.table import moment
from appliance.doctor.finding import Finding, Patient, ok, warning

MOST = 10  # lines; how many there were before is said, too


def check(patient: Patient) -> list[Finding]:
    """A line each, by the office's clock; nothing of a box that does not answer."""
    if not patient.is_running:
        return []
    raised: list[dict[str, Any]] = patient.answers["status"]["alerts"]
    if not raised:
        return [ok("alerts.none")]
    zone = _zone_of(patient)
    found = [_line(alert, zone) for alert in reversed(raised[-MOST:])]
    if len(raised) > MOST:
        found.append(warning("alerts.earlier", count=str(len(raised) - MOST)))
    return found


def _line(alert: dict[str, Any], zone: tzinfo) -> Finding:
    at = moment(alert["at"], zone)
    params = {"at": at, "alert": alert["key"], "detail": str(alert["detail"])}
    if alert["count"] > 1:
        return warning("alerts.repeated", **params, count=str(alert["count"]))
    return warning("alerts.raised", **params)


def _zone_of(patient: Patient) -> tzinfo:
    document = patient.document
    return ZoneInfo(document.site.timezone) if document is not None else UTC
