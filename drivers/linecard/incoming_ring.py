"""Whether the exchange rings a city line of the card, out of bursts that begin and end.

Runs on the event loop: one timer. A ring begins with its first burst and is over when no other
came for longer than any country's pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

#: No burst for so long after the last: the caller gave up (cycles last up to 6 s).
_OVER_S = 6.5


class IncomingRing:
    """``burst_began`` and ``burst_ended`` as the card tells; ``end`` when it is answered or lost.
    on_given_up: called when the caller gave up, the ring is over by then."""

    def __init__(self, on_given_up: Callable[[], None]) -> None:
        self._on_given_up = on_given_up
        self._timer: asyncio.TimerHandle | None = None
        self.is_on = False

    def burst_began(self) -> bool:
        """Whether it is the first of a ring."""
        self._stop_timer()
        is_first, self.is_on = not self.is_on, True
        return is_first

    def burst_ended(self) -> None:
        if self.is_on:
            self._stop_timer()
            self._timer = asyncio.get_running_loop().call_later(_OVER_S, self._give_up)

    def end(self) -> None:
        self._stop_timer()
        self.is_on = False

    def _give_up(self) -> None:
        self.end()
        self._on_given_up()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
