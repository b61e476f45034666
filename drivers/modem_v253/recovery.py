"""The ladder out of a wedged modem: each rung is harsher, and each is timed.

Coroutines over an engine and a wire (anything with their methods, virtual in tests). Order and
times keep a stuck ``+VTR`` under 3 s: end codes, end codes with a tripled DLE, DTR, close and open,
``+++`` (a forgotten data call), and at last the USB device anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from drivers.api import LineError
from drivers.modem_v253.engine import Engine
from drivers.modem_v253.octets import LEAVE, LEAVE_TRIPLED

_LISTEN_S = 0.4
_DRAIN_S = 0.2
_READY_LOW_S = 0.5
_GUARD_S = 1.1


class Handle(Protocol):
    """What a recovery may do to the device itself (wire.Wire, or a test's)."""

    def drop_terminal_ready(self) -> bool: ...
    def raise_terminal_ready(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Recovery:
    """What helped, and how long it took from the first rung on."""

    rung: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class Patient:
    """A modem to be recovered. reopen: close and open the device (the engine stays);
    reauthorise: the USB device anew, False where nobody may."""

    engine: Engine
    handle: Handle
    reopen: Callable[[], Awaitable[bool]]
    reauthorise: Callable[[], Awaitable[bool]]


async def recover(patient: Patient, first: str = "asked") -> Recovery:
    """Climb from this rung until AT is answered.

    Raises LineError ``line.device`` when no rung helped.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    names = [name for name, _ in LADDER]
    for name, climb in LADDER[names.index(first) :]:
        if await climb(patient):
            return Recovery(name, (loop.time() - begun) * 1000)
    raise LineError("line.device", "the modem answers nothing, whatever is done")


async def _ask(patient: Patient) -> bool:
    return await patient.engine.answers(b"", 0.0, _LISTEN_S)


async def _end_codes(patient: Patient) -> bool:
    return await patient.engine.answers(LEAVE, _DRAIN_S, _LISTEN_S)


async def _tripled(patient: Patient) -> bool:
    return await patient.engine.answers(LEAVE_TRIPLED, _DRAIN_S, _LISTEN_S)


async def _terminal_ready(patient: Patient) -> bool:
    if not patient.handle.drop_terminal_ready():
        return False
    await asyncio.sleep(_READY_LOW_S)
    patient.handle.raise_terminal_ready()
    return await _ask(patient)


async def _reopen(patient: Patient) -> bool:
    return await patient.reopen() and await _ask(patient)


async def _escape(patient: Patient) -> bool:
    """V.250 §6.1: silence, +++, silence; then on-hook."""
    await asyncio.sleep(_GUARD_S)
    return await patient.engine.answers(b"+++", _GUARD_S, _LISTEN_S)


async def _reauthorise(patient: Patient) -> bool:
    return await patient.reauthorise() and await patient.reopen() and await _ask(patient)


LADDER: tuple[tuple[str, Callable[[Patient], Awaitable[bool]]], ...] = (
    ("asked", _ask),
    ("end_codes", _end_codes),
    ("tripled_dle", _tripled),
    ("terminal_ready", _terminal_ready),
    ("reopened", _reopen),
    ("escape", _escape),
    ("usb", _reauthorise),
)
