"""Tests of appliance/service/supervise.py: what ends the daemon and what does not."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from appliance.service.supervise import Supervisor


async def _ends() -> None:
    """Is over at once."""


async def _fails() -> None:
    raise RuntimeError("a defect")


async def _waits(told: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        told.append("cancelled")
        raise


def test_the_end_of_a_deadly_task_is_the_end(caplog: pytest.LogCaptureFixture) -> None:
    async def main(work: object) -> int:
        supervisor = Supervisor()
        supervisor.deadly("heart", work)  # type: ignore[arg-type]
        return await supervisor.until_stopped()

    for work in (_ends(), _fails()):
        assert asyncio.run(main(work)) == 1
    assert "heart" in caplog.text


def test_a_passing_task_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        supervisor = Supervisor()
        supervisor.passing(_fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        return await supervisor.until_stopped()

    assert asyncio.run(main()) == 0
    assert "a defect" in caplog.text


def test_at_the_end_all_that_runs_is_cancelled_and_nobody_calls_it_a_death() -> None:
    told: list[str] = []

    async def main() -> None:
        supervisor = Supervisor()
        supervisor.deadly("heart", _waits(told))
        supervisor.passing(_waits(told))
        await asyncio.sleep(0)
        await supervisor.cancel_all()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert told == ["cancelled", "cancelled"]


def test_a_terminal_that_is_gone_ends_it_as_sigterm_does() -> None:
    """Who runs it over ssh and loses the connection leaves no call hanging."""

    async def main() -> int:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGHUP)
        return await Supervisor().until_stopped()

    assert asyncio.run(main()) == 0


def test_under_nohup_it_stays() -> None:
    async def main() -> None:
        waiting = asyncio.ensure_future(Supervisor().until_stopped())
        await asyncio.sleep(0)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        waiting.cancel()

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGHUP, before)
