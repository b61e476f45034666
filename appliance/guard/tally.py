"""How often something happened in the last minutes, for a bounded number of keys.

PURE. Sliding windows: the times of the last events are kept, as many as matter and no more. When
there is no room, the key that was quiet for longest is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

_Key = TypeVar("_Key")


class Tally(Generic[_Key]):
    """Counts up to ``limit`` events within ``window_s`` for each of at most ``room`` keys."""

    def __init__(self, limit: int, window_s: float, room: int) -> None:
        self.limit = limit
        self._window_s = window_s
        self._room = room
        self._times: OrderedDict[_Key, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def add(self, key: _Key, now: float) -> bool:
        """Note an event; True when the limit is reached."""
        times = self._times.get(key)
        if times is None:
            if len(self._times) >= self._room:
                self._times.popitem(last=False)
            times = self._times[key] = deque(maxlen=self.limit)
        else:
            self._times.move_to_end(key)
        times.append(now)
        return self.is_reached(key, now)

    def is_reached(self, key: _Key, now: float) -> bool:
        """Whether as many as ``limit`` events fell into the window that ends now."""
        times = self._times.get(key)
        return times is not None and len(times) == self.limit and now - times[0] <= self._window_s

    def count(self, key: _Key, now: float) -> int:
        """Events in the window, at most ``limit``."""
        return sum(1 for at in self._times.get(key, ()) if now - at <= self._window_s)

    def forget(self, key: _Key) -> None:
        self._times.pop(key, None)

    def counted(self) -> list[_Key]:
        """Everybody who is counted."""
        return list(self._times)

    def reached(self, now: float) -> list[_Key]:
        """Every key whose limit is reached now, the one that was added to last at the end."""
        return [key for key in self._times if self.is_reached(key, now)]
