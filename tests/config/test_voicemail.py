"""Settings of mailboxes: PINs, and forwarding to a mailbox that there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.checking import problems_of
from appliance.config.codec import MASK, from_data, to_data
from appliance.config.diff import changes
from appliance.config.model import VOICEMAIL, Document
from appliance.config.texts import problem_text
from appliance.config.validate import refusals
from tests.config.offices import office


def _office(**fields: object) -> Document:
    sound = office()
    first = replace(sound.extensions[0], **fields)  # type: ignore[arg-type]
    return replace(sound, extensions=(first, *sound.extensions[1:]))


def _found(**fields: object) -> set[tuple[str, str]]:
    return {(p.key, p.path) for p in refusals(problems_of(_office(**fields)))}


@pytest.mark.parametrize(
    ("pin", "key"),
    [
        ("", ""),
        ("4812", ""),
        ("48120937", ""),
        ("481", "voicemail.pin.wrong"),
        ("48a2", "voicemail.pin.wrong"),
        ("٤٨١٢", "voicemail.pin.wrong"),
        ("4444", "voicemail.pin.guessable"),
        ("1234", "voicemail.pin.guessable"),
        ("9876", "voicemail.pin.guessable"),
        ("7890", "voicemail.pin.guessable"),
        ("2001", "voicemail.pin.guessable"),
        (MASK, "secret.not_stored"),
    ],
)
def test_a_pin_is_some_digits_that_nobody_tries_first(pin: str, key: str) -> None:
    number = office().extensions[0].number
    found = _found(voicemail=True, voicemail_pin=number if pin == "2001" else pin)
    assert found == ({(key, f"extensions[{number}].voicemail_pin")} if key else set())


def test_a_pin_is_a_secret() -> None:
    before, after = _office(), _office(voicemail_pin="4812")
    assert "4812" not in str(to_data(after, with_secrets=False))
    assert "4812" not in str(changes(before, after))
    assert from_data(to_data(after)) == after


def test_calls_are_forwarded_to_a_mailbox_that_there_is() -> None:
    number = office().extensions[0].number
    assert _found(voicemail=True, forward_always=VOICEMAIL) == set()
    path = f"extensions[{number}].forward_busy"
    assert _found(forward_busy=VOICEMAIL) == {("forward.no_mailbox", path)}
    problem = refusals(problems_of(_office(forward_busy=VOICEMAIL)))[0]
    assert number in problem_text(problem, "ru") and number in problem_text(problem, "en")


def test_the_code_is_one_among_the_codes() -> None:
    dialling = replace(office().dialling, voicemail_code="*43")
    problems = refusals(problems_of(replace(office(), dialling=dialling)))
    assert {p.key for p in problems} == {"code.collides"}
