"""Tests of appliance/legs/notifier.py: which SUBSCRIBEs are taken, and when they end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.stage import Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange import office

HOST = "192.168.1.31"


@pytest.mark.parametrize(
    ("event", "fields", "status"),
    [
        ("call-completion", {}, 489),
        ("", {}, 489),
        ("dialog", {"Accept": "application/pidf+xml"}, 406),
        ("dialog", {"Accept": "application/*;q=0.5"}, 200),
        ("dialog", {"Accept": "text/plain, application/dialog-info+xml"}, 200),
        ("dialog", {"Accept": ""}, 200),
        ("Dialog;id=7", {}, 200),
        ("dialog", {"Expires": ""}, 200),
        ("dialog", {"Expires": "5"}, 423),
        ("dialog", {"Contact": ""}, 400),
        ("dialog", {"Contact": "<sip:a@h>, <sip:b@h>"}, 400),
        ("dialog;id=" + "x" * 300, {}, 413),
        ("dialog", {"Record-Route": "<sip:" + "r" * 3000 + "@h;lr>"}, 413),
    ],
)
def test_what_is_taken_and_what_is_refused(event: str, fields: Any, status: int) -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watcher.lamps.fields = fields
        watch = await watcher.watch("2002", event)
        answer = watch.answers[-1]
        assert watch.statuses == [status]
        if status == 489:
            assert answer.header("allow-events") == "dialog, message-summary, presence"
        if status == 423:
            assert answer.header("min-expires") == "60"
        if status == 200:
            given = int(fields.get("Expires", "300") or 3600)
            assert answer.header("expires") == str(given)
            assert watch.last.header("event") == event
            assert f"expires={given}" in watch.last.header("subscription-state")
        assert len(stage.exchange.notifier) == (status == 200)

    on_stage(play, office())


def test_a_long_wish_is_shortened() -> None:
    async def play(stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2002", expires=10**6)
        assert watch.answers[-1].header("expires") == "3600"

    on_stage(play, office())


def test_a_refresh_keeps_and_nought_ends() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002", expires=100)
        await stage.wait(90)
        watcher.lamps.refresh(watch, 100)
        await stage.wait(90)
        assert watch.statuses == [200, 200] and watch.state == "active"
        assert len(watch.notifies) == 2
        watcher.lamps.refresh(watch, 0)
        await stage.settle()
        assert watch.answers[-1].header("expires") == "0"
        assert watch.last.header("subscription-state") == "terminated;reason=timeout"
        assert not len(stage.exchange.notifier)
        watcher.lamps.refresh(watch, 100)
        await stage.settle()
        assert watch.statuses[-1] == 481

    on_stage(play, office())


def test_a_refresh_is_for_the_same_event() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002")
        watcher.lamps.fields = {"Event": "dialog;id=7"}
        watcher.lamps.refresh(watch)
        await stage.settle()
        assert watch.statuses == [200, 481] and len(stage.exchange.notifier) == 1

    on_stage(play, office())


def test_a_refresh_that_was_overtaken_changes_nothing() -> None:
    """It may ask for an end that the phone has thought better of (RFC 3261 §12.2.2)."""

    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002")
        for _ in range(2):
            watcher.lamps.refresh(watch)
            await stage.settle()
        watch.cseq = 0
        watcher.lamps.refresh(watch, 0)
        await stage.settle()
        assert watch.statuses == [200, 200, 200, 500]
        assert watch.state == "active" and len(stage.exchange.notifier) == 1

    on_stage(play, office())


def test_one_that_is_not_refreshed_ends() -> None:
    async def play(stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2002", expires=60)
        await stage.wait(66)
        assert watch.last.header("subscription-state") == "terminated;reason=timeout"
        assert not len(stage.exchange.notifier)

    on_stage(play, office())


def test_a_fetch_is_answered_once_and_kept_nowhere() -> None:
    async def play(stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2002", expires=0)
        assert (watch.lamp, watch.state) == ("idle", "terminated")
        assert not len(stage.exchange.notifier)

    on_stage(play, office())


def test_the_box_stops_and_phones_are_told_to_come_back() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002")
        stage.exchange.notifier.end_all()
        await stage.settle()
        assert watch.last.header("subscription-state") == "terminated;reason=deactivated"
        early = await watcher.watch("2002")
        assert early.statuses == [] and not len(stage.exchange.notifier)
        stage.cut_power()
        watcher.lamps.ask(early)  # as the timers of a phone do
        await stage.settle()
        assert early.statuses == [200] and early.lamp == "idle"

    on_stage(play, office())


def test_after_a_restart_a_refresh_is_unknown() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002")
        stage.cut_power()
        watcher.lamps.refresh(watch)
        await stage.settle()
        assert watch.statuses == [200, 481]
        anew = await watcher.watch("2002")
        assert anew.lamp == "idle"

    on_stage(play, office())


@pytest.mark.parametrize("is_deleted", [True, False])
def test_who_is_no_extension_any_more_watches_nothing(is_deleted: bool) -> None:
    """Deleted, or switched off."""

    async def play(stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        settings = office()
        others = [e for e in settings["extensions"] if e["number"] != "2003"]
        (mine,) = (e for e in settings["extensions"] if e["number"] == "2003")
        off = [] if is_deleted else [{**mine, "is_enabled": False}]
        settings["extensions"] = others + off
        stage.configure(settings)
        await stage.settle()
        assert watch.last.header("subscription-state") == "terminated;reason=rejected"

    on_stage(play, office())
