"""INVITE with Replaces in virtual time: what a lamp was told finds the call, and for whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from appliance.sip import events as sip
from tests.kit.lines_office import Scene, play_scene
from tests.kit.stage import Party, Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks

Play = Callable[[Stage], Awaitable[None]]
SOON_S = 0.3


async def take(party: Party, replaces: str, number: str = "2001", **more: Any) -> int:
    """An INVITE with this Replaces."""
    return await party.call(number, headers=(("Replaces", replaces),), **more)


async def ringing(stage: Stage) -> tuple[Party, Party, Any]:
    """2001 calls 2002, which rings; 2003 has a lamp of 2002 at the host of the picker."""
    a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
    lamp = await Watcher(stage, "2003", "192.168.1.31").watch("2002")
    await a.call("2002")
    await b.ring()
    await stage.wait(SOON_S)
    assert lamp.lamp == "ringing"
    return a, b, lamp


async def talking(stage: Stage) -> tuple[Party, Party, Any, Any]:
    """2001 talks with 2002; both have a second phone that watches its own number."""
    a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
    of_a = await Watcher(stage, "2001", "192.168.1.31").watch("2001")
    of_b = await Watcher(stage, "2002", "192.168.1.32").watch("2002")
    await a.call("2002")
    await b.answer()
    await stage.wait(SOON_S)
    return a, b, of_a, of_b


@pytest.mark.parametrize("is_swapped", [False, True])
@pytest.mark.parametrize("rest", ["", ";early-only"])
@pytest.mark.parametrize("addressed", ["2001", "2002"])
def test_a_lamp_that_rings_is_picked_up(*, is_swapped: bool, rest: str, addressed: str) -> None:
    """Whichever way round a maker puts the tags, and whomever its INVITE is addressed to."""

    async def play(stage: Stage) -> None:
        a, b, lamp = await ringing(stage)
        c = await stage.phone("2003", "192.168.1.13")
        session = await take(c, lamp.replaces(is_swapped=is_swapped) + rest, addressed)
        assert c.heard(sip.SessionAnswered) and a.heard(sip.SessionAnswered)
        assert "cause=200" in b.last(sip.SessionCancelled).reason
        assert all(s.partner is not None for s in stage.plane.streams)
        await stage.wait(SOON_S)
        assert lamp.lamp == "idle"
        await c.hang_up(session)
        assert a.heard(sip.SessionEnded) and stage.plane.streams == []
        picker, picked = sorted(stage.journal.rows, key=lambda row: row.caller, reverse=True)
        assert (picked.caller, picked.dialled, picked.answered_by) == ("2001", "2002", "2003")
        assert (picker.caller, picker.dialled, picker.number) == ("2003", "2002", "2002")
        assert picker.reasons[-1].key == "pickup.takes" and picker.cause.value == "normal"

    on_stage(play, office())


def test_a_picker_may_ask_for_nothing_but_what_rings() -> None:
    async def play(stage: Stage) -> None:
        a, b, lamp = await ringing(stage)
        c = await stage.phone("2003", "192.168.1.13")
        told = lamp.replaces()
        await b.answer()
        assert c.status_of(await take(c, told + ";early-only")) == 486
        assert c.status_of(await take(c, told)) == 403, "a talk is its own extension's"
        assert not a.heard(sip.SessionEnded) and not b.heard(sip.SessionEnded)
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking" and not lamp.replaces(), "nobody else is told its name"
        await b.hang_up(b.ringing)
        assert c.status_of(await take(c, told + ";early-only")) == 603, "it is over"
        assert stage.exchange.live.by_ref == {}

    on_stage(play, office())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda told: told.replace("to-tag=", "to-tag=0"),
        lambda told: told.partition(";")[0] + ";to-tag=1;from-tag=2",
        lambda told: told.partition(";")[0] + ";to-tag=0;from-tag=0",
        lambda told: "x" + told,
        lambda told: "nobody@nowhere;to-tag=1;from-tag=2;early-only",
    ],
)
def test_wrong_names_find_nothing(wrong: Callable[[str], str]) -> None:
    async def play(stage: Stage) -> None:
        a, b, lamp = await ringing(stage)
        c = await stage.phone("2003", "192.168.1.13")
        assert c.status_of(await take(c, wrong(lamp.replaces()))) == 481
        await b.answer()
        assert a.heard(sip.SessionAnswered)

    on_stage(play, office())


def test_a_header_that_cannot_be_read_is_a_bad_request() -> None:
    async def play(stage: Stage) -> None:
        _, _, lamp = await ringing(stage)
        c = await stage.phone("2003", "192.168.1.13")
        told = lamp.replaces()
        assert c.status_of(await take(c, told.partition(";")[0])) == 400
        twice = (("Replaces", told), ("Replaces", told))
        assert c.status_of(await c.call("2001", headers=twice)) == 400
        assert lamp.lamp == "ringing"

    on_stage(play, office())


def test_a_stranger_who_knows_the_name_takes_nothing_and_learns_nothing() -> None:
    """He is asked who he is, whether the name is right or not; so is who says a wrong password."""

    async def play(stage: Stage) -> None:
        a, b, lamp = await ringing(stage)
        stranger = stage.party("192.168.1.66")
        stranger.number = "2003"
        right = await take(stranger, lamp.replaces(), credentials=None)
        wrong = await take(stranger, "x@y;to-tag=1;from-tag=2", credentials=None)
        assert stranger.status_of(right) == stranger.status_of(wrong) == 401
        guess = sip.Credentials("2003", "a guess")
        assert stranger.status_of(await take(stranger, lamp.replaces(), credentials=guess)) == 401
        assert not b.heard(sip.SessionCancelled)
        await b.answer()
        assert a.heard(sip.SessionAnswered)

    on_stage(play, office())


def test_a_name_that_was_heard_before_takes_no_later_call() -> None:
    async def play(stage: Stage) -> None:
        a, b, lamp = await ringing(stage)
        c = await stage.phone("2003", "192.168.1.13")
        told = lamp.replaces()
        a.endpoint.cancel(max(e.session for e in a.heard(sip.SessionProgressed)), "", stage.now())
        await stage.wait(SOON_S)
        await a.call("2002")
        await b.ring()
        await stage.wait(SOON_S)
        assert lamp.lamp == "ringing" and lamp.replaces() != told
        assert c.status_of(await take(c, told)) == 603

    on_stage(play, office())


def test_the_names_say_nothing_of_the_real_dialogs() -> None:
    """Who knew a call's Call-ID and tags could end it by a BYE."""

    async def play(stage: Stage) -> None:
        _, b, lamp = await ringing(stage)
        invite = b.last(sip.InviteReceived).request
        assert invite.call_id not in lamp.replaces()
        assert invite.from_.tag not in lamp.replaces()

    on_stage(play, office())


