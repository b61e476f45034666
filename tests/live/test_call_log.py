"""Tests of appliance/live/call_log.py: each call has its line, soon, and at the stop at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from appliance.call.leg import Answered, Cause, Ended
from appliance.clock import LoopClock
from appliance.live.call_log import GATHER_S, CallLog
from tests.kit.scripted_legs import ANSWER, Stage, ring, route
from tests.kit.virtual_loop import elapse, run_virtually

log = logging.getLogger("calls")
WAY = "routing > hunting > connected > ending > finished"


def over() -> Stage:
    """A call that was answered and ended."""
    stage = Stage(route(ring()))
    stage.tell(Answered(2, ANSWER), Ended(1, Cause.NORMAL), Ended(2, Cause.NORMAL))
    return stage


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def play(scene: Callable[[CallLog], Awaitable[None]]) -> None:
    async def main() -> None:
        await scene(CallLog(LoopClock(asyncio.get_running_loop()), log))

    run_virtually(main())


def test_calls_that_end_within_a_moment_are_told_together(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(told: CallLog) -> None:
        first, second = over(), over()
        told.note(first.call)
        await elapse(GATHER_S / 2)
        told.note(second.call)
        assert lines(caplog) == []
        await elapse(GATHER_S / 2 + 0.01)
        assert lines(caplog) == [f"call {stage.call.call_ref}: {WAY}" for stage in (first, second)]
        told.note(over().call)
        await elapse(GATHER_S + 0.01)
        assert len(lines(caplog)) == 3

    with caplog.at_level(logging.INFO, log.name):
        play(scene)


def test_a_stop_leaves_nothing_unsaid(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(told: CallLog) -> None:
        told.note(over().call)
        told.close()
        assert len(lines(caplog)) == 1
        told.note(over().call)  # it ended by the stop
        assert len(lines(caplog)) == 2
        await elapse(2 * GATHER_S)
        assert len(lines(caplog)) == 2

    with caplog.at_level(logging.INFO, log.name):
        play(scene)


def test_a_log_that_wants_no_such_lines_has_none(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(told: CallLog) -> None:
        told.note(over().call)
        told.close()

    with caplog.at_level(logging.WARNING, log.name):
        play(scene)
    assert lines(caplog) == []
