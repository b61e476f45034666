"""Tests of appliance/service/heartbeat.py: when systemd is told that we live, in virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from appliance.clock import LoopClock
from appliance.service.heartbeat import LONGEST_LAG_S, Heart, HeartParts, Pulse
from appliance.service.sd_notify import Notifier
from appliance.service.self_check import Finding, SelfCheck
from appliance.service.texts import FINDINGS, STATUSES
from tests.kit.virtual_loop import VirtualLoop, run_virtually

WATCHDOG_S = 30.0
SILENT = Finding("check.sip_silent", "0.0.0.0 5060")
FULL = Finding("check.database_refused", "full", is_deadly=False)


@dataclass
class Bench:
    """A heart, what it says, and what its checks find."""

    heart: Heart
    said: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    async def find(self) -> list[Finding]:
        return list(self.findings)

    @property
    def feedings(self) -> int:
        return sum("WATCHDOG=1" in message for message in self.said)


def _run(
    play: Callable[[Bench], Coroutine[Any, Any, None]],
    watchdog_s: float | None = WATCHDOG_S,
    language: str = "en",
) -> Bench:
    bench = Bench(cast(Heart, None))

    async def main() -> None:
        parts = HeartParts(
            clock=LoopClock(asyncio.get_running_loop()),
            notifier=Notifier(bench.said.append),
            check=cast(SelfCheck, bench),
            pulse=lambda: Pulse(3, 12, 1, 2, language),
            watchdog_s=watchdog_s,
        )
        bench.heart = Heart(parts)
        await play(bench)

    run_virtually(main())
    return bench


async def _live(bench: Bench, seconds: float) -> None:
    task = asyncio.ensure_future(bench.heart.beat_for_ever())
    await asyncio.wait([task], timeout=seconds)
    task.cancel()


def test_a_sound_box_feeds_the_watchdog_in_time_and_says_how_it_is() -> None:
    async def play(bench: Bench) -> None:
        bench.heart.ready()
        await _live(bench, 61.0)

    bench = _run(play)
    assert bench.said[0].startswith("READY=1\n")
    assert bench.feedings == 1 + 6
    assert "STATUS=Runs: calls 3, phones 12, trunks up 1 of 2" in bench.said[-1]


def test_whoever_is_dead_is_not_fed_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    async def play(bench: Bench) -> None:
        bench.findings = [SILENT]
        await _live(bench, WATCHDOG_S)

    bench = _run(play)
    assert bench.feedings == 0
    assert "STATUS=Our own SIP port does not answer (0.0.0.0 5060)" in bench.said[-1]
    assert caplog.text.count("check.sip_silent") == 1, "once, not with each beat"


def test_after_a_failed_beat_the_next_comes_before_systemd_loses_patience() -> None:
    """Dead for a moment only, at the worst time: systemd must not kill for it."""

    async def play(bench: Bench) -> None:
        bench.findings = [SILENT]
        asyncio.get_running_loop().call_later(10.5, bench.findings.clear)
        await _live(bench, 13.0)

    assert _run(play).feedings == 1


def test_a_full_disk_is_told_and_ends_no_calls() -> None:
    async def play(bench: Bench) -> None:
        bench.findings = [FULL]
        await _live(bench, 21.0)

    bench = _run(play)
    assert bench.feedings == 2
    assert "state.db takes no writes (full)" in bench.said[-1]


def test_a_loop_that_stood_still_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """What blocks the loop here is a jump of its clock between two turns."""

    async def play(bench: Bench) -> None:
        loop = cast(VirtualLoop, asyncio.get_running_loop())

        def block() -> None:
            loop._jumping.now += LONGEST_LAG_S + 10

        loop.call_later(9.9, block)
        assert not await bench.heart.beat(10.0)
        assert await bench.heart.beat(10.0)

    with caplog.at_level(logging.INFO):
        bench = _run(play)
    assert "stood still for 11." in bench.said[0]
    assert "all is well again" in caplog.text


def test_settings_and_the_end_are_told() -> None:
    async def play(bench: Bench) -> None:
        with bench.heart.reloading():
            pass  # nothing yet: we were not ready
        bench.heart.ready()
        with bench.heart.reloading():
            assert bench.said[-1].startswith("RELOADING=1\nMONOTONIC_USEC=")
        bench.heart.stopping()

    bench = _run(play, language="ru")
    assert [m.partition("\n")[0] for m in bench.said] == [
        "READY=1",
        "RELOADING=1",
        "READY=1",
        "STOPPING=1",
    ]
    assert "Заканчивает разговоры" in bench.said[-1]


def test_without_a_watchdog_the_status_is_told_all_the_same() -> None:
    async def play(bench: Bench) -> None:
        await _live(bench, 31.0)

    assert _run(play, watchdog_s=None).feedings == 3


def test_every_text_is_in_both_languages() -> None:
    for text in (*STATUSES.values(), *FINDINGS.values()):
        assert text.of("ru") and text.of("en") and text.of("ru") != text.of("en")
