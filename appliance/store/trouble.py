"""What SQLite's and the system's errors mean for a database of ours: passing, damage, or a defect.

PURE tables. A disk that takes nothing (full, read-only, failing) may take something later; a file
that is damaged never heals; anything else is a mistake of whoever asked.
"""

from __future__ import annotations

import errno
import sqlite3

from appliance.errors import StoreError

DISK_FULL, CANNOT_WRITE = "store.disk_full", "store.cannot_write"
CANNOT_OPEN, DAMAGED, TOO_NEW = "store.cannot_open", "store.damaged", "store.too_new"

_KEYS = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_READONLY: CANNOT_WRITE,
    sqlite3.SQLITE_IOERR: CANNOT_WRITE,
    sqlite3.SQLITE_CANTOPEN: CANNOT_WRITE,
    sqlite3.SQLITE_PERM: CANNOT_WRITE,
    sqlite3.SQLITE_BUSY: CANNOT_WRITE,
    sqlite3.SQLITE_LOCKED: CANNOT_WRITE,
    sqlite3.SQLITE_PROTOCOL: CANNOT_WRITE,
    sqlite3.SQLITE_NOMEM: CANNOT_WRITE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
_FULL = (errno.ENOSPC, errno.EDQUOT)


class StateError(StoreError):
    """state.db cannot be used; key is stable, e.g. ``store.damaged``."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


def key_of(error: BaseException) -> str:
    """The stable key of an error; empty for one that is the fault of whoever asked."""
    if isinstance(error, StateError):
        return error.key
    if isinstance(error, OSError):
        return DISK_FULL if error.errno in _FULL else CANNOT_WRITE
    return _KEYS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")


def is_passing(key: str) -> bool:
    """True when the same may succeed later without anything being asked differently."""
    return key in (DISK_FULL, CANNOT_WRITE, CANNOT_OPEN)
