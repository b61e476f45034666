"""Whole calls that a line without sound both ways takes for a mailbox, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.media.api import KeyPressed, LineEnded, StreamCode
from appliance.sip import events as sip
from drivers.api import Encoding
from drivers.events import KeyReported, LineLost, LoopBroken, ProgressReported
from tests.kit.lines import StageLine
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.stage import Stage
from tests.test_exchange_line_callers import ONE_WAY, ring

HEARS = replace(ONE_WAY, records=True)
WORDS = b"\x55" * 16000
#: By then the greeting and the tone are over.
GREETED_S = 30.0


def takes_messages(**city: Any) -> dict[str, Any]:
    """Who calls by the city line leaves a message for 2003."""
    document = office()
    document["lines"][2] |= {"announces": "voicemail", **city}
    document["extensions"][2]["voicemail"] = True
    return document


def done(scene: Scene) -> list[str]:
    return [command.split()[0] for command in scene.city.done]


async def greeted(scene: Scene, stage: Stage) -> StageLine:
    """Somebody rang, and is recorded now."""
    stage.mailboxes.owners["2003"] = ""
    scene.city.took_s |= {"open_audio": 0.3, "close_audio": 0.3}
    await ring(scene, stage)
    await stage.wait(GREETED_S)
    assert done(scene) == ["answer", "announce", "announce", "open_audio"]
    ear = scene.audio()
    assert ear.is_recording and ear.listening.keys and not ear.played
    return ear


def kept(stage: Stage) -> Any:
    (message,) = stage.mailboxes.kept
    return message


def test_a_message_is_left_and_the_caller_hangs_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        ear = await greeted(scene, stage)
        ear.speak_words(WORDS)
        await stage.wait(1)
        ear.speak_words(WORDS)
        ear.hear("busy")
        await stage.wait(1)
        assert done(scene)[4:] == ["close_audio", "release"] and ear.is_closed
        message = kept(stage)
        assert (message.extension, message.caller) == ("2003", "+74951234567")
        assert message.seconds == 4.0 and not message.is_heard
        row = scene.row
        assert (row.answered_by, row.number) == ("voicemail 2003", "2003")
        assert (row.direction, row.cause, row.trunk) == ("inbound", Cause.NORMAL, "city")
        assert row.reasons[-1].key == "did.voicemail"
        assert not phone.heard(sip.InviteReceived)

    play_scene(play, takes_messages(), capabilities=HEARS)


@pytest.mark.parametrize("who", ["core", "device", "both"])
def test_a_key_ends_the_message_and_words_follow(who: str) -> None:
    """After ``#`` the device is turned back: the caller hears that it is kept."""

    async def play(scene: Scene, stage: Stage) -> None:
        ear = await greeted(scene, stage)
        ear.speak_words(WORDS)
        await stage.wait(1)
        if who != "core":
            scene.city.tell(KeyReported(0, "#"))
        if who != "device":
            stage.plane.tell(KeyPressed(ear.number, "#", 100))
        await stage.wait(15)
        ended = ["close_audio", "announce", "announce", "release"]
        assert done(scene)[4:] == ended and ear.is_closed
        assert kept(stage).seconds == 2.0
        assert scene.row.cause is Cause.NORMAL

    play_scene(play, takes_messages(), capabilities=HEARS)


@pytest.mark.parametrize(
    "sign",
    [
        LoopBroken(0, 400),
        ProgressReported(0, "busy"),
        ProgressReported(0, "silence"),
        LineLost(0, "line.lost"),
    ],
    ids=["loop", "busy", "silence", "lost"],
)
def test_what_the_device_tells_ends_the_message(sign: Any) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await greeted(scene, stage)
        ear.speak_words(WORDS)
        scene.city.tell(sign)
        await stage.wait(2)
        assert done(scene)[4:] == ["close_audio", "release"] and ear.is_closed
        assert kept(stage).seconds == 2.0

    settings = takes_messages(hangs_up_on=["busy_tone", "loop_break", "silence"])
    play_scene(play, settings, capabilities=HEARS)


def test_codes_of_the_reception_go_to_the_port_and_its_end_ends_the_call() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await greeted(scene, stage)
        ear.speak_words(WORDS)
        stage.plane.tell(StreamCode(ear.number, ord("q")))
        assert scene.city.done[-1] == f"code {ord('q')}"
        stage.plane.tell(LineEnded(ear.number, 0))
        await stage.wait(2)
        assert done(scene)[-2:] == ["close_audio", "release"]
        assert kept(stage).seconds == 2.0

    play_scene(play, takes_messages(), capabilities=HEARS)


def test_a_device_that_gives_no_sound_any_more_frees_the_line_in_ten_seconds() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await greeted(scene, stage)
        ear.speak_words(WORDS)
        ear.stall(True)
        await stage.wait(8)
        assert done(scene)[-1] == "release" and ear.is_closed
        assert kept(stage).seconds == 2.0 and scene.row.cause is Cause.MEDIA_LOST

    play_scene(play, takes_messages(), capabilities=HEARS)


@pytest.mark.parametrize("waits_s", [0.0, 0.15, 0.25])
def test_whoever_hangs_up_while_the_device_turns_leaves_it_on_hook(waits_s: float) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.mailboxes.owners["2003"] = ""
        scene.city.took_s |= {"open_audio": 0.3, "close_audio": 0.3}
        await ring(scene, stage)
        for _ in range(600):
            if "open_audio" in scene.city.done:
                break
            await stage.wait(0.05)
        await stage.wait(waits_s)
        scene.city.tell(LoopBroken(0, 400))
        await stage.wait(2)
        assert done(scene)[-3:] == ["open_audio", "close_audio", "release"]
        assert stage.mailboxes.kept == [] and stage.plane.lines == []

    play_scene(play, takes_messages(), capabilities=HEARS)


def test_a_device_that_hears_no_caller_is_left_to_ring() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        await ring(scene, stage)
        assert scene.city.done == [] and stage.journal.rows == []
        assert "line.no_duplex" in str(stage.alerts.listed())

    play_scene(play, takes_messages(), capabilities=replace(HEARS, records=False))


def test_a_line_with_duplex_takes_messages_as_well() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.mailboxes.owners["2003"] = ""
        await ring(scene, stage)
        await stage.wait(GREETED_S)
        line = scene.audio()
        assert done(scene) == ["answer", "open_audio"] and len(line.played) == 2
        line.speak_words(WORDS)
        line.hear("busy")
        await stage.wait(1)
        assert kept(stage).seconds == 2.0

    play_scene(play, takes_messages())


def test_the_ear_is_set_as_the_line_is() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await greeted(scene, stage)
        assert ear.gains == (3.0, 0.0) and ear.audio.encoding is Encoding.S16LE

    play_scene(play, takes_messages(receive_gain_db=3), capabilities=HEARS)
