"""A stranger who sends to every media port of a box, on and on, and listens for an answer.

Owns one thread and a socket for each of his addresses. Sends well-formed RTP and RTCP (a BYE), and
noise; ``answers`` is all that ever came back to him.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import threading
from collections.abc import Iterable
from types import TracebackType

INTRUDER = b"intruder" * 20
_RTP = bytes.fromhex("8008 0001 000000a0 0badbad0") + INTRUDER
_RTCP_BYE = bytes.fromhex("80c90001 0badbad0 81cb0001 0badbad0")
_PAUSE_S = 0.002
_BURST = 10


class Sprayer:
    """Sprays from ``start`` (or with) until ``close``. ports: of the box; hosts: his own."""

    def __init__(
        self, box: str, ports: Iterable[int], hosts: Iterable[str], seed: int = 3550
    ) -> None:
        self._box = box
        self._ports = itertools.cycle(sorted(ports))
        self._sockets = [_open(host) for host in hosts]
        self._chance = random.Random(seed)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.sent = 0

    def __enter__(self) -> Sprayer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join(5)

    def spray(self, packets: int) -> None:
        """So many packets to the next ports, from all his addresses by turns."""
        for port, sock in zip(
            itertools.islice(self._ports, packets), itertools.cycle(self._sockets), strict=False
        ):
            with contextlib.suppress(ConnectionError):  # nobody listens there: ICMP tells
                sock.sendto(self._packet(port), (self._box, port))
            self.sent += 1

    def answers(self) -> list[bytes]:
        """All that came back."""
        found = []
        for sock in self._sockets:
            with contextlib.suppress(BlockingIOError):
                while True:
                    with contextlib.suppress(ConnectionError):
                        found.append(sock.recv(65535))
        return found

    def close(self) -> None:
        for sock in self._sockets:
            sock.close()

    def _packet(self, port: int) -> bytes:
        if self._chance.random() < 0.1:
            return self._chance.randbytes(self._chance.randint(0, 300))
        return _RTCP_BYE if port % 2 else _RTP

    def _work(self) -> None:
        while not self._is_over.wait(_PAUSE_S):
            self.spray(_BURST)


def _open(host: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, 0))
    made.setblocking(False)
    return made
