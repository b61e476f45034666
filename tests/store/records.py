"""Call records for tests."""

from __future__ import annotations

from typing import Any

from appliance.call.leg import Cause
from appliance.call.record import CallRecord, LegQuality, LegRecord
from appliance.routing.decision import Reason


def make_record(call_ref: str = "c1", **changes: Any) -> CallRecord:
    """A call with everything in it."""
    values: dict[str, Any] = {
        "call_ref": call_ref,
        "started_at": 1_700_000_000.25,
        "direction": "outbound",
        "caller": "2001",
        "caller_name": "Анна",
        "dialled": "95551525",
        "number": "+74955551525",
        "sent": "84955551525",
        "trunk": "mango",
        "answered_by": "trunk mango",
        "setup_s": 3.5,
        "talk_s": 60.0,
        "total_s": 63.5,
        "cause": Cause.NORMAL,
        "legs": (
            LegRecord(
                leg=1,
                role="originating",
                party="extension 2001",
                number="2001",
                dialled_after_s=0.0,
                answered_after_s=3.5,
                ended_after_s=63.5,
                cause=Cause.NORMAL,
                status=200,
                quality=LegQuality(received=3000, sent=2990, lost=1, jitter_ms=2.5, mos=4.3),
            ),
            LegRecord(leg=2, role="terminating", party="", number="", dialled_after_s=0.1),
        ),
        "reasons": (Reason("rule.matched", {"rule": "город"}), Reason("plain")),
        "alerts": ("unknown_did",),
        "revision": 7,
    }
    return CallRecord(**{**values, **changes})
