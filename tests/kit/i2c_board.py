"""A whole board at register level: MCP23017, SLICs with telephones, exchange lines, and the judge.

Knows nothing of drivers. ``I2cBoard.bus`` has the interface of smbus2.SMBus; each transaction takes
its time at 400 kHz, and fails as i2c-dev does: NAK (EREMOTEIO), stuck bus (ETIMEDOUT), garbage.
Time is the clock's: ``VirtualClock`` stands still between transactions, time.monotonic_ns does not.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.kit.exchange_line import ExchangeLine
from tests.kit.expander_chip import Chip
from tests.kit.slic import Manners, Slic
from tests.kit.slic_judge import Judge

ADDRESS = 0x20
_BIT_NS, _CALL_NS = 2500, 100_000
_FORBIDDEN = 0x8080


def _bits(*names: str) -> list[int]:
    return [1 << (8 * "AB".index(name[0]) + int(name[1])) for name in names]


@dataclass(frozen=True)
class Wiring:
    """Bits of the chip's pins, line by line; exchange lines: OH, CID (active low), RING."""

    fr: list[int]
    rm: list[int]
    shk: list[int]
    pd: list[int]
    oh: list[int]
    cid: list[int]
    ring: list[int]


WIRINGS = {
    "quad-a": Wiring(
        _bits("A0", "A1", "A2", "A3"),
        _bits("A4", "A5", "A6", "A7"),
        _bits("B0", "B1", "B2", "B3"),
        _bits("B4", "B5", "B6", "B6"),
        [],
        [],
        [],
    ),
    "duo-fxo": Wiring(
        _bits("A0", "A1"),
        _bits("A2", "A3"),
        _bits("B0", "B1"),
        _bits("B4", "B5"),
        _bits("A4", "A5"),
        _bits("A6", "A7"),
        _bits("B2", "B3"),
    ),
    "single": Wiring(_bits("A0"), _bits("A1"), _bits("B0"), [0], [], [], []),
}


class VirtualClock:
    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def pass_ns(self, ns: int) -> None:
        self.now_ns += ns


class I2cBoard:
    """clock: monotonic nanoseconds; with a VirtualClock, transactions take their time on it."""

    def __init__(
        self,
        clock: Callable[[], int],
        wiring: str = "quad-a",
        manners: Manners | None = None,
        slack_ns: int = 1_000_000,
    ) -> None:
        self.clock = clock
        self.wiring = WIRINGS[wiring]
        self.slics = [Slic(manners) for _ in self.wiring.fr]
        self.exchanges = [ExchangeLine() for _ in self.wiring.oh]
        self.judge = Judge(len(self.slics), slack_ns)
        self.chip = Chip(self._outputs)
        self.bus = BoardBus(self)
        self._direction_before = 0xFFFF
        for bit in self.wiring.ring:
            self.chip.input(bit, True)

    def run(self) -> int:
        """The world up to now; its time."""
        now = self.clock()
        changes: list[tuple[int, int, bool]] = []
        for port, slic in enumerate(self.slics):
            was = slic.is_closed
            told = slic.changes_until(now)
            changes += [(at, self.wiring.shk[port], level) for at, level in told]
            if slic.is_closed != was:
                self.judge.contact(port, slic.is_closed, slic.closed_since_ns)
        for line, exchange in enumerate(self.exchanges):
            told = exchange.changes_until(now)
            changes += [(at, self.wiring.ring[line], level) for at, level in told]
        for _, bit, level in sorted(changes, key=lambda change: change[0]):
            self.chip.input(bit, level)
        return now

    def assert_safe(self) -> None:
        self.judge.assert_safe(self.run())

    def brown_out(self) -> None:
        """The supply sagged: the chip starts again, the SLICs' inputs float."""
        self.chip.power_on_reset(self.run())

    def _outputs(self, direction: int, latch: int, now_ns: int) -> None:
        before, self._direction_before = self._direction_before, direction
        for port, slic in enumerate(self.slics):
            self._drive(port, slic, direction, latch, before, now_ns)
        for line, exchange in enumerate(self.exchanges):
            active = [
                not direction & bit and not latch & bit
                for bit in (self.wiring.oh[line], self.wiring.cid[line])
            ]
            exchange.drive(active[0], active[1], now_ns)

    def _drive(
        self, port: int, slic: Slic, direction: int, latch: int, before: int, now_ns: int
    ) -> None:
        fr, rm, pd = (pins[port] for pins in (self.wiring.fr, self.wiring.rm, self.wiring.pd))
        if not direction & pd and latch & pd:
            self.judge.pd_high(port, now_ns)
        is_ringing = bool(latch & rm and not direction & rm)  # floating: the board's pull-down
        if is_ringing and before & rm:
            self.judge.glitch(port, now_ns)
        is_forward = bool(latch & fr) or bool(direction & fr)
        is_fed = bool(direction & pd) or not pd
        slic.drive(is_ringing, is_forward, is_fed, now_ns)
        self.judge.pins(port, is_ringing, is_forward, now_ns)


