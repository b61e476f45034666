"""Tests of drivers/cellular/find.py: a sysfs of files, as the kernel shows two modems."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.cellular.find import Places, find_places


@pytest.fixture
def machine(tmp_path: Path) -> tuple[Path, Path]:
    """sys and dev: a Quectel at 1-1.2 whose ttyUSB numbers are out of order, a SIM7600 at 2-1."""
    sys, dev = tmp_path / "sys", tmp_path / "dev"
    dev.mkdir()
    _plug(sys, dev, "1-1.2", "2c7c", {0: "ttyUSB7", 1: "ttyUSB9", 2: "ttyUSB8", 3: "ttyUSB6"})
    _plug(sys, dev, "2-1", "1e0e", {n: f"ttyUSB{n}" for n in range(5)})
    _plug(sys, dev, "3-1", "0403", {0: "ttyUSB11"})
    return sys, dev


def _plug(sys: Path, dev: Path, name: str, vendor: str, ttys: dict[int, str]) -> None:
    device = sys / "devices/usb" / name
    listed = sys / "bus/usb/devices"
    classes = sys / "class/tty"
    for folder in (device, listed, classes):
        folder.mkdir(parents=True, exist_ok=True)
    (device / "idVendor").write_text(f"{vendor}\n")
    (listed / name).symlink_to(device)
    for number, tty in ttys.items():
        interface = device / f"{name}:1.{number}"
        node = interface / tty / "tty" / tty
        node.mkdir(parents=True)
        (interface / "bInterfaceNumber").write_text(f"{number:02x}\n")
        (node / "device").symlink_to(interface / tty)
        (classes / tty).symlink_to(node)
        (dev / tty).touch()


def test_by_usb_path_and_the_first_there_is(machine: tuple[Path, Path]) -> None:
    sys, dev = machine
    quectel = Places(str(dev / "ttyUSB8"), str(dev / "ttyUSB9"))
    simcom = Places(str(dev / "ttyUSB2"), str(dev / "ttyUSB4"))
    assert find_places("usb:1-1.2", {}, sys=sys, dev=dev) == quectel
    assert find_places("usb:2-1", {}, sys=sys, dev=dev) == simcom
    assert find_places("usb:", {}, sys=sys, dev=dev) == quectel
    assert find_places("usb:3-1", {}, sys=sys, dev=dev) is None
    assert find_places("usb:9-9", {}, sys=sys, dev=dev) is None


def test_the_audio_port_is_found_beside_a_given_at_port(machine: tuple[Path, Path]) -> None:
    sys, dev = machine
    link = dev / "by-id-quectel-if02"
    link.symlink_to(dev / "ttyUSB8")
    found = find_places(str(link), {}, sys=sys, dev=dev)
    assert found == Places(str(link), str(dev / "ttyUSB9"))
    alone = find_places(str(dev / "ttyUSB11"), {}, sys=sys, dev=dev)
    assert alone == Places(str(dev / "ttyUSB11"), "")
    assert find_places(str(dev / "ttyUSB99"), {}, sys=sys, dev=dev) is None


def test_options_are_believed(machine: tuple[Path, Path]) -> None:
    sys, dev = machine
    assert find_places("/x/at", {"pcm": "/x/pcm"}, sys=sys, dev=dev) == Places("/x/at", "/x/pcm")
