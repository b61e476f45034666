"""The journal: one row for each call, and a note of each call that is still going on.

Owns the tables ``calls`` and ``open_calls``. A call is noted when it begins, and its row replaces
the note in one transaction; notes that are found at start belong to calls that a power failure cut,
and become rows with cause ``restart``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from appliance.call.leg import Cause
from appliance.call.record import CallRecord
from appliance.errors import StoreError
from appliance.routing.decision import Reason
from appliance.store.checksum import checksum_of, is_sound, seal, unseal
from appliance.store.record_codec import (
    COLUMNS,
    FORWARDED,
    decode_record,
    encode_reason,
    encode_record,
    encode_summary,
    legible,
)
from appliance.store.transaction import Piece
from appliance.store.writer import StateWriter

_NAMES = ", ".join(COLUMNS)
_PLACES = ", ".join("?" * (len(COLUMNS) + 1))
_INSERT = f"INSERT OR REPLACE INTO calls ({_NAMES}, checksum) VALUES ({_PLACES})"
_NOTE = "INSERT OR REPLACE INTO open_calls VALUES (?, ?, ?)"
_MOST_ROWS = 10_000
EARLIEST_TRUE_TIME = 1_735_689_600.0  # 2025-01-01: a clock before that was never set
_PARTY = (
    "(? IN (caller, number, dialled) OR answered_by IN (?, 'extension ' || ?) OR instr(reasons, ?))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which calls are wanted; empty fields do not choose. party: caller, number, answerer, or
    whoever sent the call on.

    since and until: epoch seconds of the call's start, until excluded. cause: a Cause's value.
    """

    since: float | None = None
    until: float | None = None
    party: str = ""
    direction: str = ""
    trunk: str = ""
    cause: str = ""
    call_ref: str = ""


