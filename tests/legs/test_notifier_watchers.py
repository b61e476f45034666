"""Tests of appliance/legs/notifier.py: who may subscribe, to how much, and what he learns."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from appliance.legs import subscription_book
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
    monkeypatch.setattr(subscription_book, "MAX_OF_EXTENSION", 3)

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


def alerts(stage: Stage) -> list[tuple[object, ...]]:
    """Key, detail, and how often it was raised."""
    return [(alert["key"], alert["detail"], alert["count"]) for alert in stage.alerts.listed()]


def test_the_owner_hears_of_an_extension_at_its_limit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription_book, "MAX_OF_EXTENSION", 4)

    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        kept = [await watcher.watch(n) for n in ("2001", "2002", "2003", "2004")]
        assert not stage.alerts.listed(), "a full set of keys is no alarm"
        for _ in range(3):
            assert (await watcher.watch("2005")).statuses == [403]
            await stage.wait(70)
        assert alerts(stage) == [("subscriptions_of_extension", "2003 (4)", 1)]
        for watch in kept[:2]:
            watcher.lamps.refresh(watch, 0)
        await stage.settle()
        for number in ("2005", "2006", "2007"):
            await watcher.watch(number)
        (told,) = alerts(stage)
        assert told[2] == 2, "it was over, and began again"

    on_stage(play, office())


def test_who_holds_most_gives_way_when_the_box_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts that were stolen keep nobody's lamps dark."""
    monkeypatch.setattr(subscription_book, "MAX_OF_ALL", 6)

    async def play(stage: Stage) -> None:
        thief = Watcher(stage, "2004", "192.168.1.66")
        taken = [await thief.watch(f"lamp{n}") for n in range(6)]
        assert (await thief.watch("lamp9")).statuses == [403], "he has the most already"
        assert alerts(stage) == [("subscriptions_full", "6, 2004: 6", 1)]
        honest = Watcher(stage, "2001", HOST)
        keys = [await honest.watch(n) for n in ("2002", "2003", "2004")]
        assert [key.statuses for key in keys] == [[200]] * 3
        ended = [watch.number for watch in taken if watch.state == "terminated"]
        assert ended == ["lamp3", "lamp4", "lamp5"], "the newest end first"
        assert taken[5].last.header("subscription-state") == "terminated;reason=rejected"
        assert (await honest.watch("2001")).statuses == [403], "both hold as much"
        assert len(stage.exchange.notifier) == 6 and len(alerts(stage)) == 1

    on_stage(play, office())


def test_no_more_of_all_are_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription_book, "MAX_OF_ALL", 2)

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
