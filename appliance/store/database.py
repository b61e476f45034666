"""``state.db``: what the daemon knows and must not forget when the power goes.

Owns opening the file, its settings and its migrations. WAL, so that readers never wait for the
writer; synchronous FULL, so that what was committed survives a power failure. A file is believed
only when its structure, its schema and its number of migrations, which is kept twice, are sound.
There is one writer (writer.py); everybody else opens the file for reading.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path

from appliance import durable
from appliance.store.migrations import MIGRATIONS
from appliance.store.readable import is_unreadable
from appliance.store.trouble import (
    CANNOT_OPEN,
    DAMAGED,
    TOO_NEW,
    StateError,
    is_passing,
    key_of,
)

__all__ = [
    "StateError",
    "indexes_fit",
    "make_indexes",
    "open_for_reading",
    "open_for_writing",
    "reading",
    "write_again",
]

_BUSY_MS = 5000
_PAGES_PER_CHECKPOINT = 1000
#: application_id: "DZ" and the number of migrations, which stands in user_version too: a digit that
#: rotted in the header must neither pass for a newer version nor for an older one.
_APPLICATION = 0x445A0000
_BEFORE_IT_STOOD_TWICE = 2


def open_for_writing(path: Path | str) -> sqlite3.Connection:
    """Open, check and bring up to date; the one writer calls it. Autocommit mode.

    Raises StateError: ``store.damaged``, ``store.too_new``; ``store.cannot_open``,
    ``store.disk_full``, ``store.cannot_write`` when the disk is not ready for it.
    """
    with contextlib.suppress(OSError):  # SQLite says it better
        durable.make_private(Path(path))
    connection = _connect(f"file:{_quoted(path)}?mode=rwc", path)
    try:
        _check_header(path)
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_PER_CHECKPOINT}")
        _check_structure(connection, path)
        _migrate(connection, path)
        _check_schema(connection, path)
    except (sqlite3.Error, OSError) as error:
        connection.close()
        key = key_of(error)
        raise StateError(key if is_passing(key) else DAMAGED, f"{path}: {error}") from error
    except StateError:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path | str) -> sqlite3.Connection:
    """Open read-only, while the daemon may be writing. Raises StateError as above."""
    if not Path(path).exists():
        raise StateError(CANNOT_OPEN, f"{path} does not exist")
    connection = _connect(f"file:{_quoted(path)}?mode=ro", path)
    try:
        version = _version(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _trouble_of(error, path) from error
    if version != len(MIGRATIONS):
        connection.close()
        key = TOO_NEW if version > len(MIGRATIONS) else "store.too_old"
        raise StateError(key, f"{path} has version {version}, not {len(MIGRATIONS)}")
    return connection


@contextmanager
def reading(path: Path | str) -> Iterator[sqlite3.Connection]:
    """``open_for_reading`` for one piece of work, whose errors are StateErrors too."""
    connection = open_for_reading(path)
    try:
        yield connection
    except sqlite3.Error as error:
        raise _trouble_of(error, path) from error
    finally:
        connection.close()


def _trouble_of(error: sqlite3.Error, path: Path | str) -> StateError:
    """What an error of reading this file means: the disk does not give it, or it is broken."""
    key = CANNOT_OPEN if is_unreadable(Path(path)) else key_of(error) or DAMAGED
    return StateError(key, f"{path}: {error}")


def indexes_fit(connection: sqlite3.Connection) -> bool:
    """Whether every index says what its table says; takes long for a long journal."""
    return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")


def make_indexes(connection: sqlite3.Connection) -> None:
    """Make all indexes anew from their tables."""
    connection.execute("REINDEX")


def write_again(connection: sqlite3.Connection) -> None:
    """A true write that changes nothing: the file's version, as it was.

    SQLite writes the page and waits for the disk all the same, so that its success proves both.
    """
    connection.execute(f"PRAGMA user_version = {_version(connection)}")


def _connect(uri: str, path: Path | str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StateError(CANNOT_OPEN, f"{path}: {error}") from error
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.text_factory = _text
    return connection


def _text(octets: bytes) -> str:
    """Octets that rotted are no UTF-8 any more: they are shown, not raised."""
    return octets.decode("utf-8", "replace")


def _quoted(path: Path | str) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_header(path: Path | str) -> None:
    """A file version that SQLite does not know would make it read-only without a word."""
    with open(path, "rb") as file:
        versions = file.read(20)[18:20]
    if not set(versions) <= {1, 2}:
        raise StateError(DAMAGED, f"{path}: file versions {list(versions)}")


def _check_structure(connection: sqlite3.Connection, path: Path | str) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StateError(DAMAGED, f"{path}: {found}")


def _migrate(connection: sqlite3.Connection, path: Path | str) -> None:
    """Run the steps that this file has not seen, all or none: the disk is waited for once."""
    version = _version(connection)
    (twin,) = connection.execute("PRAGMA application_id").fetchone()
    is_old = twin == 0 and version <= _BEFORE_IT_STOOD_TWICE
    if twin != _APPLICATION + version and not is_old:
        raise StateError(DAMAGED, f"{path}: version {version}, and {twin:#x} beside it")
    if version > len(MIGRATIONS):
        raise StateError(TOO_NEW, f"{path} has version {version}")
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in chain.from_iterable(MIGRATIONS[version:]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute(f"PRAGMA application_id = {_APPLICATION + len(MIGRATIONS)}")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _check_schema(connection: sqlite3.Connection, path: Path | str) -> None:
    """Names and statements are pages of the file as well: they must be what the steps made."""
    if _schema(connection) != _right_schema(MIGRATIONS):
        raise StateError(DAMAGED, f"{path}: its schema is not ours")


def _schema(connection: sqlite3.Connection) -> frozenset[tuple[object, ...]]:
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema")
    return frozenset(row for row in rows if not str(row[1]).startswith("sqlite_stat"))


@cache
def _right_schema(steps: tuple[tuple[str, ...], ...]) -> frozenset[tuple[object, ...]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in chain.from_iterable(steps):
            connection.execute(statement)
        return _schema(connection)
    finally:
        connection.close()
