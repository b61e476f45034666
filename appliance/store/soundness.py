"""Which rows of state.db are as they were written, whatever table they are in.

PURE but for reading by a connection. Every table whose rows outlive a minute says here how its
rows are proved: by a checksum in their last column, or by the seal of their last text. Who reads
passes rotten rows over; here they are counted, so that the owner hears of them once, and what is
of no use to anybody is thrown away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.store.checksum import is_sound, unseal
from appliance.store.record_codec import COLUMNS


@dataclass(frozen=True, slots=True)
class Proof:
    """columns: in the order in which they were summed up, then checksum or sealed text.

    is_kept: rotten rows stay, for a person may still make something of them.
    """

    columns: tuple[str, ...]
    is_sealed: bool = True
    is_kept: bool = False

    def holds(self, row: Sequence[object]) -> bool:
        """Whether this row (``columns``) is as it was written."""
        *values, last = row
        if not self.is_sealed:
            return is_sound(values, last)
        try:
            unseal(last, *values)
        except ValueError:
            return False
        return True


_MESSAGE = ("key", "line", "direction", "number", "text", "sent_at", "at", "reference")
_VOICE = ("ident", "extension", "caller", "caller_name", "at", "seconds", "is_heard")
PROOFS: Mapping[str, Proof] = {
    "calls": Proof((*COLUMNS, "checksum"), is_sealed=False, is_kept=True),
    "open_calls": Proof(("call_ref", "started_at", "summary")),
    "bindings": Proof(("key", "address_of_record", "expires_at", "detail")),
    "dialogs": Proof(("key", "detail")),
    "messages": Proof((*_MESSAGE, "checksum"), is_sealed=False, is_kept=True),
    "phones": Proof(("mac", "detail")),
    "phone_requests": Proof(("at", "mac", "detail")),
    "busy_sightings": Proof(("line", "times", "tone")),
    "voice_messages": Proof((*_VOICE, "checksum"), is_sealed=False),
    "claim_codes": Proof(("extension", "code", "expires_at", "checksum"), is_sealed=False),
}


def count_rotten(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each table are not as they were written; tables without any are left out."""
    found = {table: sum(1 for _ in _rotten(connection, table)) for table in PROOFS}
    return {table: count for table, count in found.items() if count}


def drop_rotten(connection: sqlite3.Connection) -> None:
    """Throw away rotten rows that nobody reads: what they said comes again or is over."""
    for table, proof in PROOFS.items():
        if proof.is_kept:
            continue
        octets = [f"CAST({column} AS BLOB)" for column in proof.columns]
        where = " AND ".join(f"{each} IS ?" for each in octets)
        for row in list(_rotten(connection, table, octets)):
            connection.execute(f"DELETE FROM {table} WHERE {where}", row)


def _rotten(
    connection: sqlite3.Connection, table: str, octets: Sequence[str] = ()
) -> Iterator[tuple[object, ...]]:
    """Of each rotten row its octets: what is no text any more is found by them alone."""
    proof = PROOFS[table]
    count = len(proof.columns)
    for row in connection.execute(f"SELECT {', '.join((*proof.columns, *octets))} FROM {table}"):
        if not proof.holds(row[:count]):
            yield row[count:]
