"""G.711: A-law and µ-law octets <-> 16-bit linear samples (ITU-T G.711, tables 1 and 2).

PURE. Samples are little-endian 16-bit octets, as in a WAV file. Decoding follows the G.711 levels
scaled to 16 bits; encoding gives the octet of the segment that holds the sample.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from enum import Enum
from functools import cache

SAMPLE_RATE_HZ = 8000
FRAME_OCTETS = 160  # 20 ms


class Law(Enum):
    """The value is the static payload type (RFC 3551 §6)."""

    PCMU = 0
    PCMA = 8

    @property
    def silence(self) -> int:
        """The octet of a zero sample."""
        return 0xFF if self is Law.PCMU else 0xD5


def decode_alaw(octet: int) -> int:
    """The 16-bit sample of one A-law octet."""
    octet ^= 0x55
    segment, step = octet >> 4 & 7, octet & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return magnitude if octet & 0x80 else -magnitude


def decode_ulaw(octet: int) -> int:
    """The 16-bit sample of one µ-law octet."""
    octet ^= 0xFF
    segment, step = octet >> 4 & 7, octet & 0x0F
    magnitude = (((step << 3) + 0x84) << segment) - 0x84
    return -magnitude if octet & 0x80 else magnitude


def encode_alaw(sample: int) -> int:
    """The A-law octet of one 16-bit sample."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = (sample if sample >= 0 else ~sample) >> 4
    segment = max(0, magnitude.bit_length() - 4)
    if segment > 7:
        return sign | 0x7F ^ 0x55
    step = (magnitude if segment < 2 else magnitude >> segment - 1) & 0x0F
    return (sign | segment << 4 | step) ^ 0x55


def encode_ulaw(sample: int) -> int:
    """The µ-law octet of one 16-bit sample."""
    sign = 0 if sample >= 0 else 0x80
    magnitude = min(abs(sample), 32635) + 0x84
    segment = magnitude.bit_length() - 8
    return (sign | segment << 4 | magnitude >> segment + 3 & 0x0F) ^ 0xFF


@cache
def _encoding(law: Law) -> bytes:
    """The octet of every sample, by its value modulo 65536."""
    encode: Callable[[int], int] = encode_alaw if law is Law.PCMA else encode_ulaw
    return bytes(map(encode, (*range(32768), *range(-32768, 0))))


@cache
def _decoding(law: Law) -> tuple[int, ...]:
    decode: Callable[[int], int] = decode_alaw if law is Law.PCMA else decode_ulaw
    return tuple(map(decode, range(256)))


def encode_g711(samples: bytes, law: Law) -> bytes:
    """G.711 octets of 16-bit little-endian samples; raises ValueError on half a sample."""
    values = array("H")
    values.frombytes(samples)
    if sys.byteorder == "big":
        values.byteswap()
    return bytes(map(_encoding(law).__getitem__, values))


def decode_g711(octets: bytes, law: Law) -> bytes:
    """16-bit little-endian samples of G.711 octets."""
    values = array("h", map(_decoding(law).__getitem__, octets))
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()
