"""Whole calls in by city lines in virtual time: who rings, and how his number is learned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.media.api import CallerIdHeard
from appliance.sip import events as sip
from drivers.api import Capabilities, Encoding
from drivers.caller_id import encode_mdmf
from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    CallerIdStatus,
    LoopBroken,
    OffHook,
    OnHook,
    PolarityReversed,
    RingStarted,
    RingStopped,
)
from tests.kit.line_signals import aon_symbols
from tests.kit.lines import FULL
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.stage import Stage


def test_a_caller_by_the_line_rings_with_his_number_and_is_answered_late() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        await stage.wait(1.5)
        assert not phone.heard(sip.InviteReceived)  # the number may still come
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567", "IVANOV")))
        await stage.settle()
        request = phone.last(sip.InviteReceived).request
        assert "+74951234567" in str(request.headers.get("From"))
        assert scene.city.done == []  # not answered: nobody pays
        await stage.wait(4)
        await phone.answer()
        await stage.settle()
        assert scene.city.done == ["answer", "open_audio"]
        assert scene.audio().partner is stage.plane.streams[0]
        await stage.wait(5)
        scene.city.tell(LoopBroken(0, 400))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        row = scene.row
        assert (row.caller, row.caller_name, row.trunk) == ("+74951234567", "IVANOV", "city")
        assert (row.direction, row.answered_by) == ("inbound", "2003")
        assert stage.exchange.lines.posts["city"].last_caller.number == "+74951234567"  # type: ignore[union-attr]

    play_scene(play)


@pytest.mark.parametrize("status", [CallerIdStatus.WITHHELD, CallerIdStatus.UNAVAILABLE])
def test_hidden_callers_ring_all_the_same(status: CallerIdStatus) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("", status=status)))
        await stage.wait(2)
        assert phone.heard(sip.InviteReceived)
        scene.city.tell(RingStopped(0))
        await stage.settle()
        assert scene.row.caller == "" and scene.row.cause is Cause.CANCELLED

    play_scene(play)


def test_a_caller_without_number_rings_after_the_time_of_caller_id() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        await stage.wait(5.1)
        assert not phone.heard(sip.InviteReceived)
        await stage.wait(0.2)
        await phone.ring()
        scene.city.tell(RingStopped(0))
        await stage.settle()
        assert len(phone.heard(sip.SessionCancelled)) == 1

    play_scene(play)


def test_nobody_there_is_no_answer_and_the_line_rings_on_without_a_second_call() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.wait(30)
        assert len(stage.journal.rows) == 1 and scene.city.done == []
        assert stage.exchange.lines.down()["city"] == "line.ringing"
        scene.city.tell(RingStopped(0))
        await stage.settle()
        assert "city" not in stage.exchange.lines.down()
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.settle()
        assert len(stage.journal.rows) == 2

    play_scene(play)


def test_a_telephone_beside_us_that_is_put_down_while_a_call_has_the_line_frees_it() -> None:
    """A modem tells it late: the line may ring by then."""

    async def play(scene: Scene, stage: Stage) -> None:
        scene.city.tell(OffHook(0))
        await stage.settle()
        assert stage.exchange.lines.down()["city"] == "line.in_use"
        scene.city.tell(RingStarted(0))
        await stage.wait(1)
        scene.city.tell(OnHook(0))
        scene.city.tell(RingStopped(0))
        await stage.wait(10)
        assert "city" not in stage.exchange.lines.down()

    play_scene(play)


def test_caller_id_in_the_audio_of_a_city_line() -> None:
    in_band = replace(FULL, caller_id_in_band=True)

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        await stage.settle()
        line = scene.audio()
        assert "fsk_v23" in line.listening.caller_id and "open_audio" in scene.city.done
        stage.plane.tell(CallerIdHeard(line.number, "fsk", b"damaged"))
        message = encode_mdmf(CallerIdRecord("79101234567", "Ivanov"))
        stage.plane.tell(CallerIdHeard(line.number, "fsk", message))
        await stage.settle()
        assert line.is_closed and "answer" not in scene.city.done
        request = phone.last(sip.InviteReceived).request
        assert "+79101234567" in str(request.headers.get("From"))
        scene.city.tell(RingStopped(0))
        await stage.settle()

    play_scene(play, capabilities=in_band)


def test_caller_id_before_the_first_ring_after_a_reversal() -> None:
    """As in the UK and in Finland: the call is offered as soon as it rings."""
    in_band = replace(FULL, caller_id_in_band=True)

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        line = scene.audio()
        assert "fsk_v23" in line.listening.caller_id and scene.city.done == ["open_audio"]
        message = encode_mdmf(CallerIdRecord("79101234567", "Ivanov"))
        stage.plane.tell(CallerIdHeard(line.number, "fsk", message))
        await stage.settle()
        assert line.is_closed and not phone.heard(sip.InviteReceived)
        await stage.wait(0.5)
        scene.city.tell(RingStarted(0))
        await stage.settle()
        request = phone.last(sip.InviteReceived).request
        assert "+79101234567" in str(request.headers.get("From"))
        scene.city.tell(RingStopped(0))
        await stage.settle()

    play_scene(play, capabilities=in_band)


def test_a_reversal_that_no_ring_follows_is_forgotten() -> None:
    in_band = replace(FULL, caller_id_in_band=True)

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        message = encode_mdmf(CallerIdRecord("79101234567", "Ivanov"))
        stage.plane.tell(CallerIdHeard(scene.audio().number, "fsk", message))
        await stage.wait(8)
        scene.city.tell(RingStarted(0))
        await stage.settle()
        line = scene.audio()
        assert not line.is_closed, "who calls now is heard anew"
        await stage.wait(6)
        request = phone.last(sip.InviteReceived).request
        assert "79101234567" not in str(request.headers.get("From"))
        scene.city.tell(RingStopped(0))
        await stage.settle()

    play_scene(play, capabilities=in_band)


def test_a_call_out_takes_the_line_that_is_listened_to() -> None:
    in_band = replace(FULL, caller_id_in_band=True)

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        await phone.call("989101234567")
        assert scene.city.done == ["open_audio", "close_audio", "seize", "open_audio"]
        scene.audio().hear("dial")
        await stage.wait(8)
        assert not scene.audio().is_closed

    play_scene(play, capabilities=in_band)


def asking_aon() -> dict[str, Any]:
    document = office()
    document["lines"][2]["asks_aon"] = True
    return document


def test_an_old_exchange_is_asked_who_calls() -> None:
    """Off-hook, 500 Hz, the number in 2-of-6; then the caller hears our ringing until he is
    answered."""

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        await stage.wait(5.6)
        assert scene.city.done == ["answer", "open_audio"]  # no caller id came by itself
        line = scene.audio()
        assert line.listening.caller_id == ("aon",) and line.played == [800]
        assert not phone.heard(sip.InviteReceived)
        symbols = aon_symbols("1234567").encode()
        stage.plane.tell(CallerIdHeard(line.number, "aon", symbols))
        await stage.settle()
        request = phone.last(sip.InviteReceived).request
        assert "1234567" in str(request.headers.get("From"))
        assert line.playing  # the ringing tone
        await stage.wait(3)
        await phone.answer()
        await stage.settle()
        assert scene.city.done == ["answer", "open_audio"]  # not answered twice
        assert line.partner is stage.plane.streams[0] and not line.playing
        await stage.wait(5)
        line.hear("busy")
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1 and line.is_closed

    play_scene(play, asking_aon())


def test_an_exchange_without_aon_is_asked_twice_and_the_call_rings_all_the_same() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        await stage.wait(10)
        line = scene.audio()
        assert line.played[:2] == [800, 800] and line.playing
        assert phone.heard(sip.InviteReceived)
        line.hear("busy")  # the caller gives up before anybody answers
        await stage.settle()
        assert line.is_closed and scene.city.done[-1] == "release"
        assert phone.heard(sip.SessionCancelled)

    play_scene(play, asking_aon())


def test_a_caller_id_that_comes_by_itself_spares_the_question() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.settle()
        assert phone.heard(sip.InviteReceived) and scene.city.done == []
        scene.city.tell(RingStopped(0))
        await stage.settle()

    play_scene(play, asking_aon())


def test_a_caller_by_the_line_is_taken_by_a_telephone_or_picked_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        scene.city2.tell(RingStarted(0))
        scene.city2.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.settle()
        assert scene.desk.done == ["ring"] and scene.city2.done == []
        await scene.lift(scene.desk)
        assert scene.city2.done == ["answer", "open_audio"]
        ear, city = scene.audio(-2), scene.audio(-1)
        assert ear.partner is city and city.partner is ear
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert scene.city2.done[-1] == "release"
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStopped(0))
        await stage.settle()
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.settle()
        await phone.ring()
        ear = await scene.lift(scene.hall)
        ear.press("0#")
        await stage.settle()
        assert len(phone.heard(sip.SessionCancelled)) == 1
        assert "answer" in scene.city.done and ear.partner is scene.audio()
        scene.hall.tell(OnHook(0))
        await stage.settle()
        taken = stage.journal.rows[-1]
        assert (taken.trunk, taken.answered_by) == ("city", "2002")

    play_scene(play)


ONE_WAY = Capabilities(duplex=False, caller_id=True, announces=Encoding.ALAW)


def with_words(prompt: str) -> dict[str, Any]:
    lines = office()["lines"]
    lines[2]["announces"] = prompt
    return office(lines=lines)


async def ring(scene: Scene, stage: Stage) -> None:
    scene.city.tell(RingStarted(0))
    scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
    await stage.wait(2)


def test_a_device_without_duplex_answers_with_words_and_hangs_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await ring(scene, stage)
        assert scene.city.done[0] == "answer" and scene.city.done[1].startswith("announce ")
        assert "open_audio" not in scene.city.done
        await stage.wait(30)
        assert [done.split()[0] for done in scene.city.done[1:]] == ["announce"] * 2 + ["release"]
        row = scene.row
        assert (row.caller, row.direction, row.cause) == ("+74951234567", "inbound", Cause.NORMAL)
        assert row.reasons[-1].key == "did.announces"
        assert not phone.heard(sip.InviteReceived)

    play_scene(play, with_words("call_later"), capabilities=ONE_WAY)


def test_a_caller_who_hangs_up_in_the_words_frees_the_line_at_once() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await ring(scene, stage)
        scene.city.tell(LoopBroken(0, 400))
        await stage.settle()
        assert scene.city.done[-1] == "release"
        await stage.wait(30)
        assert scene.row.cause is Cause.NORMAL

    play_scene(play, with_words("call_later"), capabilities=ONE_WAY)


def test_a_line_with_duplex_may_answer_with_words_as_well() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await ring(scene, stage)
        assert scene.city.done == ["answer", "open_audio"] and scene.audio().played
        await stage.wait(30)
        assert len(scene.audio().played) == 2 and scene.city.done[-1] == "release"

    play_scene(play, with_words("all_lines_busy"))


def test_a_device_that_can_say_nothing_is_left_to_ring() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await ring(scene, stage)
        assert scene.city.done == [] and stage.journal.rows == []
        assert "line.no_duplex" in str(stage.alerts.listed())

    play_scene(play, with_words("call_later"), capabilities=replace(ONE_WAY, announces=None))
