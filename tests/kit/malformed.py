"""RTP and RTCP as nobody should send it: by a seed, without end.

PURE. Damaged headers (version, CSRC count, extension, padding), truncated and oversized packets,
sequence numbers that wrap and leap, timestamps that jump by 10^9, events that make no sense
(RFC 4733), compound RTCP that lies about its lengths, counts and times (RFC 3550 §6.4).
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

EVENT = 101
LARGEST = 65507  # what a UDP datagram over IPv4 holds
_WORD = 0xFFFFFFFF


class Malformed:
    """One sender's packets. ssrc: his usual one."""

    def __init__(self, seed: int, ssrc: int = 0x0DDBA11) -> None:
        self._chance = random.Random(seed)
        self._ssrc, self._sequence, self._timestamp = ssrc, 0xFFF0, 1
        self._kinds = (
            self._noise,
            self._damaged_header,
            self._truncated,
            self._leap,
            self._event,
            self._report,
            self._compound,
        )

    def packets(self, count: int) -> Iterator[bytes]:
        """So many of all kinds; every thousandth or so is as large as can be."""
        for _ in range(count):
            if self._chance.random() < 0.001:
                yield self._header() + bytes(LARGEST - 12)
            else:
                yield self._chance.choice(self._kinds)()

    def _header(self, payload_type: int = 8, first: int = 0x80) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + 160) & _WORD
        return struct.pack(
            "!BBHII", first, payload_type, self._sequence, self._timestamp, self._ssrc
        )

    def _noise(self) -> bytes:
        return self._chance.randbytes(self._chance.choice((0, 1, 11, 12, 13, 64, 172, 1472, 3000)))

    def _damaged_header(self) -> bytes:
        """Any version, padding, extension, CSRC count; counts that point past the end."""
        first, size = self._chance.randrange(256), self._chance.randint(0, 80)
        return self._header(self._chance.randrange(256), first) + self._chance.randbytes(size)

    def _truncated(self) -> bytes:
        whole = self._header(8, 0x80 | self._chance.choice((0x0F, 0x10, 0x20, 0x3F)))
        return (whole + b"\xff" * 60)[: self._chance.randint(0, 72)]

    def _leap(self) -> bytes:
        """Well-formed, but far from the last one in number, time, or source."""
        what = self._chance.randrange(4)
        if what == 0:
            self._timestamp = (self._timestamp + 1_000_000_000) & _WORD
        elif what == 1:
            self._sequence = (
                self._chance.choice((0, 0xFFFE, 0x7FFF, self._sequence + 3001)) & 0xFFFF
            )
        elif what == 2:
            self._ssrc = self._chance.randrange(1 << 32)
        return self._header() + bytes(160)

    def _event(self) -> bytes:
        """Codes that are no keys, ends without beginnings, durations that shrink, crumbs."""
        if self._chance.random() < 0.5:
            self._timestamp = self._chance.randrange(1 << 32)
        body = struct.pack(
            "!BBH",
            self._chance.choice((0, 11, 15, 16, 36, 255)),
            self._chance.choice((0x00, 0x80, 0xBF, 0xFF)),
            self._chance.choice((0, 1, 160, 0xFFFF)),
        )
        return self._header(EVENT) + body[: self._chance.choice((0, 3, 4, 4, 4))]

    def _report(self) -> bytes:
        """A report whose blocks claim impossible loss, times to come, and answers to nothing."""
        kind = self._chance.choice((200, 201))
        blocks = self._chance.randint(0, 31)
        real = self._chance.choice((blocks, max(0, blocks - 1), 0))
        body = struct.pack("!I", self._ssrc) + self._chance.randbytes(20 if kind == 200 else 0)
        body += b"".join(
            struct.pack("!IIIIII", self._ssrc, _WORD, _WORD, _WORD, self._word(), self._word())
            for _ in range(real)
        )
        words = len(body) // 4 if self._chance.random() < 0.7 else self._chance.randrange(1 << 16)
        return struct.pack("!BBH", 0x80 | blocks, kind, words) + body

    def _word(self) -> int:
        return self._chance.choice((0, 1, _WORD, self._chance.randrange(1 << 32)))

    def _compound(self) -> bytes:
        """Reports, a description, a BYE behind each other, padded in the middle, cut anywhere."""
        whole = b"".join(self._report() for _ in range(self._chance.randint(1, 4)))
        whole += struct.pack("!BBHI", 0xA1, 202, 1, self._ssrc) + b"\x01\xffname"
        whole += struct.pack("!BBHI", 0x81, 203, 1, self._ssrc)
        return whole[: self._chance.randint(0, len(whole))]
