"""Tests of appliance/legs/messages.py: text goes to every phone of a number, answered once."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage
from tests.test_exchange import office


def answering(stage: Stage, phone: Party, status: int) -> None:
    """From now on the phone answers a MESSAGE so."""

    def hear(event: Any) -> None:
        if isinstance(event, sip.RequestReceived) and event.request.method == "MESSAGE":
            phone.endpoint.respond(event.transaction, status, now=stage.now())

    phone.on_event = hear


def write(stage: Stage, sender: Party, number: str, text: str = "Привет") -> None:
    message = sip.PlainRequest(
        method="MESSAGE",
        uri=f"sip:{number}@192.168.1.1",
        hop=sender.hop_to_box,
        from_uri="sip:2001@192.168.1.1",
        to_uri=f"sip:{number}@192.168.1.1",
        headers=(("Content-Type", "text/plain"),),
        body=text.encode(),
        credentials=sender.credentials,
    )
    sender.endpoint.request(message, stage.now())


def statuses(party: Party) -> list[int]:
    answers = [e.response for e in party.heard(sip.ResponseReceived)]
    return [r.status for r in answers if r.cseq.method == "MESSAGE"]


@pytest.mark.parametrize(
    ("phones", "expected"),
    [((200,), 200), ((486, 200), 200), ((200, 200), 200), ((486, 603), 480), ((), 480)],
)
def test_one_phone_that_takes_it_is_enough(phones: tuple[int, ...], expected: int) -> None:
    async def play(stage: Stage) -> None:
        sender = await stage.phone("2001", "192.168.1.11")
        for place, status in enumerate(phones):
            phone = await stage.phone("2002", f"192.168.1.{20 + place}")
            answering(stage, phone, status)
        write(stage, sender, "2002")
        await stage.wait(2)
        assert statuses(sender) == [expected]

    on_stage(play, office())


def test_a_number_that_does_not_exist() -> None:
    async def play(stage: Stage) -> None:
        sender = await stage.phone("2001", "192.168.1.11")
        write(stage, sender, "5999")
        await stage.wait(1)
        assert statuses(sender) == [404]

    on_stage(play, office())


def test_a_phone_that_is_silent_is_not_waited_for_for_ever() -> None:
    async def play(stage: Stage) -> None:
        sender = await stage.phone("2001", "192.168.1.11")
        other = await stage.phone("2002", "192.168.1.12")
        other.is_silent = True
        write(stage, sender, "2002")
        await stage.wait(12)
        assert statuses(sender) == [480]

    on_stage(play, office())


def test_the_sender_is_who_he_proved_to_be_and_the_way_is_hidden() -> None:
    async def play(stage: Stage) -> None:
        sender = await stage.phone("2001", "192.168.1.11")
        other = await stage.phone("2002", "192.168.1.12")
        answering(stage, other, 200)
        write(stage, sender, "2002", "кто это?")
        await stage.wait(1)
        (got,) = [
            e.request for e in other.heard(sip.RequestReceived) if e.request.method == "MESSAGE"
        ]
        assert got.from_.uri == "sip:2001@192.168.1.1"
        assert got.body.decode() == "кто это?"
        assert not got.headers.get("Authorization")
        assert "192.168.1.11" not in str(got.headers.get_all("Via"))

    on_stage(play, office())
