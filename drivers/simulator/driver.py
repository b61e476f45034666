"""Simulated lines for demo, training and tests, chosen by configuration alone: ``sim:NAME``.

Owns nothing. ``sim:office?phones=2&lines=2``: ports 0 and 1 are telephones, 2 and 3 city lines.
More options: ``voices=no`` (telephones say nothing; ``steady``: without pauses), ``reversal=yes``
(the exchange reverses the line on answer), ``cpc=no`` (it does not open the loop at the end).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from drivers.api import DeviceAddress, DeviceInfo, LineError
from drivers.country import country_profile
from drivers.simulator.city_line import SimulatedCityLine
from drivers.simulator.phone import SimulatedPhone
from drivers.simulator.sound import Segments

NAME = "simulator"
_MOST = 16
_VOICES_HZ = (620.0, 780.0, 910.0, 1060.0)


class SimulatedDevice:
    """Telephones and city lines that are not there."""

    def __init__(self, address: DeviceAddress, country: str) -> None:
        options = address.options
        phones, lines = _count(options, "phones"), _count(options, "lines")
        self.phones = tuple(
            SimulatedPhone(n, time.monotonic_ns, _voice(options.get("voices", ""), n))
            for n in range(phones)
        )
        profile = country_profile(country)
        self.lines = tuple(
            SimulatedCityLine(
                phones + n,
                time.monotonic_ns,
                profile,
                reverses=options.get("reversal") == "yes",
                breaks=options.get("cpc") != "no",
            )
            for n in range(lines)
        )
        self._name = address.place

    @property
    def ports(self) -> tuple[SimulatedPhone | SimulatedCityLine, ...]:
        return (*self.phones, *self.lines)

    @property
    def info(self) -> DeviceInfo:
        kinds = tuple(port.kind for port in self.ports)
        return DeviceInfo(NAME, "simulated lines", "", self._name, kinds)

    async def close(self) -> None:
        for port in self.ports:
            port.close()


class SimulatorDriver:
    """Stateless."""

    @property
    def name(self) -> str:
        return NAME

    async def probe(self, address: DeviceAddress) -> DeviceInfo | None:
        return SimulatedDevice(address, "RU").info if address.scheme == "sim" else None

    async def open(self, address: DeviceAddress, country: str) -> SimulatedDevice:
        return SimulatedDevice(address, country)


def _count(options: Mapping[str, str], name: str) -> int:
    text = options.get(name, "2")
    if not text.isdecimal() or int(text) > _MOST:
        raise LineError("line.bad_address", f"{name}={text}")
    return int(text)


def _voice(manner: str, number: int) -> Segments:
    """What the user of a telephone says: beeps of his own pitch."""
    if manner == "no":
        return ()
    pause_ms = 0 if manner == "steady" else 200
    return (((_VOICES_HZ[number % len(_VOICES_HZ)],), 400), ((), pause_ms))
