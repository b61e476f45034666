"""Whole calls out by city lines and SIMs in virtual time: dialling, answers, ways, emergencies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause
from appliance.media.api import KeyPressed
from appliance.sip import events as sip
from drivers.api import Capabilities
from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    DigitPulsed,
    OnHook,
    PolarityReversed,
    ProgressReported,
    RingStarted,
    RingStopped,
)
from tests.kit.lines import FULL
from tests.kit.lines_office import KINDS, Scene, office, play_scene
from tests.kit.stage import Stage


def test_a_sip_phone_calls_out_by_the_line_and_the_callee_hangs_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        assert scene.city.done == ["seize", "open_audio"]
        city = scene.audio()
        city.hear("dial")
        await stage.settle()
        assert city.keys == ["89101234567"]
        await stage.wait(2.5)
        assert phone.last(sip.SessionProgressed).response.status == 183  # hears the exchange
        assert city.partner is stage.plane.streams[0]
        city.hear("ringback")
        await stage.wait(5)
        city.hear("ringback")
        await stage.wait(6)
        assert len(phone.heard(sip.SessionAnswered)) == 1  # the ringing stopped
        await stage.wait(20)
        city.hear("busy")
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert city.is_closed and scene.city.done[-2:] == ["close_audio", "release"]
        row = scene.row
        assert (row.trunk, row.sent, row.number) == ("city", "89101234567", "+79101234567")
        assert (row.cause, row.direction) == (Cause.NORMAL, "outbound")
        assert row.talk_s == pytest.approx(20, abs=0.5)

    play_scene(play)


@pytest.mark.parametrize(
    ("tone", "status", "cause"), [("busy", 486, Cause.BUSY), ("sit", 404, Cause.NOT_FOUND)]
)
def test_the_exchanges_no_is_told_in_sips_words(tone: str, status: int, cause: Cause) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        scene.audio().hear(tone)
        await stage.wait(30)
        assert phone.status_of(session) == status
        assert scene.city.done[-1] == "release"
        assert scene.row.cause is cause

    play_scene(play)


def test_a_reversal_is_an_answer_and_the_second_a_hang_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _ = await scene.talking()
        assert len(phone.heard(sip.SessionAnswered)) == 1
        await stage.wait(5)
        scene.city.tell(PolarityReversed(0, False))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1

    play_scene(play)


def test_a_voice_between_the_rings_is_an_answer() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, city = await scene.called_out()
        city.hear("ringback")
        await stage.wait(1.8)
        city.level_in_dbm0 = -20.0
        await stage.wait(0.6)
        assert len(phone.heard(sip.SessionAnswered)) == 1

    play_scene(play)


def test_a_line_without_dial_tone_is_left_for_the_next() -> None:
    rules = [{"name": "out", "kinds": KINDS, "ways": ["city", "city2"]}]

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        await stage.wait(3.2)
        assert scene.city2.done[:1] == ["seize"]
        scene.audio().hear("dial")
        await stage.wait(3)
        assert scene.audio().keys == ["89101234567"]
        await stage.wait(25)
        assert len(phone.heard(sip.SessionAnswered)) == 1  # nothing was heard: assumed
        assert scene.city.done[-1] == "release"
        phone.endpoint.bye(phone.last(sip.SessionAnswered).session, "", now=stage.now())
        await stage.settle()
        assert scene.row.trunk == "city2"

    play_scene(play, office(rules=rules))


def test_a_telephone_calls_out_and_keys_reach_the_line() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        city = await scene.call_out(ear, "989101234567")
        assert city.keys == ["89101234567"] and ear.partner is city
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        assert "reverse True" in scene.desk.done
        ear.press("5")
        await stage.settle()
        assert city.keys == ["89101234567"]  # it went with the sound
        scene.desk.tell(DigitPulsed(0, "7"))
        await stage.settle()
        assert city.keys[-1] == "7"
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert scene.city.done[-1] == "release"
        assert scene.row.trunk == "city" and scene.row.caller == "2001"

    play_scene(play)


@pytest.mark.parametrize("way", ["city", "gsm"])
def test_keys_of_a_sip_phone_are_made_by_the_core_or_by_the_modem(way: str) -> None:
    rules = [{"name": "out", "kinds": KINDS, "ways": [way]}]

    async def play(scene: Scene, stage: Stage) -> None:
        scene.gsm.capabilities = replace(FULL, sends_keys=True)
        _, _ = await scene.called_out()
        port = getattr(scene, way)
        port.tell(ProgressReported(0, "answered"))
        await stage.settle()
        stage.plane.tell(KeyPressed(stage.plane.streams[0].number, "9", 120))
        await stage.settle()
        assert scene.audio().keys == ([] if way == "gsm" else ["89101234567"])
        assert ("send_key 9" in port.done) == (way == "gsm")

    play_scene(play, office(rules=rules))


def test_the_trunk_is_dead_and_the_same_number_goes_out_by_the_line() -> None:
    trunk = {
        "name": "mango",
        "host": "203.0.113.5",
        "authentication": "address",
        "source_addresses": ["203.0.113.5"],
        "qualify_s": 0,
        "no_answer_s": 2,
    }
    rules = [{"name": "out", "kinds": KINDS, "ways": ["mango", "city"]}]

    async def play(scene: Scene, stage: Stage) -> None:
        silent = stage.party("203.0.113.5")
        silent.is_silent = True
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        await stage.wait(2.5)
        city = scene.audio()
        city.hear("dial")
        await stage.wait(3)
        assert city.keys == ["89101234567"]
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        assert len(phone.heard(sip.SessionAnswered)) == 1
        await phone.hang_up(phone.last(sip.SessionAnswered).session)
        await stage.wait(40)
        assert scene.row.trunk == "city"

    play_scene(play, office(trunks=[trunk], rules=rules))


def test_an_emergency_takes_the_only_line_from_a_call() -> None:
    lines = office()["lines"][:3]

    async def play(scene: Scene, stage: Stage) -> None:
        phone, _ = await scene.talking()
        before = stage.now()
        ear = await scene.lift(scene.desk)
        ear.press("112")
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        await stage.wait(2.2)
        assert scene.city.done.count("seize") == 2 and stage.now() - before < 5
        await stage.wait(3.5)  # no dial tone: it is dialled all the same
        assert scene.audio().keys == ["112"]
        assert ear.partner is scene.audio()
        first = stage.journal.rows[0]
        assert first.cause is Cause.PREEMPTED
        assert stage.alerts.listed()[-1]["key"] == "emergency_call"

    play_scene(play, office(lines=lines))


def test_an_emergency_leaves_a_dead_line_and_comes_back_when_nothing_else_is_left() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("112")
        await stage.wait(3.2)
        assert scene.audio(0).keys == [] and scene.city2.done[0] == "seize"
        await stage.wait(3.2)
        scene.gsm.tell(ProgressReported(0, "busy"))
        await stage.wait(3.5)
        assert not phone.heard(sip.SessionAnswered)
        city = scene.audio()
        assert city.keys == ["112"] and scene.city.done.count("seize") == 2
        await stage.wait(1)
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        assert phone.heard(sip.SessionAnswered)
        await phone.hang_up(phone.last(sip.SessionAnswered).session)
        await stage.wait(3)

    play_scene(play)


def test_glare_gives_way_to_the_caller() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        ear = await scene.lift(scene.desk)
        scene.city.fails["seize"] = "line.glare"
        scene.city.took_s["seize"] = 0.1
        ear.press("989101234567")
        await stage.settle()
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.wait(1)
        assert "release" not in scene.city.done
        assert phone.heard(sip.InviteReceived)  # the caller rings here
        scene.city.tell(RingStopped(0))
        await stage.settle()

    play_scene(play)


def test_nobody_seizes_for_two_seconds_after_a_release() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        scene.audio().hear("busy")
        await stage.settle()
        released = stage.now()
        assert stage.exchange.lines.down()["city"] == "line.releasing"
        await stage.wait(0.1)
        ear = await scene.lift(scene.desk)
        ear.press("989101234567")
        await stage.wait(1.5)
        assert scene.city.done.count("seize") == 1
        await stage.wait(0.6)
        assert scene.city.done.count("seize") == 2 and stage.now() - released < 2.5
        assert session

    play_scene(play)


def test_a_port_without_duplex_is_never_bridged() -> None:
    half = Capabilities(duplex=False, caller_id=True)

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        await stage.wait(30)
        assert scene.city.done == [] and phone.status_of(session) == 503
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567")))
        await stage.wait(10)
        assert scene.city.done == []
        assert stage.exchange.lines.posts["city"].last_caller.number == "+74951234567"  # type: ignore[union-attr]

    play_scene(play, capabilities=half)


def test_a_sim_calls_and_tells_its_progress() -> None:
    rules = [{"name": "out", "kinds": KINDS, "ways": ["gsm"]}]

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        assert scene.gsm.done == ["dial 89101234567 tone", "open_audio"]
        scene.gsm.tell(ProgressReported(0, "ringback"))
        await stage.wait(25)
        assert not phone.heard(sip.SessionAnswered)  # the network tells, nothing is assumed
        scene.gsm.tell(ProgressReported(0, "answered"))
        await stage.settle()
        assert len(phone.heard(sip.SessionAnswered)) == 1
        scene.gsm.tell(ProgressReported(0, "released"))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert scene.row.trunk == "gsm"

    play_scene(play, office(rules=rules))


@pytest.mark.parametrize("word", ["released", "busy", "no_answer", "no_dial_tone"])
def test_a_call_of_a_sim_is_over_by_whatever_word_its_device_ends_it(word: str) -> None:
    """Also where the line's settings hang up by nothing that is heard."""
    document = office(rules=[{"name": "out", "kinds": KINDS, "ways": ["gsm"]}])
    document["lines"][4]["hangs_up_on"] = ["loop_break"]

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        scene.gsm.tell(ProgressReported(0, "answered"))
        await stage.wait(2)
        assert not phone.heard(sip.SessionEnded)
        scene.gsm.tell(ProgressReported(0, word))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1

    play_scene(play, document)


