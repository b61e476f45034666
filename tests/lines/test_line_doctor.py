"""The line doctor on a scripted line in virtual time: whose the line is, and that it is let go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from appliance.errors import UserError
from appliance.lines.desk import LinesDesk, LinesDeskParts
from appliance.sip import events as sip
from drivers.api import AudioDescriptor, PortKind
from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    LineLost,
    LoopBroken,
    PolarityReversed,
    RingStarted,
    RingStopped,
)
from tests.kit.lines import ScriptedDevice, ScriptedPort
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.noted import NotedMessages
from tests.kit.stage import Stage


class Visit:
    """The doctor, asked by the control operation."""

    def __init__(self, stage: Stage, **args: Any) -> None:
        exchange = stage.exchange
        parts = LinesDeskParts(
            lambda: stage.snapshot, exchange.lines, exchange.live, NotedMessages()
        )
        self.operations = LinesDesk(parts).operations
        self.task = self.again(**args)

    def again(self, **args: Any) -> asyncio.Task[dict[str, Any]]:
        asked = self.operations["line_doctor"]({"line": "city", **args})
        return asyncio.ensure_future(asked)  # type: ignore[arg-type, return-value]

    async def last(self) -> dict[str, Any]:
        """The line's row of ``line_examinations``."""
        answer = await self.operations["line_examinations"]({})
        [row] = answer["examinations"]
        return dict(row)

    async def keys(self) -> dict[str, str]:
        return {row["key"]: row["verdict"] for row in (await self.task)["findings"]}

    async def error(self) -> UserError:
        with pytest.raises(UserError) as caught:
            await self.task
        return caught.value


def test_the_line_is_listened_to_and_no_call_has_it_meanwhile() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage)
        await stage.settle()
        assert stage.exchange.lines.down() == {"city": "line.checked"}
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        assert scene.city.done == ["seize", "open_audio"]
        scene.audio().hear("dial 0")
        assert (await visit.keys())["dial_tone"] == "ok"
        assert scene.city.done == ["seize", "open_audio", "close_audio", "release"]
        assert scene.audio().keys == []  # nothing was dialled
        assert stage.exchange.lines.down() == {"city": "line.releasing"}
        await stage.wait(30)
        assert stage.exchange.lines.down() == {}
        assert phone.status_of(session) == 503

    play_scene(play)


def test_a_silent_line_is_told_and_let_go() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage, call="84951234500")
        await stage.wait(6)
        keys = await visit.keys()
        assert keys["no_dial_tone"] == "bad"
        assert scene.audio().keys == [] and scene.city.done[-1] == "release"

    play_scene(play)


def test_a_call_is_made_when_it_is_allowed() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage, call="84951234500")
        await stage.settle()
        city = scene.audio()
        city.hear("dial 0")
        await stage.wait(3)
        assert city.keys == ["84951234500"]
        names = [watch.tone for watch in city.listening.tones]
        city.hear(next(name for name in names if name.startswith("ringback")))
        await stage.wait(4)
        scene.city.tell(PolarityReversed(0, True))
        await stage.wait(2)
        keys = await visit.keys()
        assert {"ringback", "reversal"} <= set(keys)
        assert visit.task.result()["proposed"] == {"answer_by": "polarity"}
        assert scene.city.done[-1] == "release"

    play_scene(play)


@pytest.mark.parametrize(
    ("after_s", "lasted_ms", "found"),
    [(1.5, 500, ["500"]), (1.5, 40, []), (0.1, 500, [])],
    ids=["hung up", "a gap", "the dialling itself"],
)
def test_an_open_loop_is_found_and_a_gap_is_none(
    after_s: float, lasted_ms: int, found: list[str]
) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage, call="84951234500")
        await stage.settle()
        scene.audio().hear("dial 0")
        while not any(watch.tone.startswith("busy") for watch in scene.audio().listening.tones):
            await stage.wait(0.1)
        await stage.wait(after_s)
        scene.city.tell(LoopBroken(0, lasted_ms))
        await stage.wait(30)
        rows = (await visit.task)["findings"]
        assert [row["params"]["ms"] for row in rows if row["key"] == "loop_break"] == found

    play_scene(play)


def test_a_busy_line_is_refused() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        error = await Visit(stage).error()
        assert error.key == "doctor.failed" and error.params["reason"] == "line.busy"
        assert scene.city.done == ["seize", "open_audio"]

    play_scene(play)


