"""A TFTP client that misbehaves on purpose: loses, repeats, asks the impossible (RFC 1350, 2347).

Owns one socket. Well-behaved clients are tftp-hpa, atftp and curl; this one is for faults. Losses
follow a seed, so that a run repeats.
"""

from __future__ import annotations

import random
import socket
import struct

from tests.kit.closing import Closing

_LARGEST = 65535


class TftpClient(Closing):
    """loss: share of datagrams, each way, that never arrive; patience_s: before it repeats."""

    def __init__(
        self, address: tuple[str, int], *, loss: float = 0.0, seed: int = 1, patience_s: float = 0.5
    ) -> None:
        self._address = address
        self._loss = loss
        self._random = random.Random(seed)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(patience_s)
        self.received = 0  # datagrams, those that were lost on purpose included

    def send(self, data: bytes, to: tuple[str, int] | None = None) -> None:
        if self._random.random() >= self._loss:
            self.socket.sendto(data, to or self._address)

    def receive(self) -> tuple[bytes, tuple[str, int]]:
        """The next datagram that is not lost; TimeoutError."""
        while True:
            data, source = self.socket.recvfrom(_LARGEST)
            self.received += 1
            if self._random.random() >= self._loss:
                return data, source

    def request(self, name: str, *options: str, mode: str = "octet") -> bytes:
        """A read request."""
        return b"\0\1" + b"".join(p.encode("latin-1") + b"\0" for p in (name, mode, *options))

    def get(self, name: str, *options: str, twice: bool = False) -> bytes:
        """Fetch a file; twice: each acknowledgement is sent twice. OSError for an error packet."""
        wanted = dict(zip(options[::2], options[1::2], strict=True))
        block, window = 512, 1
        first = last = self.request(name, *options)
        to, expected, in_window, content = self._address, 1, 0, b""
        self.send(first)
        for _ in range(100_000):
            try:
                data, source = self.receive()
            except TimeoutError:
                self.send(last, to)
                in_window = 0
                continue
            kind, number = struct.unpack_from("!HH", data)
            if kind == 5:
                raise OSError(number, data[4:-1].decode("ascii", "replace"))
            if kind == 6:
                to = source
                accepted = data[2:-1].split(b"\0")
                agreed = {
                    k.decode(): v.decode()
                    for k, v in zip(accepted[:-1:2], accepted[1::2], strict=True)
                }
                assert set(agreed) <= set(wanted)
                block, window = int(agreed.get("blksize", 512)), int(agreed.get("windowsize", 1))
                last = struct.pack("!HH", 4, 0)
                self.send(last, to)
                continue
            to = source if expected == 1 else to
            is_next = number == expected & 0xFFFF
            if is_next:
                content += data[4:]
                expected += 1
                in_window += 1
            is_last = is_next and len(data) - 4 < block
            if is_last or in_window >= window or not is_next:
                last = struct.pack("!HH", 4, (expected - 1) & 0xFFFF)
                in_window = 0
                for _ in range(2 if twice else 1):
                    self.send(last, to)
            if is_last:
                return content
        raise AssertionError("no end")

    def close(self) -> None:
        self.socket.close()
