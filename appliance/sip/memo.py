"""What was read of a text before, so that it need not be read again.

PURE: a memory of functions without effects, as functools.lru_cache is, whose look-up is compiled.
When it is full it begins anew; long texts are not kept, so that strangers fill no memory.
"""

from __future__ import annotations

from typing import Generic, TypeVar

_T = TypeVar("_T")


class Memo(Generic[_T]):
    """Values by text, at most ``room`` of them, each of a text of ``letters`` at most."""

    def __init__(self, room: int, letters: int) -> None:
        self._room = room
        self._letters = letters
        self._values: dict[str, _T] = {}

    def get(self, text: str) -> _T | None:
        return self._values.get(text)

    def keep(self, text: str, value: _T) -> _T:
        """Remember it; returns the value."""
        if len(text) <= self._letters:
            if len(self._values) >= self._room:
                self._values.clear()
            self._values[text] = value
        return value

    def __len__(self) -> int:
        return len(self._values)
