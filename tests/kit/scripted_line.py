"""An app's line that follows a script: nothing takes time, and all that is heard is noted.

keys: what is pressed, in order; ``""`` is somebody who lets the time run out. With says, the party
speaks that much (A-law) at each look for a key, until it is used up; then it hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from appliance.call.leg import Party
from tests.kit.recorded import Recorded

CALLER = Party("+74951234567", "Anna")


class ScriptedLine(Recorded):
    """heard: prompts by their keys, recordings as ``<octets>``; looks: for a key."""

    def __init__(
        self, keys: Sequence[str] = (), *, says: Sequence[bytes] = (), caller: Party = CALLER
    ) -> None:
        self.caller = caller
        self.heard: list[str] = []
        self._keys = list(keys)
        self._says = list(says)
        self._waiting: list[str] = []
        self.looks = 0
        self.cuts: dict[str, str] = {}  # keys by the prompt that they cut short, once
        self.hangs_up_at = ""  # the prompt in which the party goes
        self.on_say: Callable[[str], object] = lambda prompt: None

    async def say(self, prompt: str, *, until_key: bool = False) -> None:
        """Keys of ``cuts`` are pressed while it is heard."""
        if until_key and self._waiting:
            return
        self.heard.append(prompt)
        self.on_say(prompt)
        if prompt == self.hangs_up_at:
            raise asyncio.CancelledError
        if until_key:
            self._waiting += self.cuts.pop(prompt, "")

    async def play(self, sound: bytes) -> str:
        if not self._waiting:
            self.heard.append(f"<{len(sound)}>")
        return self._key()

    async def tone(self, name: str, seconds: float) -> None:
        self.heard.append(f"tone {name}")

    async def digit(self, timeout_s: float) -> str:
        if self._waiting or not timeout_s:
            return self._waiting.pop(0) if self._waiting else ""
        self.looks += 1
        if self.is_recording and self._says:
            self.speak_words(self._says.pop(0))
            return ""
        if self.is_recording and not self._keys:
            raise asyncio.CancelledError
        return self._key()

    def _key(self) -> str:
        keys = self._waiting or self._keys
        return keys.pop(0) if keys else ""

    def echo(self) -> None:
        raise AssertionError

    async def until_hang_up(self) -> None:
        raise AssertionError
