"""Tests of appliance/legs/notifier.py: who may subscribe, to how much, and what he learns."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from appliance.legs import notifier
from tests.kit.stage import Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_control_desk import desk
from tests.test_exchange import office

HOST = "192.168.1.31"


def test_a_stranger_is_challenged_whoever_he_asks_for() -> None:
    async def play(stage: Stage) -> None:
        stranger = Watcher(stage, "2003", HOST, secret="")
        watches = [await stranger.watch(number) for number in ("2002", "5999", "nobody")]
        assert [w.statuses for w in watches] == [[401]] * 3
        guess = await Watcher(stage, "2003", "192.168.1.32", secret="wrong").watch("2002")
        assert guess.statuses == [401]
        assert not len(stage.exchange.notifier) and not any(w.notifies for w in watches)

    on_stage(play, office())


def test_the_telephone_of_the_self_test_watches_nobody() -> None:
    async def play(stage: Stage) -> None:
        account = await desk(stage).handle("selftest_begin", {})
        guest = Watcher(stage, account["number"], account["host"], account["secret"], port=5070)
        watch = await guest.watch("2002")
        assert watch.statuses == [403] and not len(stage.exchange.notifier)

    on_stage(play, office())


def test_nobody_learns_by_subscribing_who_exists() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        real, unreal = await watcher.watch("2002"), await watcher.watch("5999")
        said = [w.last.body.replace(w.number.encode(), b"N") for w in (real, unreal)]
        assert said[0] == said[1]
        real, unreal = (
            await watcher.watch("2002", "presence"),
            await watcher.watch("5999", "presence"),
        )
        assert real.presence == unreal.presence == "closed"

    on_stage(play, office())


def test_another_number_cannot_take_a_subscription_over() -> None:
    async def play(stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2001")
        thief = Watcher(stage, "2002", "192.168.1.66")
        thief.lamps.watches = {watch.call_id: watch}
        thief.lamps.refresh(watch)
        await stage.settle()
        assert watch.statuses == [200, 481]
        assert len(stage.exchange.notifier) == 1

    on_stage(play, office())


def test_what_a_phone_forgot_gives_way_and_no_more_is_kept_than_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifier, "MAX_OF_EXTENSION", 3)

    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        first = [await watcher.watch(n) for n in ("2001", "2002", "2003")]
        more = await watcher.watch("2004")
        assert (more.statuses, more.answers[0].header("warning")[:3]) == ([403], "399")
        again = await watcher.watch("2002")  # the phone was switched off and on
        assert again.statuses == [200]
        assert first[1].last.header("subscription-state") == "terminated;reason=deactivated"
        assert len(stage.exchange.notifier) == stage.exchange.notifier.count_of("2003") == 3
        fetched = await watcher.watch("2004", expires=0)
        assert fetched.lamp == "idle"
        other = await Watcher(stage, "2001", "192.168.1.88").watch("2004")
        assert other.statuses == [200]

    on_stage(play, office())


def test_no_more_of_all_are_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "MAX_OF_ALL", 2)

    async def play(stage: Stage) -> None:
        first, second = Watcher(stage, "2003", HOST), Watcher(stage, "2001", "192.168.1.88")
        kept = [await first.watch("2002"), await second.watch("2002")]
        assert [w.statuses for w in kept] == [[200], [200]]
        assert (await second.watch("2004")).statuses == [403]
        again = await first.watch("2002")  # the phone was switched off and on
        assert again.statuses == [200] and len(stage.exchange.notifier) == 2

    on_stage(play, office())


def test_the_largest_subscriptions_take_little() -> None:
    """Fields as long as they may be, as many as an extension may have: some 10 KB each, so that
    5,000 of all extensions can fill no memory."""

    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watcher.lamps.fields = {"Record-Route": f"<sip:{HOST};lr;x={'r' * 1200}>"}
        await _many(stage, watcher, 20)  # what is made once
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        await _many(stage, watcher, 300)
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert len(stage.exchange.notifier) == 320
        assert taken / 300 < 10_000

    on_stage(play, office())


async def _many(stage: Stage, watcher: Watcher, count: int) -> None:
    for number in range(count):
        watcher.lamps.subscribe(f"{number}-{count}-{'n' * 200}", expires=3000)
        if number % 20 == 19:
            await stage.settle()
    await stage.wait(40, 5)
    watcher.lamps.watches.clear()
    watcher.requests.clear()
    gc.collect()
