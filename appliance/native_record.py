"""What compiled records stand on: the comparison, the hash and the text that ``dataclass`` gives.

PURE. scripts/native_records.py puts these under the records of compiled rooms, so that no start
has to write and translate such methods for each of them. Uncompiled records are plain dataclasses.
"""

from __future__ import annotations


class Record:
    """A frozen one. Whoever stands on it says what it holds, in the order of its fields."""

    def _held(self) -> tuple[object, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, Record):
            return NotImplemented
        return self._held() == other._held()

    def __hash__(self) -> int:
        return hash(self._held())

    def __repr__(self) -> str:
        names: dict[str, object] = getattr(self, "__dataclass_fields__", {})
        shown = (f"{name}={value!r}" for name, value in zip(names, self._held(), strict=True))
        return f"{type(self).__qualname__}({', '.join(shown)})"


class MutableRecord(Record):
    """One that changes, and has no hash for that."""

    def __hash__(self) -> int:
        raise TypeError(f"unhashable type: {type(self).__name__!r}")
