"""A running box with a line card: a phone on it is called and heard, a city line is dialled, and a
box that is killed leaves the card safe.

The card is the reference implementation as a process on a pty (tests/kit/line_card.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.box import Box, Document
from tests.kit.calling import address, media_port
from tests.kit.line_card import CardProcess
from tests.kit.office import OUTSIDE, office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.rtp_end import RtpEnd


@pytest.fixture
def card(tmp_path: Path) -> Iterator[CardProcess]:
    (tmp_path / "card").mkdir()
    made = CardProcess(tmp_path / "card", "so", is_strict=True)
    yield made
    made.stop()


def settings(card: CardProcess, **city: object) -> Document:
    """A telephone and a city line on the card; what is different on the city line."""
    device = f"serial:{card.path}?driver=linecard"
    lines = [
        {"name": "desk", "kind": "fxs", "device": device, "port": 0, "extension": "2001"},
        {"name": "city", "kind": "fxo", "device": device, "port": 1, "extension": "2001"},
    ]
    lines[0]["cancels_echo"] = False  # the test's phone says what it hears
    lines[1]["cancels_echo"] = lines[1]["needs_dial_tone"] = False
    lines[1] |= city
    rules = [{"name": "outside", "kinds": OUTSIDE, "ways": ["city"]}]
    return {**office(rules=rules), "lines": lines}


@pytest.fixture
def box(card: CardProcess, tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path / "box", settings(card)) as box:
        box.start()
        wait_until(lambda: are_up(box), 30, "the card's lines are up", box.log)
        yield box


def are_up(box: Box) -> bool:
    return not any(row["why"] for row in box.control("lines")["lines"])


def begun(box: Box, end: RawEnd, number: str, port: int) -> RawCall:
    """A call of 2002 that is on its way."""
    body = audio("127.0.0.1", port)
    call = RawCall(end, address(box), "2002", secret_of("2002"), number, body)
    call.invite()
    while (response := call.progress()).status == 100:
        pass
    assert response.status in (180, 183)
    return call


def test_a_phone_on_the_card_is_called_and_heard(box: Box, card: CardProcess) -> None:
    with RawEnd() as end, RtpEnd(hz=440) as voice:
        call = begun(box, end, "2001", voice.port)
        wait_until(lambda: card.level("ring", 0) == 25, 10, "the phone rings", box.log)
        card.say("echo 0 1")
        card.say("hook 0 1 0")
        answer = call.final(15)
        assert answer.status == 200
        call.acknowledge()
        assert card.level("ring", 0) == 0
        voice.send_to(box.host, media_port(answer.body))
        voice.wait_for_packets(100, 15)
        voice.forget()
        voice.wait_for_packets(150, 15)
        assert voice.sound().part(0.2, 2.9).share_of(440) > 0.9
        card.say("hook 0 0 0")
        wait_until(lambda: box.journal(), 15, "the phone hung up", box.log)
    [row] = box.wait_for_journal(1)
    assert row["number"] == "2001" and row["talk_s"] > 0


def talking(box: Box, card: CardProcess, end: RawEnd, voice: RtpEnd) -> None:
    """The phone on the card was called, lifted, and is heard."""
    call = begun(box, end, "2001", voice.port)
    wait_until(lambda: card.level("ring", 0) == 25, 10, "the phone rings", box.log)
    card.say("echo 0 1")
    card.say("hook 0 1 0")
    answer = call.final(15)
    assert answer.status == 200
    call.acknowledge()
    voice.send_to(box.host, media_port(answer.body))
    voice.wait_for_packets(50, 15)


def is_heard_well(voice: RtpEnd) -> bool:
    """A second of what the phone says back, without a hole: a machine that is busy makes some."""
    voice.forget()
    voice.wait_for_packets(50, 15)
    return voice.sound().share_of(440) > 0.95


def test_a_card_that_forgot_its_audio_is_told_again_and_the_call_lives(
    box: Box, card: CardProcess
) -> None:
    with RawEnd() as end, RtpEnd(hz=440) as voice:
        talking(box, card, end, voice)
        card.say("deaf 0 0")
        wait_until(lambda: "gives no audio" in box.log(), 10, "it is noticed", box.log)
        wait_until(lambda: "audio comes again" in box.log(), 10, "it is cured", box.log)
        voice.forget()
        voice.wait_for_packets(50, 15)
        assert not box.journal()


def test_a_card_that_gives_no_audio_ends_the_call_and_the_line_says_so(
    box: Box, card: CardProcess
) -> None:
    with RawEnd() as end, RtpEnd(hz=440) as voice:
        talking(box, card, end, voice)
        card.say("deaf 0 1")
        [row] = box.wait_for_journal(1)
        assert row["talk_s"] < 15
        [desk] = [row for row in box.control("lines")["lines"] if row["name"] == "desk"]
        assert desk["why"] == "line.audio_stuck"
        card.say("deaf 0 0")
        card.say("hook 0 0 0")
        wait_until(lambda: are_up(box), 10, "it is as before", box.log)


def test_a_call_lives_through_a_change_of_the_line_beside_it(box: Box, card: CardProcess) -> None:
    with RawEnd() as end, RtpEnd(hz=440) as voice:
        talking(box, card, end, voice)
        box.apply(settings(card, number="+74955550009"))
        wait_until(lambda: city_number(box) == "+74955550009", 10, "it is in force", box.log)
        wait_until(lambda: are_up(box), 10, "the lines are up", box.log)
        wait_until(lambda: is_heard_well(voice), 15, "it is still heard", box.log)
        assert not box.journal()
        with RawEnd() as other:
            begun(box, other, "989161234567", 40002)
            wait_until(lambda: card.level("hook", 1) == 1, 10, "the city line works", box.log)


def city_number(box: Box) -> str:
    [city] = [row for row in box.control("lines")["lines"] if row["name"] == "city"]
    return str(city["number"])


def test_a_box_that_is_killed_leaves_the_card_safe(box: Box, card: CardProcess) -> None:
    with RawEnd() as end, RawEnd() as other:
        begun(box, end, "2001", 40000)
        begun(box, other, "989161234567", 40002)
        wait_until(lambda: card.level("ring", 0), 10, "the phone rings", box.log)
        wait_until(lambda: card.level("hook", 1) == 1, 10, "the city line is taken", box.log)
        box.kill()
        wait_until(lambda: card.level("hook", 1) == 0, 5, "on-hook")
        wait_until(lambda: card.level("ring", 0) == 0, 5, "silence")
        box.start()
        wait_until(lambda: are_up(box), 30, "the card's lines are up again", box.log)
    assert card.level("ring", 0) == 0 and card.level("hook", 1) == 0
