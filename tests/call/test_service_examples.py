"""The services of RFC 5359 that are in scope, and RFC 3665's failures, as transcripts of a call.

Each line of a script is what a leg told (``>``) or what the call said (``<``), in order.
"""

from __future__ import annotations

import pytest

from appliance.call.inputs import CallInput, GiveLegTo, HangUpRequested, PickedUp
from appliance.call.leg import (
    Answered,
    Cause,
    Ended,
    Failed,
    Offered,
    Party,
    Progressed,
    ReofferAnswered,
    Reoffered,
    Trying,
)
from appliance.routing.decision import Decision, PickUp
from appliance.sdp.media import Direction
from tests.kit.scripted_legs import (
    ANSWER,
    OFFER,
    Stage,
    in_direction,
    line,
    outside,
    ring,
    route,
    trunk,
)

HOLD = in_direction(OFFER, Direction.SENDONLY)
HELD = in_direction(ANSWER, Direction.RECVONLY)
INACTIVE = in_direction(OFFER, Direction.INACTIVE)
NOBODY = in_direction(ANSWER, Direction.INACTIVE)

Script = list[CallInput | float | str]

CALL_HOLD: Script = [  # RFC 5359 §2.1
    Trying(2),
    Progressed(2, None),
    "Ring 1",
    Answered(2, ANSWER),
    "Bridge 1 2",
    "Answer 1 sendrecv",
    Reoffered(2, HOLD),
    "Reoffer 1 sendonly",
    ReofferAnswered(1, HELD),
    "AcceptReoffer 2 recvonly",
    Reoffered(2, OFFER),
    "Reoffer 1 sendrecv",
    ReofferAnswered(1, ANSWER),
    "AcceptReoffer 2 sendrecv",
    Ended(1, Cause.NORMAL),
    "HangUp 2 normal",
    Ended(2, Cause.NORMAL),
    "Finished",
]
HELD_BY_BOTH: Script = [
    Answered(2, ANSWER),
    "Bridge 1 2",
    "Answer 1 sendrecv",
    Reoffered(1, HOLD),
    "Reoffer 2 sendonly",
    ReofferAnswered(2, HELD),
    "AcceptReoffer 1 recvonly",
    Reoffered(2, INACTIVE),
    "Reoffer 1 inactive",
    ReofferAnswered(1, NOBODY),
    "AcceptReoffer 2 inactive",
    Ended(2, Cause.NORMAL),
    "HangUp 1 normal",
    Ended(1, Cause.NORMAL),
    "Finished",
]
BUSY: Script = [  # RFC 3665 §3.8
    Failed(2, Cause.BUSY, 486),
    "Dial 3 announcement(busy) early busy",
    Progressed(3, ANSWER),
    "Ring 1 sendrecv",
    "Bridge 1 3",
    8.0,
    Failed(3, Cause.BUSY),
    "Reject 1 busy",
    "Finished",
]
CALLER_GIVES_UP: Script = [  # RFC 3665 §3.8: unsuccessful, the caller cancels
    Progressed(2, None),
    "Ring 1",
    9.0,
    Ended(1, Cause.CANCELLED),
    "HangUp 2 cancelled",
    Failed(2, Cause.CANCELLED, 487),
    "Finished",
]
NO_ANSWER: Script = [
    Progressed(2, None),
    "Ring 1",
    31.0,
    "HangUp 2 no_answer",
    "Dial 3 announcement(no_answer) early no_answer",
    Failed(2, Cause.NO_ANSWER, 487),
    Progressed(3, ANSWER),
    "Ring 1 sendrecv",
    "Bridge 1 3",
    Ended(1, Cause.CANCELLED),
    "HangUp 3 cancelled",
    Failed(3, Cause.CANCELLED),
    "Finished",
]
FORWARDED_ON_BUSY: Script = [  # call forwarding, as steps of the decision
    Failed(2, Cause.BUSY, 486),
    "Dial 3 2003/other",
    Progressed(3, None),
    "Ring 1",
    Answered(3, ANSWER),
    "Bridge 1 3",
    "Answer 1 sendrecv",
    Ended(3, Cause.NORMAL),
    "HangUp 1 normal",
    Ended(1, Cause.NORMAL),
    "Finished",
]
FIND_ME: Script = [  # one after the other, the last by a trunk
    31.0,
    "HangUp 2 no_answer",
    "Ring 1",
    "Dial 3 mobile/+74955551525",
    Failed(2, Cause.NO_ANSWER, 487),
    Trying(3),
    Progressed(3, ANSWER),
    "Ring 1 sendrecv",
    "Bridge 1 3",
    Answered(3, ANSWER),
    "Answer 1 sendrecv",
    HangUpRequested(Cause.SHUTDOWN),
    "HangUp 1 shutdown",
    "HangUp 3 shutdown",
    Ended(1, Cause.SHUTDOWN, False),
    Ended(3, Cause.SHUTDOWN, False),
    "Finished",
]
TRUNK_FAILS_OVER: Script = [
    4.0,
    "HangUp 2 no_response",
    "Dial 3 b/+74955551525",
    Failed(3, Cause.CONGESTION, 503),
    "Dial 4 announcement(all_lines_busy) early congestion",
    Failed(2, Cause.NO_RESPONSE),
    Failed(4, Cause.CONGESTION),
    "Reject 1 congestion",
    "Finished",
]


