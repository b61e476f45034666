"""A bad wire: a UDP proxy that loses, delays, doubles and reorders datagrams both ways, by a seed.

Owns its sockets and one thread. Clients send to ``port``; each client gets a socket of its own
towards the target, so that the target tells clients apart and answers find back.
"""

from __future__ import annotations

import heapq
import random
import select
import socket
import threading
import time
from dataclasses import dataclass

from tests.kit.closing import Closing
from tests.kit.rtp_end import Address

_LARGEST_OCTETS = 65535
_IDLE_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Shares are 0 to 1 of all datagrams in each direction; a reordered one comes reorder_ms late,
    behind its successors; delay is between least and most."""

    seed: int = 1
    loss: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    reorder_ms: float = 60.0
    least_delay_ms: float = 0.0
    most_delay_ms: float = 0.0


@dataclass(slots=True)
class Count:
    """What became of the datagrams of one direction."""

    received: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0


class LossyWire(Closing):
    """Runs until ``close``; a context manager."""

    def __init__(self, target: Address, faults: Faults, host: str = "127.0.0.1") -> None:
        """Listen at a free port of host and stand before target."""
        self._target = target
        self._random = random.Random(faults.seed)
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._host = host
        self._near = self._open()
        self.host: str = host
        self.port: int = self._near.getsockname()[1]
        self.to_target, self.to_clients = Count(), Count()
        self._far_of: dict[Address, socket.socket] = {}
        self._client_of: dict[socket.socket, Address] = {}
        self._waiting: list[tuple[float, int, socket.socket, Address, bytes]] = []
        self._number = 0
        self.faults = faults
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def set_faults(self, faults: Faults) -> None:
        """Other faults from the next datagram on; the seed's sequence goes on."""
        self.faults = faults

    def far_port(self, client: Address) -> int:
        """The port by which the target sees a client; 0 before its first datagram."""
        far = self._far_of.get(client)
        port: int = far.getsockname()[1] if far else 0
        return port

    def close(self) -> None:
        """End the thread and the sockets; what waits is lost."""
        self._is_closing.set()
        self._thread.join(3)
        for sock in (self._near, *self._client_of):
            sock.close()

    def _open(self) -> socket.socket:
        sock = socket.socket(self._family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.bind((self._host, 0))
        return sock

    def _work(self) -> None:
        while not self._is_closing.is_set():
            due = self._waiting[0][0] - time.monotonic() if self._waiting else _IDLE_S
            sockets = (self._near, *self._client_of)
            ready, _, _ = select.select(sockets, (), (), min(_IDLE_S, max(0.0, due)))
            for sock in ready:
                self._take(sock)
            self._send_due(time.monotonic())

    def _take(self, sock: socket.socket) -> None:
        try:
            data, source = sock.recvfrom(_LARGEST_OCTETS)
        except ConnectionError:  # a closed port behind: the sender shall not know better
            return
        if sock is self._near:
            self._pass(self._far(source[:2]), self._target, data, self.to_target)
        else:
            self._pass(self._near, self._client_of[sock], data, self.to_clients)

    def _far(self, client: Address) -> socket.socket:
        far = self._far_of.get(client)
        if far is None:
            far = self._far_of[client] = self._open()
            self._client_of[far] = client
        return far

    def _pass(self, sock: socket.socket, remote: Address, data: bytes, count: Count) -> None:
        """Decide what happens to one datagram: as many random numbers for each, so that a seed
        gives the same fate whatever the faults of others are."""
        faults = self.faults
        lost, doubled, reordered, delayed = (self._random.random() for _ in range(4))
        count.received += 1
        if lost < faults.loss:
            count.lost += 1
            return
        span_ms = faults.most_delay_ms - faults.least_delay_ms
        delay_ms = faults.least_delay_ms + delayed * max(0.0, span_ms)
        if reordered < faults.reorder:
            count.reordered += 1
            delay_ms += faults.reorder_ms
        copies = 1
        if doubled < faults.double:
            count.doubled += 1
            copies = 2
        for _ in range(copies):
            self._number += 1
            due = time.monotonic() + delay_ms / 1000
            heapq.heappush(self._waiting, (due, self._number, sock, remote, data))

    def _send_due(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            _, _, sock, remote, data = heapq.heappop(self._waiting)
            try:
                sock.sendto(data, remote)
            except OSError:  # the wire is bad, not the test
                continue
