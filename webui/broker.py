"""One thread asks the daemon once a second for everybody who looks at a live page.

Owns that thread and the listeners; what they make of the answers is live.py's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.errors import UserError
from appliance.net.control_client import call

log = logging.getLogger(__name__)
POLL_S = 1.0
ASK_S = 3.0

Answers = Mapping[str, Any]


class Broker:
    """Asks for everybody who looks; ``look`` gives what changed since."""

    def __init__(self, socket: Path, most_listeners: int) -> None:
        self._socket = socket
        self._free = threading.BoundedSemaphore(most_listeners)
        self._changed = threading.Condition()
        self._wanted: dict[str, int] = {}
        self._answers: dict[str, Any] = {}
        self._error: UserError | None = None
        self._version = 0
        self._thread: threading.Thread | None = None

    def join(self, operations: tuple[str, ...]) -> bool:
        """Begin to listen; False when too many do."""
        if not self._free.acquire(blocking=False):
            return False
        with self._changed:
            try:
                self._begin()
            except RuntimeError as error:  # no thread is to be had now
                log.error("live pages are not told anything now: %s", error)
                self._free.release()
                return False
            for name in operations:
                self._wanted[name] = self._wanted.get(name, 0) + 1
        return True

    def leave(self, operations: tuple[str, ...]) -> None:
        """Listen no more; the thread ends with the last listener."""
        with self._changed:
            for name in operations:
                self._wanted[name] -= 1
                if not self._wanted[name]:
                    del self._wanted[name]
                    self._answers.pop(name, None)
            self._changed.notify_all()
        self._free.release()

    def look(
        self, operations: tuple[str, ...], since: int, timeout_s: float
    ) -> tuple[int, Answers | UserError | None]:
        """(version, answers or the error); None in place of both when nothing new came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_new(operations, since), timeout_s)
            if not self._is_new(operations, since):
                return since, None
            if self._error is not None:
                return self._version, self._error
            return self._version, {name: self._answers[name] for name in operations}

    def _is_new(self, operations: tuple[str, ...], since: int) -> bool:
        has_all = self._error is not None or all(o in self._answers for o in operations)
        return self._version > since and has_all

    def _begin(self) -> None:
        """One thread, if none asks; it waits for whoever calls this."""
        if self._thread is None:
            thread = threading.Thread(target=self._ask, name="live", daemon=True)
            thread.start()
            self._thread = thread

    def _ask(self) -> None:
        try:
            self._ask_while_wanted()
        except Exception:
            with self._changed:
                self._thread = None  # the next listener begins another
            raise

    def _ask_while_wanted(self) -> None:
        while True:
            with self._changed:
                wanted = tuple(self._wanted)
                if not wanted:
                    self._thread = None
                    return
            answers, error = self.ask_now(wanted)
            with self._changed:
                self._answers.update({n: a for n, a in answers.items() if n in self._wanted})
                self._error = error
                self._version += 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._wanted, POLL_S)

    def ask_now(self, wanted: tuple[str, ...]) -> tuple[dict[str, Any], UserError | None]:
        """The daemon's answers at this moment, or the error."""
        try:
            return {name: call(self._socket, name, timeout_s=ASK_S) for name in wanted}, None
        except UserError as error:
            return {}, error
