"""What an app may do with the party that it talks to: the contract behind every coroutine of
apps/.

PURE. An app is a plain ``async def`` over a Line: it plays, listens and branches, and when it
returns its leg ends. legs/app.py gives the Line; tests give a scripted one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol


class Line(Protocol):
    """The party's ear and keys."""

    async def say(self, prompt: str) -> None:
        """Play a prompt to its end: a key of media/prompts.toml, in the site's language."""

    async def tone(self, name: str, seconds: float) -> None:
        """Play a call progress tone of the site's country (``busy``, ``congestion``, ``sit`` …)."""

    async def digit(self, timeout_s: float) -> str:
        """The next key, or empty after timeout_s."""

    def echo(self) -> None:
        """From now on the party hears itself."""

    async def until_hang_up(self) -> None:
        """Wait until the party goes."""


App = Callable[[Line, str], Awaitable[None]]
Apps = Mapping[str, App]
