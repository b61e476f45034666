"""The claim menu over a scripted line."""

from __future__ import annotations

import asyncio

import pytest

from appliance.apps.claim import CLAIMED, WRONG, claim_app


class _Line:
    def __init__(self, keys: str) -> None:
        self.heard: list[str] = []
        self._keys = list(keys)

    async def say(self, prompt: str) -> None:
        self.heard.append(prompt)

    async def tone(self, name: str, seconds: float) -> None:
        raise AssertionError(name)

    async def digit(self, timeout_s: float) -> str:
        return self._keys.pop(0) if self._keys else ""

    def echo(self) -> None:
        raise AssertionError

    async def until_hang_up(self) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("keys", "heard", "tried"),
    [
        ("", [CLAIMED], ["4711"]),
        ("4711", [CLAIMED], ["4711"]),
    ],
)
def test_a_right_code(keys: str, heard: list[str], tried: list[str]) -> None:
    assert run(keys, "4711") == (heard, tried)


def test_a_wrong_code_may_be_corrected_twice() -> None:
    assert run("12344711", "0000") == ([WRONG, WRONG, CLAIMED], ["0000", "1234", "4711"])
    assert run("123412341234", "0000") == ([WRONG] * 3, ["0000", "1234", "1234"])


def test_who_presses_nothing_more_is_let_go() -> None:
    assert run("12", "0000") == ([WRONG], ["0000"])


def run(keys: str, first: str) -> tuple[list[str], list[str]]:
    tried: list[str] = []

    async def attempt(number: str, code: str) -> str:
        assert number == "99910597059"
        tried.append(code)
        return CLAIMED if code == "4711" else WRONG

    line = _Line(keys)
    asyncio.run(claim_app(attempt)(line, f"99910597059 {first}"))  # type: ignore[arg-type]
    return line.heard, tried