@pytest.mark.parametrize("side", ["caller", "called"])
def test_ones_own_talk_goes_on_at_ones_other_phone(side: str) -> None:
    async def play(stage: Stage) -> None:
        a, b, of_a, of_b = await talking(stage)
        old, other, lamp, number = (
            (a, b, of_a, "2001") if side == "caller" else (b, a, of_b, "2002")
        )
        second = await stage.phone(number, "192.168.1.21")
        session = await take(second, lamp.replaces())
        assert second.heard(sip.SessionAnswered) and not second.heard(sip.SessionFailed)
        assert old.heard(sip.SessionEnded) and not other.heard(sip.SessionEnded)
        assert len(stage.plane.streams) == 2, "the old phone's ports are given back"
        assert all(s.partner is not None for s in stage.plane.streams)
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking"
        (shown,) = stage.exchange.live.shown()
        assert (shown["caller"], shown["answered_by"]) == ("2001", "extension 2002")
        await stage.wait(60)
        await second.hang_up(session)
        assert other.heard(sip.SessionEnded) and stage.plane.streams == []
        await stage.wait(SOON_S)
        assert lamp.lamp == "idle"
        row = next(r for r in stage.journal.rows if r.answered_by)
        assert (row.caller, row.dialled, row.answered_by) == ("2001", "2002", "2002")
        assert row.cause.value == "normal" and row.talk_s > 60
        assert stage.exchange.alive()["legs"] == 0

    on_stage(play, office())


