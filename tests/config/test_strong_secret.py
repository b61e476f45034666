"""Tests of appliance/config/strong_secret.py."""

from __future__ import annotations

import math
import secrets

import pytest

from appliance.config.checking import problems_of
from appliance.config.checks.secrets import weakness
from appliance.config.model import Document, Extension
from appliance.config.strong_secret import ALPHABET, make_secret


def test_what_is_made_is_strong_and_told_apart() -> None:
    made = [make_secret(secrets.choice, "2001") for _ in range(300)]
    assert len(set(made)) == 300
    for secret in made:
        assert weakness(secret, "2001") == ""
        letters = secret.replace("-", "")
        assert set(letters) <= set(ALPHABET)
        assert len(letters) * math.log2(len(ALPHABET)) >= 80
    assert not set(ALPHABET) & set("l1o0iIO")
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_what_is_made_is_taken_at_save() -> None:
    extensions = tuple(
        Extension(number=str(n), secret=make_secret(secrets.choice, str(n)), class_of_service="")
        for n in range(2001, 2021)
    )
    keys = {problem.key for problem in problems_of(Document(extensions=extensions))}
    assert not {key for key in keys if key.startswith("secret.")}


def test_a_guessable_draw_is_drawn_again() -> None:
    draws = iter(["a"] * 20 + list("wk3vn7hq2pt9xmd4rsuc"))
    assert make_secret(lambda _letters: next(draws)) == "wk3vn-7hq2p-t9xmd-4rsuc"


def test_a_source_without_chance_is_told() -> None:
    with pytest.raises(ValueError, match="no chance"):
        make_secret(lambda letters: letters[0])
