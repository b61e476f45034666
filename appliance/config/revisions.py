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
from functools import lru_cache
from typing import Any

from appliance.config.codec import from_data, to_data
from appliance.config.diff import Change
from appliance.config.formats import FORMAT, upgrade
from appliance.config.model import Document
from appliance.errors import ConfigErrors, StoreError

#: user_version of the database; documents have a format number of their own.
SCHEMA = 1
#: application_id: "DC" and the version once more, for a digit of the header may rot as well.
_APPLICATION = 0x44430000
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
_MOST = 2**63 - 1  # SQLite's own


class Rotten(sqlite3.DatabaseError):
    """SQLite can read the file, but it is not as we wrote it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the history; saved_at: seconds since 1970 (UTC); changes: secrets masked."""

    revision: int
    author: str
    note: str
    saved_at: float
    changes: tuple[Change, ...]


def create_schema(database: sqlite3.Connection) -> None:
    """Make the table where there is none; StoreError when a newer version made it.

    Raises Rotten when version or table are not what any version of ours has written.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (twin,) = database.execute("PRAGMA application_id").fetchone()
    if twin != _APPLICATION + version and not (twin == 0 and version <= SCHEMA):
        raise Rotten(f"version {version}, and {twin:#x} beside it")
    if version > SCHEMA:
        raise StoreError(f"config.db has schema {version}, newer than {SCHEMA}")
    if version < SCHEMA or not twin:
        database.execute("BEGIN IMMEDIATE")
        database.execute(_TABLE)
        _renew_checksums(database)
        database.execute(f"PRAGMA user_version = {SCHEMA}")
        database.execute(f"PRAGMA application_id = {_APPLICATION + SCHEMA}")
        database.execute("COMMIT")
    found = database.execute("SELECT name, sql FROM sqlite_schema").fetchall()
    if found != [("revisions", _TABLE.lstrip().replace("IF NOT EXISTS ", ""))]:
        raise Rotten("its schema is not ours")


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
    checksum = checksum_of(entry.revision, FORMAT, text)
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
    if checksum_of(revision, number, text) != checksum:
        raise StoreError(f"revision {revision}: checksum does not match")
    try:
        return _decoded(text, number)
    except (ValueError, ConfigErrors) as error:
        raise StoreError(f"revision {revision}: {error}") from error


@lru_cache(maxsize=2)  # the newest and one that is compared with it: every page asks for these
def _decoded(text: str, number: int) -> Document:
    """The document of a row's text. Documents are frozen: one may serve all who read it."""
    return from_data(upgrade(json.loads(text), number))


def read_history(
    database: sqlite3.Connection, limit: int, before: int | None = None
) -> list[Revision]:
    """The newest revisions first, without their documents; before: only those below it."""
    query = (
        "SELECT revision, author, note, saved_at, changes FROM revisions"
        " WHERE revision < ? ORDER BY revision DESC LIMIT ?"
    )
    below = _MOST if before is None else min(max(before, 0), _MOST)
    return [_revision(*row) for row in database.execute(query, (below, limit))]


def delete_before(database: sqlite3.Connection, revision: int) -> None:
    """Forget revisions older than this one."""
    database.execute("DELETE FROM revisions WHERE revision < ?", (revision,))


def _revision(number: int, author: str, note: str, saved_at: float, text: str) -> Revision:
    try:
        changes = tuple(Change(*change) for change in json.loads(text))
    except (ValueError, TypeError):
        changes = ()
    return Revision(number, author, note, saved_at, changes)


def checksum_of(revision: int, number: int, text: Any) -> str:
    """SHA-256 over a document, the number of its format and that of its revision."""
    return _sha256(f"{revision}\n{number}\n{text}")


def _renew_checksums(database: sqlite3.Connection) -> None:
    """Files of the first boxes left the revision out; what is damaged there stays so."""
    rows = database.execute(f"SELECT {_COLUMNS} FROM revisions").fetchall()
    for revision, number, text, checksum in rows:
        if checksum == _sha256(f"{number}\n{text}"):
            renewed = (checksum_of(revision, number, text), revision)
            database.execute("UPDATE revisions SET checksum = ? WHERE revision = ?", renewed)


def _sha256(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
