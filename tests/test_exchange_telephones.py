"""Whole calls of telephones on wires in virtual time: dialling, hook, flash, what they hear."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.call.leg import Cause, Party
from appliance.legs.lines.caller_id import record_now
from appliance.sip import events as sip
from drivers.events import (
    CallerIdRecord,
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    OnHook,
    PortFault,
)
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.stage import Stage


def test_a_telephone_calls_another_and_the_journal_knows() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        assert ear.playing  # dial tone at once
        ear.press("2002")
        await stage.settle()
        assert scene.hall.done == ["ring"]
        assert scene.hall.shown == [CallerIdRecord("2001", "Phone 2001")]
        assert ear.playing  # ringback
        await stage.wait(3)
        other = await scene.lift(scene.hall)
        assert ear.partner is other and other.partner is ear and not ear.playing
        await stage.wait(10)
        scene.hall.tell(OnHook(0))
        await stage.wait(1)
        assert ear.partner is None and ear.playing  # busy tone
        assert "open_loop 500" in scene.desk.done
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert [line.is_closed for line in stage.plane.lines] == [True, True]
        row = scene.row
        assert (row.caller, row.number, row.answered_by) == ("2001", "2002", "2002")
        assert (row.cause, row.direction) == (Cause.NORMAL, "internal")
        assert row.talk_s == pytest.approx(10, abs=0.3)

    play_scene(play)


def test_a_sip_phone_and_a_telephone_call_each_other() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("2001")
        assert phone.heard(sip.SessionProgressed)[-1].response.status == 180
        ear = await scene.lift(scene.desk)
        assert len(phone.heard(sip.SessionAnswered)) == 1
        assert ear.partner is stage.plane.streams[0]
        await phone.hang_up(session)
        assert ear.playing
        scene.desk.tell(OnHook(0))
        await stage.settle()
        ear = await scene.lift(scene.desk)
        ear.press("2003")
        await stage.settle()
        await phone.answer()
        assert ear.partner is stage.plane.streams[0]
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert [row.direction for row in stage.journal.rows] == ["internal", "internal"]

    play_scene(play)


def test_a_rotary_telephone_dials_and_unique_numbers_go_at_once() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await scene.lift(scene.desk)
        for digit in "2002":
            scene.desk.tell(DigitPulsed(0, digit))
        await stage.settle()
        assert scene.hall.done == ["ring"]
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert scene.hall.done == ["ring", "stop_ring"]
        assert scene.row.cause is Cause.CANCELLED

    play_scene(play)


def test_a_telephone_that_is_put_down_with_its_last_digit_calls_nobody() -> None:
    """The hook's reader tells both at once: a digit is over when the break is too long for one."""

    async def play(scene: Scene, stage: Stage) -> None:
        await scene.lift(scene.desk)
        for digit in "200":
            scene.desk.tell(DigitPulsed(0, digit))
            await stage.wait(0.5)
        scene.desk.tell(DigitPulsed(0, "2"))
        scene.desk.tell(OnHook(0))
        await stage.wait(2)
        assert scene.hall.done == [] and stage.exchange.live.by_ref == {}
        assert not stage.exchange.lines.posts["desk"].why_not

    play_scene(play)


def test_nobody_dials_then_congestion_then_the_howler() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        tone = ear.played[-1]
        await stage.wait(15.9)
        assert ear.played == [tone]
        await stage.wait(0.2)
        assert len(ear.played) == 2 and ear.playing
        await stage.wait(60)
        assert len(ear.played) == 3 and ear.playing  # howler
        await stage.wait(60)
        assert not ear.playing
        assert stage.journal.rows == []
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert ear.is_closed

    play_scene(play)


def test_an_ambiguous_number_waits_for_the_timer_and_hash_cuts_it() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        for ending, timer_s in (("", 4.0), ("#", 0.0)):
            ear = await scene.lift(scene.desk)
            ear.press("9810380692123456" + ending)
            if timer_s:
                await stage.wait(timer_s - 0.2)
                assert stage.journal.begun == []
            await stage.wait(0.3)
            assert len(stage.journal.begun) == 1, ending
            stage.journal.begun.clear()
            scene.desk.tell(OnHook(0))
            await stage.wait(5)

    play_scene(play)


