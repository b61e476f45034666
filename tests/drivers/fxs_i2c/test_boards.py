"""Maps of boards, and the octets that set a chip up."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.fxs_i2c.boards import board_map, board_names, parse_board
from drivers.fxs_i2c.mcp23017 import OUTPUT_ONLY, pin_bit, set_up, settings_of


def test_the_suggested_map_is_set_up_with_the_suggested_octets() -> None:
    """analog-lines §3.2, in its order; two writes more for a chip in an unknown state."""
    board = board_map("quad-a")
    writes = set_up(board.quiet, board.watched)
    assert [f"{register:02X}: {data.hex(' ').upper()}" for register, data in writes] == [
        "05: 00",  # out of BANK=1, if it was there
        "14: 0F 00",
        "0A: 40",
        "02: 00 00",
        "06: 00 00",
        "08: 00 00",
        "0C: 00 00",
        "04: 00 0F",
        "00: 00 7F",
    ]


@pytest.mark.parametrize("name", board_names())
def test_every_map_keeps_the_rules(name: str) -> None:
    board = board_map(name)
    quiet = board.quiet
    assert not quiet.direction & OUTPUT_ONLY, "A7 and B7 are outputs"
    assert not quiet.latch & board.feeds, "PD is low or floats"
    assert quiet.direction & board.watched == board.watched
    for pins in board.fxs:
        assert not quiet.latch & pins.rm.bit and quiet.latch & pins.fr.bit
        assert not quiet.direction & (pins.rm.bit | pins.fr.bit)
    for line in board.fxo:
        assert quiet.latch & line.oh.bit and quiet.latch & line.cid.bit, "active low, at rest"
    assert settings_of(quiet, board.watched)[10:12] == b"\x40\x40"


_SLIC = {"fr": "A0", "rm": "A1", "shk": "B0", "pd": "B4"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"fxs": [_SLIC | {"rm": "A0"}]},
        {"fxs": [_SLIC | {"shk": "A7"}]},
        {"fxs": [_SLIC | {"pd": "B7"}]},
        {"fxs": [_SLIC | {"pd": "A0"}]},
        {"fxs": [_SLIC | {"rm": "!A1"}]},
        {"fxs": [_SLIC | {"rm": "C1"}]},
        {"fxs": [_SLIC | {"rm": ""}]},
        {"fxs": [_SLIC], "fxo": [{"oh": "A2", "cid": "A3", "ring": "B0"}]},
        {"fxs": [_SLIC], "fxo": [{"oh": "A2", "cid": "A3", "ring": "B7"}]},
    ],
)
def test_what_is_no_map(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        parse_board("x", {"model": "x", **data})


def test_pins() -> None:
    assert (pin_bit("A0"), pin_bit("B7")) == (1, 0x8000)
