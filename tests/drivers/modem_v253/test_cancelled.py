"""A call that is over cancels whoever waits for its command, at any moment: the line is on its hook
soon afterwards, and the modem takes the next call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.events import LineState
from tests.drivers.modem_v253.stage import Stage, now, pause, play, stage

WORK: dict[str, Callable[[Stage], Awaitable[object]]] = {
    "seize": lambda s: s.port.seize(),
    "open_audio": lambda s: s.port.open_audio(),
    "flash": lambda s: s.port.flash(600),
    "answer": lambda s: s.port.answer(),
}


async def begin(s: Stage, what: str) -> None:
    """What goes before it."""
    if what == "answer":
        s.modem.machine.ring("4951234567", "", "11220930")
        await s.is_(LineState.RINGING)
    elif what != "seize":
        await s.port.seize()


@pytest.mark.parametrize("model", ["cx93010", "si2494"])
@pytest.mark.parametrize("what", sorted(WORK))
def test_at_any_moment(what: str, model: str) -> None:
    async def scene() -> None:
        for ms in range(0, 900, 53):
            async with stage(model, reply_ms=(20, 100)) as s:
                await begin(s, what)
                task = asyncio.ensure_future(WORK[what](s))
                await pause(ms / 1000)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                begun = now()
                await s.port.release()
                assert now() - begun < 1.5, ms
                assert not s.modem.line.is_off_hook, ms
                s.modem.line.stop_ringing()
                await s.is_(LineState.IDLE)
                await s.port.seize()
                await s.port.open_audio()
                await s.port.close_audio(b"")
                await s.port.release()
                assert not s.modem.line.is_off_hook, ms

    play(scene)
