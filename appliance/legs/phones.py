"""All phones of an extension, in ring order: those that registered, and those on our wires.

Owns nothing: a view of two tables that costs nothing until a number is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.legs.lines.keeper import LineKeeper


class Phones(Mapping[str, tuple[str, ...]]):
    """extension -> keys of its phones (routing.LiveState.bindings)."""

    def __init__(self, registered: Mapping[str, tuple[str, ...]], lines: LineKeeper) -> None:
        self._registered = registered
        self._lines = lines

    def __getitem__(self, key: str) -> tuple[str, ...]:
        found: tuple[str, ...] | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """As Mapping's, which would raise and catch for each number without a phone."""
        found: tuple[str, ...] = self._registered.get(key, ())
        if self._lines.posts:
            found += self._lines.bindings(key)
        return found or default

    def __iter__(self) -> Iterator[str]:
        return iter({*self._registered, *self._lines.extensions()})

    def __len__(self) -> int:
        return len(set(iter(self)))
