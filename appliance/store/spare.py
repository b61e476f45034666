"""A copy of state.db beside it, for the day on which the file gives nothing any more.

Owns the file ``state.last-good.db``: a whole database, made by SQLite in one reading transaction
while the writer goes on, and put in its place durably (durable.py). Only the journal is ever taken
from it: registrations and dialogs of hours ago are no longer true.
"""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance import durable
from appliance.store.database import open_for_reading

_NEWEST = "SELECT coalesce(max(id), 0), count(*) FROM calls"


def spare_path(database: Path) -> Path:
    """Where the copy of this database lies."""
    return database.with_name(f"{database.stem}.last-good{database.suffix}")


def write_spare(database: Path) -> bool:
    """Renew the copy unless the journal is as it was; whether it was renewed.

    Blocks for as long as the file takes to be read. Raises StoreError, sqlite3.Error or OSError:
    the old copy stays then.
    """
    spare = spare_path(database)
    draft = spare.with_name(f".{spare.name}.draft")
    with closing(open_for_reading(database)) as connection:
        if _newest(spare) == connection.execute(_NEWEST).fetchone():
            return False
        draft.unlink(missing_ok=True)
        try:
            connection.execute("VACUUM INTO ?", (str(draft),))
            draft.chmod(durable.PRIVATE)
            durable.take_place(draft, spare)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
    return True


def _newest(spare: Path) -> tuple[int, int] | None:
    """What the copy's journal ends with; None when there is no copy that can be read."""
    try:
        with closing(sqlite3.connect(f"{spare.as_uri()}?mode=ro", uri=True)) as connection:
            newest: tuple[int, int] = connection.execute(_NEWEST).fetchone()
            return newest
    except (sqlite3.Error, ValueError):
        return None