class BoardBus:
    """smbus2.SMBus of a board: the same methods, arguments and errors."""

    def __init__(self, board: I2cBoard) -> None:
        self._board = board
        self._pointer = 0
        self.transactions = 0
        self.naks = 0  # so many of the next transactions are not acknowledged
        self.nak_share = 0.0
        self.is_stuck = False
        self.garbage: random.Random | None = None  # what is read is noise
        self.random = random.Random(7)

    def close(self) -> None:
        """Nothing to let go of."""

    def write_quick(self, i2c_addr: int, force: bool | None = None) -> None:
        self._transact(i2c_addr, 1)

    def read_byte(self, i2c_addr: int, force: bool | None = None) -> int:
        return self._read(i2c_addr, self._pointer, 1)[0]

    def write_byte(self, i2c_addr: int, value: int, force: bool | None = None) -> None:
        self._transact(i2c_addr, 2)
        self._pointer = value

    def read_byte_data(self, i2c_addr: int, register: int, force: bool | None = None) -> int:
        return self._read(i2c_addr, register, 1)[0]

    def write_byte_data(
        self, i2c_addr: int, register: int, value: int, force: bool | None = None
    ) -> None:
        self._write(i2c_addr, register, [value])

    def read_word_data(self, i2c_addr: int, register: int, force: bool | None = None) -> int:
        low, high = self._read(i2c_addr, register, 2)
        return low | high << 8

    def write_word_data(
        self, i2c_addr: int, register: int, value: int, force: bool | None = None
    ) -> None:
        self._write(i2c_addr, register, [value & 0xFF, value >> 8])

    def read_i2c_block_data(
        self, i2c_addr: int, register: int, length: int, force: bool | None = None
    ) -> list[int]:
        if length > 32:
            raise ValueError("Desired block length over 32 bytes")
        return self._read(i2c_addr, register, length)

    def write_i2c_block_data(
        self, i2c_addr: int, register: int, data: list[int], force: bool | None = None
    ) -> None:
        if len(data) > 32:
            raise ValueError("Data length cannot exceed 32 bytes")
        self._write(i2c_addr, register, list(data))

    def i2c_rdwr(self, *i2c_msgs: Any) -> None:
        """Messages of smbus2.i2c_msg: a write sets the pointer, a read goes on from it."""
        for message in i2c_msgs:
            if message.flags & 1:
                read = self._read(message.addr, self._pointer, message.len)
                for index, octet in enumerate(read):
                    message.buf[index] = bytes((octet,))
            else:
                register, *data = list(message)
                self._write(message.addr, register, data)

    # ---- the wire

    def _read(self, address: int, register: int, length: int) -> list[int]:
        self._transact(address, 3 + length)
        told = self._board.chip.read(register, length)
        self._pointer = register + length
        return told if self.garbage is None else list(self.garbage.randbytes(length))

    def _write(self, address: int, register: int, data: Iterable[int]) -> None:
        octets = list(data)
        now = self._transact(address, 2 + len(octets))
        self._pointer = register
        chip = self._board.chip
        before = chip.direction
        chip.write(register, octets, now)
        if chip.direction & ~before & _FORBIDDEN:
            self._board.judge.forbidden_input(now)

    def _transact(self, address: int, octets: int) -> int:
        clock = self._board.clock
        if isinstance(clock, VirtualClock):
            clock.pass_ns(_CALL_NS + 9 * octets * _BIT_NS)
        self.transactions += 1
        now = self._board.run()
        if self.is_stuck:
            raise OSError(errno.ETIMEDOUT, "Connection timed out")
        if self.naks or address != ADDRESS or self.random.random() < self.nak_share:
            self.naks -= self.naks > 0
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        return now
