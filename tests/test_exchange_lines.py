"""Whole calls over lines in virtual time: telephones on wires, city lines, SIMs, in any pairing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.media.api import CallerIdHeard, KeyPressed
from appliance.sip import events as sip
from drivers.api import Capabilities, PortKind
from drivers.caller_id import encode_aon, encode_mdmf
from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    CallerIdStatus,
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    LineLost,
    LoopBroken,
    OffHook,
    OnHook,
    PolarityReversed,
    PortFault,
    ProgressReported,
    RingStarted,
    RingStopped,
    SmsReceived,
)
from tests.kit.lines import FULL, ScriptedDevice, ScriptedPort, StageLine
from tests.kit.stage import Stage, on_stage

SECRET = "Secret-of-the-phone"
KINDS = ["local", "national", "mobile"]


def office(**more: Any) -> dict[str, Any]:
    """Two telephones on wires (2001, 2002), two city lines, a SIM, one SIP phone (2003)."""
    device = "sim:box"
    document: dict[str, Any] = {
        "site": {"ring_time_s": 30, "media_timeout_s": 600},
        "dialling": {"name": "P9", "outside_prefix": "9"},
        "extensions": [
            {"number": n, "secret": SECRET, "name": f"Phone {n}", "pickup_group": "all"}
            for n in ("2001", "2002", "2003")
        ],
        "lines": [
            {"name": "desk", "kind": "fxs", "device": device, "port": 0, "extension": "2001"},
            {"name": "hall", "kind": "fxs", "device": device, "port": 1, "extension": "2002"},
            {
                "name": "city",
                "kind": "fxo",
                "device": device,
                "port": 2,
                "extension": "2003",
                "number": "+74955550001",
            },
            {"name": "city2", "kind": "fxo", "device": device, "port": 3, "extension": "2001"},
            {"name": "gsm", "kind": "cellular", "device": device, "port": 4, "extension": "2001"},
        ],
        "rules": [{"name": "out", "kinds": KINDS, "ways": ["city"]}],
    }
    document.update(more)
    return document


class Scene:
    """The stage with its scripted ports."""

    def __init__(self, stage: Stage, capabilities: Capabilities = FULL) -> None:
        self.stage = stage
        kinds = (PortKind.FXS, PortKind.FXS, PortKind.FXO, PortKind.FXO, PortKind.CELLULAR)
        ports = [ScriptedPort(n, kind, capabilities) for n, kind in enumerate(kinds)]
        self.desk, self.hall, self.city, self.city2, self.gsm = ports
        stage.lines.devices["sim:box"] = ScriptedDevice(*ports)

    def audio(self, number: int = -1) -> StageLine:
        """A line's audio in the order of opening; the last by default."""
        return self.stage.plane.lines[number]

    async def lift(self, port: ScriptedPort) -> StageLine:
        port.tell(OffHook(0))
        await self.stage.settle()
        return self.audio()

    async def call_out(self, line: StageLine, number: str) -> StageLine:
        """Dial on a lifted telephone until the city line has its digits; that line's audio."""
        line.press(number)
        await self.stage.settle()
        city = self.audio()
        city.hear("dial")
        await self.stage.wait(4)
        return city

    async def all_down(self) -> None:
        """Everybody hangs up: nothing may be left."""
        self.stage.exchange.switchboard.hang_up_all(Cause.SHUTDOWN)
        for port in (self.desk, self.hall):
            port.tell(OnHook(0))
        await self.stage.wait(45, step_s=1)
        assert self.stage.exchange.parts.leg_of_stream == {}
        assert self.stage.exchange.live.by_ref == {}
        assert all(line.is_closed for line in self.stage.plane.lines)

    @property
    def row(self) -> Any:
        (row,) = self.stage.journal.rows
        return row


def play_scene(
    play: Any, document: dict[str, Any] | None = None, capabilities: Capabilities = FULL
) -> None:
    async def main(stage: Stage) -> None:
        scene = Scene(stage, capabilities)
        stage.configure(document or office())
        await stage.settle()
        await play(scene, stage)
        await scene.all_down()

    on_stage(main, {"extensions": [], "site": {}})


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
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        assert len(phone.heard(sip.SessionAnswered)) == 1
        await stage.wait(5)
        scene.city.tell(PolarityReversed(0, False))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1

    play_scene(play)


