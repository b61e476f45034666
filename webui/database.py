"""``web.db``: accounts, sessions, the audit log, and what the wizard has to remember.

Owns the file and its schema; the web process is its only writer. A connection lives as long as one
piece of work: the file is small, SQLite opens it in a fraction of a millisecond, and threads share
nothing.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance import durable
from appliance.errors import StoreError

log = logging.getLogger(__name__)
#: Names in whatever case, of all alphabets: NOCASE of SQLite knows the Latin one alone.
ANY_CASE = "ANY_CASE"
_BUSY_S = 5.0
_KEY_OCTETS = 32
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
#: One text a version; a file is brought up to date by the ones that it has not seen.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE accounts (
        name       TEXT PRIMARY KEY COLLATE NOCASE,
        password   TEXT NOT NULL,
        role       TEXT NOT NULL,
        language   TEXT NOT NULL,
        created_at REAL NOT NULL
    ) STRICT;
    CREATE TABLE sessions (
        id         TEXT PRIMARY KEY,
        account    TEXT NOT NULL COLLATE NOCASE
                   REFERENCES accounts (name) ON DELETE CASCADE ON UPDATE CASCADE,
        created_at REAL NOT NULL,
        seen_at    REAL NOT NULL,
        address    TEXT NOT NULL,
        agent      TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        id      INTEGER PRIMARY KEY,
        at      REAL NOT NULL,
        account TEXT NOT NULL,
        address TEXT NOT NULL,
        action  TEXT NOT NULL,
        detail  TEXT NOT NULL,
        before  INTEGER,
        after   INTEGER
    ) STRICT;
    CREATE INDEX audit_by_time ON audit (at);
    CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE links (
        id        TEXT PRIMARY KEY,
        extension TEXT NOT NULL,
        author    TEXT NOT NULL,
        ends_at   REAL NOT NULL
    ) STRICT;
    """,
)


class WebDatabase:
    """The file; ``key`` signs forms and outlives restarts."""

    def __init__(self, path: Path) -> None:
        """Make or bring up to date; a damaged file is set aside, and the box is to be claimed
        anew. Raises StoreError."""
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._open()
        except (sqlite3.Error, OSError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
                raise StoreError(f"{path}: {error}") from error
            log.error("%s; kept as %s, people must be added anew", error, durable.set_aside(path))
            self._open()
        self.key = self._key()
        self._hold_on()

    def _open(self) -> None:
        durable.make_private(self.path)
        self.path.touch()  # whoever may not write to it shall not begin
        with self.connect() as database:
            database.execute("PRAGMA journal_mode = WAL")
            (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                error = sqlite3.DatabaseError(verdict)
                error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise error
            _migrate(database)

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """A connection; everything inside is one transaction if it begins one (``BEGIN``)."""
        database = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        database.row_factory = sqlite3.Row
        database.create_collation(ANY_CASE, _compare)
        try:
            database.execute("PRAGMA foreign_keys = ON")
            yield database
        finally:
            database.close()

    def _hold_on(self) -> None:
        """One connection stays open, or the last of each request would take the log and its index
        away, and a full disk would have no room to make them anew: not even to be read."""
        anchor = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        weakref.finalize(self, anchor.close)
        anchor.execute("SELECT count(*) FROM notes").fetchone()

    def note(self, name: str) -> str:
        """A remembered value, or an empty text."""
        with self.connect() as database:
            row = database.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else ""

    def remember(self, name: str, value: str) -> None:
        """Keep a value."""
        with self.connect() as database:
            database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def _key(self) -> bytes:
        try:
            key = bytes.fromhex(self.note("key"))
        except ValueError:  # a letter of it rotted
            key = b""
        if len(key) != _KEY_OCTETS:
            key = secrets.token_bytes(_KEY_OCTETS)
            self.remember("key", key.hex())
        return key


def _compare(one: str, other: str) -> int:
    first, second = one.casefold(), other.casefold()
    return (first > second) - (first < second)


def _migrate(database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(f"web.db has version {version}, newer than {len(MIGRATIONS)}")
    for number, text in enumerate(MIGRATIONS[version:], start=version + 1):
        database.executescript(f"BEGIN;{text};PRAGMA user_version = {number};COMMIT;")
