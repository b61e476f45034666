"""Calls that left by a trunk, as the money guard reads them back at start.

Owns nothing: it reads the table ``calls`` (store/journal.py), without rows that rotted: a digit
that became another one shall neither open nor close anybody's account. A call that a restart cut
has no talk on record; what it lasted at least stands for it.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from appliance.call.leg import Cause
from appliance.store.checksum import is_sound
from appliance.store.record_codec import COLUMNS, FORWARDED
from appliance.store.writer import StateWriter

#: No call lasts longer: one that began earlier is over.
_LONGEST_CALL_S = 86_400.0
_WANTED = ("caller", "number", "dialled", "started_at", "talk_s", "total_s", "cause", "reasons")
_PLACES = [COLUMNS.index(name) for name in _WANTED]
_SELECT = f"""
    SELECT id, {", ".join(COLUMNS)}, checksum FROM calls
    WHERE started_at >= ? AND started_at + total_s >= ? AND (sent != '' OR cause = ?)
    ORDER BY started_at
"""


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """payer: extension; number: +E.164, empty when only ``dialled`` is known. Epoch seconds; row:
    the later written, the higher."""

    row: int
    payer: str
    number: str
    dialled: str
    started_at: float
    ended_at: float
    talk_s: float


async def outgoing_since(writer: StateWriter, since: float) -> list[OutgoingCall]:
    """Calls that went out, or may have, and were not over before since; the oldest first."""
    return await writer.run(lambda db: read_outgoing(db, since))


def read_outgoing(db: sqlite3.Connection, since: float) -> list[OutgoingCall]:
    """The same by a connection."""
    restart = Cause.RESTART.value
    rows = db.execute(_SELECT, (since - _LONGEST_CALL_S, since, restart)).fetchall()
    return [_call(number, row) for number, *row, checksum in rows if is_sound(row, checksum)]


def _call(row: int, values: list[Any]) -> OutgoingCall:
    caller, number, dialled, started_at, talk_s, total_s, cause, reasons = [
        values[place] for place in _PLACES
    ]
    return OutgoingCall(
        row=row,
        payer=_forwarder(reasons) or caller,
        number=number,
        dialled=dialled,
        started_at=started_at,
        ended_at=started_at + total_s,
        talk_s=total_s if cause == Cause.RESTART.value else talk_s,
    )


def _forwarder(reasons: str) -> str:
    if FORWARDED not in reasons:
        return ""
    try:
        for key, params in reversed(json.loads(reasons)):  # the last who sent it on pays
            if key == FORWARDED:
                return str(params.get("extension", ""))
    except (ValueError, TypeError, AttributeError):
        return ""  # it rotted: the caller himself stands for it
    return ""
