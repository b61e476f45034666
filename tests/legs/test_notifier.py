"""Tests of appliance/legs/notifier.py: SUBSCRIBE and NOTIFY between phones and a whole exchange."""

from __future__ import annotations

import gc
import tracemalloc
import xml.etree.ElementTree as Xml
from typing import Any

import pytest

from appliance.legs import notifier
from appliance.sip import events as sip
from tests.kit.raw_sip import Heard
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


def test_a_notify_fits_in_a_datagram() -> None:
    """Else it is tried by TCP first, and the lamp is late by two seconds."""

    async def play(stage: Stage) -> None:
        settings = office()
        for extension in settings["extensions"]:
            extension["name"] = "Ж" * 64
        stage.configure(settings)
        sizes: list[int] = []
        stage.on_wire = lambda source, target, data: (
            sizes.append(len(data)) if data.startswith(b"NOTIFY") else None
        )
        callers = [await stage.phone(f"200{n}", f"192.168.1.1{n}") for n in (1, 3, 4)]
        called = await stage.phone("2002", "192.168.1.12")
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        for caller in callers:
            await caller.call("2002")
            await called.ring()
        await stage.wait(0.5)
        assert len(list(watch.document)) == 3 and "Ж" * 64 in watch.caller
        assert 900 < max(sizes) < 1300

    on_stage(play, office())


def test_a_call_that_a_colleague_picks_up_moves_from_lamp_to_lamp() -> None:
    async def play(stage: Stage) -> None:
        phones = [await stage.phone(f"200{n}", f"192.168.1.1{n}") for n in (1, 2, 3)]
        watcher = Watcher(stage, "2003", HOST)
        rings, picks = await watcher.watch("2002"), await watcher.watch("2003")
        await phones[0].call("2002")
        await phones[1].ring()
        await stage.wait(0.2)
        assert rings.lamp == "ringing"
        session = await phones[2].call("*82002")
        await stage.wait(0.2)
        assert (rings.lamp, picks.lamp) == ("idle", "talking")
        await phones[2].hang_up(session)
        await stage.wait(0.2)
        assert (rings.lamp, picks.lamp) == ("idle", "idle")

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


def test_a_stranger_is_challenged_whoever_he_asks_for() -> None:
    async def play(stage: Stage) -> None:
        stranger = Watcher(stage, "2003", HOST, secret="")
        watches = [await stranger.watch(number) for number in ("2002", "5999", "nobody")]
        assert [w.statuses for w in watches] == [[401]] * 3
        guess = await Watcher(stage, "2003", "192.168.1.32", secret="wrong").watch("2002")
        assert guess.statuses == [401]
        assert not len(stage.exchange.notifier) and not any(w.notifies for w in watches)

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


@pytest.mark.parametrize(("status", "is_over"), [(481, True), (489, True), (500, False), (0, True)])
def test_who_takes_no_notify_is_told_no_more(status: int, is_over: bool) -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        watcher = Watcher(stage, "2003", HOST)
        await watcher.watch("2001")
        told: list[Heard] = []

        def answer(notify: Heard) -> int:
            told.append(notify)
            return status

        watcher.lamps.answer_notify = answer
        await a.call("2002")
        await stage.wait(40)
        assert (len(stage.exchange.notifier) == 0) is is_over
        heard = len(told)
        await a.call("2002")
        await stage.wait(1)
        assert (len(told) == heard) is is_over

    on_stage(play, office())


def test_news_waits_until_the_phone_has_taken_what_was_told() -> None:
    """A slow phone has one NOTIFY at a time, and after it the state of then."""

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2002")
        slow: list[Heard] = []

        def keep(notify: Heard) -> int:
            slow.append(notify)
            return 0

        watcher.lamps.answer_notify = keep
        session = await a.call("2002")
        await b.ring()
        await stage.wait(0.2)
        await b.answer()
        await stage.wait(0.2)
        await a.hang_up(session)
        await stage.wait(0.2)
        assert {n.header("cseq") for n in slow} == {"2 NOTIFY"}
        watcher.lamps.answer_notify = lambda notify: 200
        await stage.wait(5)  # it is sent again, and answered now
        assert [n.header("cseq") for n in watch.notifies] == ["1 NOTIFY", "2 NOTIFY", "3 NOTIFY"]
        assert watch.lamps == ["idle", "ringing", "idle"]

    on_stage(play, office())


def test_a_phone_that_challenges_is_given_its_own_password() -> None:
    async def play(stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        proofs: list[Heard] = []
        sent: list[bytes] = []
        send = watcher.lamps._send

        def challenging(data: bytes) -> None:
            sent.append(data)
            if data.startswith(b"SIP/2.0 401"):
                head, _, rest = data.partition(b"\r\n")
                data = head + b'\r\nWWW-Authenticate: Digest realm="phone", nonce="n"\r\n' + rest
            send(data)

        def answer(notify: Heard) -> int:
            if notify.header("authorization"):
                proofs.append(notify)
            return 200 if notify.header("authorization") else 401

        watcher.lamps._send = challenging
        watcher.lamps.answer_notify = answer
        watch = await watcher.watch("2002")
        assert watch.lamp == "idle"
        assert 'username="2003"' in proofs[0].header("authorization")
        assert [n.header("cseq") for n in proofs] == ["2 NOTIFY"]

    on_stage(play, office())


def test_notify_goes_to_who_subscribed_whatever_host_he_names() -> None:
    async def play(stage: Stage) -> None:
        victim = stage.party("192.168.1.99")
        watcher = Watcher(stage, "2003", HOST)
        watcher.lamps.fields = {"Contact": "<sip:2003@192.168.1.99:5060>"}
        watch = await watcher.watch("2002")
        assert watch.lamp == "idle" and not victim.requests
        watcher.lamps.fields["Record-Route"] = "<sip:192.168.1.99;lr>"
        routed = await watcher.watch("2001")
        assert routed.lamp == "idle" and not victim.requests

    on_stage(play, office())


def test_a_phone_that_moved_is_told_where_it_refreshed_from() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        watcher = Watcher(stage, "2003", HOST)
        watch = await watcher.watch("2001")
        moved = Watcher(stage, "2003", "192.168.1.77")
        moved.lamps.watches = watcher.lamps.watches
        moved.lamps.refresh(watch)
        await stage.settle()
        assert watch.statuses == [200, 200]
        watcher.is_silent = True
        await a.call("2002")
        await stage.wait(0.3)
        assert watch.lamp == "calling"

    on_stage(play, office())


def test_a_phone_behind_nat_is_told_where_it_registered_from_last() -> None:
    """The NAT gives it another address, or its stream breaks: REGISTER comes long before a
    refresh."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        watcher = Watcher(stage, "2003", HOST)
        watcher.lamps.own = ("10.0.0.9", 40000)  # what it believes to be
        watch = await watcher.watch("2001")
        assert watch.lamp == "idle"
        moved = stage.party("192.168.1.77", 40000)
        assert await moved.register("2003", "Secret-of-the-phone", contact="10.0.0.9") == 200
        await a.call("2002")
        await stage.wait(0.3)
        assert len(watch.notifies) == 1
        assert moved.requests[-1] == "NOTIFY sip:2003@10.0.0.9:40000 SIP/2.0"

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


def test_who_is_no_extension_any_more_watches_nothing() -> None:
    async def play(stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2002")
        settings = office()
        settings["extensions"] = [e for e in settings["extensions"] if e["number"] != "2003"]
        stage.configure(settings)
        await stage.settle()
        assert watch.last.header("subscription-state") == "terminated;reason=rejected"

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
