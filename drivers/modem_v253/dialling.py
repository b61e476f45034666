"""Dialling by the modem itself, and flash: what the media core cannot do with tones.

Coroutines over an Engine. V.250 §6.3 (dial string), V.253: in class 8 with +VRN=0 and +VRA=0 the
dial command returns after its last digit. S29 is the flash time in 10 ms.
"""

from __future__ import annotations

import asyncio
import re

from drivers.api import DialMode, LineError
from drivers.modem_v253.engine import Engine
from drivers.modem_v253.models import Model

_PER_DIGIT_S = 2.0  # a pulsed 0 with its pause
_BEGIN_S = 8.0
_LETTER = {DialMode.TONE: "T", DialMode.PULSE: "P"}
_ALLOWED = re.compile(r"[0-9*#A-D,]+")
#: What a dial command may end with, and the word that it is told as; None = an error instead.
_ENDS = {
    "OK": "",
    "VCON": "",
    "BUSY": "busy",
    "NO ANSWER": "no_answer",
    "NO CARRIER": "released",
}
_FLASHED = ("OK", "VCON")
_REFUSALS = {"NO DIALTONE": "line.no_dial_tone", "LINE-IN-USE": "line.in_use"}


async def dial(engine: Engine, digits: str, mode: DialMode) -> str:
    """Dial, off-hook already; the word of ProgressReported that it led to, empty = all dialled.

    Raises LineError ``line.no_dial_tone``, ``line.in_use``, ``line.unsupported`` (such digits).
    """
    wanted = digits.upper().replace(" ", "").replace("-", "")
    if not _ALLOWED.fullmatch(wanted):
        raise LineError("line.unsupported", f"{digits!r} cannot be dialled")
    await engine.command("AT+VRN=0")
    await engine.command("AT+VRA=0")
    reply = await engine.command(
        f"ATD{_LETTER[mode]}{wanted};", _BEGIN_S + _PER_DIGIT_S * len(wanted)
    )
    if reply.result in _REFUSALS:
        raise LineError(_REFUSALS[reply.result], reply.result)
    if reply.result not in _ENDS:
        raise LineError("line.device", f"dialling: {reply.result}")
    return _ENDS[reply.result]


async def flash(engine: Engine, model: Model, duration_ms: int) -> None:
    """Open the loop so long: exactly by a model that dials ``!``, else by the hook (±100 ms)."""
    if model.flash_by_dial:
        await engine.command("AT+VRN=0")
        await engine.command("AT+VRA=0")
        await engine.command(f"ATS29={max(1, round(duration_ms / 10))}")
        if (await engine.command("ATD!;", 2.0 + duration_ms / 1000)).result in _FLASHED:
            return
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await engine.demand("AT+VLS=0")
    await asyncio.sleep(max(0.0, begun + duration_ms / 1000 - loop.time()))
    await engine.demand("AT+VLS=1")