@pytest.mark.parametrize(
    ("decision", "script"),
    [
        (route(ring()), CALL_HOLD),
        (route(ring()), HELD_BY_BOTH),
        (route(ring()), BUSY),
        (route(ring()), CALLER_GIVES_UP),
        (route(ring()), NO_ANSWER),
        (route(ring(), ring("other", extension="2003")), FORWARDED_ON_BUSY),
        (route(ring(), trunk("mobile")), FIND_ME),
        (outside(trunk("a"), trunk("b"), prompt="all_lines_busy"), TRUNK_FAILS_OVER),
    ],
)
def test_transcript(decision: Decision, script: Script) -> None:
    stage = Stage(decision)
    said: list[str] = []
    for item in script:
        if isinstance(item, str):
            assert said[:1] == [item]
            said.pop(0)
            continue
        assert said == []
        said = stage.wait(item) if isinstance(item, float) else stage.tell(item)
    assert said == [] and stage.open_legs == set()


def test_consultation_hold_is_two_calls_that_know_nothing_of_each_other() -> None:
    first, second = Stage(route(ring())), Stage(route(ring("third", extension="2003")))
    first.tell(Answered(2, ANSWER))  # RFC 5359 §2.2: hold, ask a third party, come back
    assert first.tell(Reoffered(1, HOLD), ReofferAnswered(2, HELD)) == [
        "Reoffer 2 sendonly",
        "AcceptReoffer 1 recvonly",
    ]
    second.tell(Answered(2, ANSWER))
    assert second.tell(Ended(1, Cause.NORMAL), Ended(2, Cause.NORMAL)) == [
        "HangUp 2 normal",
        "Finished",
    ]
    assert first.tell(Reoffered(1, OFFER), ReofferAnswered(2, ANSWER)) == [
        "Reoffer 2 sendrecv",
        "AcceptReoffer 1 sendrecv",
    ]


def test_call_pick_up_hands_the_leg_over() -> None:
    ringing = Stage(route(ring("hall", "desk")))
    picker = Stage(route(PickUp("c-1")), Offered(70, Party("2003"), "0", OFFER, extension="2003"))
    given = picker.outputs[-1]
    assert given == GiveLegTo(70, "c-1")
    assert ringing.tell(PickedUp(70, OFFER, "2003"))[-2:] == [
        "Answer 1 sendrecv",
        "Answer 70 sendrecv",
    ]
    assert picker.wait(0) == ["Finished"]
    assert line(given) == "GiveLegTo 70 c-1"
