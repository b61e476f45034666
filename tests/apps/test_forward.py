"""What whoever dials a code of forwarding hears."""

from __future__ import annotations

import asyncio

import pytest

from appliance.apps.forward import REFUSED, forward_app, nobody_forwards
from appliance.media.prompts import prompt_map


class _Line:
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def say(self, prompt: str) -> None:
        self.heard.append(prompt)

    async def tone(self, name: str, seconds: float) -> None:
        raise AssertionError(name)

    async def digit(self, timeout_s: float) -> str:
        raise AssertionError

    def echo(self) -> None:
        raise AssertionError

    async def until_hang_up(self) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("argument", "asked"),
    [
        ("2001 forward_busy 2002", ("2001", "forward_busy", "2002")),
        ("2001 all", ("2001", "all", "")),
    ],
)
def test_it_is_kept_and_said(argument: str, asked: tuple[str, str, str]) -> None:
    kept: list[tuple[str, str, str]] = []

    async def change(extension: str, field: str, target: str) -> str:
        kept.append((extension, field, target))
        return "forward_set"

    line = _Line()
    asyncio.run(forward_app(change)(line, argument))
    assert (kept, line.heard) == ([asked], ["forward_set"])


def test_a_box_that_keeps_nothing_says_so() -> None:
    line = _Line()
    asyncio.run(forward_app(nobody_forwards)(line, "2001 all"))
    assert line.heard == [REFUSED]


@pytest.mark.parametrize("prompt", ["forward_set", "forward_ended", "claim_later", REFUSED])
def test_what_is_said_has_words(prompt: str) -> None:
    assert {"ru", "en"} <= set(prompt_map().prompts[prompt].recordings)
