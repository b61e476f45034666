"""Tests of appliance/legs/notifier.py: what lamps, presence and message waiting show."""

from __future__ import annotations

import xml.etree.ElementTree as Xml

from appliance.sip import events as sip
from tests.kit.stage import Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange import office

HOST = "192.168.1.31"


def test_a_lamp_follows_a_call() -> None:
    """idle, ringing with the caller's name, talking with nobody's, idle: version by version."""

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        watcher = Watcher(stage, "2003", HOST)
        called, calling = await watcher.watch("2002"), await watcher.watch("2001")
        assert called.statuses == [200]
        assert (called.state, called.lamp, calling.lamp) == ("active", "idle", "idle")
        session = await a.call("2002")
        await b.ring()
        await stage.wait(0.2)
        assert (called.lamp, calling.lamp) == ("ringing", "calling")
        assert "sip:2001@" in called.caller
        assert not calling.caller
        await b.answer()
        await stage.wait(0.2)
        assert (called.lamp, calling.lamp) == ("talking", "talking")
        assert not called.caller and b"2001@" not in called.last.body
        await a.hang_up(session)
        await stage.wait(0.2)
        assert (called.lamp, calling.lamp) == ("idle", "idle")
        assert [n.header("cseq") for n in called.notifies] == [
            f"{number} NOTIFY" for number in range(1, 5)
        ]
        versions = [Xml.fromstring(n.body).get("version") for n in called.notifies]
        assert versions == ["0", "1", "2", "3"]

    on_stage(play, office())


def test_what_comes_and_goes_at_once_is_told_to_nobody() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        b.on_event = lambda event: (
            b.endpoint.reject(event.session, 486, now=stage.now())
            if isinstance(event, sip.InviteReceived)
            else None
        )
        await a.call("2002")
        await stage.wait(0.5)
        assert len(watch.notifies) == 1

    on_stage(play, office())


def test_two_calls_of_one_number_show_the_one_that_can_be_picked_up() -> None:
    async def play(stage: Stage) -> None:
        phones = [await stage.phone(f"200{n}", f"192.168.1.1{n}") for n in (1, 2, 3)]
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        await phones[0].call("2002")
        await phones[1].answer()
        await stage.wait(0.2)
        assert watch.lamp == "talking"
        second = await phones[2].call("2002")
        await phones[1].ring()
        await stage.wait(0.2)
        assert watch.lamp == "ringing" and "2003" in watch.caller
        assert len(list(watch.document)) == 2
        phones[2].endpoint.cancel(second, "", stage.now())
        await stage.wait(0.2)
        assert watch.lamp == "talking"

    on_stage(play, office())


def test_a_call_that_a_colleague_picks_up_moves_from_lamp_to_lamp() -> None:
    async def play(stage: Stage) -> None:
        phones = [await stage.phone(f"200{n}", f"192.168.1.1{n}") for n in (1, 2, 3)]
        watcher = Watcher(stage, "2003", HOST)
        calls = await watcher.watch("2001")
        rings, picks = await watcher.watch("2002"), await watcher.watch("2003")
        await phones[0].call("2002")
        await phones[1].ring()
        await stage.wait(0.2)
        assert (calls.lamp, rings.lamp) == ("calling", "ringing")
        phones[1].is_silent = True  # it was unplugged: its lamp does not wait for it
        session = await phones[2].call("*82002")
        await stage.wait(0.2)
        assert (calls.lamp, rings.lamp, picks.lamp) == ("talking", "idle", "talking")
        await phones[2].hang_up(session)
        await stage.wait(0.2)
        assert (calls.lamp, rings.lamp, picks.lamp) == ("idle", "idle", "idle")

    on_stage(play, office())


def test_a_number_that_comes_to_be_is_watched_from_then_on() -> None:
    async def play(stage: Stage) -> None:
        whole = office()
        stage.configure(
            {**whole, "extensions": [e for e in whole["extensions"] if e["number"] != "2002"]}
        )
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        stage.configure(whole)
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        await a.call("2002")
        await b.ring()
        await stage.wait(0.2)
        assert watch.lamps == ["idle", "ringing"]

    on_stage(play, office())


def test_a_number_that_is_deleted_goes_dark_at_once() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        await a.call("2002")
        await b.answer()
        await stage.wait(0.2)
        assert watch.lamp == "talking"
        settings = office()
        settings["extensions"] = [e for e in settings["extensions"] if e["number"] != "2002"]
        stage.configure(settings)
        await stage.wait(0.2)
        assert watch.lamp == "idle"

    on_stage(play, office())


def test_presence_says_who_can_be_reached_and_who_talks() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002", "presence")
        assert watch.presence == "closed"
        b = await stage.phone("2002", "192.168.1.12")
        await stage.wait(0.2)
        assert watch.presence == "open"
        a = await stage.phone("2001", "192.168.1.11")
        session = await a.call("2002")
        await b.answer()
        await stage.wait(0.2)
        assert watch.presence == "busy"
        assert b"2001" not in watch.last.body
        await a.hang_up(session)
        await b.register("2002", "Secret-of-the-phone", expires=0)
        await stage.wait(0.2)
        assert watch.presence == "closed"

    on_stage(play, office())


def test_no_message_waits_where_there_is_no_mailbox() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2003", "message-summary")
        assert watch.last.body == b"Messages-Waiting: no\r\n"
        others = await watcher.watch("2002", "message-summary")
        assert (others.statuses, others.notifies) == ([403], [])

    on_stage(play, office())