def test_the_phone_that_talks_may_itself_name_its_real_dialog() -> None:
    """RFC 3891 as it is written: Call-ID, the box's tag, its own."""

    async def play(stage: Stage) -> None:
        a, b, _, _ = await talking(stage)
        invite = b.last(sip.InviteReceived).request
        answered = a.last(sip.SessionAnswered).response
        real = f"{answered.call_id};to-tag={answered.to.tag};from-tag={answered.from_.tag}"
        stranger = await stage.phone("2003", "192.168.1.13")
        assert stranger.status_of(await take(stranger, real)) == 403
        swapped = f"{answered.call_id};to-tag={answered.from_.tag};from-tag={answered.to.tag}"
        second = await stage.phone("2001", "192.168.1.21")
        assert second.status_of(await take(second, swapped)) == 481
        assert second.status_of(await take(second, real + ";early-only")) == 486
        await take(second, real)
        assert second.heard(sip.SessionAnswered) and a.heard(sip.SessionEnded)
        assert invite.call_id != answered.call_id

    on_stage(play, office())


def test_who_calls_is_not_picked_up() -> None:
    """An early dialog that the box did not begin (RFC 3891 §3)."""

    async def play(stage: Stage) -> None:
        a, b, _ = await ringing(stage)
        early = a.last(sip.SessionProgressed).response
        real = f"{early.call_id};to-tag={early.to.tag};from-tag={early.from_.tag}"
        second = await stage.phone("2001", "192.168.1.21")
        assert second.status_of(await take(second, real)) == 481
        own = await Watcher(stage, "2001", "192.168.1.32").watch("2001")
        assert own.lamp == "calling" and not own.replaces()
        assert not b.heard(sip.SessionCancelled)

    on_stage(play, office())


def test_a_talk_with_a_provider_goes_on_at_ones_other_phone() -> None:
    """The provider hears nothing of it but the voice; what the call costs goes on."""

    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        a = await stage.phone("2001", "192.168.1.11")
        lamp = await Watcher(stage, "2001", "192.168.1.31").watch("2001")
        await a.call("+74957654321")
        await provider.answer()
        await stage.wait(SOON_S)
        second = await stage.phone("2001", "192.168.1.21")
        session = await take(second, lamp.replaces())
        assert a.heard(sip.SessionEnded) and not provider.heard(sip.SessionEnded)
        assert not provider.heard(sip.OfferReceived)
        await stage.wait(30)
        await second.hang_up(session)
        assert provider.heard(sip.SessionEnded)
        row = next(r for r in stage.journal.rows if r.trunk)
        assert (row.caller, row.trunk, row.direction) == ("2001", "one", "outbound")
        assert row.talk_s > 30

    on_stage(play, with_trunks("one"))


def test_a_provider_takes_nobodys_place() -> None:
    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        a = await stage.phone("2001", "192.168.1.11")
        await a.call("+74957654321")
        await provider.answer()
        invite = provider.last(sip.InviteReceived).request
        replaces = f"{invite.call_id};to-tag={invite.from_.tag};from-tag=1"
        provider.number = ""
        session = await take(
            provider, replaces, "4957654321", from_uri="sip:1@203.0.113.1", credentials=None
        )
        assert provider.status_of(session) == 403
        assert not a.heard(sip.SessionEnded)

    on_stage(play, with_trunks("one"))


def test_the_lamp_of_a_trunk_picks_up_what_comes_in_by_it() -> None:
    """A key that watches a trunk or a line takes the call that rings by it."""

    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        provider.number = ""
        b = await stage.phone("2002", "192.168.1.12")
        lamp = await Watcher(stage, "2003", "192.168.1.31").watch("one")
        await provider.call("4951234567", from_uri="sip:79161234567@203.0.113.1", credentials=None)
        await b.ring()
        await stage.wait(SOON_S)
        assert lamp.lamp == "ringing"
        c = await stage.phone("2003", "192.168.1.13")
        await take(c, lamp.replaces(is_swapped=True) + ";early-only", "one")
        assert c.heard(sip.SessionAnswered) and provider.heard(sip.SessionAnswered)
        assert b.heard(sip.SessionCancelled)
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking" and not lamp.replaces()

    on_stage(play, with_trunks("one"))


