"""Passwords: what is kept of them, and which are too weak."""

from __future__ import annotations

import pytest

from webui.passwords import SHORTEST, hash_password, is_password, password_problem


def test_the_right_password_and_no_other() -> None:
    stored = hash_password("horse battery staple")
    assert "horse" not in stored
    assert is_password("horse battery staple", stored)
    assert not is_password("horse battery stapl", stored)
    assert hash_password("horse battery staple") != stored


@pytest.mark.parametrize("stored", ["", "scrypt$1", "plain", "scrypt$16384$8$1$zz$zz"])
def test_a_broken_entry_lets_nobody_in(stored: str) -> None:
    assert not is_password("", stored)
    assert not is_password("plain", stored)


def test_letters_of_every_script_are_taken() -> None:
    for password in ("пароль из четырёх слов", "\U0001f4de" * 10, "half \ud83d of a pair"):
        assert is_password(password, hash_password(password))


def test_weak_ones() -> None:
    assert password_problem("x" * (SHORTEST - 1), "anna") == "short"
    assert password_problem("aaaaaaaaaaaa", "anna") == "weak"
    assert password_problem("password12", "anna") == "weak"
    assert password_problem("annaannaanna"[:8] * 2, "annaanna") == "weak"
    assert password_problem("horse battery staple", "anna") == ""
