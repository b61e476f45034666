"""Flashing a city line in whole calls in virtual time: by whom, how long, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.errors import UserError
from appliance.lines.desk import LinesDesk, LinesDeskParts
from appliance.media.api import KeyPressed
from appliance.sip import events as sip
from drivers.events import DigitPulsed, FlashHook, LoopBroken, PolarityReversed, ProgressReported
from tests.kit.lines import FULL, StageLine
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.noted import NotedMessages
from tests.kit.stage import Party, Stage

MODEM = replace(FULL, flash_is_silent=True)


def with_city(**fields: Any) -> dict[str, Any]:
    document = office()
    document["lines"][2] |= fields
    return document


async def talk(scene: Scene, stage: Stage) -> tuple[Party, int, StageLine]:
    """The SIP phone talks over the city line."""
    phone, city = await scene.called_out()
    scene.city.tell(ProgressReported(0, "answered"))
    await stage.settle()
    session = phone.last(sip.SessionAnswered).session
    scene.city.done.clear()
    return phone, session, city


def press_flash(stage: Stage) -> None:
    """RFC 4733 event 16 from the SIP phone."""
    stage.plane.tell(KeyPressed(stage.plane.streams[0].number, "!", 100))


async def send_info(stage: Stage, phone: Party, session: int, kind: str, body: bytes) -> None:
    phone.endpoint.info(session, kind, body, now=stage.now())
    await stage.settle()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/hook-flash", b"signal=hf\r\n"),
        ("application/dtmf-relay", b"Signal=16\r\nDuration=100\r\n"),
        ("application/broadsoft; version=1.0", b"event flashhook"),
    ],
)
@pytest.mark.parametrize(("country", "length_ms"), [("RU", 600), ("GB", 100), ("US", 500)])
def test_a_flash_by_info_is_as_long_as_the_country_has_it(
    kind: str, body: bytes, country: str, length_ms: int
) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, city = await talk(scene, stage)
        await send_info(stage, phone, session, kind, body)
        assert scene.city.done == [f"flash {length_ms}"]
        assert city.partner is stage.plane.streams[0] and not phone.heard(sip.SessionEnded)
        assert city.keys == ["89101234567"], "no sound on the line"

    play_scene(play, with_city(country=country))


def test_a_flash_by_rfc_4733_closes_the_audio_of_a_modem_and_opens_it_anew() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, city = await talk(scene, stage)
        scene.city.took_s["flash"] = 0.6
        press_flash(stage)
        await stage.wait(0.3)
        assert scene.city.done == ["close_audio", "flash 600"] and city.is_closed
        await stage.wait(0.5)
        assert scene.city.done == ["close_audio", "flash 600", "open_audio"]
        again = scene.audio()
        assert again is not city and again.partner is stage.plane.streams[0]
        assert again.listening.keys and again.listening.tones
        again.press("5")  # the exchange's own menu is somebody's business: keys still come
        await phone.hang_up(session)
        await stage.wait(3)
        assert again.is_closed and scene.city.done[-1] == "release"
        assert scene.row.cause is Cause.NORMAL

    play_scene(play, capabilities=MODEM)


def test_a_call_that_ends_during_the_flash_leaves_no_audio_open() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, _ = await talk(scene, stage)
        scene.city.took_s["flash"] = 0.6
        press_flash(stage)
        await stage.wait(0.3)
        await phone.hang_up(session)
        await stage.wait(3)
        assert "open_audio" not in scene.city.done and "release" in scene.city.done

    play_scene(play, capabilities=MODEM)


def test_a_flash_that_fails_leaves_the_call_as_it_was() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _, _ = await talk(scene, stage)
        scene.city.fails["flash"] = "line.timeout"
        press_flash(stage)
        await stage.settle()
        assert scene.audio().partner is stage.plane.streams[0]
        assert not phone.heard(sip.SessionEnded)

    play_scene(play, capabilities=MODEM)


def test_a_phone_that_floods_with_flashes_is_not_followed_for_ever() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await talk(scene, stage)
        scene.city.took_s["flash"] = 0.6
        for _ in range(50):
            press_flash(stage)
        await stage.wait(10)
        assert scene.city.done == ["flash 600"] * len(scene.city.done)
        assert 1 < len(scene.city.done) <= 4

    play_scene(play)


def test_what_the_line_does_at_our_flash_is_no_hang_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _, _ = await talk(scene, stage)
        await stage.wait(2)
        scene.city.took_s["flash"] = 0.6
        press_flash(stage)
        await stage.wait(0.2)
        scene.city.tell(LoopBroken(0, 600))
        await stage.wait(0.6)
        scene.city.tell(PolarityReversed(0, True))
        await stage.wait(1)
        assert not phone.heard(sip.SessionEnded)
        scene.city.tell(LoopBroken(0, 500))
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1

    play_scene(play)


@pytest.mark.parametrize("tone", ["dial", "busy"])
def test_the_exchanges_tones_after_a_flash_end_the_call_when_they_go_on(tone: str) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _, city = await talk(scene, stage)
        press_flash(stage)
        await stage.settle()
        city.hear(tone)
        await stage.wait(1)
        assert not phone.heard(sip.SessionEnded), "somebody dials on"
        await stage.wait(20)
        for _ in range(2):
            city.hear(tone)
            await stage.wait(2.6)
        assert not phone.heard(sip.SessionEnded), "a new one, and as short"
        city.hear(tone)
        await stage.wait(2.6)
        city.hear(tone)
        await stage.settle()
        assert len(phone.heard(sip.SessionEnded)) == 1, "within 10 s of its beginning"

    play_scene(play)


def test_a_rhythm_after_a_flash_is_not_learned_as_busy() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, city = await talk(scene, stage)
        press_flash(stage)
        await stage.settle()
        city.hear_cadence(200, 600, 3500)
        await phone.hang_up(session)
        await stage.settle()
        post = stage.exchange.lines.posts["city"]
        assert post.busy.seen is None

    play_scene(play)


@pytest.mark.parametrize(
    ("country", "capabilities"),
    [
        ("RU", replace(FULL, flash=False)),
        ("GB", replace(FULL, flash_is_coarse=True)),
        ("DE", replace(FULL, flash_is_coarse=True)),
    ],
)
def test_a_device_that_cannot_flash_so_exactly_is_not_asked_to(
    country: str, capabilities: Any
) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, city = await talk(scene, stage)
        press_flash(stage)
        await send_info(stage, phone, session, "application/hook-flash", b"")
        assert scene.city.done == [] and city.partner is stage.plane.streams[0]

    play_scene(play, with_city(country=country), capabilities)


def test_a_coarse_device_flashes_where_the_country_leaves_room() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await talk(scene, stage)
        press_flash(stage)
        await stage.settle()
        assert scene.city.done == ["flash 600"]

    play_scene(play, capabilities=replace(FULL, flash_is_coarse=True))


def test_a_flash_before_the_answer_and_one_between_sip_phones_are_nothing() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        press_flash(stage)
        await stage.settle()
        assert scene.city.done == ["seize", "open_audio"]
        await phone.hang_up(session)
        await stage.wait(3)

    play_scene(play)


async def talk_from_desk(scene: Scene, stage: Stage) -> tuple[StageLine, StageLine]:
    """Our telephone on wires talks over the city line: its audio, and the line's."""
    ear = await scene.lift(scene.desk)
    city = await scene.call_out(ear, "989101234567")
    scene.city.tell(ProgressReported(0, "answered"))
    await stage.settle()
    assert ear.partner is city
    scene.city.done.clear()
    return ear, city


