"""A telephone on a line card of a running box, in whole calls with measured audio: a second call is
taken by a flash and given back, and ``*00`` says the box's address.

The telephone is emulated (tests/kit/waiting_phone.py); the others are baresip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import mul
from pathlib import Path
from typing import Any

import pytest

from tests.interop.lines.test_knocking import DESK_HZ, has_pitch, settings
from tests.interop.phones.test_phones import TONES, phone
from tests.kit.baresip import Baresip
from tests.kit.box import Box
from tests.kit.line_card import CardProcess, CardWire
from tests.kit.processes import wait_until
from tests.kit.tone import read_wav
from tests.kit.waiting_phone import WaitingPhone

__all__ = ["phone"]
MakeBox = Callable[..., Box]
_DIGITS = Path("/usr/share/asterisk/sounds/en_US_f_Allison/digits")
_PART = 160
_EXCERPT = 800  # samples: 100 ms


@pytest.fixture
def card(tmp_path: Path) -> Iterator[CardProcess]:
    (tmp_path / "card").mkdir()
    made = CardProcess(tmp_path / "card", "s")
    yield made
    made.stop()


@pytest.fixture
def desk(card: CardProcess, tmp_path: Path) -> Iterator[WaitingPhone]:
    telephone = WaitingPhone(answers="", hz=DESK_HZ)
    with CardWire(card, 0, tmp_path, telephone.block):
        yield telephone


def boxed(make_box: MakeBox, card: CardProcess) -> Box:
    box = make_box(settings(card, "RU"))
    wait_until(lambda: not box.control("lines")["lines"][0]["why"], 30, "the card is up", box.log)
    return box


def flash(card: CardProcess) -> None:
    card.say("hooks 0 0 500")


def hears(desk: WaitingPhone, hz: float, least_s: float = 0.5) -> None:
    """The telephone hears this pitch for so long."""

    def is_heard() -> bool:
        samples = desk.ear(max(0, len(desk.heard) - round(8000 * least_s)), least_s).samples
        parts = [samples[at : at + _PART].tolist() for at in range(0, len(samples), _PART)]
        return len(parts) > 5 and all(has_pitch(part, hz) for part in parts[:-1])

    wait_until(is_heard, 15, f"the telephone hears {hz} Hz")


def talk(box: Box, card: CardProcess, desk: WaitingPhone, first: Baresip) -> None:
    """2002 calls the telephone, which is lifted and hears it."""
    first.dial("2001")
    wait_until(lambda: card.level("ring", 0), 10, "the phone rings", box.log)
    card.say("hook 0 1 0")
    hears(desk, TONES["2002"])


def test_a_second_call_is_taken_by_a_flash_and_given_back(
    make_box: MakeBox, card: CardProcess, desk: WaitingPhone, phone: Any
) -> None:
    box = boxed(make_box, card)
    first, second = phone(box, "2002"), phone(box, "2003")
    talk(box, card, desk, first)
    first.wait_to_hear(DESK_HZ)

    second.dial("2001")
    second.wait_for_event("CALL_RINGING")
    hears(desk, 425.0, 0.16)
    hears(desk, TONES["2002"])  # the talk goes on under it
    flash(card)
    second.wait_for_event("CALL_ESTABLISHED")
    second.wait_to_hear(DESK_HZ)
    hears(desk, TONES["2003"])
    flash(card)
    hears(desk, TONES["2002"])
    first.wait_to_be_sent(DESK_HZ)
    first.hang_up()
    hears(desk, TONES["2003"])  # when one goes the other is there
    second.wait_to_be_sent(DESK_HZ)
    card.say("hook 0 0 0")
    second.wait_for_event("CALL_CLOSED")
    rows = box.wait_for_journal(2)
    assert sorted((row["caller"], row["cause"]) for row in rows) == [
        ("2002", "normal"),
        ("2003", "normal"),
    ]
    assert all(row["answered_by"] == "2001" and row["talk_s"] > 1 for row in rows)


def test_a_caller_who_knocks_and_gives_up_leaves_the_talk_as_it_was(
    make_box: MakeBox, card: CardProcess, desk: WaitingPhone, phone: Any
) -> None:
    box = boxed(make_box, card)
    first, second = phone(box, "2002"), phone(box, "2003")
    talk(box, card, desk, first)
    second.dial("2001")
    hears(desk, 425.0, 0.16)
    second.hang_up()
    at = len(desk.heard) + 4000
    wait_until(lambda: len(desk.heard) > at + 6 * 8000, 20, "more than a knock's period")
    parts = desk.ear(at, 6.0).samples
    tones = sum(has_pitch(parts[n : n + _PART].tolist(), 425.0) for n in range(0, 48000, _PART))
    assert tones == 0, "nobody knocks any more"
    first.hang_up()
    causes = {row["caller"]: row["cause"] for row in box.wait_for_journal(2)}
    assert causes == {"2002": "normal", "2003": "cancelled"}


def test_star_00_says_the_address(make_box: MakeBox, card: CardProcess, desk: WaitingPhone) -> None:
    """Each digit is found in what the telephone heard, in its place between the dots' tones."""
    box = boxed(make_box, card)
    card.say("hook 0 1 0")
    hears(desk, 425.0)
    desk.press("*00")
    wait_until(lambda: not desk.is_pressing, 10, "it is dialled")
    at = desk.pressed_at
    wait_until(lambda: len(desk.heard) > at + 14 * 8000, 30, "it speaks", box.log)
    times = readings(desk.ear(at, 14.0).samples.tolist())
    said = [".".join(read(group) for group in groups(time)) for time in times[:2]]
    print(f"said {said}")
    assert said == [box.host, box.host]
    card.say("hook 0 0 0")
    (row,) = box.wait_for_journal(1)
    assert (row["caller"], row["number"], row["answered_by"]) == ("2001", "*00", "app address")


