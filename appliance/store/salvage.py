"""What a damaged state.db still gives: rows that can be read go into the new file.

Owns nothing: it reads a damaged file, by a copy whose header is made right, and writes by a
connection that is given. A table is walked from both ends, so that a page which is gone costs the
rows on it; a row that rotted is left behind. The spare copy (spare.py) gives its calls first, so
that they keep their order, and last what the file has lost beside them.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from appliance.store.soundness import PROOFS
from appliance.store.trouble import CANNOT_WRITE, DISK_FULL, StateError, key_of

log = logging.getLogger(__name__)
#: How the names of folders begin in which a copy lies for as long as it is read.
LEFTOVERS = ".salvage-"
_HEADER_OCTETS = 100
#: What every file of ours has alike in its header: (first, end); the rest counts pages and changes.
_ALIKE = ((0, 24), (44, 48), (56, 64), (68, 72))
_KEYS = {
    "calls": "id",
    "open_calls": "call_ref",
    "bindings": "key",
    "dialogs": "key",
    "messages": "id",
    "phones": "mac",
    "claim_codes": "extension",
    "voice_messages": "ident",
}


def salvage(damaged: Path, fresh: sqlite3.Connection, spare: Path) -> int:
    """Copy what is sound; how many rows. Never raises for the old file, nor for the spare one.

    StateError or OSError where the disk does not take the new one, or has no room for the copy: the
    old file may have more to give then.
    """
    calls = _spared(spare, fresh, ("calls",))
    return calls + _rows_of(damaged, fresh) + _spared(spare, fresh, ("messages", "phones"))


def _spared(spare: Path, fresh: sqlite3.Connection, tables: Iterable[str]) -> int:
    if not spare.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{spare.absolute().as_uri()}?mode=ro", uri=True)) as old:
            return _take(old, fresh, tables)
    except sqlite3.Error as error:
        log.error("nothing could be taken from %s: %s", spare, error)
        return 0


def _rows_of(damaged: Path, fresh: sqlite3.Connection) -> int:
    (name,) = fresh.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()
    with tempfile.TemporaryDirectory(prefix=LEFTOVERS, dir=damaged.parent) as folder:
        copy = Path(folder) / damaged.name
        try:
            _copy(damaged, copy, Path(name))
            old = sqlite3.connect(copy, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            if key_of(error) == DISK_FULL:
                raise StateError(DISK_FULL, f"{copy}: {error}") from error
            log.error("nothing could be taken from %s: %s", damaged, error)
            return 0
        try:
            return _take(old, fresh, _KEYS)
        finally:
            old.close()


def _copy(damaged: Path, copy: Path, like: Path) -> None:
    """The file and its log; what headers have alike is taken from a sound one."""
    shutil.copyfile(damaged, copy)
    log_file = damaged.with_name(f"{damaged.name}-wal")
    if log_file.exists():
        shutil.copyfile(log_file, f"{copy}-wal")
    with like.open("rb") as file:
        right = file.read(_HEADER_OCTETS)
    with copy.open("r+b") as file:
        for first, end in _ALIKE:
            file.seek(first)
            file.write(right[first:end])


def _take(old: sqlite3.Connection, fresh: sqlite3.Connection, tables: Iterable[str]) -> int:
    """Rows of these tables that are sound, in one transaction; StateError as ``salvage``."""
    old.text_factory = lambda octets: octets.decode("utf-8", "replace")
    try:
        fresh.execute("BEGIN IMMEDIATE")
        count = sum(_take_table(old, fresh, table) for table in tables)
        fresh.execute("COMMIT")
    except sqlite3.Error as error:  # of the new file: what the old one raises ends its walk
        raise StateError(key_of(error) or CANNOT_WRITE, str(error)) from error
    return count


def _take_table(old: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> int:
    count = 0
    names = PROOFS[table].columns
    columns, places = ", ".join(names), ", ".join("?" * len(names))
    insert = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})"
    for row in _walk(old, f"SELECT {columns} FROM {table} ORDER BY {_KEYS[table]}"):
        if not PROOFS[table].holds(row):
            continue
        try:
            count += fresh.execute(insert, row).rowcount
        except sqlite3.IntegrityError:
            continue  # what must not be empty is
    return count


def _walk(old: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    """Rows from the first to where it breaks, then from the last to where it breaks."""
    for text in (query, f"{query} DESC"):
        try:
            yield from old.execute(text)
            return
        except sqlite3.Error as error:
            log.warning("a damaged table breaks off: %s", error)
