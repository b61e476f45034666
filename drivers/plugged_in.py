"""What is plugged in that could carry lines: serial devices by their lasting names, I2C buses.

Owns nothing. It reads names in /dev and opens nothing: whether a device is a modem, a card or
something else is told when a line wants it.
"""

from __future__ import annotations

from pathlib import Path

_FIRST_BOARD = "0x20"  # an MCP23017 whose address pins are low


def plugged_in(dev: Path = Path("/dev")) -> list[str]:
    """Addresses of devices as a line's settings want them, those with a lasting name first."""
    named = sorted((dev / "serial" / "by-id").glob("*"))
    known = {path.resolve() for path in named}
    others = [
        path
        for pattern in ("ttyACM*", "ttyUSB*")
        for path in sorted(dev.glob(pattern))
        if path.resolve() not in known
    ]
    serial = [f"serial:{path}" for path in [*named, *others]]
    buses = sorted(path.name.removeprefix("i2c-") for path in dev.glob("i2c-*"))
    return serial + [f"i2c:{bus}:{_FIRST_BOARD}" for bus in buses]
