"""What is said to a modem, as coroutines: who are you, be set up, lift, stream, hang up.

Coroutines over an Engine alone; ladders of commands are data (models.py). Several voice commands
go in one line where the modem takes that (V.250 §5.2.2): each line costs its answer's delay, and
600 ms are all there is from answering to sound.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace

from drivers.api import LineError
from drivers.modem_v253.capability import (
    CapabilityRecord,
    parse_classes,
    parse_methods,
    parse_sources,
)
from drivers.modem_v253.engine import Engine
from drivers.modem_v253.models import BASICS, FIRMWARE, WHO, Model, Step, recognise
from drivers.modem_v253.octets import (
    END_DUPLEX,
    END_RECEIVE,
    END_TRANSMIT,
    LEAVE,
    LEAVE_TRIPLED,
)

log = logging.getLogger(__name__)
_OFF_HOOK = (1, 5)  # +VLS: T (line), else ST; some USR firmware wants the second
_STREAM_END_S = 0.3
_ASKED_S = 0.4
_RATE_S = 0.25


@dataclass(frozen=True, slots=True)
class Identity:
    model: Model
    firmware: str


async def identify(engine: Engine) -> Identity:
    """Ask who it is."""
    await engine.command("ATE0V1Q0")
    answers: list[str] = []
    firmware = ""
    for step in WHO:
        reply = await engine.command(step.command, step.timeout_s)
        answers += reply.lines
        if step.command == FIRMWARE and reply.lines:
            firmware = reply.lines[0]
    return Identity(recognise(tuple(answers)), firmware)


async def run_steps(engine: Engine, steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Run a ladder; the commands that said ERROR and were allowed to."""
    refused = []
    for step in steps:
        reply = await engine.command(step.command, step.timeout_s)
        if reply.result != "OK":
            if not step.is_tolerated:
                raise LineError("line.device", f"{step.command}: {reply.result}")
            refused.append(step.command)
    return tuple(refused)


async def set_up(engine: Engine, model: Model, t35: int) -> tuple[str, ...]:
    """The ladder after a reset: basics, country, caller id. The lines that do it once more."""
    steps = [*BASICS]
    refused = await run_steps(engine, BASICS)
    country = f"{t35:02X}"
    if country in (await engine.command("AT+GCI=?")).text.upper():
        steps.append(Step(f"AT+GCI={country}", True))
        refused += await run_steps(engine, (steps[-1],))
    steps += model.caller_id
    refused += await run_steps(engine, model.caller_id)
    if refused:
        log.info("modem %s: refused %s", model.name, " ".join(refused))
    taken = [step.command for step in steps if step.command not in refused]
    plain = [command for command in taken if command[2] not in "+-"]
    return (*plain, _joined([command for command in taken if command[2] in "+-"]))


def _joined(commands: list[str]) -> str:
    return "AT" + ";".join(command.removeprefix("AT") for command in commands)


async def set_up_again(engine: Engine, model: Model, t35: int, lines: tuple[str, ...]) -> None:
    """As ``set_up``, for a unit that took these lines before; step by step if it does not now."""
    for line in lines:
        if (await engine.command(line, BASICS[0].timeout_s)).result != "OK":
            await set_up(engine, model, t35)
            return


async def read_capabilities(
    engine: Engine, model: Model, start_lines: tuple[str, ...]
) -> CapabilityRecord:
    """Ask what it can do; nothing goes off-hook.

    AT+VTR=? proves by OK alone: firmware that knows +VTR may know no test form of it (reported of
    a CX93001, see docs/hardware.md).
    """
    classes = parse_classes((await engine.command("AT+FCLASS=?")).lines)
    has_caller_id = any("+VCID=" in line for line in start_lines)
    if "8" not in classes:
        return CapabilityRecord(
            has_voice=False, start_lines=start_lines, has_caller_id=has_caller_id
        )
    await engine.demand("AT+FCLASS=8")
    methods = parse_methods((await engine.command("AT+VSM=?")).lines)
    sources = parse_sources((await engine.command("AT+VLS=?")).lines)
    is_listed = (await engine.command("AT+VTR=?")).result == "OK"
    record = CapabilityRecord(
        has_voice=bool(methods),
        methods=methods,
        sources=sources,
        start_lines=start_lines,
        has_duplex=True if is_listed else model.has_duplex,
        has_caller_id=has_caller_id,
    )
    record = replace(record, voice_lines=await _voice_lines(engine, model, record))
    await engine.demand("AT+FCLASS=0")
    return record


