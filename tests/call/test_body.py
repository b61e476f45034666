"""The moves that every step of a call is made of."""

from __future__ import annotations

import pytest

from appliance.call.body import CallBody, CallLeg, LegPhase, State
from appliance.call.leg import Cause, HangUp, Offered, Party, PhoneDestination, Reject
from tests.kit.scripted_legs import OFFER


def body() -> CallBody:
    made = CallBody("c-1", lambda: 2)
    made.offered = Offered(1, Party("2001"), "2002", OFFER)
    made.legs[1] = CallLeg(1, None, LegPhase.OFFERED)
    made.dial(PhoneDestination("2002", "desk"), OFFER)
    made.outputs.clear()
    return made


@pytest.mark.parametrize(
    ("phase", "output", "after"),
    [
        (LegPhase.OFFERED, Reject(2, Cause.BUSY), LegPhase.GONE),
        (LegPhase.DIALLED, HangUp(2, Cause.BUSY), LegPhase.ENDING),
        (LegPhase.ANSWERED, HangUp(2, Cause.BUSY), LegPhase.ENDING),
        (LegPhase.ENDING, None, LegPhase.ENDING),
        (LegPhase.GONE, None, LegPhase.GONE),
    ],
)
def test_a_leg_is_released_once(phase: LegPhase, output: object, after: LegPhase) -> None:
    made = body()
    leg = made.legs[2]
    leg.phase = phase
    made.release(leg, Cause.BUSY)
    assert made.outputs == ([output] if output else [])
    assert leg.phase is after


def test_only_the_two_parties_have_an_opposite() -> None:
    made = body()
    assert made.opposite(1) is None
    made.connected = made.legs[2]
    assert (made.opposite(1), made.opposite(2)) == (made.legs[2], made.originating)
    assert made.opposite(3) is None


def test_staying_in_a_state_is_no_transition() -> None:
    made = body()
    made.move(State.NEW)
    assert made.transitions == []
    made.move(State.ROUTING)
    assert [(t.call_ref, t.after) for t in made.transitions] == [("c-1", State.ROUTING)]