def test_the_box_says_that_it_knows_replaces_and_takes_it_where_it_is_required() -> None:
    async def play(stage: Stage) -> None:
        a, _, lamp = await ringing(stage)
        c = await stage.phone("2003", "192.168.1.13")
        headers = (("Replaces", lamp.replaces()), ("Require", "replaces"))
        await c.call("2002", headers=headers)
        assert "replaces" in (c.last(sip.SessionAnswered).response.headers.get("Supported") or "")
        assert a.heard(sip.SessionAnswered)
        for headers, status in ((), 200), ((("Replaces", "a@b;to-tag=1;from-tag=2"),), 400):
            options = sip.PlainRequest(
                method="OPTIONS",
                uri="sip:192.168.1.1",
                hop=c.hop_to_box,
                from_uri="sip:2003@192.168.1.1",
                to_uri="sip:192.168.1.1",
                headers=headers,
            )
            c.endpoint.request(options, stage.now())
            await stage.settle()
            response = c.last(sip.ResponseReceived).response
            assert response.status == status
            is_told = "replaces" in (response.headers.get("Supported") or "")
            assert is_told or status == 400

    on_stage(play, office())


def test_a_talk_of_a_telephone_on_wires_goes_on_at_the_desk_phone_of_its_number() -> None:
    """And one with a telephone on wires goes on at the other SIP phone."""

    async def play(scene: Scene, stage: Stage) -> None:
        lamp = await Watcher(stage, "2001", "192.168.1.31").watch("2001")
        called = await stage.phone("2003", "192.168.1.13")
        ear = await scene.lift(scene.desk)
        ear.press("2003")
        await stage.settle()
        await called.answer()
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking"
        second = await stage.phone("2001", "192.168.1.21")
        session = await take(second, lamp.replaces())
        assert second.heard(sip.SessionAnswered) and not called.heard(sip.SessionEnded)
        await stage.wait(2)
        one, other = stage.plane.streams
        assert one.partner is other and other.partner is one
        assert ear.partner is None
        third = await stage.phone("2003", "192.168.1.23")
        own = await Watcher(stage, "2003", "192.168.1.33").watch("2003")
        await third.call("2002")
        await scene.lift(scene.hall)
        await stage.wait(SOON_S)
        assert own.lamp == "talking" and len(stage.exchange.live.by_ref) == 2
        await second.hang_up(session)
        assert called.heard(sip.SessionEnded)

    play_scene(play)


def test_a_talk_with_a_telephone_on_wires_goes_on_at_ones_other_phone() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        lamp = await Watcher(stage, "2003", "192.168.1.31").watch("2003")
        first = await stage.phone("2003", "192.168.1.13")
        await first.call("2001")
        ear = await scene.lift(scene.desk)
        await stage.wait(SOON_S)
        assert first.heard(sip.SessionAnswered) and lamp.lamp == "talking"
        second = await stage.phone("2003", "192.168.1.23")
        await take(second, lamp.replaces())
        assert second.heard(sip.SessionAnswered) and first.heard(sip.SessionEnded)
        await stage.wait(2)
        (stream,) = stage.plane.streams
        assert ear.partner is stream and stream.partner is ear

    play_scene(play)


def test_a_talk_with_the_box_itself_stays_where_it_is() -> None:
    """Echo, a mailbox: what it says goes to the telephone that called, and to no other."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        of_a = await Watcher(stage, "2001", "192.168.1.31").watch("2001")
        session = await a.call("*43")
        await stage.wait(SOON_S)
        assert a.heard(sip.SessionAnswered)
        second = await stage.phone("2001", "192.168.1.31")
        assert second.status_of(await take(second, of_a.replaces())) >= 400
        await stage.wait(5)
        assert not a.heard(sip.SessionEnded)
        await a.hang_up(session)
        await stage.wait(1)
        assert stage.plane.streams == []

    on_stage(play, office())
