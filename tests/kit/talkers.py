"""Many parties of many calls in one thread: each packet is marked, so that none is lost unseen.

Owns the sockets. A party sends on when it is told to, and keeps what came to it as (ssrc, sequence
number); whatever does not bear a party's mark, or comes to an RTCP port, is kept as foreign.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence

from tests.kit.processes import wait_until

MARK = b"party of a call:"
PACKET_S = 0.02
_HEADER = struct.Struct("!BBHII")
_LARGEST = 65535


class Party:
    """One end of a call. first: the sequence number it begins with."""

    def __init__(self, ssrc: int, host: str = "127.0.0.1", first: int = 0xFFE0) -> None:
        self.rtp, self.rtcp = _pair(host)
        self.host, self.port = host, int(self.rtp.getsockname()[1])
        self.ssrc, self.number = ssrc, first
        self.box: tuple[str, int] = (host, 0)
        self.got: list[tuple[int, int]] = []
        self.foreign: list[bytes] = []

    def talk(self) -> tuple[int, int]:
        """Send one packet; what the other party shall have got (numbers pass 65535)."""
        said = self.ssrc, self.number & 0xFFFF
        stamp = self.number * 160 & 0xFFFFFFFF
        header = _HEADER.pack(0x80, 8, said[1], stamp, self.ssrc)
        with contextlib.suppress(ConnectionError):
            self.rtp.sendto(header + MARK + bytes(144), self.box)
        self.number += 1
        return said

    def hear(self) -> None:
        """Read all that came."""
        for sock in (self.rtp, self.rtcp):
            with contextlib.suppress(BlockingIOError):
                while True:
                    self._keep(sock is self.rtp, sock.recv(_LARGEST))

    def has_heard(self) -> bool:
        """Whether anything came, now or before."""
        self.hear()
        return bool(self.got or self.foreign)

    def _keep(self, is_rtp: bool, data: bytes) -> None:
        if is_rtp and data[12 : 12 + len(MARK)] == MARK:
            self.got.append((int.from_bytes(data[8:12], "big"), int.from_bytes(data[2:4], "big")))
        else:
            self.foreign.append(data)

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


def talk(
    pairs: Sequence[tuple[Party, Party]],
    rounds: int,
    between: Callable[[], object] = lambda: None,
) -> None:
    """All pairs talk for so many 20 ms rounds, ``between`` is done in each; fails unless each party
    got every packet of its partner and nothing else."""
    expected: list[tuple[Party, list[tuple[int, int]]]] = []
    for one, other in pairs:
        for party in (one, other):
            party.hear()
            party.got.clear()
        expected += [(one, []), (other, [])]
    due = time.monotonic()
    for _ in range(rounds):
        for at, (one, other) in enumerate(pairs):
            expected[2 * at + 1][1].append(one.talk())
            expected[2 * at][1].append(other.talk())
        between()
        hear(party for party, _ in expected)
        due += PACKET_S
        select.select([], [], [], max(0.0, due - time.monotonic()))

    def missing() -> int:
        hear(party for party, _ in expected)
        return sum(len(set(said) - set(party.got)) for party, said in expected)

    wait_until(lambda: missing() == 0, 5, "every packet came", lambda: f"{missing()} are missing")
    for party, said in expected:
        assert sorted(party.got) == sorted(said), "packets that nobody of the call has sent"
        assert not party.foreign, f"injected: {party.foreign[:3]}"


def hear(parties: Iterable[Party]) -> None:
    for party in parties:
        party.hear()


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Two neighbouring ports, the even one first."""
    for _ in range(200):
        rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        rtp.bind((host, 0))
        even = rtp.getsockname()[1]
        with contextlib.suppress(OSError):
            if even % 2 == 0:
                rtcp.bind((host, even + 1))
                rtp.setblocking(False)
                rtcp.setblocking(False)
                return rtp, rtcp
        rtp.close()
        rtcp.close()
    raise OSError("no free pair of ports")
