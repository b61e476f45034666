"""An MCP23017 as its data sheet has it: registers, latches, interrupts with their side effects.

Knows nothing of drivers. The world outside the pins tells every change of an input with its time
(``Chip.input``), so that INTF and INTCAP hold what they would hold between two polls. Who watches
the outputs is called at every write that moves one.
"""

from __future__ import annotations

from collections.abc import Callable

_PAIRS = 11
IODIR, IPOL, GPINTEN, DEFVAL, INTCON, IOCON, GPPU, INTF, INTCAP, GPIO, OLAT = range(_PAIRS)
_BANK, _SEQOP = 0x80, 0x20
_ADDRESSES = 2 * _PAIRS


class Chip:
    """on_outputs(direction, latch, now_ns): IODIR and OLAT as words, A low and B high."""

    def __init__(self, on_outputs: Callable[[int, int, int], None]) -> None:
        self._on_outputs = on_outputs
        self._inputs = 0  # what the world drives, of the pins that it drives
        self._registers: list[int] = []
        self._pointer = 0
        self.shorted = 0  # pins that are low whatever drives them
        self._reset()

    def _reset(self) -> None:
        self._registers = [0] * _PAIRS
        self._registers[IODIR] = 0xFFFF

    def power_on_reset(self, now_ns: int) -> None:
        """A brown-out: everything as after power-on, the pins float."""
        self._reset()
        self._on_outputs(0xFFFF, 0, now_ns)

    @property
    def direction(self) -> int:
        return self._registers[IODIR]

    @property
    def latch(self) -> int:
        return self._registers[OLAT]

    # ---- pins

    def levels(self) -> int:
        """GPIO: inputs by IPOL, outputs from their latch."""
        direction = self._registers[IODIR]
        inputs = (self._inputs ^ self._registers[IPOL]) & direction
        return (inputs | self._registers[OLAT] & ~direction & 0xFFFF) & ~self.shorted

    def input(self, bit: int, level: bool) -> None:
        """The world moves a pin; an enabled pin that differs from its reference interrupts."""
        before = self.levels()
        self._inputs = self._inputs | bit if level else self._inputs & ~bit
        after = self.levels()
        by_value = self._registers[INTCON]
        differs = ((after ^ before) & ~by_value) | ((after ^ self._registers[DEFVAL]) & by_value)
        raised = differs & self._registers[GPINTEN] & self._registers[IODIR] & bit
        for half in (0x00FF, 0xFF00):
            if raised & half and not self._registers[INTF] & half:  # later changes are not captured
                kept = self._registers[INTCAP] & ~half
                self._registers[INTCAP] = kept | after & half
                self._registers[INTF] |= raised & half

    # ---- registers

    def read(self, address: int, length: int) -> list[int]:
        """A sequential read; reading INTCAP or GPIO clears the interrupt of that half."""
        self._pointer = address
        return [self._read_one() for _ in range(length)]

    def write(self, address: int, data: list[int], now_ns: int) -> None:
        self._pointer = address
        before = (self._registers[IODIR], self._registers[OLAT])
        for octet in data:
            self._write_one(octet)
            after = (self._registers[IODIR], self._registers[OLAT])
            if after != before:  # each octet moves its pins by itself
                self._on_outputs(*after, now_ns)
                before = after

    def _where(self) -> tuple[int, int]:
        """Pair and half of the pointer, by BANK."""
        if self._registers[IOCON] & _BANK:
            return self._pointer & 0x0F, self._pointer >> 4 & 1
        return self._pointer // 2, self._pointer % 2

    def _step(self) -> None:
        if not self._registers[IOCON] & _SEQOP:
            self._pointer = (self._pointer + 1) % (0x20 if self._is_banked() else _ADDRESSES)
        elif not self._is_banked():
            self._pointer ^= 1  # toggles between the two of a pair

    def _is_banked(self) -> bool:
        return bool(self._registers[IOCON] & _BANK)

    def _read_one(self) -> int:
        pair, half = self._where()
        self._step()
        if pair >= _PAIRS:
            return 0
        word = self.levels() if pair == GPIO else self._registers[pair]
        if pair in (INTCAP, GPIO):
            self._registers[INTF] &= ~(0xFF << 8 * half)
        return word >> 8 * half & 0xFF

    def _write_one(self, octet: int) -> None:
        pair, half = self._where()
        self._step()
        if pair >= _PAIRS or pair in (INTF, INTCAP):
            return
        if pair == IOCON:
            octet &= 0xFE
            self._registers[IOCON] = octet | octet << 8  # one register with two addresses
            return
        pair = OLAT if pair == GPIO else pair
        shift = 8 * half
        self._registers[pair] = self._registers[pair] & ~(0xFF << shift) | octet << shift
