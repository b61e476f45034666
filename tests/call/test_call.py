"""The table is total, and whatever happens a call ends cleanly."""

from __future__ import annotations

import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.call.body import State
from appliance.call.call import TABLE
from appliance.call.inputs import (
    CallInput,
    Finished,
    HangUpRequested,
    MediaLost,
    PickedUp,
    Routed,
)
from appliance.call.leg import (
    Answered,
    Cause,
    DigitReceived,
    Ended,
    Failed,
    HangUp,
    Offered,
    Party,
    Progressed,
    ReofferAnswered,
    Reoffered,
    ReofferRefused,
    Trying,
)
from appliance.errors import LocalProtocolError
from appliance.routing.decision import Decision, PickUp, RunApp, Step
from appliance.sdp.media import Direction
from tests.kit.scripted_legs import (
    ANSWER,
    CALLER,
    FAX,
    OFFER,
    Stage,
    in_direction,
    outside,
    refuse,
    ring,
    route,
    trunk,
)

KINDS = typing.get_args(CallInput)
SAMPLES: dict[type, CallInput] = {
    Offered: CALLER,
    Trying: Trying(2),
    Progressed: Progressed(2, None),
    Answered: Answered(2, ANSWER),
    Failed: Failed(2, Cause.BUSY, 486),
    Reoffered: Reoffered(1, OFFER),
    ReofferAnswered: ReofferAnswered(2, ANSWER),
    ReofferRefused: ReofferRefused(2, 488),
    DigitReceived: DigitReceived(1, "5", 100, False),
    Ended: Ended(1, Cause.NORMAL),
    Routed: Routed(route(ring())),
    MediaLost: MediaLost(),
    HangUpRequested: HangUpRequested(Cause.SHUTDOWN),
    PickedUp: PickedUp(90, OFFER, "2003"),
}
_LEG_RESULTS = (Trying, Progressed, Answered)
FORBIDDEN = {
    *((State.NEW, kind) for kind in KINDS if kind is not Offered),
    *((state, Offered) for state in State if state is not State.NEW),
    *((state, Routed) for state in State if state is not State.ROUTING),
    *((State.ROUTING, kind) for kind in _LEG_RESULTS),  # nobody was dialled yet
}


def in_state(state: State) -> Stage:
    """A call that has come to this state by itself."""
    decisions: dict[State, Decision | None] = {
        State.NEW: None,
        State.ROUTING: None,
        State.GIVING: route(PickUp("other")),
        State.ANNOUNCING: refuse(Cause.NOT_FOUND, "no_such_number"),
        State.FINISHED: refuse(Cause.NOT_FOUND),
    }
    stage = Stage(decisions.get(state, route(ring())))
    if state is State.ROUTING:
        stage.call.handle(CALLER, stage.now)
    if state in (State.CONNECTED, State.REOFFERING, State.PROPOSING, State.ENDING):
        stage.tell(Answered(2, ANSWER))
    if state is State.REOFFERING:
        stage.tell(Reoffered(1, OFFER))
    if state is State.PROPOSING:
        stage.tell(Reoffered(1, None))
    if state is State.ENDING:
        stage.tell(Ended(1, Cause.NORMAL))
    assert stage.call.state is state
    return stage


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_is_listed_or_refused(state: State, kind: type) -> None:
    assert ((state, kind) in TABLE) != ((state, kind) in FORBIDDEN)
    stage = in_state(state)
    if (state, kind) in FORBIDDEN:
        with pytest.raises(LocalProtocolError):
            stage.call.handle(SAMPLES[kind], stage.now)
    else:
        stage.call.handle(SAMPLES[kind], stage.now)


def test_the_table_knows_no_other_pair() -> None:
    assert set(TABLE) == {(s, k) for s in State for k in KINDS} - FORBIDDEN


def test_transitions_are_told_once() -> None:
    stage = Stage(route(ring()))
    stage.tell(Answered(2, ANSWER))
    moves = [(t.before, t.after) for t in stage.call.take_transitions()]
    assert moves == [
        (State.NEW, State.ROUTING),
        (State.ROUTING, State.HUNTING),
        (State.HUNTING, State.CONNECTED),
    ]
    assert stage.call.take_transitions() == []


def test_a_leg_that_never_confirms_does_not_keep_the_call() -> None:
    stage = Stage(route(ring()))
    stage.tell(Answered(2, ANSWER))
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["HangUp 2 normal"]
    assert stage.wait(39.0) == []
    assert stage.wait(1.0) == ["Finished"]
    assert stage.call.next_timeout() is None


_LEGS = st.integers(1, 7)
_MEDIA = st.sampled_from(
    [
        OFFER,
        ANSWER,
        FAX,
        in_direction(OFFER, Direction.SENDONLY),
        in_direction(ANSWER, Direction.INACTIVE),
    ]
)
_CAUSES = st.sampled_from([c for c in Cause if c is not Cause.RESTART])
_EVENTS = st.one_of(
    st.builds(Trying, _LEGS),
    st.builds(Progressed, _LEGS, st.one_of(st.none(), _MEDIA)),
    st.builds(Answered, _LEGS, _MEDIA),
    st.builds(Failed, _LEGS, _CAUSES, st.sampled_from([0, 404, 408, 486, 503, 603])),
    st.builds(Reoffered, _LEGS, st.one_of(st.none(), _MEDIA)),
    st.builds(ReofferAnswered, _LEGS, _MEDIA),
    st.builds(ReofferRefused, _LEGS, st.sampled_from([408, 488, 491])),
    st.builds(DigitReceived, _LEGS, st.just("#"), st.just(100), st.booleans()),
    st.builds(Ended, _LEGS, _CAUSES),
    st.just(MediaLost()),
    st.builds(HangUpRequested, _CAUSES),
    st.builds(PickedUp, st.just(90), _MEDIA, st.just("2003")),
    st.sampled_from([0.0, 1.0, 5.0, 31.0, 70.0]),
)
_STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.sampled_from(
        [
            ring(),
            ring("hall", "desk"),
            ring(seconds=5),
            trunk("a"),
            trunk("b"),
            RunApp("echo"),
            PickUp("o"),
        ]
    ),
    max_size=3,
)
_DECISIONS = st.one_of(
    _STEPS.map(lambda steps: route(*steps)),
    _STEPS.map(lambda steps: outside(*steps)),
    st.sampled_from([refuse(Cause.BUSY, "busy"), refuse(Cause.FORBIDDEN)]),
)


@settings(max_examples=300, deadline=None)
@given(_DECISIONS, st.sampled_from([OFFER, None, FAX]), st.lists(_EVENTS, max_size=25))
def test_whatever_happens_a_call_ends_once_and_leaves_no_leg(
    decision: Decision, offer: object, events: list[CallInput | float]
) -> None:
    offered = Offered(1, Party("2001"), "2002", typing.cast(typing.Any, offer), extension="2001")
    stage = Stage(decision, offered)
    for event in events:
        if isinstance(event, float):
            stage.wait(event)
        else:
            stage.tell(event)
    stage.tell(HangUpRequested(Cause.SHUTDOWN))
    hung_up = {o.leg for o in stage.outputs if isinstance(o, HangUp)}
    assert stage.open_legs <= hung_up
    stage.wait(41.0)
    assert stage.call.state is State.FINISHED
    assert stage.call.next_timeout() is None
    assert sum(isinstance(o, Finished) for o in stage.outputs) == 1
    assert stage.record().cause is not Cause.RESTART
