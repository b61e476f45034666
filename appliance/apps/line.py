"""What an app may do with the party that it talks to: the contract behind every coroutine of
apps/.

PURE. An app is a plain ``async def`` over a Line: it plays, listens and branches, and when it
returns its leg ends. legs/app.py gives the Line; tests give a scripted one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from appliance.call.leg import Party


class Line(Protocol):
    """The party's ear and keys."""

    @property
    def caller(self) -> Party:
        """Who it is; a hidden number is to stay hidden."""

    async def say(self, prompt: str, *, until_key: bool = False) -> None:
        """Play a prompt to its end: a key of media/prompts.toml, in the site's language.

        until_key: a key cuts it short, and one that waits leaves it out; ``digit`` gives the key.
        """

    async def play(self, sound: bytes) -> str:
        """Play a recording (A-law octets, 8000 a second) until its end or a key: that key, or
        empty."""

    async def tone(self, name: str, seconds: float) -> None:
        """Play a call progress tone of the site's country (``busy``, ``congestion``, ``sit`` …)."""

    async def digit(self, timeout_s: float) -> str:
        """The next key, or empty after timeout_s."""

    def echo(self) -> None:
        """From now on the party hears itself."""

    @property
    def can_record(self) -> bool:
        """False where what the party says cannot be kept: its device hears nobody."""

    def record(self) -> None:
        """From now on keep what the party says, also while something is played to it; but on a
        line without sound both ways the next words that are played end the recording.

        Raises LocalProtocolError where ``can_record`` is False.
        """

    def recorded(self) -> bytes:
        """What came since the last time: A-law octets, 8000 a second. Take it every second or so:
        what waits longer than 4 s is lost. When the party has gone, the rest of it, once.

        Nothing comes of a party that sends nothing; its silence is there when it speaks again.
        """

    def stop_recording(self) -> None:
        """Keep nothing more; ``recorded`` gives the rest."""

    async def until_hang_up(self) -> None:
        """Wait until the party goes."""


App = Callable[[Line, str], Awaitable[None]]
Apps = Mapping[str, App]
