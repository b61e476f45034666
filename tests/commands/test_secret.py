"""Tests of appliance/commands/secret.py."""

from __future__ import annotations

import pytest

from appliance.config.checks.secrets import weakness
from tests.commands.conftest import CommandLine


def test_one_secret_by_itself(dozvon: CommandLine) -> None:
    assert dozvon("secret") == 0
    (secret,) = dozvon.out.split()
    assert weakness(secret, "") == "" and len(secret) == 23
    assert dozvon("secret") == 0 and dozvon.out.split() != [secret]


def test_a_range_as_settings(dozvon: CommandLine) -> None:
    assert dozvon("secret", "2001-2003", "007") == 0
    heading, *rows = dozvon.out.splitlines()
    assert heading == "extensions:"
    numbers = [row.split('"')[1] for row in rows]
    assert numbers == ["2001", "2002", "2003", "007"]
    assert len({row.split('"')[3] for row in rows}) == 4


def test_as_json(dozvon: CommandLine) -> None:
    (row,) = dozvon.data("secret", "2001")["secrets"]
    assert row["number"] == "2001" and weakness(row["secret"], "2001") == ""


@pytest.mark.parametrize("words", ["abc", "2005-2001", "1-2000", "2001-", "٢٠٠١", "1-2-3"])
def test_what_is_no_range_is_told(dozvon: CommandLine, words: str) -> None:
    assert dozvon("secret", words) == 1
    assert words in dozvon.err and "1000" in dozvon.err


def test_many_ranges_are_no_more_than_one(dozvon: CommandLine) -> None:
    assert dozvon("secret", "1-600", "1001-1600") == 1
