"""A process beside the daemon (web pages, phones): begun, watched, begun again, and ended.

Owns the process and one thread that waits for it. One that dies troubles no call: it comes back
after a pause that grows while it keeps dying. However the daemon ends, the pipe to the process's
standard input closes, and it ends too. It has a session of its own, so that Ctrl+C stops the daemon
first.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType

log = logging.getLogger(__name__)
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
_STEADY_S = 60.0  # who lived so long begins anew without a pause
_END_S = 5.0


class WebProcess:
    """A context: it runs inside of it. command: the words behind ``dozvon``; name: for the log."""

    def __init__(self, command: Sequence[str], name: str = "web pages") -> None:
        self._name = name
        self._argv = [sys.executable, "-m", "appliance", *command, "--lifeline"]
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name=name)

    def __enter__(self) -> WebProcess:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        with self._lock:
            if self._process is not None:
                self._process.terminate()
        self._thread.join()

    def _keep_running(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        while not self._is_over.is_set():
            began = time.monotonic()
            became = self._run_once()
            if self._is_over.is_set():
                return
            if time.monotonic() - began > _STEADY_S:
                pause_s = SHORTEST_PAUSE_S
            log.warning("the %s %s; again in %.0f s", self._name, became, pause_s)
            self._is_over.wait(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)

    def _run_once(self) -> str:
        """What became of it, for the log."""
        with self._lock:
            if self._is_over.is_set():
                return "ended"
            try:
                self._process = subprocess.Popen(
                    self._argv, stdin=subprocess.PIPE, start_new_session=True
                )
            except OSError as error:  # no memory or no process is to be had now
                return f"did not begin ({error})"
        code = self._wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        return f"ended ({code})"

    def _wait(self) -> int:
        assert self._process is not None
        while not self._is_over.is_set():
            try:
                return self._process.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
        try:
            return self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
