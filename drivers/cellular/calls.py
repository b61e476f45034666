"""One voice call of a cellular modem as a table: what is told and done, and what follows.

PURE. Modems tell the same thing in several ways and more than once (RING and ccinfo, ^DSCI and NO
CARRIER); the table makes one event of it. AT+CLCC, asked every 2 s, is the net under it: two empty
answers in a row, and the call is over (``hear_poll``).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from drivers.cellular.reports import CallBegun, CallChanged, CallOver, CallState, Report, Ringing

_EMPTY_POLLS = 2


class State(Enum):
    IDLE = "idle"
    RINGING = "ringing"
    ANSWERING = "answering"
    DIALLING = "dialling"
    ALERTING = "alerting"
    ACTIVE = "active"
    RELEASING = "releasing"


class Input(Enum):
    """TOLD_*: the modem says so; the rest is what we ask of it."""

    TOLD_RINGING = "told ringing"
    TOLD_DIALLING = "told dialling"
    TOLD_ALERTING = "told alerting"
    TOLD_ACTIVE = "told active"
    TOLD_GONE = "told gone"
    DIAL = "dial"
    ANSWER = "answer"
    RELEASE = "release"
    SETTLED = "settled"


class Output(Enum):
    RING_STARTED = "ring started"
    RING_STOPPED = "ring stopped"
    DIALLED = "dialled"
    RINGBACK = "ringback"
    ANSWERED = "answered"  # the far end took our call
    CONNECTED = "connected"  # we took theirs
    OVER = "over"


class Row(NamedTuple):
    state: State
    outputs: tuple[Output, ...] = ()


class CallTracker:
    """``hear`` reports, ``apply`` what we do; each gives what follows, in order."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self.reason = ""  # why the last call ended: a word of ProgressReported
        self._empty_polls = 0
        self._index = 0  # of our call among the modem's; 0 = not told yet
        self._has_other = False  # a second caller was told of

    def is_unsure_of(self, report: Report) -> bool:
        """Whether this may be a second caller's end: AT+CLCC knows (``hear_end``)."""
        is_end = isinstance(report, CallOver) or (
            isinstance(report, CallChanged) and report.state is CallState.RELEASED
        )
        return is_end and self._has_other and not getattr(report, "index", 0)

    def hear_end(self, report: Report, calls: Sequence[CallChanged]) -> tuple[Output, ...]:
        """An end that one is unsure of, and all calls there are after it."""
        if self._own(calls) is not None:
            return ()
        return self._end(report.reason if isinstance(report, CallOver) else "released")

    def hear(self, report: Report) -> tuple[Output, ...]:
        """A report of the modem; those that are not of calls do nothing."""
        if isinstance(report, Ringing):
            return self.apply(Input.TOLD_RINGING)
        if isinstance(report, CallBegun):
            return self.apply(Input.TOLD_ACTIVE)
        if isinstance(report, CallOver):
            return self._end(report.reason)
        if not isinstance(report, CallChanged):
            return ()
        if not self._is_ours(report):
            return ()
        if report.state is CallState.RELEASED:
            return self._end("released")
        told = _INPUTS.get(report.state)
        return self.apply(told) if told else ()

    def hear_poll(self, calls: Sequence[CallChanged]) -> tuple[Output, ...]:
        """The answer to AT+CLCC: all calls there are."""
        own = self._own(calls)
        if own is not None:
            self._empty_polls = 0
            self._index = own.index
            return self.hear(own)
        self._empty_polls += 1
        if self._empty_polls < _EMPTY_POLLS:
            return ()
        return self._end("released")

    def apply(self, given: Input) -> tuple[Output, ...]:
        row = TABLE[self.state, given]
        if row.state is not self.state:
            self._empty_polls = 0
        self.state = row.state
        if row.state is State.IDLE:
            self._index, self._has_other = 0, False
        return row.outputs

    def _is_ours(self, report: CallChanged) -> bool:
        """Whether it is of the call that we follow, and not of a second caller's."""
        is_offered = report.state is CallState.WAITING or (
            report.state is CallState.INCOMING and self.state not in _OFFERED
        )
        is_another = is_offered or (self._index and report.index not in (0, self._index))
        if is_another and self.state is not State.IDLE:
            self._has_other = True
            return False
        if self.state is not State.IDLE or report.state is CallState.INCOMING:
            self._index = self._index or report.index
        return True

    def _own(self, calls: Sequence[CallChanged]) -> CallChanged | None:
        """Ours among all that there are, by its index, else one that nobody merely offers us."""
        by_index = [call for call in calls if call.index == self._index]
        taken = [
            call for call in calls if call.state not in (CallState.WAITING, CallState.INCOMING)
        ]
        offered = [call for call in calls if call.state is CallState.INCOMING]
        found = by_index or taken or (offered if self.state in _OFFERED else [])
        return found[0] if found else None

    def _end(self, reason: str) -> tuple[Output, ...]:
        if self.state is not State.IDLE:
            self.reason = reason
        return self.apply(Input.TOLD_GONE)