def test_pickup_from_a_telephone() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("2002")
        assert scene.hall.done == ["ring"]
        ear = await scene.lift(scene.desk)
        ear.press("0#")
        await stage.settle()
        assert len(phone.heard(sip.SessionAnswered)) == 1
        assert ear.partner is stage.plane.streams[0]
        assert scene.hall.done == ["ring", "stop_ring"]

    play_scene(play)


def test_flash_holds_and_resumes() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("2001")
        ear = await scene.lift(scene.desk)
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        offer = phone.last(sip.OfferReceived)
        assert b"a=sendonly" in offer.body
        assert ear.partner is None and ear.playing
        phone.endpoint.accept_offer(
            offer.session, offer.body.replace(b"sendonly", b"recvonly"), now=stage.now()
        )
        await stage.settle()
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert b"a=sendonly" not in phone.last(sip.OfferReceived).body
        assert ear.partner is stage.plane.streams[0] and not ear.playing

    play_scene(play)


def test_who_is_held_and_goes_is_told_by_busy_tone_and_the_howler() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        ear.press("2002")
        await stage.wait(1)
        await scene.lift(scene.hall)
        scene.desk.tell(FlashHook(0, 200))
        await stage.wait(1)
        special = ear.playing
        scene.desk.done.clear()
        scene.hall.tell(OnHook(0))
        await stage.wait(1)
        busy = ear.playing
        assert busy and busy != special and "open_loop 500" in scene.desk.done
        await stage.wait(60)
        assert ear.playing and ear.playing != busy  # howler
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert ear.is_closed and not stage.exchange.lines.posts["desk"].why_not

    play_scene(play)


def test_a_short_flash_of_the_uk_is_a_1_while_dialling_and_a_flash_in_a_call() -> None:
    """50 to 130 ms there, and a rotary dial breaks the loop for 67."""

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        ear = await scene.lift(scene.hall)
        for digit in "2003":
            scene.hall.tell(DigitPulsed(0, digit))
        await stage.settle()
        await phone.answer()
        assert ear.partner is not None
        scene.hall.tell(DigitPulsed(0, "1", 30))  # noise of the line
        await stage.settle()
        assert ear.partner is not None
        scene.hall.tell(DigitPulsed(0, "1", 67))
        await stage.settle()
        assert ear.partner is None and ear.playing, "held"
        offer = phone.last(sip.OfferReceived)
        held = offer.body.replace(b"sendonly", b"recvonly")
        phone.endpoint.accept_offer(offer.session, held, now=stage.now())
        await stage.settle()
        scene.hall.tell(DigitPulsed(0, "1", 67))
        await stage.settle()
        assert ear.partner is not None
        scene.hall.tell(OnHook(0))
        await stage.settle()
        await scene.lift(scene.hall)
        for digit in "200":
            scene.hall.tell(DigitPulsed(0, digit))
        scene.hall.tell(DigitPulsed(0, "1", 67))
        await stage.settle()
        assert scene.desk.done == ["ring"]
        scene.hall.tell(OnHook(0))
        await stage.settle()

    lines = [line | {"country": "GB"} for line in office()["lines"]]
    play_scene(play, office(lines=lines))


def test_a_second_call_knocks_and_flash_takes_it() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        first = await stage.phone("2003", "192.168.1.13")
        await first.call("2001")
        ear = await scene.lift(scene.desk)
        other = await scene.lift(scene.hall)
        other.press("2001")
        await stage.wait(0.1)
        knocks = len(ear.played)
        assert knocks == 1 and ear.partner is stage.plane.streams[0]
        await stage.wait(5)
        assert len(ear.played) == 2
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert ear.partner is other
        offer = first.last(sip.OfferReceived)
        first.endpoint.accept_offer(
            offer.session, offer.body.replace(b"sendonly", b"recvonly"), now=stage.now()
        )
        await stage.settle()
        scene.hall.tell(OnHook(0))  # the second is gone: back to the first
        await stage.settle()
        assert ear.partner is stage.plane.streams[0]

    play_scene(play)


