"""Which tty of a USB modem is which: by interface number in sysfs, never by ttyUSB number.

Reads sysfs and nothing else. A place is a tty (``/dev/ttyUSB2``, ``/dev/serial/by-id/…``), a USB
path (``usb:1-1.3``) or ``usb:`` alone: the first modem of a maker that we know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.cellular.makers import MAKERS, Maker

_SYS = Path("/sys")
_DEV = Path("/dev")


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of the two ports; pcm is empty where there is none."""

    at: str
    pcm: str


def find_places(
    place: str, options: Mapping[str, str], *, sys: Path = _SYS, dev: Path = _DEV
) -> Places | None:
    """None if nothing is plugged in there (now). options: ``pcm`` names the audio port, ``vendor``
    the maker."""
    if not place.startswith("usb:"):
        if options.get("pcm"):
            return Places(place, options["pcm"])
        return _beside(place, options.get("vendor", ""), sys, dev)
    wanted = place.removeprefix("usb:")
    for device in sorted((sys / "bus/usb/devices").glob(wanted or "*")):
        maker = _maker_of(device, options.get("vendor", ""))
        if maker and (found := _places(device, maker, dev)):
            return found
    return None


def _beside(place: str, maker_name: str, sys: Path, dev: Path) -> Places | None:
    """An AT port is given: its audio port is on the same USB device."""
    path = Path(place)
    if not path.exists():
        return None
    tty = sys / "class/tty" / path.resolve().name / "device"
    if not tty.exists():
        return Places(place, "")
    for device in list(tty.resolve().parents)[:3]:
        maker = _maker_of(device, maker_name)
        found = _places(device, maker, dev) if maker else None
        if found:
            return Places(place, found.pcm)
    return Places(place, "")


def _maker_of(device: Path, maker_name: str) -> Maker | None:
    vendor = device / "idVendor"
    if not vendor.is_file():
        return None
    number = vendor.read_text().strip().lower()
    found = next((maker for maker in MAKERS.values() if maker.usb_vendor == number), None)
    return MAKERS.get(maker_name) or found


def _places(device: Path, maker: Maker, dev: Path) -> Places | None:
    ttys: dict[int, str] = {}
    for interface in device.glob(f"{device.name}:*"):
        number = interface / "bInterfaceNumber"
        names = sorted([*interface.glob("tty*[0-9]"), *interface.glob("tty/tty*[0-9]")])
        if number.is_file() and names:
            ttys[int(number.read_text().strip(), 16)] = str(dev / names[0].name)
    at = ttys.get(maker.at_interface)
    return Places(at, ttys.get(maker.pcm_interface, "")) if at else None
