"""Ranges of ports for programs that cannot be told 0, apart from all other tests of the machine.

Owns one lock file for each leased range: the lock ends with the process that holds it, so nothing
is left to clean up. Ranges lie below the kernel's own ephemeral ports.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import tempfile
from pathlib import Path

FIRST_PORT = 20000
LAST_PORT = 31999
BLOCK = 100
_FOLDER = Path(tempfile.gettempdir()) / "dozvon-test-ports"


class PortRange:
    """``BLOCK`` consecutive ports that are ours until ``close``."""

    def __init__(self) -> None:
        """Lease the first block that nobody has; raises OSError when all are taken."""
        _FOLDER.mkdir(exist_ok=True)
        blocks = (LAST_PORT + 1 - FIRST_PORT) // BLOCK
        begin = os.getpid() % blocks
        for number in range(blocks):
            first = FIRST_PORT + (begin + number) % blocks * BLOCK
            if self._take(first):
                self.first = first
                self._next = first
                return
        raise OSError(errno.EADDRINUSE, "no free range of ports")

    def _take(self, first: int) -> bool:
        lock = os.open(_FOLDER / str(first), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        if not all(_is_free(port) for port in range(first, first + BLOCK)):
            os.close(lock)
            return False
        self._lock = lock
        return True

    def one(self) -> int:
        """The next single port of the range."""
        if self._next >= self.first + BLOCK:
            raise OSError(errno.EADDRINUSE, "the range is used up")
        self._next += 1
        return self._next - 1

    def pair(self) -> int:
        """An even port whose odd neighbour is free too (RTP and RTCP)."""
        self._next += self._next % 2
        even = self.one()
        self.one()
        return even

    def rest(self, at_most: int = BLOCK) -> tuple[int, int]:
        """All that is left, at most so many, as (even first, last)."""
        first = self.pair()
        last = min(first + at_most, self.first + BLOCK) - 1
        self._next = last + 1
        return first, last

    def close(self) -> None:
        """Give the range back."""
        os.close(self._lock)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago, of the kernel's choice, for UDP and TCP."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as tcp, _udp(family) as udp:
            tcp.bind((host, 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind((host, port))
            except OSError:
                continue
            return port


def _udp(family: int) -> socket.socket:
    return socket.socket(family, socket.SOCK_DGRAM)


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as sock:
            if kind == socket.SOCK_STREAM:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("", port))
            except OSError:
                return False
    return True
