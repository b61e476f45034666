"""Lamps of what hangs on wires, in virtual time: city lines by their names, telephones, trunks."""

from __future__ import annotations

from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    LineBack,
    LineLost,
    LoopBroken,
    OnHook,
    RingStarted,
    RingStopped,
)
from tests.kit.lines_office import Scene, play_scene
from tests.kit.stage import Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange_trunks import with_trunks

HOST = "192.168.1.31"
SOON_S = 0.3


def test_the_lamp_of_a_city_line_that_is_called() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        lamp = await Watcher(stage, "2003", HOST).watch("city")
        assert lamp.lamp == "idle"
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("4951234567", "IVANOV")))
        await stage.wait(SOON_S)
        assert lamp.lamp == "ringing" and lamp.caller.startswith("IVANOV sip:+74951234567@")
        await phone.answer()
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking" and not lamp.caller
        await stage.wait(5)
        scene.city.tell(LoopBroken(0, 400))
        await stage.wait(SOON_S)
        assert lamp.lamp == "idle"
        await stage.wait(10)  # the line rests after a call
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("")))
        await stage.wait(3)
        assert "anonymous" in lamp.caller
        scene.city.tell(RingStopped(0))
        await stage.wait(SOON_S)
        assert lamp.lamps == ["idle", "ringing", "talking", "idle", "ringing", "idle"]

    play_scene(play)


def test_the_lamp_of_a_telephone_on_wires() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        watcher = Watcher(stage, "2003", HOST)
        desk, hall = await watcher.watch("2001"), await watcher.watch("2002")
        presence = await watcher.watch("2001", "presence")
        assert presence.presence == "open"
        ear = await scene.lift(scene.desk)
        ear.press("2002")
        await stage.wait(SOON_S)
        assert (desk.lamp, hall.lamp) == ("calling", "ringing")
        await scene.lift(scene.hall)
        await stage.wait(SOON_S)
        assert (desk.lamp, hall.lamp, presence.presence) == ("talking", "talking", "busy")
        scene.hall.tell(OnHook(0))
        scene.desk.tell(OnHook(0))
        await stage.wait(2)
        assert (desk.lamp, hall.lamp, presence.presence) == ("idle", "idle", "open")

    play_scene(play)


def test_presence_follows_the_device_of_a_telephone_on_wires() -> None:
    """It can be called only as long as its device works."""

    async def play(scene: Scene, stage: Stage) -> None:
        watch = await Watcher(stage, "2003", HOST).watch("2001", "presence")
        assert watch.presence == "open"
        scene.desk.tell(LineLost(0, "line.unplugged"))
        await stage.wait(SOON_S)
        assert watch.presence == "closed"
        scene.desk.tell(LineBack(0))
        await stage.wait(SOON_S)
        assert watch.presence == "open"

    play_scene(play)


def test_the_lamp_of_a_trunk_that_dials_out() -> None:
    """It is taken at once: nobody can pick up what goes out."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        lamp = await Watcher(stage, "2003", HOST).watch("one")
        session = await a.call("+74957654321")
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking"
        a.endpoint.cancel(session, "", stage.now())
        await stage.wait(SOON_S)
        assert lamp.lamps == ["idle", "talking", "idle"]

    on_stage(play, with_trunks("one"))


def test_the_lamp_of_a_trunk_that_is_deleted() -> None:
    """Its call goes on, and nobody is shown a trunk that is not there."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        lamp = await Watcher(stage, "2003", HOST).watch("one")
        await a.call("+74957654321")
        await stage.wait(SOON_S)
        assert lamp.lamp == "talking"
        stage.configure(with_trunks("two"))
        await stage.wait(SOON_S)
        assert lamp.lamp == "idle" and len(stage.exchange.live.by_ref) == 1

    on_stage(play, with_trunks("one"))
