"""Lines of a box whose devices and settings come and go, and a SIM's messages, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from appliance.sip import events as sip
from drivers.api import LineError, PortKind
from drivers.events import (
    LineBack,
    LineLost,
    LineState,
    OffHook,
    PolarityReversed,
    SmsReceived,
    StateChanged,
)
from tests.kit.lines import ScriptedDevice, ScriptedPort
from tests.kit.lines_office import KINDS, Scene, office, play_scene
from tests.kit.stage import Stage


def test_a_lost_line_ends_its_call_and_is_down_with_an_alert() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _ = await scene.talking()
        scene.city.tell(LineLost(0, "no voltage"))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert stage.exchange.lines.down()["city"] == "line.lost"
        assert stage.alerts.listed()[-1]["key"] == "line_down"

    play_scene(play)


def test_a_telephone_beside_us_is_forgotten_with_its_line() -> None:
    """The device that tells OnHook is gone; it tells OffHook again where that is so."""

    async def play(scene: Scene, stage: Stage) -> None:
        scene.city.tell(OffHook(0))
        scene.city.tell(LineLost(0, "line.unplugged"))
        await stage.settle()
        scene.city.tell(LineBack(0))
        await stage.settle()
        assert "city" not in stage.exchange.lines.down()

    play_scene(play)


def test_a_device_without_audio_begins_anew_and_its_call_goes_on() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, city = await scene.talking()
        city.stall(True)
        await stage.wait(1)
        assert scene.city.done[-1] == "restart_audio"
        city.stall(False)
        await stage.wait(10)
        assert not phone.heard(sip.SessionEnded)
        assert "city" not in {n for n, why in stage.exchange.lines.down().items() if "stuck" in why}

    play_scene(play)


def test_a_device_whose_audio_does_not_come_again_ends_its_call_and_the_line_says_so() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, city = await scene.talking()
        scene.city.fails["restart_audio"] = "line.unsupported"
        city.stall(True)
        await stage.wait(3.5)
        assert not phone.heard(sip.SessionEnded)
        await stage.wait(1)
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert stage.exchange.lines.down()["city"] == "line.audio_stuck"
        assert stage.alerts.listed()[-1]["key"] == "line_down"
        await stage.wait(5)
        scene.city.tell(StateChanged(0, LineState.IDLE))
        await stage.settle()
        assert "city" not in stage.exchange.lines.down(), "the next call tries again"

    play_scene(play)


def test_a_sim_has_no_audio_before_the_far_end_answers() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        sim = scene.audio()
        sim.stall(True, was_heard=False)
        await stage.wait(10)
        assert "restart_audio" not in scene.gsm.done
        assert not phone.heard(sip.SessionEnded)

    rules = [{"name": "out", "kinds": KINDS, "ways": ["gsm"]}]
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


def test_a_device_that_never_closes_keeps_no_settings_from_taking_effect() -> None:
    class Wedged(ScriptedDevice):
        async def close(self) -> None:
            await asyncio.get_running_loop().create_future()

    async def play(scene: Scene, stage: Stage) -> None:
        stage.lines.devices["sim:two"] = Wedged(ScriptedPort(0, PortKind.FXO))
        stage.lines.devices["sim:three"] = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        more = {"name": "third", "kind": "fxo", "device": "sim:two", "extension": "2001"}
        stage.configure(office(lines=[*office()["lines"], more]))
        await stage.settle()
        stage.configure(office(lines=[*office()["lines"], more | {"device": "sim:three"}]))
        await stage.wait(13)
        assert stage.lines.opened == ["sim:box", "sim:two", "sim:three"]
        assert stage.exchange.lines.posts["third"].is_there

    play_scene(play)


def changed(name: str, **fields: object) -> list[dict[str, object]]:
    """The office's lines, one of them with other settings."""
    return [line | fields if line["name"] == name else line for line in office()["lines"]]


def test_a_port_that_fails_as_it_is_let_go_costs_neither_its_neighbour_nor_its_device() -> None:
    class Broken(ScriptedPort):
        async def release(self) -> None:
            raise RuntimeError("a defect")

    async def play(scene: Scene, stage: Stage) -> None:
        neighbour = ScriptedPort(1, PortKind.FXO)
        device = ScriptedDevice(Broken(0, PortKind.FXO), neighbour)
        stage.lines.devices["sim:two"] = device
        common = {"kind": "fxo", "device": "sim:two", "extension": "2001"}
        more = [{"name": f"more{n}", "port": n, **common} for n in (0, 1)]
        stage.configure(office(lines=[*office()["lines"], *more]))
        await stage.settle()
        again = [{**more[0], "receive_gain_db": 2.0}, more[1]]
        stage.configure(office(lines=[*office()["lines"], *again]))
        await stage.settle()
        assert stage.exchange.lines.posts["more0"].line.receive_gain_db == 2.0
        stage.configure(office())
        await stage.settle()
        assert neighbour.done == ["release"] and device.is_closed
        assert not {"more0", "more1"} & set(stage.exchange.lines.posts)

    play_scene(play)


