"""A copy of state.db beside it, for the day on which the file gives nothing any more.

Owns the file ``state.last-good.db``: a whole database, made by SQLite in one reading transaction
while the writer goes on, and put in its place durably (durable.py). What is true for long is taken
from it: the journal, messages, secrets of phones; registrations and dialogs of hours ago are not.
"""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance import durable


def spare_path(database: Path) -> Path:
    """Where the copy of this database lies."""
    return database.with_name(f"{database.stem}.last-good{database.suffix}")


def write_spare(database: Path) -> None:
    """Renew the copy. Blocks for as long as the file takes to be read.

    Raises sqlite3.Error or OSError: the old copy stays then.
    """
    spare = spare_path(database)
    draft = spare.with_name(f".{spare.name}.draft")
    # Not read-only: whoever closes the file last takes its log away with it.
    with closing(
        sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)
    ) as connection:
        draft.unlink(missing_ok=True)
        try:
            connection.execute("VACUUM INTO ?", (str(draft),))
            draft.chmod(durable.PRIVATE)
            durable.take_place(draft, spare)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
