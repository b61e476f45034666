"""Tests of appliance/clock.py: one alarm of asyncio rings for all that were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from appliance.clock import Clock, LoopClock, SiteTime
from tests.kit.virtual_loop import elapse, run_virtually


def _run(play: Callable[[LoopClock, list[str]], None], seconds: float) -> list[str]:
    """What was heard within so many seconds, with the time of each."""
    heard: list[str] = []

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop())
        began = clock.now()
        told: list[str] = []
        play(clock, told)
        while clock.now() < began + seconds:
            before = len(told)
            await elapse(0.25)
            heard.extend(f"{name} {clock.now() - began:g}" for name in told[before:])

    run_virtually(main())
    return heard


def test_alarms_ring_when_they_are_due_in_whatever_order_they_were_set() -> None:
    def play(clock: LoopClock, told: list[str]) -> None:
        for name, delay_s in (("late", 3.1), ("soon", 1.1), ("now", 0.0), ("past", -1.0)):
            clock.call_later(delay_s, lambda name=name: told.append(name))  # type: ignore[misc]

    assert _run(play, 4.0) == ["now 0.25", "past 0.25", "soon 1.25", "late 3.25"]


def test_a_cancelled_alarm_is_silent_and_those_behind_it_are_not() -> None:
    def play(clock: LoopClock, told: list[str]) -> None:
        first = clock.call_later(1.1, lambda: told.append("first"))
        at_once = clock.call_later(0.0, lambda: told.append("at once"))
        clock.call_later(2.1, lambda: told.append("second"))
        first.cancel()
        at_once.cancel()

    assert _run(play, 3.0) == ["second 2.25"]


def test_an_alarm_may_set_another_one_sooner_than_all_that_wait() -> None:
    def play(clock: LoopClock, told: list[str]) -> None:
        clock.call_later(5.1, lambda: told.append("long"))
        clock.call_later(1.1, lambda: clock.call_later(0.5, lambda: told.append("child")))

    assert _run(play, 6.0) == ["child 1.75", "long 5.25"]


def test_an_alarm_that_breaks_is_told_and_holds_up_no_other() -> None:
    def play(clock: LoopClock, told: list[str]) -> None:
        def note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            told.append(f"{context['message']}: {context['exception']!r}")

        asyncio.get_running_loop().set_exception_handler(note)
        clock.call_later(1.1, lambda: told.append(str(1 // 0)))
        clock.call_later(1.1, lambda: told.append("beside it"))
        clock.call_later(2.1, lambda: told.append("after it"))

    with pytest.raises(ZeroDivisionError) as raised:  # its words differ from Python to Python
        _ = 1 // 0
    error = f"an alarm broke: {raised.value!r} 1.25"
    assert _run(play, 3.0) == [error, "beside it 1.25", "after it 2.25"]


def test_asyncio_is_asked_for_one_alarm_and_not_for_a_thousand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop)
        asked: list[float] = []
        set_alarm = loop.call_at

        def call_at(when: float, *arguments: Any, **more: Any) -> asyncio.TimerHandle:
            asked.append(when)
            return set_alarm(when, *arguments, **more)

        monkeypatch.setattr(loop, "call_at", call_at)
        alarms = [clock.call_later(10.0 + n, lambda: None) for n in range(1000)]
        for alarm in alarms[1:]:
            alarm.cancel()
        assert len(asked) == 1

    run_virtually(main())


def test_a_sites_time_follows_the_wall_clock_and_the_sites_zone() -> None:
    clock = SimpleNamespace()
    site = SiteTime(cast(Clock, clock))
    for at, timezone, shown in (
        (1_793_489_400.9, "Europe/Berlin", "2026-11-01T00:30:00+01:00"),
        (1_793_489_400.1, "Europe/Berlin", "2026-11-01T00:30:00+01:00"),
        (1_793_489_400.1, "Europe/Moscow", "2026-11-01T02:30:00+03:00"),
        (1_793_489_401.0, "Europe/Moscow", "2026-11-01T02:30:01+03:00"),
        (1_792_884_600.0, "Europe/Berlin", "2026-10-25T01:30:00+02:00"),  # put back, to summer time
        (0.0, "Asia/Yekaterinburg", "1970-01-01T05:00:00+05:00"),
    ):
        clock.wall = lambda at=at: at
        assert site.now(timezone).isoformat() == shown