@pytest.mark.parametrize("number", ["112", "112#", "*112", "1120"])
def test_no_emergency_service_is_called_for_a_check(number: str) -> None:
    """An exchange knows its number by the first digits, whatever stands around it."""

    async def play(scene: Scene, stage: Stage) -> None:
        error = await Visit(stage, call=number).error()
        assert error.key == "doctor.emergency" and error.params["number"] == "112"
        assert scene.city.done == []

    play_scene(play)


def test_a_defect_of_the_doctors_is_that_lines_error_and_no_others() -> None:
    class Broken(ScriptedPort):
        async def open_audio(self) -> AudioDescriptor:
            raise OSError("a defect")

    async def play(scene: Scene, stage: Stage) -> None:
        stage.lines.devices["sim:two"] = ScriptedDevice(Broken(0, PortKind.FXO))
        more = {"name": "more", "kind": "fxo", "device": "sim:two", "extension": "2001"}
        stage.configure(office(lines=[*office()["lines"], more]))
        await stage.settle()
        visit = Visit(stage, line="more")
        error = await visit.error()
        assert error.key == "doctor.failed" and error.params["reason"] == "line.fault"
        last = await visit.last()
        assert last["error"]["key"] == "doctor.failed" and not last["is_running"]

    play_scene(play)


def test_two_doctors_do_not_meet_and_a_lost_line_ends_the_visit() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage)
        await stage.settle()
        assert (await Visit(stage).error()).params["reason"] == "line.checked"
        scene.city.tell(LineLost(0, "line.lost"))
        assert (await visit.error()).params["reason"] == "line.taken_away"
        assert scene.city.done[-1] == "release"

    play_scene(play)


def test_an_emergency_takes_the_line_from_the_doctor() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage)
        await stage.settle()
        ear = await scene.lift(scene.desk)
        ear.press("112")
        assert (await visit.error()).params["reason"] == "line.taken_away"
        await stage.wait(10)
        assert scene.audio().keys == ["112"]

    play_scene(play, office(lines=office()["lines"][:3]))


def test_a_ring_at_the_same_moment_is_the_callers() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        scene.city.fails["seize"] = "line.glare"
        error = await Visit(stage).error()
        assert error.params["reason"] == "line.glare"
        assert scene.city.done == ["seize"]  # not released under the caller
        scene.city.tell(RingStarted(0))
        scene.city.tell(CallerIdReceived(0, CallerIdRecord("84951234567", "", source="fsk")))
        await stage.wait(1)
        assert phone.heard(sip.InviteReceived)  # the caller rings here
        scene.city.tell(RingStopped(0))
        await stage.wait(5)
        del scene.city.fails["seize"]
        visit = Visit(stage)
        await stage.settle()
        scene.audio().hear("dial 0")
        assert (await visit.keys())["caller_id"] == "ok"

    play_scene(play)


@pytest.mark.parametrize(
    ("args", "key"),
    [
        ({"line": "nobody"}, "line.unknown"),
        ({"line": "desk"}, "doctor.wrong_kind"),
        ({"line": "gsm"}, "doctor.wrong_kind"),
        ({"call": "+7495"}, "line.bad_digits"),
        ({"call": "112"}, "doctor.emergency"),
    ],
)
def test_what_the_doctor_does_not_do(args: dict[str, str], key: str) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        assert (await Visit(stage, **args).error()).key == key
        assert scene.city.done == []

    play_scene(play)


def test_an_examination_is_begun_and_looked_at_later() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage, wait=False)
        await stage.settle()
        assert await visit.task == {"line": "city", "is_running": True}
        assert (await visit.last())["is_running"]
        second = visit.again(wait=False)
        await stage.settle()
        with pytest.raises(UserError) as caught:
            await second
        assert (caught.value.key, caught.value.params["reason"]) == (
            "doctor.failed",
            "line.checked",
        )
        scene.audio().hear("dial 0")
        await stage.settle()
        last = await visit.last()
        assert not last["is_running"] and last["error"] is None
        assert {row["key"] for row in last["findings"]} >= {"dial_tone"}
        await stage.wait(5)
        again = visit.again(wait=False)
        await stage.settle()
        assert (await again)["is_running"], "its turn is over: the line may be examined again"
        scene.city.tell(LineLost(0, "no voltage"))
        await stage.settle()
        assert (await visit.last())["error"]["params"]["reason"] == "line.taken_away"

    play_scene(play)


def test_a_line_that_is_busy_says_so_at_once() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        visit = Visit(stage, wait=False)
        await stage.settle()
        assert (await visit.error()).params["reason"] == "line.busy"

    play_scene(play)
