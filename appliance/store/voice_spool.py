"""Writes voice messages while they are spoken, in a thread of its own: a disk may be slow.

Owns that thread. What was said is on the disk a second later at most, in a draft that the next
start finds when the power goes (voice_files.py). A disk that takes no more ends no call: the draft
says so, and keeps what it has.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import errno
import io
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from appliance import durable
from appliance.call.record import VoiceMessage
from appliance.store.voice_files import OCTETS_PER_S, draft_path, finish, header_of, path_of

log = logging.getLogger(__name__)
_SYNC_S = 1.0

T = TypeVar("T")


class Draft:
    """A message that is being spoken. octets: how many were given so far; trouble: why no more is
    taken (``full``, ``fails``), or empty."""

    def __init__(self, spool: VoiceSpool, message: VoiceMessage, path: Path) -> None:
        self.message = message
        self.octets = 0
        self.trouble = ""
        self._spool = spool
        self._path = path
        self._file: io.FileIO | None = None
        self._synced_at = 0.0
        spool.do(self._open)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.octets / OCTETS_PER_S

    def write(self, sound: bytes) -> None:
        """sound: A-law octets; any number of them."""
        if sound:
            self.octets += len(sound)
            self._spool.do(lambda: self._write(sound))

    def finish(self) -> concurrent.futures.Future[float]:
        """It is over: its file has its name and is durable when the future is done, with the
        seconds that it has; OSError or ValueError where it could not be had."""
        return self._spool.do(self._finish)

    def discard(self) -> concurrent.futures.Future[None]:
        """It is not kept."""
        return self._spool.do(self._discard)

    # ---- in the thread

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, durable.PRIVATE)
            self._file = io.FileIO(descriptor, "wb")
            self._file.write(header_of(self.message))
            os.fsync(descriptor)
            durable.sync_folder(self._path.parent)
            durable.sync_folder(self._path.parent.parent)
        except OSError as error:
            self._note(error)

    def _write(self, sound: bytes) -> None:
        if self._file is None or self.trouble:
            return
        try:
            left = memoryview(sound)
            while left:
                left = left[self._file.write(left) :]
            if time.monotonic() - self._synced_at >= _SYNC_S:
                os.fdatasync(self._file.fileno())
                self._synced_at = time.monotonic()
        except OSError as error:
            self._note(error)

    def _finish(self) -> float:
        if self._file is None:
            raise OSError(f"{self._path} was never begun")
        with contextlib.suppress(OSError):
            self._file.close()
        return finish(self._path, self.message)

    def _discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        self._path.unlink(missing_ok=True)

    def _note(self, error: OSError) -> None:
        self.trouble = "full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "fails"
        log.error("a voice message for %s breaks off: %s", self.message.extension, error)


class VoiceSpool:
    """``begin`` a draft for each message. folder: holds a folder for each mailbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "voice-spool")

    def begin(self, message: VoiceMessage) -> Draft:
        """The draft of a message whose ident is new."""
        path = draft_path(path_of(self.folder, message.extension, message.ident))
        return Draft(self, message, path)

    def do(self, work: Callable[[], T]) -> concurrent.futures.Future[T]:
        """Have it done after all that was given before."""
        return self._thread.submit(work)

    def close(self) -> None:
        """Write what was given; blocks until then."""
        self._thread.shutdown()
