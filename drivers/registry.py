"""Which driver serves a device: the URL's scheme names those that could, a probe chooses.

Owns no device. A driver is loaded when a line wants it, so that a box without lines loads none, and
one that is missing here is told like any other error. Each driver is a package with ``driver.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl

from drivers.api import DeviceAddress, Driver, LineError, PortKind

_SERIAL = ("modem_v253", "cellular", "linecard")
#: Scheme of a URL -> names of the drivers that speak over it, in the order of probing.
SCHEMES: Mapping[str, tuple[str, ...]] = {
    "serial": _SERIAL,
    "socket": _SERIAL,
    "i2c": ("fxs_i2c",),
    "sim": ("simulator",),
}
#: The ``drivers.api.Driver`` of each package.
CLASSES: Mapping[str, str] = {
    "modem_v253": "ModemDriver",
    "cellular": "CellularDriver",
    "linecard": "LineCardDriver",
    "fxs_i2c": "FxsI2cDriver",
    "simulator": "SimulatorDriver",
}
#: What kinds of ports a driver can have.
KINDS: Mapping[str, frozenset[PortKind]] = {
    "modem_v253": frozenset({PortKind.FXO}),
    "cellular": frozenset({PortKind.CELLULAR}),
    "linecard": frozenset({PortKind.FXS, PortKind.FXO}),
    "fxs_i2c": frozenset({PortKind.FXS, PortKind.FXO}),
    "simulator": frozenset(PortKind),
}


def parse_address(url: str) -> DeviceAddress:
    """``scheme:place?option=value``; LineError ``line.bad_address`` for anything else."""
    scheme, colon, rest = url.partition(":")
    place, _, options = rest.partition("?")
    place = place.removeprefix("//")
    if scheme not in SCHEMES or not colon or not place:
        raise LineError("line.bad_address", url)
    return DeviceAddress(scheme, place, dict(parse_qsl(options)))


def candidates(address: DeviceAddress, kind: PortKind) -> tuple[str, ...]:
    """Drivers that could have such a port there; ``?driver=NAME`` leaves one.

    LineError ``line.no_driver`` when there is none.
    """
    wanted = address.options.get("driver", "")
    names = SCHEMES.get(address.scheme, ())
    found = tuple(n for n in names if kind in KINDS[n] and wanted in ("", n))
    if not found:
        raise LineError("line.no_driver", f"{kind.value} over {address.scheme}: {wanted}")
    return found


def is_here(name: str) -> bool:
    """Whether this box has that driver."""
    is_known = name in CLASSES and find_spec(f"drivers.{name}") is not None
    return is_known and find_spec(f"drivers.{name}.driver") is not None


@cache
def load(name: str) -> Driver:
    """The driver of that name, always the same one: a PIN that failed is remembered.

    LineError ``line.no_driver`` when it is not on this box.
    """
    if not is_here(name):
        raise LineError("line.no_driver", name)
    module = import_module(f"drivers.{name}.driver")
    driver: Driver = getattr(module, CLASSES[name])()
    return driver


async def find_driver(address: DeviceAddress, kind: PortKind) -> Driver:
    """The driver of this device: the only candidate, or the first that knows it when asked.

    One that nobody knows is the first candidate's: a modem may be stuck. Where several could have
    what is not plugged in, nobody is guessed: LineError ``line.unplugged``, to be asked for again.
    """
    names = candidates(address, kind)
    loaded = [load(name) for name in names if is_here(name)]
    if not loaded:
        raise LineError("line.no_driver", ", ".join(names))
    if len(loaded) > 1 and _is_away(address):
        raise LineError("line.unplugged", address.place)
    for driver in loaded if len(loaded) > 1 else ():
        if await driver.probe(address) is not None:
            return driver
    return loaded[0]


def _is_away(address: DeviceAddress) -> bool:
    """A tty that does not exist; one that is looked for by its USB serial number has no place."""
    is_tty = address.scheme == "serial" and "serial" not in address.options
    return is_tty and not Path(address.place).exists()
