"""Tests of appliance/legs/notifier.py: where a NOTIFY goes, and how it is answered."""

from __future__ import annotations

import pytest

from tests.kit.raw_sip import Heard
from tests.kit.stage import Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange import office

HOST = "192.168.1.31"


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
        send = watcher.lamps._send

        def challenging(data: bytes) -> None:
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
