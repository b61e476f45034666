"""gunicorn's threads, kept for whoever has something to say: slow clients take none of them.

Owns, on the worker's main thread, which connection is being served and which waits. A connection
that is silent waits without a thread; one source holds MOST_PER_SOURCE threads at most, its further
connections wait in their order; a request that has not come in whole after READ_S is cut off.
"""

from __future__ import annotations

import socket
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

MOST_PER_SOURCE = 16  # a browser opens six; a proxy in front is one source with all its readers
READ_S = 10.0


class FairWorker(ThreadWorker):  # type: ignore[misc]
    """A worker whose pages answer while others open connections and say nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._busy: Counter[str] = Counter()
        self._waiting: dict[str, deque[Any]] = {}
        self._began: dict[Any, float] = {}

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection a thread when it has sent something and its source has one left."""
        source = str(conn.client[0])
        if not (conn.initialized or conn.data_ready):
            self._await_data(conn)
        elif self._busy[source] >= MOST_PER_SOURCE:
            self._waiting.setdefault(source, deque()).append(conn)
        else:
            self._busy[source] += 1
            self._began[conn] = time.monotonic()
            super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Its thread is free: the next of this source may come."""
        source = str(conn.client[0])
        self._began.pop(conn, None)
        self._busy[source] -= 1
        super().finish_request(conn, fs)
        waiting = self._waiting.get(source)
        if waiting:
            self.enqueue_req(waiting.popleft())
        if not waiting:
            self._waiting.pop(source, None)
        if self._busy[source] <= 0:
            del self._busy[source]

    def murder_pending(self) -> None:
        """Also cut off what is still being sent. An answer under way, a live page too, goes on:
        only the way in is closed."""
        super().murder_pending()
        latest = time.monotonic() - READ_S
        for conn in [c for c, began in self._began.items() if began < latest]:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)

    def _await_data(self, conn: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, readable)
