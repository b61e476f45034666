"""A second call at a telephone that talks, on a line card of a running box: who knocks is shown to
a telephone that can show it, and one that cannot hears the tone alone.

The telephone is emulated (tests/kit/waiting_phone.py), what it was told is read by minimodem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.lines.test_line_card import begun
from tests.kit.box import Box, Document
from tests.kit.calling import call, media_port
from tests.kit.line_card import CardProcess, CardWire
from tests.kit.office import office
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.rtp_end import RtpEnd
from tests.kit.tone import Sound
from tests.kit.v253_audio import level_at, level_dbm0
from tests.kit.waiting_phone import WaitingPhone

MakeBox = Callable[..., Box]
FAR_HZ, DESK_HZ = 1000.0, 620.0
_PART = 160
MODEMS = {"US": (1200, 2200), "GB": (1300, 2100)}


@pytest.fixture
def card(tmp_path: Path) -> Iterator[CardProcess]:
    (tmp_path / "card").mkdir()
    made = CardProcess(tmp_path / "card", "s")
    yield made
    made.stop()


def settings(card: CardProcess, country: str, **fields: Any) -> Document:
    line = {
        "name": "desk",
        "kind": "fxs",
        "device": f"serial:{card.path}?driver=linecard",
        "extension": "2001",
        "country": country,
        "cancels_echo": False,  # tones without end teach a canceller nothing
        **fields,
    }
    return {**office(), "lines": [line]}


def talking(box: Box, card: CardProcess, end: RawEnd, voice: RtpEnd) -> RawCall:
    """2002 has called the telephone, and both are heard."""
    talk = begun(box, end, "2001", voice.port)
    wait_until(lambda: card.level("ring", 0), 10, "the phone rings", box.log)
    card.say("hook 0 1 0")
    answer = talk.final(15)
    talk.acknowledge()
    voice.send_to(box.host, media_port(answer.body))
    voice.wait_for_packets(50, 15)
    return talk


def has_pitch(samples: list[int], hz: float) -> bool:
    """Most of what sounds is this tone."""
    whole = level_dbm0(samples)
    return whole > -45.0 and level_at(samples, hz) > whole - 2.0


def lasted_s(sound: Sound, hz: float) -> float:
    """How long this pitch sounded, to 20 ms."""
    samples = sound.samples.tolist()
    parts = [samples[at : at + _PART] for at in range(0, len(samples) - _PART, _PART)]
    return _PART / 8000 * sum(has_pitch(part, hz) for part in parts)


def away_s(sound: Sound, hz: float) -> float:
    """How long it did not."""
    return sound.seconds - lasted_s(sound, hz)


def knock(
    box: Box, phone: WaitingPhone, voice: RtpEnd, number: str = "2003", wait_s: float = 3.5
) -> tuple[Sound, Sound]:
    """A second caller; what the phone and its party heard in the next seconds."""
    with RawEnd() as other:
        body = audio("127.0.0.1", 40010)
        second = call(box, other, "2001", body, number)
        at = len(phone.heard)
        voice.forget()
        second.invite()
        second.progress()
        wait_until(lambda: phone.seconds > at / 8000 + wait_s, 20, "time passes", box.log)
        ear = phone.ear(at, wait_s)
        party = voice.sound()
        second.cancel()
        second.final()
    return ear, party


def is_whole(said: bytes) -> bool:
    """A call set-up message whose sum is right (EN 300 659-3 §5.1)."""
    message = said[said.find(0x80) :]
    return len(message) > 2 and sum(message[: message[1] + 3]) % 256 == 0


@pytest.mark.parametrize("country", ["US", "GB"])
@pytest.mark.parametrize("key", ["D", "A"])
def test_a_telephone_that_can_shows_who_knocks(
    make_box: MakeBox, card: CardProcess, tmp_path: Path, country: str, key: str
) -> None:
    phone = WaitingPhone(answers=key, hz=DESK_HZ)
    box = make_box(settings(card, country))
    wait_until(lambda: not box.control("lines")["lines"][0]["why"], 30, "the card is up", box.log)
    with CardWire(card, 0, tmp_path, phone.block), RawEnd() as end, RtpEnd(hz=FAR_HZ) as voice:
        talk = talking(box, card, end, voice)
        for calls in range(1, 4):  # a machine that is busy makes holes in what a card hears
            ear, party = knock(box, phone, voice)
            assert len(phone.signalled_at) == calls, "the signal comes once a call"
            said = phone.read_by_minimodem(tmp_path, *MODEMS[country])
            if is_whole(said):
                break
        assert is_whole(said) and b"2003" in said and b"Ext 2003" in said, said
        gone_s = away_s(ear.part(0.2), FAR_HZ)
        print(f"{country} {key}: {said!r}, the far end was away for {gone_s:.2f} s")
        assert 0.5 < gone_s < 1.8
        assert lasted_s(ear.part(2.8), FAR_HZ) > 0.6, "the talk goes on"
        assert lasted_s(party.part(party.seconds - 0.5), DESK_HZ) > 0.4
        assert "D" not in voice.digits() and "A" not in voice.digits(), "no key went to the far end"
        assert talk.hang_up() == 200
    rows = box.wait_for_journal(1 + calls)
    assert sorted(row["cause"] for row in rows) == ["cancelled"] * calls + ["normal"]


def test_a_telephone_that_cannot_hears_the_tone_and_goes_on_talking(
    make_box: MakeBox, card: CardProcess, tmp_path: Path
) -> None:
    phone = WaitingPhone(answers="", hz=DESK_HZ)
    box = make_box(settings(card, "RU", waiting_caller_id="yes"))
    wait_until(lambda: not box.control("lines")["lines"][0]["why"], 30, "the card is up", box.log)
    with CardWire(card, 0, tmp_path, phone.block), RawEnd() as end, RtpEnd(hz=FAR_HZ) as voice:
        talking(box, card, end, voice)
        ear, party = knock(box, phone, voice)
        assert len(phone.signalled_at) == 1
        gone_s = away_s(ear.part(0.2), FAR_HZ)
        print(f"an old telephone's talk was away for {gone_s:.2f} s, 0.2 of it the tone")
        assert gone_s <= 0.75
        assert away_s(party.part(0.2), DESK_HZ) <= 0.75
        assert lasted_s(ear.part(2.0), FAR_HZ) > 1.4


@pytest.mark.parametrize("fields", [{}, {"waiting_caller_id": "yes", "has_caller_id": False}])
def test_where_it_is_not_wanted_there_is_no_signal(
    make_box: MakeBox, card: CardProcess, tmp_path: Path, fields: dict[str, Any]
) -> None:
    phone = WaitingPhone(hz=DESK_HZ)
    box = make_box(settings(card, "RU", **fields))
    wait_until(lambda: not box.control("lines")["lines"][0]["why"], 30, "the card is up", box.log)
    with CardWire(card, 0, tmp_path, phone.block), RawEnd() as end, RtpEnd(hz=FAR_HZ) as voice:
        talking(box, card, end, voice)
        ear, party = knock(box, phone, voice)
        assert phone.signalled_at == []
        assert 0.16 <= lasted_s(ear, 425.0) <= 0.24, "a tone of 0.2 s over the talk"
        assert away_s(ear.part(0.2), FAR_HZ) <= 0.3
        assert away_s(party.part(0.2), DESK_HZ) <= 0.1, "the party hears on"
