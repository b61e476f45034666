"""What the owner must hear of: a short list in memory, newest last, shown by ``dozvon status``.

Owns the list. Keys are stable (texts in routing/texts.py and commands/words.py); sending them on by
mail or message comes with the web pages. An alert that repeats within a minute is counted, not
repeated.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)
KEPT = 100
_REPEAT_S = 60.0


@dataclass(slots=True)
class RaisedAlert:
    """at: seconds since the epoch; count: how often it came in a row."""

    at: float
    key: str
    detail: str
    count: int = 1


class Alerts:
    """Raise and list."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._raised: deque[RaisedAlert] = deque(maxlen=KEPT)

    def raise_(self, key: str, detail: str) -> None:
        """Note an alert and log it."""
        now = self._wall()
        for alert in reversed(self._raised):
            if alert.key == key and alert.detail == detail and abs(now - alert.at) < _REPEAT_S:
                alert.count += 1
                return
        log.warning("alert %s: %s", key, detail)
        self._raised.append(RaisedAlert(now, key, detail))

    def withdraw(self, key: str) -> None:
        """What was told is over: it need not be looked after any more."""
        kept = [alert for alert in self._raised if alert.key != key]
        self._raised.clear()
        self._raised.extend(kept)

    def listed(self) -> list[dict[str, object]]:
        """For the control socket, oldest first."""
        return [
            {"at": a.at, "key": a.key, "detail": a.detail, "count": a.count} for a in self._raised
        ]
