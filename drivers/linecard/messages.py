"""What the line card's payloads say: HELLO, commands, events, audio, statistics.

PURE. docs/linecard-protocol.md §3, §5–§7. Numbers are big-endian. What is too short to be what it
claims reads as ValueError.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from drivers.api import PortKind
from drivers.hook import HookTimes

PROTOCOL = 1
BLOCK = 80  # octets: 10 ms of G.711
PORTS_IN_FRAME = 4
MOST_PORTS = 8


class Command(IntEnum):
    SET_COUNTRY = 0x01
    RING = 0x02
    RING_STOP = 0x03
    SEIZE = 0x04
    RELEASE = 0x05
    FLASH = 0x06
    POLARITY = 0x07
    DIAL = 0x08
    GAIN = 0x09
    AUDIO = 0x0A
    LOOPBACK = 0x0B
    READ_LINE = 0x0C
    OPEN_LOOP = 0x0D
    FW_UPDATE = 0x0E


class Status(IntEnum):
    DONE = 0
    UNKNOWN_COMMAND = 1
    BAD_ARGUMENT = 2
    WRONG_PORT = 3
    NOT_NOW = 4
    HARDWARE = 5


class CardEvent(IntEnum):
    OFF_HOOK = 0x01
    ON_HOOK = 0x02
    FLASH = 0x03
    PULSE_DIGIT = 0x04
    RING_ON = 0x05
    RING_OFF = 0x06
    POLARITY = 0x07
    LOOP_BREAK = 0x08
    LINE_LOST = 0x09
    LINE_BACK = 0x0A
    RING_TRIP = 0x0B
    THERMAL = 0x0C
    AUDIO_FAULT = 0x0D


class CardCapability(IntFlag):
    POLARITY = 1
    PULSE = 2
    FLASH = 4
    LOOP = 8


class Format(IntFlag):
    ALAW = 1
    ULAW = 2


@dataclass(frozen=True, slots=True)
class CardPort:
    kind: PortKind
    capabilities: CardCapability
    formats: Format


@dataclass(frozen=True, slots=True)
class HelloAnswer:
    """baud: to which both go now; 0 = they stay."""

    session: int
    protocol: int
    window: int
    baud: int
    ports: tuple[CardPort, ...]
    firmware: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class Happening:
    """An EVENT. at_us: the card's clock, 32 bits that wrap."""

    port: int
    at_us: int
    code: int
    details: bytes

    @property
    def number(self) -> int:
        """The 16-bit detail: milliseconds."""
        return int.from_bytes(self.details[:2], "big")


@dataclass(frozen=True, slots=True)
class AudioUp:
    """10 ms of some ports. depth: blocks that the card has to play."""

    samples: int
    depth: int
    blocks: dict[int, bytes]


@dataclass(frozen=True, slots=True)
class CardStatistics:
    uptime_ms: int
    bad_frames: int
    repeated: int
    underruns: int
    overruns: int


_HELLO = struct.Struct("!BBII")
_HELLO_ANSWER = struct.Struct("!IBBIB")
_PORT = struct.Struct("!BHB")
_EVENT = struct.Struct("!IB")
_UP = struct.Struct("!IBB")
_DOWN = struct.Struct("!IB")
_COUNTRY = struct.Struct("!BHHHHB")
_PONG = struct.Struct("!IHHHH")
_KINDS = {1: PortKind.FXS, 2: PortKind.FXO}


def encode_hello(session: int, baud: int) -> bytes:
    """baud: wanted; 0 = as it is."""
    return _HELLO.pack(PROTOCOL, PROTOCOL, session, baud)


def decode_hello_answer(payload: bytes) -> HelloAnswer:
    session, protocol, window, baud, count = _unpack(_HELLO_ANSWER, payload)
    at = _HELLO_ANSWER.size
    ports = []
    if not 0 < count <= MOST_PORTS:
        raise ValueError(f"a card of {count} ports")
    for _ in range(count):
        kind, capabilities, formats = _unpack(_PORT, payload[at:])
        if kind not in _KINDS:
            raise ValueError(f"a port of kind {kind}")
        at += _PORT.size
        ports.append(CardPort(_KINDS[kind], CardCapability(capabilities), Format(formats)))
    firmware, at = _text(payload, at)
    serial_number, at = _text(payload, at)
    return HelloAnswer(session, protocol, window, baud, tuple(ports), firmware, serial_number)


def _text(payload: bytes, at: int) -> tuple[str, int]:
    if at >= len(payload) or at + 1 + payload[at] > len(payload):
        raise ValueError("cut short")
    end = at + 1 + payload[at]
    return payload[at + 1 : end].decode("ascii", "replace"), end


def encode_country(hook: HookTimes, ring_hz: int) -> bytes:
    """The windows of a country's hook, and how its phones are rung. A card tells no break's length:
    what may be a flash is one."""
    return _COUNTRY.pack(
        Command.SET_COUNTRY,
        hook.flash_least_ms,
        hook.flash_longest_ms,
        min(hook.pulse_longest_ms, hook.flash_least_ms - 1),
        hook.debounce_ms,
        ring_hz,
    )


def encode_ring(pattern_ms: Sequence[int]) -> bytes:
    """on, off, on, off … in ms, at most eight."""
    times = struct.pack(f"!{len(pattern_ms)}H", *pattern_ms)
    return bytes((Command.RING, len(pattern_ms))) + times


def encode_ms(command: Command, duration_ms: int) -> bytes:
    return struct.pack("!BH", command, max(0, min(65535, duration_ms)))


def encode_audio(is_on: bool) -> bytes:
    return bytes((Command.AUDIO, is_on, Format.ALAW, 10))


def encode_pulses(digits: str) -> bytes:
    return bytes((Command.DIAL, 1)) + digits.encode("ascii")


def decode_event(port: int, payload: bytes) -> Happening:
    at_us, code = _unpack(_EVENT, payload)
    return Happening(port, at_us, code, payload[_EVENT.size :])


def decode_audio_up(payload: bytes) -> AudioUp:
    samples, depth, mask = _unpack(_UP, payload)
    blocks = {}
    at = _UP.size
    for port in range(MOST_PORTS):
        if mask & 1 << port:
            blocks[port] = payload[at : at + BLOCK]
            at += BLOCK
    if at != len(payload):
        raise ValueError("not as much audio as its mask says")
    return AudioUp(samples, depth, blocks)


def encode_audio_down(samples: int, blocks: dict[int, bytes]) -> bytes:
    """blocks: port -> 80 octets, at most four of them."""
    mask = sum(1 << port for port in blocks)
    return _DOWN.pack(samples, mask) + b"".join(blocks[port] for port in sorted(blocks))


def decode_statistics(payload: bytes) -> CardStatistics:
    return CardStatistics(*_unpack(_PONG, payload))


def _unpack(shape: struct.Struct, payload: bytes) -> tuple[int, ...]:
    if len(payload) < shape.size:
        raise ValueError("cut short")
    return shape.unpack_from(payload)
