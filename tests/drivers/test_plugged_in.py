"""Tests of drivers/plugged_in.py: lasting names first, nothing twice."""

from __future__ import annotations

from pathlib import Path

from drivers.plugged_in import plugged_in

MODEM = "usb-Conexant_USB_Modem_24680246-if00"


def test_what_is_plugged_in(tmp_path: Path) -> None:
    by_id = tmp_path / "serial" / "by-id"
    by_id.mkdir(parents=True)
    for name in ("ttyACM0", "ttyUSB1", "ttyUSB0", "ttyS0", "i2c-1", "i2c-20", "null"):
        (tmp_path / name).touch()
    (by_id / MODEM).symlink_to("../../ttyACM0")
    assert plugged_in(tmp_path) == [
        f"serial:{by_id / MODEM}",
        f"serial:{tmp_path / 'ttyUSB0'}",
        f"serial:{tmp_path / 'ttyUSB1'}",
        "i2c:1:0x20",
        "i2c:20:0x20",
    ]


def test_nothing(tmp_path: Path) -> None:
    assert plugged_in(tmp_path) == []