_OFFERED = (State.IDLE, State.RINGING, State.ANSWERING)  # a call that rings may be ours
_INPUTS = {
    CallState.INCOMING: Input.TOLD_RINGING,
    CallState.DIALLING: Input.TOLD_DIALLING,
    CallState.ALERTING: Input.TOLD_ALERTING,
    CallState.ACTIVE: Input.TOLD_ACTIVE,
}
_S, _I, _O = State, Input, Output
#: A pair that changes nothing stands with its own state: late and double news of modems.
TABLE: dict[tuple[State, Input], Row] = {
    (_S.IDLE, _I.TOLD_RINGING): Row(_S.RINGING, (_O.RING_STARTED,)),
    (_S.IDLE, _I.TOLD_DIALLING): Row(_S.IDLE),
    (_S.IDLE, _I.TOLD_ALERTING): Row(_S.IDLE),
    (_S.IDLE, _I.TOLD_ACTIVE): Row(_S.IDLE),
    (_S.IDLE, _I.TOLD_GONE): Row(_S.IDLE),
    (_S.IDLE, _I.DIAL): Row(_S.DIALLING, (_O.DIALLED,)),
    (_S.IDLE, _I.ANSWER): Row(_S.IDLE),
    (_S.IDLE, _I.RELEASE): Row(_S.RELEASING),
    (_S.IDLE, _I.SETTLED): Row(_S.IDLE),
    (_S.RINGING, _I.TOLD_RINGING): Row(_S.RINGING),
    (_S.RINGING, _I.TOLD_DIALLING): Row(_S.RINGING),
    (_S.RINGING, _I.TOLD_ALERTING): Row(_S.RINGING),
    (_S.RINGING, _I.TOLD_ACTIVE): Row(_S.RINGING),  # a second report of another call's end
    (_S.RINGING, _I.TOLD_GONE): Row(_S.IDLE, (_O.RING_STOPPED,)),
    (_S.RINGING, _I.DIAL): Row(_S.RINGING),  # glare: the port refuses
    (_S.RINGING, _I.ANSWER): Row(_S.ANSWERING),
    (_S.RINGING, _I.RELEASE): Row(_S.RELEASING, (_O.RING_STOPPED,)),
    (_S.RINGING, _I.SETTLED): Row(_S.RINGING),
    (_S.ANSWERING, _I.TOLD_RINGING): Row(_S.ANSWERING),
    (_S.ANSWERING, _I.TOLD_DIALLING): Row(_S.ANSWERING),
    (_S.ANSWERING, _I.TOLD_ALERTING): Row(_S.ANSWERING),
    (_S.ANSWERING, _I.TOLD_ACTIVE): Row(_S.ACTIVE, (_O.CONNECTED,)),
    (_S.ANSWERING, _I.TOLD_GONE): Row(_S.IDLE, (_O.OVER,)),
    (_S.ANSWERING, _I.DIAL): Row(_S.ANSWERING),
    (_S.ANSWERING, _I.ANSWER): Row(_S.ANSWERING),
    (_S.ANSWERING, _I.RELEASE): Row(_S.RELEASING),
    (_S.ANSWERING, _I.SETTLED): Row(_S.ANSWERING),
    (_S.DIALLING, _I.TOLD_RINGING): Row(_S.DIALLING),
    (_S.DIALLING, _I.TOLD_DIALLING): Row(_S.DIALLING),
    (_S.DIALLING, _I.TOLD_ALERTING): Row(_S.ALERTING, (_O.RINGBACK,)),
    (_S.DIALLING, _I.TOLD_ACTIVE): Row(_S.ACTIVE, (_O.ANSWERED,)),
    (_S.DIALLING, _I.TOLD_GONE): Row(_S.IDLE, (_O.OVER,)),
    (_S.DIALLING, _I.DIAL): Row(_S.DIALLING),
    (_S.DIALLING, _I.ANSWER): Row(_S.DIALLING),
    (_S.DIALLING, _I.RELEASE): Row(_S.RELEASING),
    (_S.DIALLING, _I.SETTLED): Row(_S.DIALLING),
    (_S.ALERTING, _I.TOLD_RINGING): Row(_S.ALERTING),
    (_S.ALERTING, _I.TOLD_DIALLING): Row(_S.ALERTING),
    (_S.ALERTING, _I.TOLD_ALERTING): Row(_S.ALERTING),
    (_S.ALERTING, _I.TOLD_ACTIVE): Row(_S.ACTIVE, (_O.ANSWERED,)),
    (_S.ALERTING, _I.TOLD_GONE): Row(_S.IDLE, (_O.OVER,)),
    (_S.ALERTING, _I.DIAL): Row(_S.ALERTING),
    (_S.ALERTING, _I.ANSWER): Row(_S.ALERTING),
    (_S.ALERTING, _I.RELEASE): Row(_S.RELEASING),
    (_S.ALERTING, _I.SETTLED): Row(_S.ALERTING),
    (_S.ACTIVE, _I.TOLD_RINGING): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.TOLD_DIALLING): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.TOLD_ALERTING): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.TOLD_ACTIVE): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.TOLD_GONE): Row(_S.IDLE, (_O.OVER,)),
    (_S.ACTIVE, _I.DIAL): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.ANSWER): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.RELEASE): Row(_S.RELEASING),
    (_S.ACTIVE, _I.SETTLED): Row(_S.ACTIVE),
    (_S.RELEASING, _I.TOLD_RINGING): Row(_S.RELEASING),
    (_S.RELEASING, _I.TOLD_DIALLING): Row(_S.RELEASING),
    (_S.RELEASING, _I.TOLD_ALERTING): Row(_S.RELEASING),
    (_S.RELEASING, _I.TOLD_ACTIVE): Row(_S.RELEASING),
    (_S.RELEASING, _I.TOLD_GONE): Row(_S.RELEASING),
    (_S.RELEASING, _I.DIAL): Row(_S.RELEASING),
    (_S.RELEASING, _I.ANSWER): Row(_S.RELEASING),
    (_S.RELEASING, _I.RELEASE): Row(_S.RELEASING),
    (_S.RELEASING, _I.SETTLED): Row(_S.IDLE),
}
