"""What the log is told of calls: a line of each that is over, with its way through its states.

Owns what was not said yet. The way from a line to the log's stream is long: one alone costs as much
as a message on the wire, of several at once the second a quarter of that. So lines wait a moment
for others.
"""

from __future__ import annotations

import logging

from appliance.call.body import Transition
from appliance.call.call import Call
from appliance.clock import Alarm, Clock

GATHER_S = 0.25


class CallLog:
    """log: whose lines they are."""

    def __init__(self, clock: Clock, log: logging.Logger) -> None:
        self._clock = clock
        self._log = log
        self._unsaid: list[tuple[str, list[Transition]]] = []
        self._alarm: Alarm | None = None
        self._is_closed = False

    def note(self, call: Call) -> None:
        """This call is over."""
        if not self._log.isEnabledFor(logging.INFO):
            return
        self._unsaid.append((call.call_ref, call.take_transitions()))
        if self._is_closed:
            self._say()
        elif self._alarm is None:
            self._alarm = self._clock.call_later(GATHER_S, self._say)

    def close(self) -> None:
        """Say what waits; nothing waits any more."""
        self._is_closed = True
        if self._alarm is not None:
            self._alarm.cancel()
        self._say()

    def _say(self) -> None:
        self._alarm = None
        over, self._unsaid = self._unsaid, []
        for call_ref, moves in over:
            path = " > ".join([move.after._value_ for move in moves])
            self._log.info("call %s: %s", call_ref, path)
