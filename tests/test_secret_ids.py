"""Tests of appliance/secret_ids.py."""

from __future__ import annotations

import pytest

from appliance.secret_ids import SecretIds


@pytest.mark.parametrize("bits", [1, 8, 48, 96, 128, 512])
def test_a_token_is_as_long_as_asked(bits: int) -> None:
    token = SecretIds().token(bits)
    assert len(token) * 4 >= bits
    int(token, 16)


def test_no_token_comes_twice_even_when_the_stock_runs_out() -> None:
    ids = SecretIds()
    tokens = [ids.token(bits) for bits in (96, 64, 128) for _ in range(1500)]
    assert len(set(tokens)) == len(tokens)
    assert {len(t) for t in tokens} == {24, 16, 32}
