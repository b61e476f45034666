"""The hand of somebody at a simulated line: lifts, dials, flashes, hangs up, calls from outside.

Owns nothing; lines/desk.py asks for it by the names of its operations (docs/control.md). Loaded at
the first such wish: a box without simulated lines never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from appliance.errors import UserError
from drivers.api import Device, LineError
from drivers.caller_id import LONGEST_NUMBER
from drivers.events import CallerIdRecord
from drivers.simulator.city_line import SimulatedCityLine
from drivers.simulator.driver import SimulatedDevice
from drivers.simulator.phone import SimulatedPhone

Args = Mapping[str, Any]
_DIGITS, _KEYS = frozenset("0123456789"), frozenset("0123456789*#ABCD")
_MOST_DIGITS = 40  # at once: what is dialled is made as sound before it is heard
_LONGEST_NAME = 50  # EN 300 659-3
Simulated = SimulatedPhone | SimulatedCityLine


def act(action: str, args: Args, device: Device, port: int) -> dict[str, Any]:
    """Do it on this port; how the line is then. Raises UserError."""
    name = str(args.get("line", ""))
    if not isinstance(device, SimulatedDevice) or port >= len(device.ports):
        raise UserError("line.not_simulated", line=name)
    line = device.ports[port]
    try:
        _ACTIONS[action](line, args)
    except LineError as error:
        raise UserError(error.key, line=name) from error
    return {"line": name, "state": line.health.state.value}


def _lift(line: Simulated, args: Args) -> None:
    _phone(line, args).lift()


def _dial(line: Simulated, args: Args) -> None:
    digits, by_pulses = str(args.get("digits", "")), bool(args.get("by_pulses"))
    there_are = _DIGITS if by_pulses else _KEYS
    if not digits or len(digits) > _MOST_DIGITS or set(digits) - there_are:
        raise UserError("line.bad_digits", digits=digits[:40])
    _phone(line, args).press(digits, by_pulses=by_pulses)


def _flash(line: Simulated, args: Args) -> None:
    _phone(line, args).press_hook()


def _hang_up(line: Simulated, args: Args) -> None:
    """A telephone's handset goes down; of a city line, the far end's."""
    if isinstance(line, SimulatedPhone):
        line.hang_up()
    else:
        line.far_hang_up()


def _ring(line: Simulated, args: Args) -> None:
    """Somebody outside calls by a city line."""
    if not isinstance(line, SimulatedCityLine):
        raise _wrong_kind(args)
    number = str(args.get("number", "") or "84951234567")
    if len(number) > LONGEST_NUMBER or set(number.removeprefix("+")) - (_DIGITS | set("*#")):
        raise UserError("line.bad_digits", digits=number[:40])
    name = str(args.get("name", "") or "")[:_LONGEST_NAME]
    shown = "".join(c for c in name if c.isprintable())
    line.call(CallerIdRecord(number, shown, source="fsk"))


def _phone(line: Simulated, args: Args) -> SimulatedPhone:
    if not isinstance(line, SimulatedPhone):
        raise _wrong_kind(args)
    return line


def _wrong_kind(args: Args) -> UserError:
    return UserError("line.wrong_kind", line=str(args.get("line", "")))


_ACTIONS: Mapping[str, Callable[[Simulated, Args], None]] = {
    "lift": _lift,
    "dial": _dial,
    "flash": _flash,
    "hang_up": _hang_up,
    "ring": _ring,
}