def test_a_voice_between_the_rings_is_an_answer() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        city = scene.audio()
        city.hear("dial")
        await stage.wait(4)
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


@pytest.mark.parametrize(
    ("status", "number"), [(CallerIdStatus.WITHHELD, ""), (CallerIdStatus.UNAVAILABLE, "")]
)
def test_hidden_callers_ring_all_the_same(status: CallerIdStatus, number: str) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await stage.phone("2003", "192.168.1.13")
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord(number, status=status)))
        await stage.wait(2)
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
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        port = getattr(scene, way)
        port.tell(ProgressReported(0, "answered"))
        await stage.settle()
        stage.plane.tell(KeyPressed(stage.plane.streams[0].number, "9", 120))
        await stage.settle()
        assert scene.audio().keys == ([] if way == "gsm" else ["89101234567"])
        assert ("send_key 9" in port.done) == (way == "gsm")

    play_scene(play, office(rules=rules))


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
        for ending, wait_s in (("", 4.1), ("#", 0.1)):
            ear = await scene.lift(scene.desk)
            ear.press("9810380692123456" + ending)
            await stage.wait(wait_s)
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
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
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


def test_a_lost_line_ends_its_call_and_is_down_with_an_alert() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        scene.city.tell(LineLost(0, "no voltage"))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert stage.exchange.lines.down()["city"] == "line.lost"
        assert stage.alerts.listed()[-1]["key"] == "line_down"

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


def test_a_message_is_forgotten_by_the_sim_only_when_it_is_kept() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.lines.keeps = False
        scene.gsm.tell(SmsReceived(0, "+79101234567", "привет", "", "3"))
        await stage.settle()
        assert scene.gsm.done == []
        stage.lines.keeps = True
        scene.gsm.tell(SmsReceived(0, "+79101234567", "привет", "", "3"))
        await stage.settle()
        assert scene.gsm.done == ["forget_sms 3"]
        assert [line for line, _ in stage.lines.messages] == ["gsm", "gsm"]

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


def test_settings_follow_and_an_unchanged_device_is_not_touched() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        other = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        stage.lines.devices["sim:two"] = other
        more = {"name": "third", "kind": "fxo", "device": "sim:two", "extension": "2001"}
        stage.configure(office(lines=[*office()["lines"], more]))
        await stage.settle()
        assert stage.lines.opened == ["sim:box", "sim:two"]
        stage.configure(office())
        await stage.settle()
        assert other.is_closed and "third" not in stage.exchange.lines.posts
        assert stage.lines.opened == ["sim:box", "sim:two"]

    play_scene(play)


def test_a_device_that_does_not_open_is_down_and_tried_again() -> None:
    lines = [{"name": "third", "kind": "fxo", "device": "sim:two", "extension": "2001"}]

    async def play(scene: Scene, stage: Stage) -> None:
        assert stage.exchange.lines.down() == {"third": "line.device"}
        stage.lines.devices["sim:two"] = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        await stage.wait(16)
        assert stage.exchange.lines.down() == {}

    play_scene(play, office(lines=lines, rules=[]))


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
        symbols = encode_aon("1234567").encode()
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


def test_a_driver_that_is_broken_is_told_and_tried_again() -> None:
    lines = [{"name": "third", "kind": "fxo", "device": "sim:two", "extension": "2001"}]

    async def play(scene: Scene, stage: Stage) -> None:
        stage.lines.broken = ModuleNotFoundError("No module named 'smbus2'")
        stage.configure(office(lines=lines, rules=[]))
        await stage.settle()
        assert stage.exchange.lines.down() == {"third": "line.no_driver"}
        stage.lines.broken = None
        stage.lines.devices["sim:two"] = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        await stage.wait(16)
        assert stage.exchange.lines.down() == {}

    play_scene(play)
