"""Pieces of work in one transaction: all are committed together, and none harms another.

Owns the writing connection: it is opened when it is needed, so that a disk that was not ready at
the start, or a file that rotted while it was open, is tried again. A damaged file is set aside.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from appliance import durable
from appliance.store.anew import make_next, put_in_place, room_around
from appliance.store.database import open_for_writing
from appliance.store.readable import is_unreadable
from appliance.store.trouble import (
    CANNOT_OPEN,
    CANNOT_WRITE,
    DAMAGED,
    DISK_FULL,
    StateError,
    is_passing,
    key_of,
)
from appliance.store.wal import has_lost_its_tail

log = logging.getLogger(__name__)
#: How much more room there must be before what found too little of it is tried again.
_WORTH_A_TRY = 1 << 20


#: Between the thread that tells and the one that begins to wait.
_telling = threading.Lock()


class Piece:
    """Work and who hears of it. what: names it in the log when nobody waits, so that it may be held
    (is_patient); most of them nobody ever asks, so that a future is made for who does."""

    __slots__ = ("_future", "_is_told", "error", "result", "what", "work")

    def __init__(self, work: Callable[[sqlite3.Connection], Any], what: str = "") -> None:
        self.work = work
        self.what = what
        self.result: Any = None
        self.error: Exception | None = None
        self._future: concurrent.futures.Future[Any] | None = None
        self._is_told = False

    @property
    def is_patient(self) -> bool:
        return bool(self.what)

    @property
    def future(self) -> concurrent.futures.Future[Any]:
        """Done when the disk has it, or never will."""
        with _telling:
            if self._future is None:
                self._future = concurrent.futures.Future()
                self._future.set_running_or_notify_cancel()  # nobody can take it back
                if self._is_told:
                    self._fill(self._future)
            return self._future

    def tell(self) -> None:
        """What came of it, once it is on the disk."""
        if self.error is not None and self.what:
            log.error("%s was not kept: %s", self.what, self.error)
        with _telling:
            self._is_told = True
            future = self._future
        if future is not None:
            self._fill(future)

    def _fill(self, future: concurrent.futures.Future[Any]) -> None:
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(self.result)


class Ledger:
    """The file and what is committed to it.

    set_aside: where a damaged one went, if one did; salvaged: rows that it still gave; lost_tail:
    where a copy of a log lies that had rotted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = 0
        self.set_aside: Path | None = None
        self.salvaged = 0
        self.lost_tail: Path | None = None
        self._is_suspect = False  # SQLite found damage while it was open
        self._too_little = -1  # free octets with which no new file could be made
        self._connection: sqlite3.Connection | None = None

    def open(self) -> sqlite3.Connection:
        """The connection; StateError, or OSError when a damaged file cannot even be moved."""
        if self._connection is None:
            try:
                self._put_in_place()  # a start that was cut off had made it
                if self._is_suspect:
                    raise StateError(DAMAGED, str(self.path))
                self._look_at_the_log()
                self._connection = open_for_writing(self.path)
            except StateError as error:
                if error.key != DAMAGED:
                    raise
                if is_unreadable(self.path):
                    raise StateError(CANNOT_OPEN, str(error)) from error
                self._connection = self._begin_anew(error)
        return self._connection

    def _begin_anew(self, error: StateError) -> sqlite3.Connection:
        """A damaged file stays where it is until what it still gives is in another one."""
        self._make_next()
        self._put_in_place()
        log.error(
            "%s; it is kept as %s, and a new one begins with %d rows of it",
            error,
            self.set_aside,
            self.salvaged,
        )
        return open_for_writing(self.path)

    def _make_next(self) -> None:
        """A full disk is not filled anew every second: first there must be more room."""
        if room_around(self.path) < self._too_little:
            raise StateError(DISK_FULL, f"{self.path}: no room to make it anew")
        try:
            self.salvaged = make_next(self.path)
        except (StateError, OSError) as error:
            if key_of(error) == DISK_FULL:
                self._too_little = room_around(self.path) + _WORTH_A_TRY
            raise

    def _put_in_place(self) -> None:
        aside = put_in_place(self.path)
        if aside is not None:
            self.set_aside = aside
            self._is_suspect = False

    def _look_at_the_log(self) -> None:
        """SQLite drops what follows a rotten frame: keep it, and tell."""
        wal = self.path.with_name(f"{self.path.name}-wal")
        if self.lost_tail is None and has_lost_its_tail(wal):
            self.lost_tail = durable.keep_copy(wal)
            log.error("%s has rotted; a copy is kept as %s", wal, self.lost_tail)

    def close(self) -> None:
        """Give the file back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def commit(self, pieces: Sequence[Piece]) -> StateError | None:
        """Do all and commit, then tell each; or the trouble because of which nothing was done."""
        try:
            connection = self.open()
            connection.execute("BEGIN IMMEDIATE")
            if not _do_all(connection, pieces):
                connection.execute("ROLLBACK")
                connection.execute("BEGIN IMMEDIATE")
                for piece in pieces:
                    _do_alone(connection, piece)
            connection.execute("COMMIT")
        except (sqlite3.Error, StateError, OSError) as error:
            return self._undo(pieces, error)
        self.commits += 1
        for piece in pieces:
            piece.tell()
        return None

    def _undo(self, pieces: Sequence[Piece], error: Exception) -> StateError | None:
        """Nothing was committed. Whoever asked is told when it was no trouble of the disk."""
        key = key_of(error)
        if self._connection is not None and self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        if key == DAMAGED:
            log.error("%s: %s", self.path, error)
            self._is_suspect = not is_unreadable(self.path)
            self.close()
            key = CANNOT_WRITE
        if is_passing(key):
            return StateError(key, f"{self.path}: {error}")
        log.error("%s: nothing was committed: %s", self.path, error)
        for piece in pieces:
            piece.error = _told(error)
            piece.tell()
        return None


def _do_all(connection: sqlite3.Connection, pieces: Sequence[Piece]) -> bool:
    """Run all without savepoints, as is nearly always right; False = one of them failed."""
    try:
        for piece in pieces:
            piece.error = None
            piece.result = piece.work(connection)
    except Exception as error:
        if _is_of_the_disk(error):
            raise
        return False
    return True


def _do_alone(connection: sqlite3.Connection, piece: Piece) -> None:
    """Run one piece within its savepoint; one that fails leaves nothing behind."""
    connection.execute("SAVEPOINT piece")
    try:
        piece.result = piece.work(connection)
    except Exception as error:
        if _is_of_the_disk(error):
            raise
        connection.execute("ROLLBACK TO piece")
        piece.error = _told(error)
    connection.execute("RELEASE piece")


def _is_of_the_disk(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error) and bool(key_of(error))


def _told(error: Exception) -> Exception:
    """SQLite's errors as ours; what the work itself raised stays."""
    if isinstance(error, sqlite3.Error):
        return StateError(key_of(error) or CANNOT_WRITE, str(error))
    return error
