"""What the guard does now, as plain data for the control socket (docs/control.md, ``bans``).

PURE. Bans count monotonic seconds; people are told moments of the wall clock.
"""

from __future__ import annotations

from typing import Any

from appliance.guard.bans import Ban
from appliance.guard.gate import Gate
from appliance.guard.logins import ACCOUNT_FAILURES


def bans_report(gate: Gate, now: float, wall: float) -> dict[str, Any]:
    """Bans in force, accounts under attack, and how many messages got no answer."""
    rows = [_row(ban, wall - now) for ban in gate.logins.bans.listed(now)]
    rows += [_attacked(account) for account in gate.logins.attacked(now)]
    return {"bans": rows, "unanswered": dict(gate.unanswered)}


def _row(ban: Ban, offset: float) -> dict[str, Any]:
    return {
        "kind": ban.scope.value,
        "address": ban.place,
        "account": ban.account,
        "failures": ban.failures,
        "since_at": ban.since + offset,
        "until_at": ban.until + offset,
        "times": ban.times,
    }


def _attacked(account: str) -> dict[str, Any]:
    return {
        "kind": "account",
        "address": "",
        "account": account,
        "failures": ACCOUNT_FAILURES,
        "since_at": None,
        "until_at": None,
        "times": 1,
    }
