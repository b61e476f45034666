"""DHCP in octets, as far as a question needs it: DISCOVER and INFORM out, OFFER and ACK in.

RFC 2131 (messages), RFC 2132 (options). Asks like a telephone, for the options by which phones find
their settings, and takes no lease. dhcp_probe.py owns the socket.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Options by which phones find their settings, in the order in which we speak of them.
PHONE_OPTIONS = (66, 43, 150, 159, 160, 114)
_MAGIC = b"\x63\x82\x53\x63"
_HEAD = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_REQUEST, _REPLY = 1, 2
_ETHERNET, _BROADCAST = 1, 0x8000
_PAD, _END, _VENDOR_CLASS, _MESSAGE, _PARAMETERS, _SERVER_ID = 0, 255, 60, 53, 55, 54
_MASK, _ROUTER, _NAMESERVER, _BOOT_FILE = 1, 3, 6, 67
DISCOVER, OFFER, ACK, INFORM = 1, 2, 5, 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. server: its address; options: code -> octets, parts put together."""

    transaction: int
    kind: int
    server: str
    options: Mapping[int, bytes] = field(default_factory=dict)


def encode_question(kind: int, transaction: int, mac: bytes, own: str, vendor: str) -> bytes:
    """A DISCOVER, or an INFORM from our own address. mac: six octets; vendor: option 60."""
    address = _pack(own) if kind == INFORM else bytes(4)
    flags = 0 if kind == INFORM else _BROADCAST
    head = _HEAD.pack(
        _REQUEST, _ETHERNET, 6, 0, transaction, 0, flags,
        address, bytes(4), bytes(4), bytes(4), mac.ljust(16, b"\0"), b"", b"",
    )  # fmt: skip
    wanted = bytes((_MASK, _ROUTER, _NAMESERVER, _BOOT_FILE, *PHONE_OPTIONS))
    options = [(_MESSAGE, bytes((kind,))), (_VENDOR_CLASS, vendor.encode("ascii"))]
    options.append((_PARAMETERS, wanted))
    body = b"".join(bytes((code, len(value))) + value for code, value in options if value)
    return head + _MAGIC + body + bytes((_END,))


def decode_answer(data: bytes) -> Answer | None:
    """An OFFER or an ACK; None for anything else."""
    if len(data) < _HEAD.size + 4 or data[_HEAD.size : _HEAD.size + 4] != _MAGIC:
        return None
    values = _HEAD.unpack_from(data)
    if values[0] != _REPLY:
        return None
    options = _options(data[_HEAD.size + 4 :])
    kind = options.get(_MESSAGE, b"\0")[:1]
    server = options.get(_SERVER_ID, values[9])
    if not kind or kind[0] not in (OFFER, ACK) or len(server) != 4:
        return None
    return Answer(values[4], kind[0], ".".join(map(str, server)), options)


def _options(data: bytes) -> dict[int, bytes]:
    """RFC 2132 §2, long ones in parts (RFC 3396); stops at what makes no sense."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        value = data[at + 2 : at + 2 + data[at + 1]] if at + 1 < len(data) else b""
        if at + 1 >= len(data) or len(value) < data[at + 1]:
            break
        found[data[at]] = found.get(data[at], b"") + value
        at += 2 + len(value)
    return found


def _pack(host: str) -> bytes:
    return bytes(map(int, host.split(".")))