async def _voice_lines(engine: Engine, model: Model, record: CapabilityRecord) -> tuple[str, ...]:
    """The command lines that make it ready for voice: what it takes, in as few as it takes."""
    method = record.method
    if method is None:
        return ()
    forms = (f"AT+VSM={method.label},8000,0,0", f"AT+VSM={method.label},8000")
    taken = ["AT+FCLASS=8"]
    for command in forms:
        if (await engine.command(command)).result == "OK":
            taken.append(command)
            break
    else:
        return ()
    for step in model.voice:
        if (await engine.command(step.command)).result == "OK":
            taken.append(step.command)
    joined = _joined(taken)
    is_joined = (await engine.command(joined)).result == "OK"
    return (joined,) if is_joined else tuple(taken)


async def prepare_voice(engine: Engine, record: CapabilityRecord) -> None:
    """Class 8 with a method and gains, on-hook. Raises LineError ``line.unsupported``."""
    if not record.voice_lines:
        raise LineError("line.unsupported", "no way to write samples that we know")
    for line in record.voice_lines:
        await engine.demand(line)


def _labels(record: CapabilityRecord) -> list[int]:
    return [label for label in _OFF_HOOK if label in record.sources] or list(_OFF_HOOK)


async def lift_and_stream(engine: Engine, record: CapabilityRecord) -> bool:
    """Off-hook and AT+VTR by one line, which costs one answer's delay in place of two. False: it
    does not stream, and may be off its hook or not."""
    label = _labels(record)[0]
    return (await engine.command(f"AT+VLS={label};+VTR")).result == "CONNECT"


async def lift(engine: Engine, record: CapabilityRecord) -> None:
    """Off-hook. Raises LineError ``line.device`` when the modem refuses."""
    for label in _labels(record):
        if (await engine.command(f"AT+VLS={label}")).result in ("OK", "VCON"):
            return
    raise LineError("line.device", "the modem does not go off-hook")


async def hang_up(engine: Engine) -> None:
    """On-hook and idle. Raises LineError when the modem does not say that it is."""
    reply = await engine.command("AT+VLS=0", 0.8)
    if reply.result != "OK":
        await engine.demand("ATH", 0.8)
    await engine.demand("AT+FCLASS=0", 0.8)


async def begin_stream(engine: Engine, command: str) -> bool:
    """``AT+VTR`` and the like; False when this modem has none."""
    return (await engine.command(command)).result == "CONNECT"


async def end_stream(engine: Engine, way: str, is_tripled: bool) -> bool:
    """End a stream of ours: way is the command that began it. Says whether the DLE was needed
    three times. Raises LineError ``line.timeout`` when the modem goes on."""
    plain = {"AT+VTR": END_DUPLEX, "AT+VTX": END_TRANSMIT, "AT+VRX": END_RECEIVE}[way]
    if not is_tripled and await engine.wait_for_stream_end(plain, _STREAM_END_S):
        await engine.settle(_STREAM_END_S)
        return False
    if await engine.wait_for_stream_end(LEAVE_TRIPLED, _STREAM_END_S):
        await engine.settle(_STREAM_END_S)
        return True
    if await engine.answers(b"", 0.0, _ASKED_S):
        return is_tripled  # it had ended before we said so
    raise LineError("line.timeout", f"{way} does not end")


async def try_duplex(engine: Engine, record: CapabilityRecord) -> bool:
    """Off-hook for some 300 ms: does +VTR stream? Only for units of which nobody knows; the line
    must be idle. Ends on-hook, also when it is cancelled; raises LineError when it does not know
    how it ends."""
    await prepare_voice(engine, record)
    try:
        await lift(engine, record)
        has_duplex = await begin_stream(engine, "AT+VTR")
        if has_duplex:
            await asyncio.sleep(_RATE_S)
            await end_stream(engine, "AT+VTR", record.is_tripled)
    except BaseException:
        # It may stream, or be about to; what cut it short is what is told.
        with contextlib.suppress(LineError):
            await engine.answers(LEAVE, _RATE_S, _ASKED_S)
            await hang_up(engine)
        raise
    await hang_up(engine)
    return has_duplex