class Journal:
    """The daemon's face of the journal; everything goes through its one writer."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer
        self._last_of_before = 0  # id of the last row that this run did not write

    def begin(self, call_ref: str, started_at: float, summary: Mapping[str, str]) -> None:
        """Note that a call has begun (SUMMARY_FIELDS); nobody waits for it."""
        row = (call_ref, started_at, seal(encode_summary(summary), call_ref, started_at))
        self._writer.post(lambda db: db.execute(_NOTE, row), f"the beginning of call {call_ref}")

    def append(self, record: CallRecord) -> Piece:
        """Write a call's row; its future is done when the row survives SIGKILL and power failure.

        May be waited for or let go: a failure (StoreError) is logged either way. The loop is not
        woken for it: who awaits it wraps it himself.
        """
        values = encode_record(record)
        return self._writer.post(
            lambda db: _insert(db, record.call_ref, values), f"the row of call {record.call_ref}"
        )

    def clock_was_set(self, by_s: float) -> None:
        """A clock that nobody had set yet is right now: the rows that this run wrote by it move
        along, or they would stand in 1970 for ever."""
        last = self._last_of_before
        self._writer.post(lambda db: _move_rows(db, last, by_s), "the time of calls")

    async def recover(self, now: float) -> list[CallRecord]:
        """Turn the notes of cut calls into rows with cause ``restart``; epoch seconds.

        To be called at start, before the first call; returns the rows written. Raises StoreError
        while the disk takes nothing; they are written as soon as it does.
        """
        try:
            self._last_of_before, records = await self._writer.run(lambda db: _recover(db, now))
        except StoreError:
            self._writer.post(lambda db: _recover(db, now), "the rows of calls that were cut")
            raise
        return records


def query(
    connection: sqlite3.Connection,
    wanted: JournalFilter | None = None,
    limit: int = 100,
    before: tuple[float, str] | None = None,
) -> list[CallRecord]:
    """Rows, the latest first, by a connection of ``database.open_for_reading``.

    Damaged rows are passed over and count for nothing: fewer than ``limit`` rows means that there
    are no more. before: (started_at, call_ref) of the last row of the page before this one.
    """
    where, values = _conditions(wanted or JournalFilter())
    if before is not None:
        where.append("(started_at, call_ref) < (?, ?)")
        values += before
    text = f"SELECT {_NAMES}, checksum FROM calls"
    if where:
        text += " WHERE " + " AND ".join(where)
    text += " ORDER BY started_at DESC, call_ref DESC"
    rows = connection.execute(text, values)
    sound = (record for row in rows if (record := _sound(row)) is not None)
    return list(islice(sound, max(0, min(limit, _MOST_ROWS))))


def _sound(row: tuple[Any, ...]) -> CallRecord | None:
    """The record of a row that is as it was written."""
    if not is_sound(row[:-1], row[-1]):
        return None
    try:
        return decode_record(row[:-1])
    except (ValueError, TypeError):
        return None


def _conditions(wanted: JournalFilter) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if wanted.since is not None:
        where.append("started_at >= ?")
        values.append(wanted.since)
    if wanted.until is not None:
        where.append("started_at < ?")
        values.append(wanted.until)
    if wanted.party:
        where.append(_PARTY)
        party = legible(wanted.party)
        values += [*[party] * 3, encode_reason(Reason(FORWARDED, {"extension": party}))]
    for name in ("direction", "trunk", "cause", "call_ref"):
        if value := getattr(wanted, name):
            where.append(f"{name} = ?")
            values.append(legible(value))
    return where, values


def _insert(db: sqlite3.Connection, call_ref: str, values: tuple[Any, ...]) -> None:
    db.execute(_INSERT, (*values, checksum_of(values)))
    db.execute("DELETE FROM open_calls WHERE call_ref = ?", (call_ref,))


def _move_rows(db: sqlite3.Connection, last: int, by_s: float) -> None:
    """Set rows after this one that began before any true time; a rotten one stays rotten."""
    text = f"SELECT {_NAMES}, checksum, id FROM calls WHERE id > ? AND started_at < ?"
    started = COLUMNS.index("started_at")
    for *row, checksum, number in db.execute(text, (last, EARLIEST_TRUE_TIME)).fetchall():
        if is_sound(row, checksum):
            row[started] += by_s
            values = (row[started], checksum_of(row), number)
            db.execute("UPDATE calls SET started_at = ?, checksum = ? WHERE id = ?", values)


def _recover(db: sqlite3.Connection, now: float) -> tuple[int, list[CallRecord]]:
    """(id of the last row then, the rows written)."""
    notes = db.execute("SELECT call_ref, started_at, summary FROM open_calls ORDER BY started_at")
    alive_at = min(_last_sign_of_life(db, now), now)
    records = [_cut_call(ref, start, text, alive_at) for ref, start, text in notes.fetchall()]
    for record in records:
        _insert(db, record.call_ref, encode_record(record))
    return int(db.execute("SELECT max(id) FROM calls").fetchone()[0] or 0), records


def _last_sign_of_life(db: sqlite3.Connection, now: float) -> float:
    """The latest moment at which the box is known to have run before it was cut.

    What seems to have begun after now was written while the clock was ahead: it tells nothing.
    """
    ended = "SELECT max(started_at + total_s) FROM calls WHERE started_at <= ?"
    begun = "SELECT max(started_at) FROM open_calls WHERE started_at <= ?"
    signs = (db.execute(text, (now,)).fetchone()[0] for text in (ended, begun))
    return max(sign or 0.0 for sign in signs)


def _cut_call(call_ref: str, started_at: float, summary: str, alive_at: float) -> CallRecord:
    """No talk time is claimed; the total is what the call lasted at least."""
    try:
        whole = unseal(summary, call_ref, started_at)
        known = {name: str(value) for name, value in json.loads(whole).items()}
    except (ValueError, AttributeError):
        known = {}  # it rotted: that there was a call is known
        started_at = min(started_at, alive_at)
    payer = known.get("payer", "")
    return CallRecord(
        call_ref=call_ref,
        started_at=started_at,
        direction=known.get("direction", ""),
        caller=known.get("caller", ""),
        caller_name=known.get("caller_name", ""),
        dialled=known.get("dialled", ""),
        number=known.get("number", ""),
        sent="",
        trunk=known.get("trunk", ""),
        answered_by="",
        setup_s=None,
        talk_s=0.0,
        total_s=max(0.0, alive_at - started_at),
        cause=Cause.RESTART,
        reasons=(Reason(FORWARDED, {"extension": payer}),) if payer else (),
    )
