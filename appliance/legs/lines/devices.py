"""Opens the device that a line of the settings names.

Owns nothing. The URL says where it is, the line's kind what it must have; a SIM's PIN goes along as
an option of the address and into no log.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.config.model import Line

if TYPE_CHECKING:
    from drivers.api import Device


async def open_device(line: Line, country: str) -> Device:
    """The device, open (it may still be DOWN). Raises LineError."""
    from drivers.api import PortKind  # a box without lines need not load these
    from drivers.registry import find_driver, parse_address

    address = parse_address(line.device)
    if line.pin:
        address = replace(address, options={**address.options, "pin": line.pin})
    driver = await find_driver(address, PortKind(line.kind.value))
    return await driver.open(address, country.lower())
