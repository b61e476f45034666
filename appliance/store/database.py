"""``state.db``: what the daemon knows and must not forget when the power goes.

Owns opening the file, its settings and its migrations. WAL, so that readers never wait for the
writer; synchronous FULL, so that what was committed survives a power failure. There is one writer
(writer.py); everybody else opens the file for reading.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from appliance.errors import StoreError
from appliance.store.migrations import MIGRATIONS

_BUSY_MS = 5000
_PAGES_PER_CHECKPOINT = 1000


class StateError(StoreError):
    """state.db cannot be used; key is stable, e.g. ``store.damaged``."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


def open_for_writing(path: Path | str) -> sqlite3.Connection:
    """Open, check and bring up to date; the one writer calls it. Autocommit mode.

    Raises StateError: ``store.cannot_open``, ``store.damaged``, ``store.too_new``.
    """
    connection = _connect(f"file:{_quoted(path)}?mode=rwc", path)
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_PER_CHECKPOINT}")
        _check(connection, path)
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StateError("store.damaged", f"{path}: {error}") from error
    except StateError:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path | str) -> sqlite3.Connection:
    """Open read-only, while the daemon may be writing. Raises StateError as above."""
    if not Path(path).exists():
        raise StateError("store.cannot_open", f"{path} does not exist")
    connection = _connect(f"file:{_quoted(path)}?mode=ro", path)
    try:
        version = _version(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StateError("store.damaged", f"{path}: {error}") from error
    if version != len(MIGRATIONS):
        connection.close()
        key = "store.too_new" if version > len(MIGRATIONS) else "store.too_old"
        raise StateError(key, f"{path} has version {version}, not {len(MIGRATIONS)}")
    return connection


def write_again(connection: sqlite3.Connection) -> None:
    """A true write that changes nothing: the file's version, as it was.

    SQLite writes the page and waits for the disk all the same, so that its success proves both.
    """
    connection.execute(f"PRAGMA user_version = {_version(connection)}")


def _connect(uri: str, path: Path | str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StateError("store.cannot_open", f"{path}: {error}") from error
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return connection


def _quoted(path: Path | str) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check(connection: sqlite3.Connection, path: Path | str) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StateError("store.damaged", f"{path}: {found}")


def _migrate(connection: sqlite3.Connection, path: Path | str) -> None:
    """Run the steps that this file has not seen, each whole or not at all."""
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StateError("store.too_new", f"{path} has version {version}")
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