def readings(samples: list[int]) -> list[list[int]]:
    """What was said between pauses of 0.8 s."""
    found: list[list[int]] = [[]]
    quiet = 0
    for at in range(0, len(samples) - _PART, _PART):
        part = samples[at : at + _PART]
        quiet = quiet + 1 if max(map(abs, part)) < 300 else 0
        if quiet == 40:
            found.append([])
        found[-1] += part
    return [each for each in found if len(each) > 8000]


def groups(samples: list[int]) -> list[list[int]]:
    """What was said between tones of 425 Hz."""
    found: list[list[int]] = [[]]
    for at in range(0, len(samples) - _PART, _PART):
        part = samples[at : at + _PART]
        if has_pitch(part, 425.0):
            if len(found[-1]) > 1600:  # shorter: the same tone
                found.append([])
            found[-1] = []
        else:
            found[-1] += part
    return [group for group in found if max(map(abs, group), default=0) > 500]


def read(group: list[int]) -> str:
    """The digits in a group, in order: the recordings whose loudest part is found in it."""
    heard = [(place, digit) for digit in "0123456789" for place in places(group, digit)]
    return "".join(digit for _, digit in sorted(heard))


def places(group: list[int], digit: str) -> list[int]:
    """Where the recording's loudest 100 ms are, to 100 ms."""
    whole = read_wav(_DIGITS / f"{digit}.wav").samples.tolist()
    energies = [
        sum(s * s for s in whole[at : at + _EXCERPT]) for at in range(0, len(whole) - _EXCERPT, 80)
    ]
    at = 80 * energies.index(max(energies))
    wanted = whole[at : at + _EXCERPT : 3]
    norm = sum(s * s for s in wanted) ** 0.5
    found: list[int] = []
    for lag in range(len(group) - _EXCERPT):
        part = group[lag : lag + _EXCERPT : 3]
        own = sum(map(mul, part, part)) ** 0.5
        is_it = own > norm / 4 and sum(map(mul, part, wanted)) > 0.9 * own * norm
        if is_it and (not found or lag - found[-1] > _EXCERPT):
            found.append(lag)
    return found
