"""Addresses of devices, and which driver they lead to."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from drivers import registry
from drivers.api import DeviceAddress, LineError, PortKind
from drivers.registry import candidates, find_driver, load, parse_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("serial:/dev/ttyACM0", DeviceAddress("serial", "/dev/ttyACM0")),
        ("serial:/dev/x?baud=9600", DeviceAddress("serial", "/dev/x", {"baud": "9600"})),
        ("socket://10.0.0.1:7000", DeviceAddress("socket", "10.0.0.1:7000")),
        ("i2c:1:0x20", DeviceAddress("i2c", "1:0x20")),
        ("sim:office?a=1&b=2", DeviceAddress("sim", "office", {"a": "1", "b": "2"})),
    ],
)
def test_addresses(url: str, address: DeviceAddress) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize("url", ["", "serial", "serial:", "usb:1", "/dev/ttyACM0", "i2c:?a=b"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(LineError) as caught:
        parse_address(url)
    assert caught.value.key == "line.bad_address"


def test_the_kind_of_line_narrows_the_drivers() -> None:
    tty = parse_address("serial:/dev/x")
    assert candidates(tty, PortKind.FXO) == ("modem_v253", "linecard")
    assert candidates(tty, PortKind.CELLULAR) == ("cellular",)
    assert candidates(tty, PortKind.FXS) == ("linecard",)
    named = parse_address("serial:/dev/x?driver=linecard")
    assert candidates(named, PortKind.FXO) == ("linecard",)
    with pytest.raises(LineError):
        candidates(parse_address("i2c:1:0x20"), PortKind.CELLULAR)


def test_a_driver_that_is_not_here_is_told() -> None:
    with pytest.raises(LineError) as caught:
        load("no_such_driver")
    assert caught.value.key == "line.no_driver"


def test_every_driver_that_is_here_can_be_loaded() -> None:
    here = [name for name in registry.CLASSES if registry.is_here(name)]
    assert "simulator" in here
    for name in here:
        assert load(name).name == name


def test_the_only_candidate_is_not_probed() -> None:
    driver = asyncio.run(find_driver(parse_address("sim:office"), PortKind.FXS))
    assert driver.name == "simulator"


def test_what_is_not_plugged_in_is_nobodys_by_guess(tmp_path: Path) -> None:
    """A line card that udev names a moment after the start must not be a modem for ever."""
    tty = parse_address(f"serial:{tmp_path}/usb-card")
    with pytest.raises(LineError) as caught:
        asyncio.run(find_driver(tty, PortKind.FXO))
    assert caught.value.key == "line.unplugged"
    assert asyncio.run(find_driver(tty, PortKind.FXS)).name == "linecard", "the only candidate"
    named = parse_address(f"serial:{tmp_path}/usb-card?driver=modem_v253")
    assert asyncio.run(find_driver(named, PortKind.FXO)).name == "modem_v253"


def test_a_box_without_lines_and_desk_phones_loads_nothing_of_them() -> None:
    """They are a quarter of its start. Checked in an interpreter of its own: this one has long
    loaded them all."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys, appliance.daemon; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    loaded = said.split()
    assert "appliance.legs.lines.keeper" in loaded
    assert [name for name in loaded if name.startswith("drivers")] == []
    assert {name for name in loaded if name.startswith("provisioning.")} == {
        "provisioning.neighbours"
    }