def test_a_telephones_flash_holds_the_call_here() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear, _ = await talk_from_desk(scene, stage)
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert scene.city.done == [] and ear.partner is None and ear.playing

    play_scene(play)


def test_a_telephones_flash_goes_to_the_exchange_where_the_line_is_set_so() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear, city = await talk_from_desk(scene, stage)
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert scene.city.done == ["flash 600"] and ear.partner is city

    play_scene(play, with_city(passes_flash=True))


def test_who_knocks_gets_the_flash_first() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear, city = await talk_from_desk(scene, stage)
        other = await scene.lift(scene.hall)
        other.press("2001")
        await stage.wait(0.1)
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert ear.partner is other and scene.city.done == []
        scene.desk.tell(FlashHook(0, 500))
        await stage.settle()
        assert ear.partner is city and scene.city.done == [], "back, not on"

    play_scene(play, with_city(passes_flash=True))


def test_a_short_flash_of_the_uk_goes_on_as_one() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await talk_from_desk(scene, stage)
        scene.desk.tell(DigitPulsed(0, "1", 67))
        await stage.settle()
        assert scene.city.done == ["flash 100"]

    document = with_city(passes_flash=True)
    lines = [line | {"country": "GB"} for line in document["lines"]]
    play_scene(play, document | {"lines": lines})


def test_somebody_at_the_box_flashes_a_line_in_a_call_and_no_other() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        exchange = stage.exchange
        parts = LinesDeskParts(
            lambda: stage.snapshot, exchange.lines, exchange.live, NotedMessages()
        )
        ask = LinesDesk(parts).operations["line_flash"]
        for line, reason in (("city", "line.no_call"), ("city2", "line.no_call")):
            with pytest.raises(UserError) as refused:
                await ask({"line": line})
            assert refused.value.key == "line.not_flashed"
            assert refused.value.params["reason"] == reason
        await talk(scene, stage)
        assert (await ask({"line": "city"}))["line"] == "city"
        await stage.settle()
        assert scene.city.done == ["flash 600"]
        scene.city.capabilities = replace(FULL, flash=False)
        with pytest.raises(UserError, match="no_flash"):
            await ask({"line": "city"})

    play_scene(play)
