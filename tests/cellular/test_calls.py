"""Tests of drivers/cellular/calls.py: the TABLE is total; double and late news change nothing."""

from __future__ import annotations

from itertools import product

import pytest

from drivers.cellular.calls import TABLE, CallTracker, Input, Output, State
from drivers.cellular.reports import CallChanged, CallState, parse_report


def follow(*steps: str | Input) -> tuple[State, list[Output]]:
    """Lines of the modem, and what we do."""
    tracker, outputs = CallTracker(), []
    for step in steps:
        if isinstance(step, Input):
            outputs += tracker.apply(step)
        else:
            report = parse_report(step)
            assert report is not None, step
            outputs += tracker.hear(report)
    return tracker.state, outputs


@pytest.mark.parametrize(("state", "given"), list(product(State, Input)))
def test_the_table_is_total(state: State, given: Input) -> None:
    assert (state, given) in TABLE


QUECTEL_IN = (
    "RING",
    '+QIND: "ccinfo",1,1,4,0,0,"+79161234567",145',
    "RING",
    "^DSCI: 1,1,4,0,7916,129",
)
QUECTEL_END = ('+QIND: "ccinfo",1,0,-1,0,0,"112",129', "^DSCI: 1,0,6,0,112,129", "NO CARRIER")


def test_a_call_comes_and_is_taken() -> None:
    state, outputs = follow(*QUECTEL_IN, Input.ANSWER, '+QIND: "ccinfo",1,1,0,0,0,"+7916",145')
    assert state is State.ACTIVE
    assert outputs == [Output.RING_STARTED, Output.CONNECTED]


def test_the_caller_gives_up_and_is_told_once() -> None:
    state, outputs = follow(*QUECTEL_IN, *QUECTEL_END)
    assert state is State.IDLE
    assert outputs == [Output.RING_STARTED, Output.RING_STOPPED]


def test_a_call_goes_out_on_a_quectel() -> None:
    steps = (
        '+QIND: "ccinfo",1,0,2,0,0,"112",129',
        "^DSCI: 1,0,7,0,112,129",
        "^DSCI: 1,0,3,0,112,129",
    )
    state, outputs = follow(Input.DIAL, *steps, *QUECTEL_END)
    assert state is State.IDLE
    assert outputs == [Output.DIALLED, Output.RINGBACK, Output.ANSWERED, Output.OVER]


def test_a_call_goes_out_on_a_simcom() -> None:
    steps = ('+CLCC: 1,0,2,0,0,"112",129', '+CLCC: 1,0,3,0,0,"112",129', "VOICE CALL: BEGIN")
    state, outputs = follow(Input.DIAL, *steps, "VOICE CALL: END: 000012")
    assert state is State.IDLE
    assert outputs == [Output.DIALLED, Output.RINGBACK, Output.ANSWERED, Output.OVER]


def test_busy_is_told_as_busy() -> None:
    tracker = CallTracker()
    tracker.apply(Input.DIAL)
    assert tracker.hear(parse_report("BUSY")) == (Output.OVER,)  # type: ignore[arg-type]
    assert tracker.reason == "busy"
    tracker.hear(parse_report("NO CARRIER"))  # type: ignore[arg-type]
    assert tracker.reason == "busy"


def test_two_empty_polls_end_a_call_that_nobody_told_of() -> None:
    tracker = CallTracker()
    tracker.apply(Input.DIAL)
    active = CallChanged(CallState.ACTIVE, False)
    assert tracker.hear_poll([active]) == (Output.ANSWERED,)
    assert tracker.hear_poll([]) == ()
    assert tracker.hear_poll([active]) == ()
    assert tracker.hear_poll([]) == ()
    assert tracker.hear_poll([]) == (Output.OVER,)
    assert tracker.state is State.IDLE


def test_late_news_of_the_old_call_does_not_end_a_release() -> None:
    state, outputs = follow(Input.DIAL, Input.RELEASE, *QUECTEL_END)
    assert state is State.RELEASING and outputs == [Output.DIALLED]
    assert follow(Input.DIAL, Input.RELEASE, "NO CARRIER", Input.SETTLED)[0] is State.IDLE