def test_a_plus_goes_to_a_sim_and_not_to_an_exchange() -> None:
    lines = office()["lines"]
    for line in lines[2:]:
        line["number_form"] = "+e164"
    rules = [{"name": "out", "kinds": KINDS, "ways": ["gsm", "city"]}]

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.gsm.fails["dial"] = "line.timeout"
        await phone.call("989101234567")
        await stage.wait(1)
        assert scene.gsm.done[0] == "dial +79101234567 tone"
        scene.audio().hear("dial")
        await stage.settle()
        assert scene.audio().keys == ["79101234567"]

    play_scene(play, office(lines=lines, rules=rules))


def test_a_line_set_to_pulses_on_a_device_without_them_is_told_and_an_emergency_goes_by_keys() -> (
    None
):
    lines = office()["lines"][:3]
    lines[2]["dial_mode"] = "pulse"

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        await stage.wait(30)
        assert scene.city.done == []
        assert {"why": "line.no_pulse"}.items() <= scene.row.reasons[-1].params.items()
        await phone.call("112")
        await stage.wait(2)
        scene.audio().hear("dial")
        await stage.settle()
        assert scene.audio().keys == ["112"]

    play_scene(play, office(lines=lines), capabilities=replace(FULL, pulse=False))


def test_a_line_set_to_pulses_is_dialled_by_its_device() -> None:
    lines = office()["lines"]
    lines[2]["dial_mode"] = "pulse"

    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.settle()
        assert "dial 89101234567 pulse" in scene.city.done and scene.audio().keys == []

    play_scene(play, office(lines=lines))
