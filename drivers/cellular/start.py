"""What is said to a modem before it is a line: who are you, the SIM's PIN, settings.

Coroutines over ``Run`` (one AT command and its end); no clock, no files. A PIN is tried only while
nobody has failed with it: three wrong ones lock the card (PUK), so the card's own counter is asked,
and what failed is remembered (``PinMemory``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.api import LineError
from drivers.at import AtCommand, AtFinished, Result
from drivers.cellular.makers import COMMON_START, MAKERS, Maker, recognise
from drivers.cellular.pin_memory import PinMemory
from drivers.cellular.reports import fields_of

Run = Callable[[str | AtCommand], Awaitable[AtFinished]]
_SLOW_S = 20.0
_LAST_WORD_S = 4.0  # of a card when the box stops: a port lets go within 5
SIM_READY = "READY"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers. has_voice: call audio comes by a serial port."""

    maker: Maker
    model: str
    firmware: str
    serial_number: str  # IMEI
    has_voice: bool


async def identify(run: Run, maker_name: str = "") -> Identity | None:
    """None if nobody speaks AT here or it is no modem of ours; changes nothing but the echo."""
    for _ in range(3):
        if (await run(AtCommand("ATE0", 1.0))).result is Result.OK:
            break
    else:
        return None
    texts = [await _ask(run, command) for command in ("ATI", "AT+CGMI", "AT+CGMM")]
    maker = MAKERS.get(maker_name) or recognise("\n".join(texts))
    if maker is None:
        return None
    firmware = await _ask(run, "AT+CGMR")
    imei = await _ask(run, "AT+CGSN")
    voice = await run(maker.voice_probe)
    return Identity(
        maker,
        texts[2].splitlines()[0] if texts[2] else maker.name,
        firmware.partition(":")[2].strip() or firmware,
        imei if imei.isdecimal() else "",
        voice.result is Result.OK,
    )


async def _ask(run: Run, command: str) -> str:
    finished = await run(command)
    return "\n".join(finished.lines) if finished.result is Result.OK else ""


async def unlock(run: Run, maker: Maker, pin: str, memory: PinMemory) -> None:
    """The SIM made ready. Raises LineError ``line.sim_missing``, ``line.sim_pin`` (needed, wrong or
    not tried again), ``line.sim_puk``, ``line.sim_busy`` (it starts: try again)."""
    await run("AT+CMEE=2")
    iccid = _digits(await _ask(run, maker.card_number))
    state = await sim_state(run)
    if state == SIM_READY:
        return
    if state == "SIM PIN":
        await _try_pin(run, maker, pin, iccid, memory)
        state = await sim_state(run)
    if state != SIM_READY:
        raise LineError(why_of_sim(state), state)


def why_of_sim(state: str) -> str:
    """Key of a card that is not ready: ``SIM PIN``, ``SIM not inserted``, ``NOT READY`` …"""
    if state in ("SIM PUK", "SIM PIN"):
        return "line.sim_puk" if state == "SIM PUK" else "line.sim_pin"
    return "line.sim_busy" if "BUSY" in state.upper() else "line.sim_missing"


async def sim_state(run: Run) -> str:
    """What the modem says of its card, or why it says nothing; empty = no answer came."""
    finished = await run(AtCommand("AT+CPIN?", _SLOW_S))
    told = next((line for line in finished.lines if line.startswith("+CPIN:")), finished.final)
    return told.partition(":")[2].strip()


async def _try_pin(run: Run, maker: Maker, pin: str, iccid: str, memory: PinMemory) -> None:
    if not re.fullmatch(r"\d{4,8}", pin):
        raise LineError("line.sim_pin", "the SIM wants a PIN and none is set")
    left = await _tries_left(run, maker)
    if not memory.may_try(iccid, pin, left):
        raise LineError("line.sim_pin", "the PIN failed before and is not tried again")
    finished = await _enter_pin(run, pin, iccid, memory)
    if finished.result is not Result.OK:
        raise LineError("line.sim_pin", finished.final or finished.result.value)


async def _enter_pin(run: Run, pin: str, iccid: str, memory: PinMemory) -> AtFinished:
    """What the card says to it, remembered. Whoever is cancelled meanwhile (the box stops) waits
    for the answer all the same: a right PIN would count as failed until the machine starts anew."""

    async def enter() -> AtFinished:
        memory.note_trial(iccid, pin)
        finished = await run(AtCommand(f"AT+CPIN={pin}", _SLOW_S, is_secret=True))
        if finished.result is Result.OK:
            memory.note_success(iccid)
        return finished

    trial = asyncio.create_task(enter())
    try:
        return await asyncio.shield(trial)
    except asyncio.CancelledError:
        await asyncio.wait([trial], timeout=_LAST_WORD_S)
        trial.cancel()
        raise


async def _tries_left(run: Run, maker: Maker) -> int | None:
    """How often the PIN may still be wrong; None where the modem cannot tell."""
    lines = (await run(maker.tries_left)).lines
    numbers = [field for line in lines for field in fields_of(line) if field.isdecimal()]
    return int(numbers[0]) if numbers else None


def _digits(text: str) -> str:
    found = re.search(r"\d{18,20}", text)
    return found.group() if found else ""


async def configure(run: Run, maker: Maker) -> list[str]:
    """All settings, common and the maker's; those that were refused."""
    return [
        command
        for command in (*COMMON_START, *maker.start)
        if (await run(AtCommand(command, _SLOW_S))).result is not Result.OK
    ]
