"""Tests of appliance/config/checks/guessing.py and secrets.py: what is refused, what never is."""

from __future__ import annotations

import secrets
import string
from pathlib import Path

import pytest

from appliance.config.checking import problems_of
from appliance.config.checks.guessable_words import WALKS, WORDS
from appliance.config.checks.guessing import guess_bits
from appliance.config.checks.secrets import weakness
from appliance.config.model import Document, Extension
from appliance.config.validate import refusals

NUMBER = "2001"
#: One a line: made by kinds (the number, figures, keys, words, makers, names, places, seasons,
#: disguises), not out of the tables of the product.
WEAK = (Path(__file__).parent / "weak_secrets.txt").read_text(encoding="utf-8").split()


def test_there_are_two_hundred_weak_ones() -> None:
    assert len(set(WEAK)) == len(WEAK) >= 200


def _refused(secret: str) -> bool:
    document = Document(extensions=(Extension(number=NUMBER, secret=secret),))
    problems = refusals(problems_of(document))
    return any(p.path == "extensions[2001].secret" for p in problems)


def test_every_weak_secret_is_refused_at_save() -> None:
    assert [secret for secret in WEAK if not _refused(secret)] == []
    assert not _refused("wk3vn-7hq2p-t9xmd-4rsuc")


def test_most_of_them_are_known_by_rules_and_not_by_a_list_of_secrets() -> None:
    by_rule = [s for s in WEAK if weakness(s, NUMBER) not in ("secret.common", "secret.too_short")]
    assert len(by_rule) > len(WEAK) * 0.6


@pytest.mark.parametrize(
    "secret",
    [
        "k7Wq2mP9",
        "Kx9vTq2m",
        "kefir-Tramvay-77",
        "correct-horse-battery-staple",
        "Secret-of-the-phone",
        "гроза-над-переездом",
        "wk3vn-7hq2p-t9xmd-4rsuc",
        "zQ4!hV8#",
        "48213907516482",
    ],
)
def test_what_nobody_guesses_is_taken(secret: str) -> None:
    assert weakness(secret, NUMBER) == ""


def test_random_secrets_of_usual_lengths_are_taken() -> None:
    letters = string.ascii_letters + string.digits
    for _ in range(300):
        for secret in (
            secrets.token_urlsafe(12),
            secrets.token_hex(12),
            "".join(secrets.choice(letters) for _ in range(16)),
            "".join(secrets.choice(string.digits) for _ in range(24)),
        ):
            assert weakness(secret, NUMBER) == "", "a random secret was refused"


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("password", "P@55w0rd"),
        ("пароль", "gfhjkm"),
        ("телефон", "ntktajy"),
        ("secret", "terces"),
        ("1qaz2wsx", "!QAZ@WSX"),
        ("12345qwert", "1q2w3e4r5t"),
    ],
)
def test_disguises_are_worth_little(plain: str, disguised: str) -> None:
    assert guess_bits(disguised, "") <= guess_bits(plain, "") + 12
    assert guess_bits(disguised, "") < 25


def test_a_repetition_is_worth_no_more_than_once() -> None:
    once = guess_bits("xk9#", NUMBER)
    assert guess_bits("xk9#" * 8, NUMBER) <= once + 2
    assert guess_bits("77777777777777777777", NUMBER) < 10


def test_the_number_is_worth_nothing_wherever_it_stands() -> None:
    assert guess_bits("58125812-5812", "5812") < 15
    assert guess_bits("58125812-5812", "2001") > guess_bits("58125812-5812", "5812")


def test_the_tables_are_lower_case_and_say_nothing_twice() -> None:
    assert all(word == word.lower() and len(word) > 2 for word in WORDS)
    assert len(set(WALKS)) == len(WALKS)