def test_a_changed_line_gets_its_port_anew_and_calls_on_its_neighbours_go_on() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _ = await scene.talking()
        before = stage.exchange.lines.posts["city2"]
        stage.configure(office(lines=changed("city2", receive_gain_db=2.0)))
        await stage.wait(5)
        assert not phone.heard(sip.SessionEnded)
        assert stage.lines.opened == ["sim:box"] and "release" not in scene.city.done
        after = stage.exchange.lines.posts["city2"]
        assert after is not before and after.is_there and after.line.receive_gain_db == 2.0
        assert "release" in scene.city2.done
        stage.configure(office(lines=changed("city", receive_gain_db=2.0)))
        await stage.wait(5)
        assert len(phone.heard(sip.SessionEnded)) == 1, "its own call ends"
        assert stage.exchange.lines.posts["city"].is_there
        assert stage.lines.opened == ["sim:box"]

    play_scene(play)


def test_a_lifted_telephone_whose_settings_change_has_dial_tone_again() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        scene.desk.state = LineState.OFF_HOOK
        before = await scene.lift(scene.desk)
        assert before.playing
        stage.configure(office(lines=changed("desk", extension="2002")))
        await stage.settle()
        assert before.is_closed and scene.audio().playing
        assert stage.lines.opened == ["sim:box"]
        scene.desk.state = LineState.IDLE

    play_scene(play)


def test_lines_that_change_places_and_lines_that_go_leave_the_device_open() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        lines = office()["lines"]
        swapped = changed("city", port=3)
        swapped = [line | {"port": 2} if line["name"] == "city2" else line for line in swapped]
        stage.configure(office(lines=swapped))
        await stage.settle()
        posts = stage.exchange.lines.posts
        assert [posts[name].port for name in ("city", "city2")] == [scene.city2, scene.city]
        stage.configure(office(lines=[line for line in lines if line["name"] != "city2"]))
        await stage.settle()
        assert "city2" not in stage.exchange.lines.posts
        assert stage.exchange.lines.posts["city"].port is scene.city
        stage.configure(office())
        await stage.settle()
        assert stage.exchange.lines.posts["city2"].is_there
        assert stage.lines.opened == ["sim:box"]

    play_scene(play)


def test_another_country_opens_the_device_again() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.configure(office(lines=changed("desk", country="DE")))
        await stage.settle()
        assert stage.lines.opened == ["sim:box", "sim:box"]
        assert stage.exchange.lines.posts["hall"].is_there

    play_scene(play)


def test_a_device_that_does_not_open_is_down_and_tried_again() -> None:
    lines = [{"name": "third", "kind": "fxo", "device": "sim:two", "extension": "2001"}]

    async def play(scene: Scene, stage: Stage) -> None:
        assert stage.exchange.lines.down() == {"third": "line.device"}
        stage.lines.devices["sim:two"] = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        await stage.wait(16)
        assert stage.exchange.lines.down() == {}

    play_scene(play, office(lines=lines, rules=[]))


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


def test_a_defect_at_one_event_leaves_no_line_deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, city = await scene.talking()
        desk = stage.exchange.lines.posts["city"].desk
        assert desk is not None

        def fail(event: object) -> None:
            raise KeyError("a defect")

        with monkeypatch.context() as patch:
            patch.setattr(desk, "on_line_event", fail)
            patch.setattr(desk, "on_media_event", fail)
            scene.city.tell(StateChanged(0, LineState.TALKING))
            city.hear("busy")
            await stage.settle()
        assert not phone.heard(sip.SessionEnded)
        scene.city.tell(PolarityReversed(0, False))
        await stage.wait(1)
        scene.city.tell(PolarityReversed(0, True))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1

    play_scene(play)


def test_a_device_that_is_plugged_in_after_the_start_is_opened_within_seconds() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.lines.broken = LineError("line.unplugged")
        late = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        stage.lines.devices["serial:/dev/x"] = late
        more = {"name": "late", "kind": "fxo", "device": "serial:/dev/x", "extension": "2001"}
        stage.configure(office(lines=[*office()["lines"], more]))
        await stage.wait(30)
        assert stage.exchange.lines.down()["late"] == "line.unplugged"
        stage.lines.broken = None
        await stage.wait(2.5)
        assert "late" not in stage.exchange.lines.down()

    play_scene(play)


@pytest.mark.parametrize("fault", [RuntimeError("a defect"), ValueError("baud"), OSError(5, "EIO")])
def test_a_driver_that_fails_in_any_way_is_tried_again(fault: Exception) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.lines.broken = fault
        stage.lines.devices["serial:/dev/x"] = ScriptedDevice(ScriptedPort(0, PortKind.FXO))
        more = {"name": "odd", "kind": "fxo", "device": "serial:/dev/x", "extension": "2001"}
        stage.configure(office(lines=[*office()["lines"], more]))
        await stage.wait(20)
        assert stage.exchange.lines.down()["odd"] == "line.device"
        stage.lines.broken = None
        await stage.wait(16)
        assert "odd" not in stage.exchange.lines.down()

    play_scene(play)


def test_audio_that_nobody_waits_for_any_more_is_closed() -> None:
    """The caller is gone while the device begins: it would say old audio in the next call."""

    async def play(scene: Scene, stage: Stage) -> None:
        scene.city.took_s["open_audio"] = 1.0
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        await stage.wait(0.5)
        assert scene.city.done == ["seize", "open_audio"]
        phone.endpoint.cancel(session, "", now=stage.now())
        await stage.wait(4)
        assert scene.city.done == ["seize", "open_audio", "close_audio", "release"]
        assert "city" not in stage.exchange.lines.down()

    play_scene(play)
