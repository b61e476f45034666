"""A new state.db in the place of a damaged one, whole or not at all.

Owns the way there: what is sound goes into a draft while the damaged file stays where it is; when
the draft is whole it gets a name of its own; then the damaged file is set aside and the draft takes
its place. Whatever cuts this off, the next start begins it again or finishes it: it never finds an
empty file that looks sound.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from appliance import durable
from appliance.store.database import open_for_writing
from appliance.store.salvage import LEFTOVERS, salvage
from appliance.store.spare import spare_path
from appliance.store.trouble import CANNOT_WRITE, StateError, key_of

_TAILS = ("-wal", "-shm", "-journal", "")


def make_next(path: Path) -> int:
    """Make the file that will follow a damaged one; how many rows of that are in it.

    StateError or OSError where the disk takes nothing: nothing has changed then.
    """
    draft = path.with_name(f".{path.name}.draft")
    _clear_away(draft)
    try:
        rows = _fill(draft, path)
        durable.take_place(draft, _next_of(path))
    except sqlite3.Error as error:
        raise StateError(key_of(error) or CANNOT_WRITE, f"{draft}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            _clear_away(draft)
    return rows


def put_in_place(path: Path) -> Path | None:
    """Set the damaged file aside for the one that was made to follow it; where it is now.

    None where no such file waits. OSError: the next try goes on.
    """
    following = _next_of(path)
    if not following.exists():
        return None
    aside = durable.set_aside(path) if path.exists() else durable.last_aside(path)
    durable.take_place(following, path)
    return aside


def room_around(path: Path) -> int:
    """Free octets of the disk."""
    return shutil.disk_usage(path.parent).free


def _fill(draft: Path, damaged: Path) -> int:
    connection = open_for_writing(draft)
    try:
        rows = salvage(damaged, connection, spare_path(damaged))
        # Without a log: this file is all of it, and on the disk before it gets its name.
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    finally:
        connection.close()
    return rows


def _next_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.next")


def _clear_away(draft: Path) -> None:
    """What an earlier try left."""
    for tail in _TAILS:
        draft.with_name(f"{draft.name}{tail}").unlink(missing_ok=True)
    for folder in draft.parent.glob(f"{LEFTOVERS}*"):
        shutil.rmtree(folder, ignore_errors=True)
