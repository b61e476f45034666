"""Who spent what on paid calls, as plain data: ``dozvon spending`` and the web pages show it.

PURE. Every extension of the settings has a row, the whole box a total; 0 among limits = no limit.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from appliance.config.model import Document, Extension
from appliance.routing.decision import WHOLE_BOX
from appliance.routing.limits import limits_of
from appliance.spending.spending import Spending


def spending_report(
    spending: Spending, document: Document, now: float, today: date
) -> dict[str, Any]:
    """docs/control.md, ``spending``. now: monotonic seconds; today: the date at the site."""

    def row(extension: Extension) -> dict[str, Any]:
        service = document.class_by_name.get(extension.class_of_service)
        limits = limits_of(extension, service)
        spent = spending.spent(extension.number, now, today)
        return {
            "extension": extension.number,
            "name": extension.name,
            "class_of_service": extension.class_of_service,
            "calls": spent.calls,
            "max_calls": limits.calls,
            "calls_last_hour": spent.calls_last_hour,
            "max_calls_per_hour": limits.calls_per_hour,
            "minutes_today": round(spent.seconds_today / 60, 1),
            "max_minutes_per_day": limits.minutes_per_day,
            "max_call_minutes": limits.call_minutes,
        }

    box = spending.spent(WHOLE_BOX, now, today)
    return {
        "date": today.isoformat(),
        "spending": [row(extension) for extension in document.extensions],
        "box": {
            "calls": box.calls,
            "calls_last_hour": box.calls_last_hour,
            "max_calls_per_hour": document.site.max_paid_calls_per_hour,
            "minutes_today": round(box.seconds_today / 60, 1),
        },
    }
