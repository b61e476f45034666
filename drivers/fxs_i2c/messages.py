"""What the daemon and the keeper of a board say to each other, as lines of JSON.

PURE. The daemon sends Orders, each with a reference that its Outcome carries; the keeper tells
events of lines, figures each second, and while anything rings a Beat each 100 ms, so that the
daemon knows a keeper that hangs. A line that cannot be read raises ValueError: both ends are ours.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any, get_args

from drivers.events import LineEvent


class Verb(Enum):
    RING = "ring"  # pattern_ms, is_on: shows a caller id
    STOP_RING = "stop_ring"
    REVERSE = "reverse"  # is_on
    OPEN_LOOP = "open_loop"  # duration_ms
    SEIZE = "seize"
    ANSWER = "answer"
    RELEASE = "release"
    FLASH = "flash"  # duration_ms
    DIAL_PULSES = "dial_pulses"  # digits


@dataclass(frozen=True, slots=True)
class Order:
    """A command to one port; fields that a verb does not name are left alone."""

    reference: int
    port: int
    verb: Verb
    pattern_ms: tuple[int, ...] = ()
    is_on: bool = False
    duration_ms: int = 0
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """key: empty = done, else that of a LineError."""

    reference: int
    key: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PortEvent:
    port: int
    event: LineEvent


@dataclass(frozen=True, slots=True)
class Figures:
    """What the Lines page shows of the board. lateness_us: the 99th percentile of edges."""

    bus_errors: int = 0
    restarts: int = 0  # of the chip: brown-outs
    late_edges: int = 0  # more than 5 ms
    lateness_us: int = 0


@dataclass(frozen=True, slots=True)
class Beat:
    """The keeper lives, and something rings (is_ringing) or does not any more."""

    is_ringing: bool


Message = Order | Outcome | PortEvent | Figures | Beat

_KINDS = {kind.__name__: kind for kind in (Order, Outcome, Figures, Beat)}
_EVENTS = {kind.__name__: kind for kind in get_args(LineEvent)}


def encode(message: Message) -> bytes:
    """One line with its end."""
    if isinstance(message, PortEvent):
        event = message.event
        told: list[Any] = [type(event).__name__, asdict(event), message.port]
    else:
        told = [type(message).__name__, asdict(message)]
    return json.dumps(told, separators=(",", ":"), default=_plain).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message in one line. Raises ValueError."""
    try:
        name, values, *port = json.loads(line)
        if name in _EVENTS:
            return PortEvent(int(port[0]), _EVENTS[name](**values))
        kind = _KINDS[name]
        known = {field.name for field in fields(kind)}
        values = {key: _typed(key, value) for key, value in values.items() if key in known}
        message: Message = kind(**values)
        return message
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"no message: {line[:80]!r}") from error


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no place in a message")


def _typed(key: str, value: Any) -> Any:
    if key == "verb":
        return Verb(value)
    return tuple(value) if isinstance(value, list) else value