def test_a_talking_telephone_with_two_calls_is_busy() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await scene.lift(scene.desk)  # off-hook, no call
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("2001")
        await stage.wait(30)
        assert phone.status_of(session) == 486

    play_scene(play)


def test_the_hot_line_calls_by_itself() -> None:
    lines = office()["lines"]
    lines[0]["hot_line"] = "2002"
    lines[1] |= {"hot_line": "2001", "hot_line_after_s": 3}

    async def play(scene: Scene, stage: Stage) -> None:
        await scene.lift(scene.desk)
        assert scene.hall.done == ["ring"]
        scene.desk.tell(OnHook(0))
        await stage.settle()
        scene.hall.done.clear()
        await scene.lift(scene.hall)
        await stage.wait(2.9)
        assert "ring" not in scene.desk.done
        await stage.wait(0.2)
        assert "ring" in scene.desk.done

    play_scene(play, office(lines=lines))


def test_a_bell_that_a_board_stopped_rings_again_while_the_call_does() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        ear.press("2002")
        await stage.wait(1)
        rings = [done for done in scene.hall.done if done.startswith("ring")]
        assert len(rings) == 1
        scene.hall.tell(PortFault(0, "line.ring_late", True))
        await stage.wait(1)
        assert [done for done in scene.hall.done if done.startswith("ring")] == rings * 2
        await scene.lift(scene.hall)
        scene.hall.tell(PortFault(0, "line.ring_late", True))
        await stage.wait(1)
        assert [done for done in scene.hall.done if done.startswith("ring")] == rings * 2

    play_scene(play)


def test_a_telephone_is_told_who_calls_in_the_pause_of_its_ringing() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        ear.press("2002")
        await stage.wait(1)
        scene.hall.tell(CallerIdWindow(0, 3_000_000_000))
        await stage.settle()
        shown = scene.audio()
        assert shown is not ear and len(shown.played) == 1
        assert 0.5 < shown.played[0] / 8000 < 2.5 and not shown.is_closed
        await stage.wait(3)
        assert shown.is_closed  # the hook is down: nobody needs it
        scene.hall.tell(CallerIdWindow(0, 3_000_000_000))
        await stage.settle()
        again = await scene.lift(scene.hall)
        await stage.wait(5)
        assert not again.is_closed and again.partner is ear  # lifted meanwhile: it stays

    play_scene(play)


def test_a_telephone_is_told_the_time_of_its_site() -> None:
    """It sets its clock by it; the machine's own time zone is nobody's."""

    async def play(scene: Scene, stage: Stage) -> None:
        moment = datetime.fromtimestamp(
            stage.exchange.parts.clock.wall(), ZoneInfo("Asia/Vladivostok")
        )
        post = stage.exchange.lines.posts["hall"]
        assert record_now(post, Party("2001")).time == moment.strftime("%m%d%H%M")

    site = office()["site"] | {"timezone": "Asia/Vladivostok"}
    play_scene(play, office(site=site))


def test_star_00_speaks_the_address_of_the_box() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        tones = len(ear.played)
        ear.press("*00")
        await stage.wait(20)
        assert len(ear.played) - tones >= len("192.168.1.1")
        await stage.wait(60)
        assert scene.row.number == "*00" and scene.row.answered_by == "app address"

    play_scene(play)


def test_a_board_that_fails_to_ring_after_the_caller_has_gone_rings_for_the_next() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.desk.took_s["ring"], scene.desk.fails["ring"] = 1.0, "line.timeout"
        session = await phone.call("2001")
        await stage.wait(0.5)
        phone.endpoint.cancel(session, "", now=stage.now())
        await stage.wait(1)
        scene.desk.took_s.clear(), scene.desk.fails.clear()
        scene.desk.done.clear()
        await phone.call("2001")
        await stage.settle()
        assert scene.desk.done[-1] == "ring"
        ear = await scene.lift(scene.desk)
        assert ear.partner is stage.plane.streams[-1]

    play_scene(play)
