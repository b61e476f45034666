"""``silence`` and the notes of boards in use, against the emulated board in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.api import DeviceAddress
from drivers.fxs_i2c import noted
from drivers.fxs_i2c.place import Place, parse_place
from drivers.fxs_i2c.silence import silence
from tests.kit.i2c_board import I2cBoard, VirtualClock

PLACE = parse_place(DeviceAddress("i2c", "1:0x20", {"map": "duo-fxo"}))


@pytest.mark.parametrize("naks", [0, 1, 7])
def test_ringing_ends_and_city_lines_are_put_on_hook(naks: int) -> None:
    board = I2cBoard(VirtualClock(), "duo-fxo", slack_ns=10**9)
    board.bus.write_i2c_block_data(0x20, 0x14, [0xC7, 0x00])  # RM of port 0; OH of both
    board.bus.write_i2c_block_data(0x20, 0x00, [0x00, 0x7F])
    board.judge.violations.clear()  # this was no way to begin
    assert not board.judge.is_silent() and board.exchanges[0].is_off_hook
    board.bus.naks = naks
    assert silence(PLACE, lambda bus: board.bus)
    assert board.judge.is_silent()
    assert not any(line.is_off_hook for line in board.exchanges)
    assert all(slic.fr and slic.is_fed for slic in board.slics)
    board.assert_safe()


def test_a_bus_that_is_gone() -> None:
    def none(bus: int | str) -> object:
        raise FileNotFoundError(bus)

    assert not silence(PLACE, none)  # type: ignore[arg-type]


def test_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    noted.note(PLACE)
    assert noted.noted() == [], "nowhere to note it"
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    assert noted.noted() == []
    other = parse_place(DeviceAddress("i2c", "/dev/i2c-7:0x21", {"supply_ma": "900"}))
    for place in (PLACE, other, PLACE):
        noted.note(place)
    assert noted.noted() == ["/dev/i2c-7:0x21?map=quad-a", "1:0x20?map=duo-fxo"]
    noted.forget(PLACE)
    noted.forget(PLACE)
    assert noted.noted() == ["/dev/i2c-7:0x21?map=quad-a"]


def test_a_note_says_enough_to_silence() -> None:
    where, _, options = noted.text_of(PLACE).partition("?map=")
    again = parse_place(DeviceAddress("i2c", where, {"map": options}))
    assert again == Place(1, 0x20, PLACE.board)
