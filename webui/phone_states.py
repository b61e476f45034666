"""Phones of extensions in words: can they be called, and if not, why. PURE."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.commands.words import phone_why

#: Reasons that call for nobody: a phone that was never connected, or switched off on purpose.
QUIET = frozenset({"never_seen", "disabled", "unregistered"})


@dataclass(frozen=True, slots=True)
class PhoneState:
    """One phone, or the reason that there is none. pill: ``ok bad idle``; text: why not."""

    is_reachable: bool
    pill: str
    text: str
    contact: str
    source: str
    transport: str
    user_agent: str
    round_trip_ms: float | None
    expires_in_s: float | None


def states_of(answer: Any, language: str) -> Mapping[str, list[PhoneState]]:
    """Phones by extension; answer: of the operation ``registrations``, or None."""
    found: dict[str, list[PhoneState]] = defaultdict(list)
    for row in (answer or {}).get("registrations", ()):
        found[row["extension"]].append(_state(row, language))
    return found


def _state(row: Mapping[str, Any], language: str) -> PhoneState:
    why = str(row["why"])
    is_reachable = bool(row["is_reachable"])
    return PhoneState(
        is_reachable=is_reachable,
        pill="ok" if is_reachable else ("idle" if why in QUIET else "bad"),
        text=phone_why(why, language) if why else "",
        contact=str(row["contact"]),
        source=str(row["source"]),
        transport=str(row["transport"]),
        user_agent=str(row["user_agent"]),
        round_trip_ms=row["round_trip_ms"],
        expires_in_s=row["expires_in_s"],
    )
