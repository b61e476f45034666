"""Frames of the line card's protocol: COBS(type, sequence, port, payload, CRC-16) 00.

PURE. docs/linecard-protocol.md §2; the card's side is card/lc_frame.c. A damaged frame is counted
and forgotten, whatever it was.
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

PAYLOAD_MAX = 400
_RAW_MAX = PAYLOAD_MAX + 5
_WIRE_MAX = _RAW_MAX + _RAW_MAX // 254 + 1
_HEADER = struct.Struct("!BBB")
_CRC = struct.Struct("!H")


class FrameType(IntEnum):
    HELLO = 0x01
    HELLO_ACK = 0x02
    CMD = 0x10
    RESP = 0x11
    EVENT = 0x12
    ACK = 0x13
    NAK = 0x14
    AUDIO_UP = 0x20
    AUDIO_DOWN = 0x21
    PING = 0x30
    PONG = 0x31
    RESET = 0x3F


class Frame(NamedTuple):
    """type: a FrameType, or another number of a newer card."""

    type: int
    sequence: int
    port: int
    payload: bytes = b""


def crc(octets: bytes) -> int:
    """CRC-16/CCITT-FALSE; of ``123456789`` it is 29B1."""
    return crc_hqx(octets, 0xFFFF)


def encode_frame(frame: Frame) -> bytes:
    """The octets of the wire, the closing zero included. ValueError if the payload is too long."""
    if len(frame.payload) > PAYLOAD_MAX:
        raise ValueError(f"a payload of {len(frame.payload)} octets")
    raw = _HEADER.pack(frame.type, frame.sequence, frame.port) + frame.payload
    return _stuff(raw + _CRC.pack(crc(raw))) + b"\0"


def _stuff(raw: bytes) -> bytes:
    """Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999)."""
    blocks = []
    runs = raw.split(b"\0")
    for index, run in enumerate(runs):
        is_full = len(run) >= 254
        while len(run) >= 254:
            blocks.append(b"\xff" + run[:254])
            run = run[254:]
        is_last = index + 1 == len(runs)
        if run or not (is_full and is_last):  # behind a full block at the end stands nothing
            blocks.append(bytes((len(run) + 1,)) + run)
    return b"".join(blocks)


def _unstuff(wire: bytes) -> bytes | None:
    raw = bytearray()
    at, end = 0, len(wire)
    while at < end:
        code = wire[at]
        if at + code > end:
            return None
        raw += wire[at + 1 : at + code]
        at += code
        if code != 0xFF and at < end:
            raw.append(0)
    return bytes(raw)


class FrameReader:
    """``feed`` octets, split anywhere; bad: how many frames were none."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_too_long = False
        self.bad = 0

    def feed(self, octets: bytes) -> Iterator[Frame]:
        self._buffer += octets
        *wires, rest = bytes(self._buffer).split(b"\0")
        self._buffer = bytearray(rest)
        for wire in wires:
            too_long, self._is_too_long = self._is_too_long, False
            frame = None if too_long else _decode(wire)
            if frame:
                yield frame
            elif wire or too_long:
                self.bad += 1
        if len(self._buffer) > _WIRE_MAX:
            self._buffer.clear()
            self._is_too_long = True


def _decode(wire: bytes) -> Frame | None:
    raw = _unstuff(wire) if len(wire) <= _WIRE_MAX else None
    # A CRC over a frame with its CRC is 0.
    if raw is None or not 5 <= len(raw) <= _RAW_MAX or crc(raw) != 0:
        return None
    return Frame(raw[0], raw[1], raw[2], raw[3:-2])
