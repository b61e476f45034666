"""Maps of boards: which pin of the chip is what of which line.

PURE but for the data file that comes with the program. A map that would break the chip's or the
SLIC's rules (an input on A7 or B7, one pin for two things) is refused here, so that no other file
has to think of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from drivers.fxs_i2c.mcp23017 import OUTPUT_ONLY, Outputs, pin_bit

DEFAULT_MAP = "quad-a"


@dataclass(frozen=True, slots=True)
class Pin:
    """bit: of the 16-bit word; 0 = not wired. is_low: active low."""

    bit: int
    is_low: bool = False

    def drive(self, latch: int, is_active: bool) -> int:
        """The latch with this pin set."""
        return latch | self.bit if is_active != self.is_low else latch & ~self.bit

    def is_active(self, level: bool) -> bool:
        return level != self.is_low


@dataclass(frozen=True, slots=True)
class FxsPins:
    """pd has no level to drive: low = SLIC off, input (floating) = on; never an output high."""

    fr: Pin
    rm: Pin
    shk: Pin
    pd: Pin


@dataclass(frozen=True, slots=True)
class FxoPins:
    oh: Pin
    cid: Pin
    ring: Pin


@dataclass(frozen=True, slots=True)
class BoardMap:
    """FXS lines are numbered first, then the FXO lines."""

    name: str
    model: str
    fxs: tuple[FxsPins, ...]
    fxo: tuple[FxoPins, ...] = field(default=())

    @property
    def watched(self) -> int:
        """The input pins."""
        pins = [pins.shk for pins in self.fxs] + [pins.ring for pins in self.fxo]
        return sum(pin.bit for pin in pins)

    @property
    def feeds(self) -> int:
        """The PD pins."""
        word = 0
        for pins in self.fxs:
            word |= pins.pd.bit
        return word

    @property
    def quiet(self) -> Outputs:
        """Nobody rings, every line of the exchange is on-hook, every SLIC feeds its telephone.

        Pins of nothing stay inputs but for A7 and B7, which are outputs and low.
        """
        latch, driven = 0, OUTPUT_ONLY & ~self.watched
        for fxs in self.fxs:
            latch = fxs.rm.drive(fxs.fr.drive(latch, True), False)
            driven |= fxs.fr.bit | fxs.rm.bit
        for fxo in self.fxo:
            latch = fxo.cid.drive(fxo.oh.drive(latch, False), False)
            driven |= fxo.oh.bit | fxo.cid.bit
        return Outputs(0xFFFF & ~driven, latch)


def board_names() -> tuple[str, ...]:
    return tuple(sorted(_data()))


def board_map(name: str) -> BoardMap:
    """A map of boards.toml. Raises KeyError when there is no such map."""
    return parse_board(name, _data()[name])


@cache
def _data() -> Mapping[str, Any]:
    file = resources.files(__package__).joinpath("boards.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def parse_board(name: str, data: Mapping[str, Any]) -> BoardMap:
    """One map out of its data. Raises ValueError telling what does not fit."""
    fxs = tuple(
        FxsPins(_pin(row["fr"]), _pin(row["rm"]), _pin(row["shk"]), _pin(row.get("pd", "")))
        for row in data.get("fxs", ())
    )
    fxo = tuple(
        FxoPins(_pin(row["oh"]), _pin(row["cid"]), _pin(row["ring"])) for row in data.get("fxo", ())
    )
    _check(name, fxs, fxo)
    return BoardMap(name, data["model"], fxs, fxo)


def _pin(text: str) -> Pin:
    return Pin(pin_bit(text.removeprefix("!")), text.startswith("!")) if text else Pin(0)


def _check(name: str, fxs: Sequence[FxsPins], fxo: Sequence[FxoPins]) -> None:
    alone = [pin for pins in fxs for pin in (pins.fr, pins.rm, pins.shk)]
    alone += [pin for pins in fxo for pin in (pins.oh, pins.cid, pins.ring)]
    feeds = 0
    for pins in fxs:
        feeds |= pins.pd.bit
    used = 0
    for pin in alone:
        if not pin.bit or pin.bit & (used | feeds):
            raise ValueError(f"map {name}: a pin is missing or has two uses")
        used |= pin.bit
    floating = feeds | sum(pins.shk.bit for pins in fxs) | sum(pins.ring.bit for pins in fxo)
    if floating & OUTPUT_ONLY:
        raise ValueError(f"map {name}: A7 and B7 cannot be SHK, RING or PD")
    if not alone:
        raise ValueError(f"map {name}: no lines")
    if any(pin.is_low for pins in fxs for pin in (pins.fr, pins.rm, pins.shk, pins.pd)):
        raise ValueError(f"map {name}: the pins of a SLIC are never inverted")
