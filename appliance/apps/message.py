"""Answers a caller with a prompt, twice, and hangs up: for lines that nobody can talk over.

PURE coroutine.
"""

from __future__ import annotations

from appliance.apps.line import Line


async def message(line: Line, argument: str) -> None:
    """argument: a key of media/prompts.toml. The first words are often missed."""
    await line.say(argument)
    await line.say(argument)
