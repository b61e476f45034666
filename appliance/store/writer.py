"""The one writer of state.db: a thread that commits together whatever has come together.

Owns that thread and what waits for it. All pieces share a transaction, so that one commit (one
fsync) acknowledges all (transaction.py). What nobody waits for is gathered for a moment first: each
wake-up of this thread costs the event loop the interpreter. The loop is never blocked: whoever
waits gets a future. While the disk takes nothing (full, read-only, failing) such pieces are held,
in their order, and written as soon as it does.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from appliance.store.database import StateError, write_again
from appliance.store.transaction import Ledger, Piece
from appliance.store.trouble import is_passing, key_of

log = logging.getLogger(__name__)
_MOST_TOGETHER = 500
_CLOSE_S = 30.0
_GATHER_S = 0.1  # how long a posted piece may wait for company before it goes to the disk
RETRY_S = 1.0  # how often a disk that takes nothing is asked again
MOST_HELD = 10_000  # pieces, about 20 MB: some thousand calls

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


def _nobody_asks(key: str) -> None:
    """Until the daemon listens."""


class StateWriter:
    """Runs pieces of work in the order in which they were given.

    trouble: why nothing can be written now (``store.disk_full``, ``store.cannot_write``), or empty;
    on_trouble is told in the writer's thread when that changes. A damaged file is set aside and a
    new one begun, for the box must ring. ``ended`` is done when the thread is over, with what it
    died of. Raises StateError ``store.too_new``.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.trouble = ""
        self.on_trouble: Callable[[str], None] = _nobody_asks
        self._ledger = Ledger(self.path)
        self._queue: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self._held: list[Piece] = []
        self._retry_at = 0.0
        self._is_closed = False
        self.ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.ended.set_running_or_notify_cancel()  # who waits for it may give up waiting
        self._hurry = threading.Event()  # somebody waits: gather no longer
        self._begin()
        self._keeper = threading.Thread(target=self._run, name="state-writer", daemon=True)
        self._keeper.start()

    def submit(self, work: Work[T]) -> concurrent.futures.Future[T]:
        """Have work done and committed at once; the future is done when the disk has it.

        Its error is a StoreError, or what work itself raised. Work touches nothing but the
        connection: it runs again when another piece of its transaction, or the disk, failed.
        """
        piece = Piece(work)
        future = piece.future
        self._put(piece)
        self._hurry.set()
        return future

    async def run(self, work: Work[T]) -> T:
        """Await the work's result; it is durable by then."""
        return await asyncio.wrap_future(self.submit(work))

    def post(self, work: Work[object], what: str) -> Piece:
        """As ``submit``, within a moment, for callers who do not wait; the piece's future is made
        for who does.

        A disk that takes nothing delays it (MOST_HELD pieces at most); a failure is logged as
        ``what``.
        """
        piece = Piece(work, what)
        self._put(piece)
        return piece

    async def prove(self) -> None:
        """Return when a write has reached the disk; raises StoreError as ``run`` does."""
        await self.run(write_again)

    @property
    def commits(self) -> int:
        """How many transactions it took: for measurements."""
        return self._ledger.commits

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged file went, if one was found."""
        return self._ledger.set_aside

    @property
    def lost_tail(self) -> Path | None:
        """Where a copy of a rotten log is kept, if the last changes before the start are gone."""
        return self._ledger.lost_tail

    @property
    def held(self) -> int:
        """Pieces that wait for a disk that takes them."""
        return len(self._held)

    def close(self) -> None:
        """Do what was given, then close the file; blocks until then."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        self._hurry.set()
        self._keeper.join(_CLOSE_S)

    def _put(self, piece: Piece) -> None:
        if self._is_closed:
            piece.error = StateError("store.closed", str(self.path))
            piece.tell()
        else:
            self._queue.put(piece)

    def _begin(self) -> None:
        """Open the file, or go on without: what is to be written waits until it can be had."""
        try:
            self._ledger.open()
        except (StateError, OSError) as error:
            if not is_passing(key_of(error)):
                raise
            self._note(key_of(error), str(error))

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
        try:
            while not is_last:
                pieces, is_last = self._together()
                self._write(pieces, is_last=is_last)
        finally:
            self._ledger.close()

    def _together(self) -> tuple[list[Piece], bool]:
        """Wait for one piece, then take whatever else is there or comes within a moment."""
        pieces: list[Piece] = []
        try:
            piece = self._queue.get(timeout=RETRY_S if self.trouble else None)
        except queue.Empty:
            return pieces, False
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

    def _write(self, pieces: list[Piece], *, is_last: bool) -> None:
        """Write what was held and what came, in order; hold what the disk does not take."""
        waiting = self._held + pieces
        if pieces and not is_last and self._is_pause(pieces):
            self._hold(waiting, StateError(self.trouble, str(self.path)), is_last=False)
            return
        while True:
            error = self._ledger.commit(waiting[:_MOST_TOGETHER])
            if error is not None:
                self._note(error.key, str(error))
                self._hold(waiting, error, is_last=is_last)
                return
            self._held = waiting = waiting[_MOST_TOGETHER:]
            if not waiting:
                self._note("")
                return

    def _is_pause(self, pieces: list[Piece]) -> bool:
        """Whether a disk that takes nothing is left alone for now: nobody waits for it."""
        is_early = bool(self.trouble) and time.monotonic() < self._retry_at
        return is_early and all(piece.is_patient for piece in pieces)

    def _hold(self, waiting: list[Piece], error: StateError, *, is_last: bool) -> None:
        """Keep what nobody waits for, the oldest first, as much as there is room for."""
        room = 0 if is_last else MOST_HELD
        self._held = [piece for piece in waiting if piece.is_patient][:room]
        kept = set(map(id, self._held))
        for piece in waiting:
            if id(piece) not in kept:
                piece.error = error
                piece.tell()

    def _note(self, key: str, said: str = "") -> None:
        """Tell when trouble begins, changes or is over; look again soon."""
        if key:
            self._retry_at = time.monotonic() + RETRY_S
        if key == self.trouble:
            return
        self.trouble = key
        if key:
            log.error("%s; what is to be written waits", said)
        else:
            log.warning("%s can be written again", self.path)
        self.on_trouble(key)
