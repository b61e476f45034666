"""gunicorn's threads, kept for whoever says something and takes what he asked for: slow clients
take none of them, or not for long.

Owns, on the worker's main thread, which connection is being served, which waits and which parts. A
connection that is silent waits without a thread; one source holds MOST_PER_SOURCE threads at most,
its further connections wait in their order; a request that has not come in whole after READ_S is
cut off. A page fits into the socket's buffer (SEND_OCTETS), so that its reader holds no thread
however slowly he reads; an answer that does not fit is cut off when nothing of it was taken for
STUCK_S, or when it is not over after ANSWER_S. Nobody is waited for on the main thread.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from webui.gate import HEADERS

MOST_PER_SOURCE = 16  # a browser opens six; a proxy in front is one source with all its readers
READ_S = 10.0
SEND_OCTETS = 256 * 1024
STUCK_S = 15.0
ANSWER_S = 330.0  # longer than a stream lives
#: A browser asks again on a connection when it has taken the answer before.
_MOST_UNTAKEN = 64 * 1024
_PARTING_S = 2.0  # RFC 9112 section 9.6: time to take the last answer before the reset


class FairWorker(ThreadWorker):  # type: ignore[misc]
    """A worker whose pages answer while others open connections and say or read nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._busy: Counter[str] = Counter()
        self._waiting: dict[str, deque[Any]] = {}
        self._began: dict[Any, float] = {}
        self._untaken: dict[Any, tuple[int, float]] = {}  # octets, and since when so many
        self._parting: deque[tuple[float, socket.socket]] = deque()

    def init_process(self) -> None:
        """Sockets that come by a listener have its buffer."""
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_OCTETS)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection a thread when it has sent something and its source has one left."""
        source = str(conn.client[0])
        conn.close = partial(self._part, conn)
        if not (conn.initialized or conn.data_ready):
            self._await_data(conn)
        elif _untaken(conn.sock) > _MOST_UNTAKEN:
            self.nr_conns -= 1
            conn.close()
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
        self._untaken.pop(conn, None)
        self._busy[source] -= 1
        super().finish_request(conn, fs)
        waiting = self._waiting.get(source)
        if waiting:
            self.enqueue_req(waiting.popleft())
        if not waiting:
            self._waiting.pop(source, None)
        if self._busy[source] <= 0:
            del self._busy[source]

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """What gunicorn itself refuses carries our headers like every other answer."""
        super().handle_error(req, _Headed(client), addr, exc)

    def murder_pending(self) -> None:
        """Also cut off what is still being sent, or not taken. An answer under way, a live page
        too, goes on while it is taken: of the first kind only the way in is closed."""
        super().murder_pending()
        now = time.monotonic()
        for conn, began in list(self._began.items()):
            if self._is_stuck(conn, now) or began < now - ANSWER_S:
                _shut(conn.sock, socket.SHUT_RDWR)
            elif began < now - READ_S:
                _shut(conn.sock, socket.SHUT_RD)
        while self._parting and self._parting[0][0] <= now:
            self._let_go(self._parting.popleft()[1])

    def _is_stuck(self, conn: Any, now: float) -> bool:
        """Whether something is to be taken, and nothing of it was for a while."""
        octets = _untaken(conn.sock)
        before, since = self._untaken.get(conn, (0, now))
        if octets != before or not octets:
            self._untaken[conn] = (octets, now)
            return False
        return now - since > STUCK_S

    def _await_data(self, conn: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, readable)

    def _part(self, conn: Any, graceful: bool = False) -> None:
        """In place of the connection's own ``close``, which waits for the other side, two seconds
        for each: the main thread has others to serve."""
        sock = conn.sock
        with suppress(OSError):  # what is left to be taken dies with a reader who takes nothing
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STUCK_S * 1000))
        try:
            if not graceful:
                raise OSError
            sock.shutdown(socket.SHUT_WR)
            sock.setblocking(False)
            self.poller.register(sock, EVENT_READ, self._take_rest)
        except (OSError, ValueError, KeyError):
            sock.close()
            return
        self._parting.append((time.monotonic() + _PARTING_S, sock))

    def _take_rest(self, sock: socket.socket) -> None:
        """What comes after the answer is read, so that it is not lost by a reset, and forgotten."""
        try:
            is_over = not sock.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            is_over = True
        if is_over:
            self._let_go(sock)

    def _let_go(self, sock: socket.socket) -> None:
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(sock)
        sock.close()


class _Headed:
    """A socket that puts the security headers behind the status line of what is written to it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, octets: bytes) -> None:
        lines = "".join(f"\r\n{name}: {value}" for name, value in HEADERS.items()).encode()
        self._sock.sendall(octets.replace(b"\r\n", lines + b"\r\n", 1))


def _untaken(sock: socket.socket) -> int:
    """Octets that were written and that the other side has not acknowledged (tcp(7), SIOCOUTQ)."""
    try:
        (octets,) = struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))
    except OSError:
        return 0
    return int(octets)


def _shut(sock: socket.socket, ways: int) -> None:
    with suppress(OSError):
        sock.shutdown(ways)
