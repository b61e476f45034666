"""The one writer of state.db: a thread that commits together whatever has come together.

Owns the writing connection and its thread. All pieces share a transaction, so that one commit (one
fsync) acknowledges all; when one of them fails, they run again, each inside its own savepoint, so
that it takes nobody with it. What nobody waits for is gathered for a moment first: each wake-up of
this thread costs the event loop the interpreter. The loop is never blocked: it gets futures.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from appliance import durable
from appliance.errors import StoreError
from appliance.store.database import StateError, open_for_writing, write_again

log = logging.getLogger(__name__)
_MOST_TOGETHER = 500
_CLOSE_S = 30.0
_GATHER_S = 0.05  # how long a posted piece may wait for company before it goes to the disk

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


@dataclass(slots=True)
class _Piece:
    work: Callable[[sqlite3.Connection], Any]
    future: concurrent.futures.Future[Any]
    is_patient: bool = False  # nobody waits for it
    result: Any = None


class StateWriter:
    """Runs pieces of work in the order in which they were given.

    A damaged file is set aside and a new one begun, for the box must ring: ``set_aside`` names it
    then. ``ended`` is done when the thread is over, with what it died of. Raises StateError when no
    file can be had (database.py).
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.commits = 0  # how many transactions it took: for measurements
        self.set_aside: Path | None = None
        self._connection = self._open()
        self._queue: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._is_closed = False
        self.ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.ended.set_running_or_notify_cancel()  # who waits for it may give up waiting
        self._hurry = threading.Event()  # somebody waits: gather no longer
        self._thread = threading.Thread(target=self._run, name="state-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> concurrent.futures.Future[T]:
        """Have work done and committed at once; the future is done when the disk has it.

        Its error is a StoreError, or what work itself raised. Work touches nothing but the
        connection: it runs a second time when another piece of its transaction failed.
        """
        future = self._put(work, is_patient=False)
        self._hurry.set()
        return future

    async def run(self, work: Work[T]) -> T:
        """Await the work's result; it is durable by then."""
        return await asyncio.wrap_future(self.submit(work))

    def post(self, work: Work[T], what: str) -> concurrent.futures.Future[T]:
        """As ``submit``, within a moment, for callers who do not wait.

        A failure is logged as ``what``.
        """

        def note(done: concurrent.futures.Future[T]) -> None:
            if (error := done.exception()) is not None:
                log.error("%s was not kept: %s", what, error)

        future = self._put(work, is_patient=True)
        future.add_done_callback(note)
        return future

    async def prove(self) -> None:
        """Return when a write has reached the disk; raises StoreError as ``run`` does."""
        await self.run(write_again)

    def close(self) -> None:
        """Do what was given, then close the file; blocks until then."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        self._hurry.set()
        self._thread.join(_CLOSE_S)

    def _put(self, work: Work[T], *, is_patient: bool) -> concurrent.futures.Future[T]:
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        future.set_running_or_notify_cancel()  # from here on nobody can take it back
        if self._is_closed:
            future.set_exception(StateError("store.closed", str(self.path)))
        else:
            self._queue.put(_Piece(work, future, is_patient))
        return future

    def _open(self) -> sqlite3.Connection:
        try:
            return open_for_writing(self.path)
        except StateError as error:
            if error.key != "store.damaged":
                raise
            self.set_aside = durable.set_aside(self.path)
            log.error("%s; it is kept as %s, and a new one begins", error, self.set_aside)
            return open_for_writing(self.path)

    # ---- the thread

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    def _work(self) -> None:
        is_last = False
        while not is_last:
            pieces, is_last = self._together()
            if pieces:
                self._commit(pieces)
        self._connection.close()

    def _together(self) -> tuple[list[_Piece], bool]:
        """Wait for one piece, then take whatever else is there or comes within a moment."""
        pieces: list[_Piece] = []
        piece = self._queue.get()
        if piece is not None and piece.is_patient:
            self._hurry.wait(_GATHER_S)
        self._hurry.clear()
        while piece is not None:
            pieces.append(piece)
            if len(pieces) >= _MOST_TOGETHER:
                return pieces, False
            try:
                piece = self._queue.get_nowait()
            except queue.Empty:
                return pieces, False
        return pieces, True

    def _commit(self, pieces: list[_Piece]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            done = pieces
            if not self._do_all(pieces):
                connection.execute("ROLLBACK")
                connection.execute("BEGIN IMMEDIATE")
                done = [piece for piece in pieces if self._try(piece)]
            connection.execute("COMMIT")
            self.commits += 1
        except sqlite3.Error as error:
            self._give_up(pieces, error)
            return
        for piece in done:
            piece.future.set_result(piece.result)

    def _do_all(self, pieces: list[_Piece]) -> bool:
        """Run all without savepoints, as is nearly always right; False = one of them failed."""
        try:
            for piece in pieces:
                piece.result = piece.work(self._connection)
        except Exception:
            return False
        return True

    def _try(self, piece: _Piece) -> bool:
        """Run one piece within its savepoint; False = it failed and left nothing behind."""
        self._connection.execute("SAVEPOINT piece")
        try:
            piece.result = piece.work(self._connection)
        except Exception as error:
            self._connection.execute("ROLLBACK TO piece")
            self._connection.execute("RELEASE piece")
            is_ours = isinstance(error, sqlite3.Error)
            piece.future.set_exception(_as_store_error(error) if is_ours else error)
            return False
        self._connection.execute("RELEASE piece")
        return True

    def _give_up(self, pieces: list[_Piece], error: sqlite3.Error) -> None:
        log.error("%s: nothing was committed: %s", self.path, error)
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        for piece in pieces:
            if not piece.future.done():
                piece.future.set_exception(_as_store_error(error))


def _as_store_error(error: Exception) -> StoreError:
    is_full = "full" in str(error)
    return StateError("store.disk_full" if is_full else "store.cannot_write", str(error))
