"""Trunks in words: how they are, why they are down, and what to do about it. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.commands.words import STATES, word
from appliance.routing.texts import say_why
from webui.words import N_

_PILLS = {"up": "ok", "down": "bad", "registering": "busy"}
#: What to do, by the reason.
ADVICE: Mapping[str, str] = {
    "credentials_refused": N_(
        "Compare user name, password and realm with the provider's letter. Corrected ones are "
        "tried at once."
    ),
    "account_unknown": N_("Compare user name and domain with the provider's letter."),
    "no_answer": N_(
        "Check the internet, the server's name and port, and the firewall. Perhaps there is an "
        "outage at the provider's."
    ),
    "overloaded": N_("The provider cannot serve now: wait, or add a second trunk."),
    "refused": N_("Ask the provider what this code means."),
    "dns": N_("Check the server's name for a slip, and the DNS server of this box."),
    "unreachable": N_("Nobody listens there, or there is no way: check network, name and port."),
}


@dataclass(frozen=True, slots=True)
class TrunkState:
    """One trunk. pill: ``ok bad busy idle``; why and advice are empty unless it is down; advice is
    still to be translated."""

    name: str
    host: str
    pill: str
    text: str
    why: str
    advice: str
    status: int
    calls: int
    max_calls: int
    round_trip_ms: float | None
    expires_in_s: float | None
    changed_at: float | None


def states_of(answer: Any, language: str) -> list[TrunkState]:
    """answer: of the operation ``trunks``, or None."""
    return [_state(row, language) for row in (answer or {}).get("trunks", ())]


def _state(row: Mapping[str, Any], language: str) -> TrunkState:
    why = str(row["why"])
    return TrunkState(
        name=str(row["name"]),
        host=str(row["host"]),
        pill=_PILLS.get(row["state"], "idle"),
        text=word(STATES, row["state"], language),
        why=say_why(why, language) if why else "",
        advice=ADVICE.get(why, ""),
        status=int(row["status"]),
        calls=int(row["calls"]),
        max_calls=int(row["max_calls"]),
        round_trip_ms=row["round_trip_ms"],
        expires_in_s=row["expires_in_s"],
        changed_at=row["changed_at"],
    )
