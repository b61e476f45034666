"""The table of revisions in config.db: its SQL, and what makes a row trustworthy.

Owns the schema. A row holds a whole document as JSON with the number of its format and a SHA-256
over both, so that a page which rotted on the card is noticed although SQLite can still read it.
When to save what is store.py's business.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from appliance.config.codec import from_data, to_data
from appliance.config.diff import Change
from appliance.config.formats import FORMAT, upgrade
from appliance.config.model import Document
from appliance.errors import ConfigErrors, StoreError

#: user_version of the database; documents have a format number of their own.
SCHEMA = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS revisions (
    revision INTEGER PRIMARY KEY,
    format   INTEGER NOT NULL,
    document TEXT    NOT NULL,
    checksum TEXT    NOT NULL,
    author   TEXT    NOT NULL,
    note     TEXT    NOT NULL,
    saved_at REAL    NOT NULL,
    changes  TEXT    NOT NULL
) STRICT
"""
_INSERT = "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = "revision, format, document, checksum"


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the history; saved_at: seconds since 1970 (UTC); changes: secrets masked."""

    revision: int
    author: str
    note: str
    saved_at: float
    changes: tuple[Change, ...]


def create_schema(database: sqlite3.Connection) -> None:
    """Make the table where there is none; StoreError when a newer version made it."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise StoreError(f"config.db has schema {version}, newer than {SCHEMA}")
    if version < SCHEMA:
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {SCHEMA}")


def newest_number(database: sqlite3.Connection) -> int:
    """The number of the newest revision, sound or not; 0 when there is none."""
    (newest,) = database.execute("SELECT max(revision) FROM revisions").fetchone()
    return newest or 0


def numbers(database: sqlite3.Connection) -> list[int]:
    """All revisions, the newest first."""
    rows = database.execute("SELECT revision FROM revisions ORDER BY revision DESC")
    return [number for (number,) in rows]


def insert(database: sqlite3.Connection, entry: Revision, document: Document) -> None:
    """Write a revision."""
    text = json.dumps(to_data(document), ensure_ascii=False, separators=(",", ":"))
    changes = json.dumps([[c.path, c.before, c.after] for c in entry.changes], ensure_ascii=False)
    checksum = _checksum(FORMAT, text)
    row = (
        entry.revision,
        FORMAT,
        text,
        checksum,
        entry.author,
        entry.note,
        entry.saved_at,
        changes,
    )
    database.execute(_INSERT, row)


def read_document(database: sqlite3.Connection, revision: int) -> Document | None:
    """The document of a revision, or None when there is no such row; StoreError when damaged."""
    query = f"SELECT {_COLUMNS} FROM revisions WHERE revision = ?"
    row = database.execute(query, (revision,)).fetchone()
    if row is None:
        return None
    number, text, checksum = row[1:]
    if _checksum(number, text) != checksum:
        raise StoreError(f"revision {revision}: checksum does not match")
    try:
        return from_data(upgrade(json.loads(text), number))
    except (ValueError, ConfigErrors) as error:
        raise StoreError(f"revision {revision}: {error}") from error


def read_history(database: sqlite3.Connection, limit: int) -> list[Revision]:
    """The newest revisions first, without their documents."""
    query = (
        "SELECT revision, author, note, saved_at, changes FROM revisions"
        " ORDER BY revision DESC LIMIT ?"
    )
    return [_revision(*row) for row in database.execute(query, (limit,))]


def delete_before(database: sqlite3.Connection, revision: int) -> None:
    """Forget revisions older than this one."""
    database.execute("DELETE FROM revisions WHERE revision < ?", (revision,))


def _revision(number: int, author: str, note: str, saved_at: float, text: str) -> Revision:
    try:
        changes = tuple(Change(*change) for change in json.loads(text))
    except (ValueError, TypeError):
        changes = ()
    return Revision(number, author, note, saved_at, changes)


def _checksum(number: int, text: Any) -> str:
    return hashlib.sha256(f"{number}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
