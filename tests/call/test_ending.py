"""How a call ends, and what crosses its end."""

from __future__ import annotations

import pytest

from appliance.call.body import State
from appliance.call.ending import END_BOUND_S
from appliance.call.inputs import Finished, HangUpRequested, MediaLost, PickedUp
from appliance.call.leg import Answered, Cause, Ended, Failed, Reoffered
from tests.kit.scripted_legs import ANSWER, OFFER, Stage, ring, route


def connected() -> Stage:
    stage = Stage(route(ring("hall", "desk")))
    stage.tell(Answered(2, ANSWER))
    return stage


@pytest.mark.parametrize(("gone", "other"), [(1, 2), (2, 1)])
@pytest.mark.parametrize("cause", [Cause.NORMAL, Cause.SESSION_EXPIRED, Cause.NO_RESPONSE])
def test_either_party_ends_the_call_with_its_cause(gone: int, other: int, cause: Cause) -> None:
    stage = connected()
    stage.tell(Failed(3, Cause.ANSWERED_ELSEWHERE, 487))
    assert stage.tell(Ended(gone, cause)) == [f"HangUp {other} {cause.value}"]
    assert stage.tell(Ended(other, cause, False)) == ["Finished"]
    assert stage.record().cause is cause


def test_a_loser_that_confirms_late_is_waited_for() -> None:
    stage = connected()
    stage.tell(Ended(1, Cause.NORMAL), Ended(2, Cause.NORMAL))
    assert stage.call.state is State.ENDING
    assert stage.tell(Failed(3, Cause.ANSWERED_ELSEWHERE, 487)) == ["Finished"]


def test_both_parties_may_hang_up_at_once() -> None:
    stage = connected()
    stage.tell(Failed(3, Cause.ANSWERED_ELSEWHERE, 487))
    assert stage.tell(Ended(1, Cause.NORMAL), Ended(2, Cause.NORMAL)) == [
        "HangUp 2 normal",
        "Finished",
    ]


def test_what_crosses_the_end_changes_nothing() -> None:
    stage = connected()
    stage.tell(HangUpRequested(Cause.SHUTDOWN))
    assert stage.tell(MediaLost(), HangUpRequested(Cause.PREEMPTED), Ended(9, Cause.BUSY)) == []
    assert stage.tell(Reoffered(2, OFFER)) == ["RefuseReoffer 2 481"]
    assert stage.tell(PickedUp(50, OFFER, "2003")) == ["Reject 50 not_found"]
    assert stage.tell(Answered(3, ANSWER)) == ["HangUp 3 shutdown"]
    assert stage.wait(END_BOUND_S) == ["Finished"]
    assert stage.tell(Ended(1, Cause.NORMAL), Ended(2, Cause.NORMAL)) == []
    assert sum(isinstance(o, Finished) for o in stage.outputs) == 1
    assert stage.record().cause is Cause.SHUTDOWN
