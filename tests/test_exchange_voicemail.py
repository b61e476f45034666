"""Whole calls that end in a mailbox, in virtual time: lamps, journal, telephones on wires."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.call.record import VoiceMessage
from appliance.sip import events as sip
from drivers.events import OnHook
from tests.kit.lines_office import Scene, play_scene
from tests.kit.lines_office import office as wired
from tests.kit.stage import Party, Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange import office
from tests.test_exchange_forwarding import forwarding
from tests.test_exchange_trunks import with_trunks

WORDS = b"\x55" * 16000
GREETED_S = 30.0  # by then every greeting is over


def with_mailbox(**fields: object) -> dict[str, Any]:
    return forwarding(voicemail=True, voicemail_after_s=10, **fields)


async def speak(stage: Stage, sound: bytes = WORDS) -> None:
    """The caller, who has heard the greeting, says something."""
    await stage.wait(GREETED_S)
    (stream,) = [s for s in stage.plane.streams if s.is_recording]
    stream.speak_words(sound)
    await stage.wait(1)


async def called(stage: Stage) -> tuple[Party, int]:
    """2001 has called 2002 and was answered."""
    stage.mailboxes.owners["2002"] = ""
    a = await stage.phone("2001", "192.168.1.11")
    return a, await a.call("2002")


def test_nobody_answers_and_a_message_is_left() -> None:
    async def play(stage: Stage) -> None:
        b = await stage.phone("2002", "192.168.1.12")
        a, session = await called(stage)
        await b.ring()
        await stage.wait(9.5)
        assert a.heard(sip.SessionAnswered) == []
        await stage.wait(1)
        assert "No answer" in b.last(sip.SessionCancelled).reason
        assert len(a.heard(sip.SessionAnswered)) == 1
        await speak(stage)
        await a.hang_up(session)
        await stage.wait(1)
        (message,) = stage.mailboxes.kept
        assert (message.extension, message.caller, message.seconds) == ("2002", "2001", 2.0)
        (row,) = stage.journal.rows
        assert (row.answered_by, row.number, row.direction) == (
            "voicemail 2002",
            "2002",
            "internal",
        )
        assert [leg.party for leg in row.legs] == [
            "extension 2001",
            "extension 2002",
            "voicemail 2002",
        ]
        assert row.reasons[-1].key == "voicemail.no_answer"
        assert stage.exchange.live.counts.extension_calls == {}
        assert stage.plane.streams == []

    on_stage(play, with_mailbox())


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, "busy"),
        (480, "offline"),
        (603, "refused"),
        (488, "refused"),
        (503, "refused"),
        (487, "refused"),
        (500, "refused"),
        (302, "refused"),
    ],
)
def test_a_phone_that_refuses_sends_the_call_to_the_mailbox(status: int, why: str) -> None:
    async def play(stage: Stage) -> None:
        b = await stage.phone("2002", "192.168.1.12")
        a, session = await called(stage)
        await b.reject(status)
        assert len(a.heard(sip.SessionAnswered)) == 1
        await a.hang_up(session)
        await stage.wait(1)
        (row,) = stage.journal.rows
        assert row.reasons[-1].key == f"voicemail.{why}"
        assert row.cause is Cause.NORMAL and stage.mailboxes.kept == []

    on_stage(play, with_mailbox())


def test_a_mobile_phone_that_is_busy_sends_the_call_back_to_the_mailbox() -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        a, session = await called(stage)
        await provider.reject(486)
        assert len(a.heard(sip.SessionAnswered)) == 1
        await speak(stage)
        await a.hang_up(session)
        await stage.wait(1)
        assert [message.extension for message in stage.mailboxes.kept] == ["2002"]
        (row,) = stage.journal.rows
        assert row.answered_by == "voicemail 2002" and row.cause is Cause.NORMAL
        assert row.reasons[-1].key == "voicemail.beyond"
        spent = stage.exchange.live.state().spent["2002"]
        assert (spent.calls, spent.calls_last_hour, spent.seconds_today) == (0, 1, 0)

    owner = {"voicemail": True, "forward_always": "+79161234567"}
    on_stage(play, forwarding(with_trunks("one"), **owner))


def test_a_full_mailbox_says_so_and_the_call_ends() -> None:
    async def play(stage: Stage) -> None:
        stage.mailboxes.closed = "voicemail_full"
        a, _ = await called(stage)
        await stage.wait(GREETED_S)
        assert len(a.heard(sip.SessionEnded)) == 1
        assert stage.mailboxes.recordings == [] and stage.plane.streams == []

    on_stage(play, with_mailbox())


def test_the_lamp_follows_at_once() -> None:
    async def play(stage: Stage) -> None:
        stage.mailboxes.owners["2002"] = ""
        watcher = Watcher(stage, "2002", "192.168.1.32")
        lamp = await watcher.watch("2002", "message-summary")
        assert b"Voice-Message: 0/0" in lamp.last.body
        message = VoiceMessage("m", "2002", "2001", "", 1.0, 2.0)
        stage.mailboxes.leave(message, WORDS)
        await stage.wait(0.3)
        assert b"Messages-Waiting: yes" in lamp.last.body
        assert b"Voice-Message: 1/0" in lamp.last.body
        await stage.mailboxes.mark(message, is_heard=True)
        await stage.wait(0.3)
        assert b"Messages-Waiting: no" in lamp.last.body
        assert b"Voice-Message: 0/1" in lamp.last.body
        await stage.mailboxes.delete(message)
        await stage.wait(0.3)
        assert b"Voice-Message: 0/0" in lamp.last.body and len(lamp.notifies) == 4

    on_stage(play, with_mailbox())


def test_the_owner_listens_by_his_phone_and_deletes() -> None:
    async def play(stage: Stage) -> None:
        stage.mailboxes.owners["2002"] = ""
        stage.mailboxes.leave(VoiceMessage("m", "2002", "2001", "", 1.0, 2.0), WORDS)
        b = await stage.phone("2002", "192.168.1.12")
        await b.call("*97")
        await stage.wait(1)
        (stream,) = stage.plane.streams
        await stage.wait(15)
        assert len(WORDS) in stream.played
        assert stage.mailboxes.kept[0].is_heard
        leg = next(iter(stage.exchange.parts.leg_of_stream.values()))
        assert leg
        await stage.wait(60)
        (row,) = stage.journal.rows
        assert row.answered_by == "app voicemail_menu" and row.number == "*97"

    on_stage(play, with_mailbox())


def test_who_has_no_mailbox_hears_that_he_has_none() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        session = await a.call("*97")
        await stage.wait(30)
        assert a.status_of(session) == 403

    on_stage(play, office())


def test_a_telephone_on_wires_has_the_special_dial_tone_while_messages_wait() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        stage.mailboxes.owners["2001"] = ""
        tones = []
        message = VoiceMessage("m", "2001", "2003", "", 1.0, 2.0)
        for step in (None, "leave", "mark"):
            if step == "leave":
                stage.mailboxes.leave(message, WORDS)
            elif step == "mark":
                await stage.mailboxes.mark(message, is_heard=True)
            ear = await scene.lift(scene.desk)
            tones.append(ear.played[-1])
            scene.desk.tell(OnHook(0))
            await stage.wait(2)
        assert tones[0] == tones[2] != tones[1]

    document = wired()
    document["extensions"][0]["voicemail"] = True
    play_scene(play, document)
