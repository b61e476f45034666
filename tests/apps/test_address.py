"""The box's address in words: each digit, a tone for each dot, three times."""

from __future__ import annotations

import asyncio

import pytest

from appliance.apps.address import address_app


class Ear:
    """A party that notes what it hears. presses: its keys, one a question."""

    def __init__(self, presses: str = "") -> None:
        self.heard: list[str] = []
        self.presses = list(presses)

    async def say(self, prompt: str) -> None:
        self.heard.append(prompt.removeprefix("digit_"))

    async def tone(self, name: str, seconds: float) -> None:
        self.heard.append(".")

    async def digit(self, timeout_s: float) -> str:
        return self.presses.pop(0) if self.presses else ""

    def echo(self) -> None:
        raise AssertionError

    async def until_hang_up(self) -> None:
        raise AssertionError


def test_it_is_said_three_times() -> None:
    ear = Ear()
    asyncio.run(address_app(lambda: "10.0.0.7")(ear, ""))
    assert "".join(ear.heard) == "10.0.0.7" * 3 + "goodbye"


def test_a_key_ends_it() -> None:
    ear = Ear("1")
    asyncio.run(address_app(lambda: "10.0.0.7")(ear, ""))
    assert "".join(ear.heard) == "10.0.0.7"


@pytest.mark.parametrize("host", ["", "fe80::1"])
def test_what_cannot_be_said_is_told(host: str) -> None:
    ear = Ear("1")
    asyncio.run(address_app(lambda: host)(ear, ""))
    assert ear.heard == ["cannot_complete"]
