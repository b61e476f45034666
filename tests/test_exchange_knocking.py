"""A call that knocks at a telephone on wires, in virtual time: when it is told who, what else may
happen at that moment."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.legs.lines.fxs_knock import ANSWER_S
from appliance.sip import events as sip
from drivers.events import FlashHook, OnHook
from tests.kit.lines import StageLine
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.stage import Party, Stage

ALERT_S = 0.3 + 0.03 + 0.08  # the US tone, and the signal behind it


def american(**desk: Any) -> dict[str, Any]:
    document = office()
    lines = [line | {"country": "US"} for line in document["lines"]]
    lines[0] |= desk
    return document | {"lines": lines}


async def knocked(scene: Scene, stage: Stage) -> tuple[Party, StageLine]:
    """2003 talks with the telephone of 2001, at which 2002 knocks."""
    phone = await stage.phone("2003", "192.168.1.13")
    await phone.call("2001")
    ear = await scene.lift(scene.desk)
    assert ear.partner is stage.plane.streams[0]
    other = await scene.lift(scene.hall)
    other.press("2001")
    await stage.settle()
    return phone, ear


def test_a_telephone_that_answers_is_told_and_the_talk_goes_on() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, ear = await knocked(scene, stage)
        assert ear.partner is None and len(ear.played) == 1
        assert ear.played[0] == pytest.approx(8000 * ALERT_S, abs=160)
        await stage.wait(ALERT_S + 0.15)
        ear.press("D")
        await stage.settle()
        told = ear.played[-1] / 8000
        assert len(ear.played) == 2 and 0.3 < told < 0.7
        await stage.wait(told + 0.2)
        assert ear.partner is stage.plane.streams[0]
        assert not phone.heard(sip.OfferReceived), "its party was told nothing"
        await stage.wait(5)
        assert len(ear.played) == 3 and ear.partner is stage.plane.streams[0], "tones from then on"
        assert ear.played[2] == 2400

    play_scene(play, american())


@pytest.mark.parametrize("keys", ["", "5", "1234"])
def test_without_an_answer_the_talk_goes_on_at_once(keys: str) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        _, ear = await knocked(scene, stage)
        ear.press(keys)
        await stage.wait(ALERT_S + ANSWER_S - 0.05)
        assert ear.partner is None
        await stage.wait(0.1)
        assert ear.partner is stage.plane.streams[0] and len(ear.played) == 1

    play_scene(play, american())


@pytest.mark.parametrize(
    ("desk", "is_told"),
    [
        ({"country": "RU"}, False),
        ({"country": "RU", "waiting_caller_id": "yes"}, True),
        ({"country": "FI", "waiting_caller_id": "yes"}, True),
        ({"waiting_caller_id": "no"}, False),
        ({"has_caller_id": False}, False),
    ],
)
def test_country_and_line_say_whether_it_is_told(desk: dict[str, Any], is_told: bool) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        _, ear = await knocked(scene, stage)
        assert (ear.partner is None) == is_told
        await stage.wait(1)

    play_scene(play, american(**desk))


def test_a_flash_during_the_signal_takes_who_knocks() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, ear = await knocked(scene, stage)
        hall = scene.audio()
        await stage.wait(0.2)
        scene.desk.tell(FlashHook(0, 500))
        await stage.wait(2)
        assert ear.partner is hall and len(phone.heard(sip.OfferReceived)) == 1
        ear.press("D")  # it is a key again
        await stage.settle()
        assert len(ear.played) == 1

    play_scene(play, american())


def test_the_handset_goes_down_during_the_signal() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, ear = await knocked(scene, stage)
        await stage.wait(0.2)
        scene.desk.tell(OnHook(0))
        await stage.wait(2)
        assert ear.is_closed and len(phone.heard(sip.SessionEnded)) == 1
        assert scene.desk.done[-1] == "ring", "it rings for who knocked"

    play_scene(play, american())


def test_the_party_goes_during_the_signal() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, ear = await knocked(scene, stage)
        await stage.wait(0.2)
        await phone.hang_up(phone.last(sip.SessionAnswered).session)
        await stage.wait(2)
        assert ear.partner is None and ear.playing, "busy tone"
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert ear.partner is scene.audio(), "who knocked is still there"

    play_scene(play, american())


def test_who_knocks_gives_up_during_the_signal() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        _, ear = await knocked(scene, stage)
        await stage.wait(0.2)
        scene.hall.tell(OnHook(0))
        await stage.wait(7)
        assert ear.partner is stage.plane.streams[0] and len(ear.played) == 1

    play_scene(play, american())
