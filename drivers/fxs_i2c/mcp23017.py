"""The registers of an MCP23017, BANK=0, as pairs: one 16-bit word, bit 0 = A0, bit 15 = B7.

PURE. What stands here is the data sheet's (analog-lines §3.2): where registers are, what they hold
after a reset, in which order a chip is read and set up so that no output glitches.
"""

from __future__ import annotations

from dataclasses import dataclass

IODIR, IPOL, GPINTEN, DEFVAL, INTCON, IOCON, GPPU = 0x00, 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C
INTF, INTCAP, GPIO, OLAT = 0x0E, 0x10, 0x12, 0x14
#: IOCON where it is when BANK=1. With BANK=0 the same address is GPINTENB, and 0 does no harm.
IOCON_OF_BANK_1 = 0x05
MIRROR = 0x40  # both INT pins together
AFTER_RESET = 0xFFFF  # IODIR: every pin an input
#: A7 and B7 may not be inputs (data sheet of 2022: SDA is corrupted).
OUTPUT_ONLY = 0x8080
#: One block read in the only right order: INTF, INTCAP, then GPIO (which clears the interrupt).
POLL_FROM, POLL_OCTETS = INTF, 6
#: What is read back to see whether the chip restarted; nothing in it has a side effect.
SETTINGS_FROM, SETTINGS_OCTETS = IODIR, 14

Write = tuple[int, bytes]  # register, data


def pin_bit(name: str) -> int:
    """``A0``-``A7``, ``B0``-``B7`` -> its bit in a word. Raises ValueError for anything else."""
    if len(name) != 2 or name[0] not in "AB" or name[1] not in "01234567":
        raise ValueError(f"no pin of an MCP23017: {name!r}")
    return 1 << (8 * "AB".index(name[0]) + int(name[1]))


def encode_word(word: int) -> bytes:
    """A then B, as a block write to a pair of registers takes them."""
    return bytes((word & 0xFF, word >> 8))


def decode_word(data: bytes, offset: int = 0) -> int:
    return data[offset] | data[offset + 1] << 8


@dataclass(frozen=True, slots=True)
class Outputs:
    """direction: IODIR, 1 = input. latch: OLAT."""

    direction: int
    latch: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One poll: which pins changed since the last, their levels when the first did, and now."""

    flags: int
    captured: int
    levels: int

    def shows(self, outputs: Outputs) -> bool:
        """Whether the pins that we drive are as we drive them."""
        return not (self.levels ^ outputs.latch) & ~outputs.direction & 0xFFFF

    def levels_of(self, bit: int) -> tuple[bool, ...]:
        """The levels of one pin in the order in which they were; both edges of a short pulse."""
        now = bool(self.levels & bit)
        if self.flags & bit and bool(self.captured & bit) != now:
            return (not now, now)
        return (now,)


def decode_reading(block: bytes) -> Reading:
    """block: POLL_OCTETS octets from POLL_FROM. Raises ValueError when it is not as long."""
    if len(block) != POLL_OCTETS:
        raise ValueError(f"{len(block)} octets instead of {POLL_OCTETS}")
    return Reading(decode_word(block), decode_word(block, 2), decode_word(block, 4))


def set_up(outputs: Outputs, watched: int) -> list[Write]:
    """All writes that bring a chip of whatever state to work; latches before directions.

    watched: input pins whose changes are captured.
    """
    return [
        (IOCON_OF_BANK_1, b"\0"),
        (OLAT, encode_word(outputs.latch)),
        (IOCON, bytes((MIRROR,))),
        (IPOL, b"\0\0"),
        (DEFVAL, b"\0\0"),
        (INTCON, b"\0\0"),
        (GPPU, b"\0\0"),
        (GPINTEN, encode_word(watched)),
        (IODIR, encode_word(outputs.direction)),
    ]


def settings_of(outputs: Outputs, watched: int) -> bytes:
    """What SETTINGS_OCTETS from SETTINGS_FROM must hold after ``set_up``."""
    block = bytearray(SETTINGS_OCTETS)
    block[IODIR : IODIR + 2] = encode_word(outputs.direction)
    block[GPINTEN : GPINTEN + 2] = encode_word(watched)
    block[IOCON : IOCON + 2] = bytes((MIRROR, MIRROR))
    return bytes(block)
