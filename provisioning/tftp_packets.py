"""TFTP packets and option negotiation: octets to requests, answers to octets.

PURE. RFC 1350 (packets), 2347 (options), 2348 (blksize), 2349 (timeout, tsize), 7440 (windowsize).
The server in tftp.py owns sockets and time. Uploads and text mode are refused.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

DEFAULT_BLOCK_OCTETS = 512
LEAST_BLOCK_OCTETS, MOST_BLOCK_OCTETS = 8, 1468  # 1468: one Ethernet frame with IPv4
MOST_WINDOW = 16
LONGEST_TIMEOUT_S = 10
LARGEST_REQUEST_OCTETS = 1024
_LONGEST_NAME = 255
_RRQ, _WRQ, _DATA, _ACK, _ERROR, _OACK = range(1, 7)


class ErrorCode(IntEnum):
    """Those of RFC 1350, appendix, that we send."""

    NOT_DEFINED = 0
    FILE_NOT_FOUND = 1
    ACCESS_VIOLATION = 2
    ILLEGAL_OPERATION = 4


class RefusedPacket(Exception):
    """What came is answered by an error packet, or not at all."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A file is asked for. path: with one leading ``/``; octets: of the request itself."""

    path: str
    options: Mapping[str, str]
    octets: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transfer is carried out by. accepted: option -> value, in the request's order."""

    block_octets: int = DEFAULT_BLOCK_OCTETS
    window: int = 1
    timeout_s: int = 0  # 0: the server's own
    accepted: Mapping[str, str] = field(default_factory=dict)


def decode_request(data: bytes) -> ReadRequest:
    """The read request in a datagram; RefusedPacket for everything else."""
    if len(data) < 4 or data[0]:
        raise RefusedPacket(ErrorCode.ILLEGAL_OPERATION, "bad")
    if data[1] == _WRQ:
        raise RefusedPacket(ErrorCode.ACCESS_VIOLATION, "read only")
    if data[1] != _RRQ or data[-1] or len(data) > LARGEST_REQUEST_OCTETS:
        raise RefusedPacket(ErrorCode.ILLEGAL_OPERATION, "bad")
    name, *parts = data[2:-1].split(b"\0")
    if not parts or parts[0].lower() != b"octet":
        raise RefusedPacket(ErrorCode.ILLEGAL_OPERATION, "octet only")
    if not 0 < len(name) <= _LONGEST_NAME or not name.isascii() or not name.decode().isprintable():
        raise RefusedPacket(ErrorCode.FILE_NOT_FOUND, "not found")
    path = "/" + name.decode().replace("\\", "/").lstrip("/")
    return ReadRequest(path, _options(parts[1:]), len(data))


def _options(parts: list[bytes]) -> dict[str, str]:
    """Options by their lower-case names, the first of each; an odd end is left out."""
    found: dict[str, str] = {}
    for name, value in zip(parts[::2], parts[1::2], strict=False):
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found


def negotiate(options: Mapping[str, str], file_octets: int) -> Terms:
    """The terms for a request's options: what is absurd is left out of the answer (RFC 2347)."""
    accepted: dict[str, str] = {}
    block, window, timeout = DEFAULT_BLOCK_OCTETS, 1, 0
    for name, text in options.items():
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1
        if name == "blksize" and value >= LEAST_BLOCK_OCTETS:
            block = min(value, MOST_BLOCK_OCTETS)
            accepted[name] = str(block)
        elif name == "windowsize" and value >= 1:
            window = min(value, MOST_WINDOW)
            accepted[name] = str(window)
        elif name == "timeout" and 1 <= value <= LONGEST_TIMEOUT_S:
            timeout = value
            accepted[name] = text
        elif name == "tsize" and value >= 0:
            accepted[name] = str(file_octets)
    return Terms(block, window, timeout, accepted)


def decode_ack(data: bytes) -> int | None:
    """The block number that is acknowledged; None for another packet.

    Raises RefusedPacket for an error packet: the far end gives up.
    """
    if len(data) < 4:
        return None
    kind, number = struct.unpack_from("!HH", data)
    if kind == _ERROR:
        raise RefusedPacket(ErrorCode.NOT_DEFINED, "the far end gave up")
    return number if kind == _ACK else None


def encode_data(number: int, content: bytes | memoryview) -> bytes:
    """A block; its number wraps at 65,536."""
    return struct.pack("!HH", _DATA, number & 0xFFFF) + content


def encode_option_ack(accepted: Mapping[str, str]) -> bytes:
    """RFC 2347: the options that hold."""
    parts = [part.encode("latin-1") + b"\0" for item in accepted.items() for part in item]
    return struct.pack("!H", _OACK) + b"".join(parts)


def encode_error(code: ErrorCode, text: str) -> bytes:
    """An error, which ends a transfer; text is ASCII and short."""
    return struct.pack("!HH", _ERROR, code) + text.encode("ascii") + b"\0"
