"""Finding somebody who answers: forking, trunks one after the other, apps."""

from __future__ import annotations

import pytest

from appliance.call.body import State
from appliance.call.inputs import HangUpRequested
from appliance.call.leg import (
    Answered,
    Cause,
    Dial,
    DigitReceived,
    Ended,
    Failed,
    Offered,
    Party,
    Progressed,
    Reoffered,
    Trying,
)
from appliance.config.model import DestinationKind
from appliance.routing.decision import PickUp, RingExtension, RunApp
from tests.kit.scripted_legs import ANSWER, OFFER, Stage, line, outside, ring, route, trunk

EMERGENCY = DestinationKind.EMERGENCY


def lines(stage: Stage) -> list[str]:
    return [line(output) for output in stage.outputs]


def test_all_phones_of_an_extension_ring_at_once() -> None:
    stage = Stage(route(ring("hall", "desk"), alerts=("unknown_did",)))
    assert lines(stage) == [
        "AskRouting 2002",
        "Alert unknown_did",
        "Dial 2 2002/hall",
        "Dial 3 2002/desk",
    ]
    assert all(
        o.offer == OFFER and o.caller.name == "Anna" for o in stage.outputs if isinstance(o, Dial)
    )


def test_first_answer_wins_and_the_others_are_cancelled() -> None:
    stage = Stage(route(ring("hall", "desk", "door")))
    assert stage.tell(Trying(2), Progressed(2, None), Progressed(3, None)) == ["Ring 1"]
    assert stage.tell(Answered(3, ANSWER)) == [
        "HangUp 2 answered_elsewhere",
        "HangUp 4 answered_elsewhere",
        "Bridge 1 3",
        "Answer 1 sendrecv",
    ]
    assert stage.tell(Answered(2, ANSWER)) == ["HangUp 2 answered_elsewhere"]
    assert stage.tell(Ended(2, Cause.NORMAL), Failed(4, Cause.CANCELLED, 487)) == []
    assert stage.call.state is State.CONNECTED
    assert stage.tell(Ended(3, Cause.NORMAL)) == ["HangUp 1 normal"]
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["Finished"]


def test_a_busy_phone_does_not_end_the_others() -> None:
    stage = Stage(route(ring("hall", "desk")))
    assert stage.tell(Failed(2, Cause.BUSY, 486)) == []
    assert stage.tell(Progressed(3, None)) == ["Ring 1"]
    assert stage.tell(Answered(3, ANSWER)) == ["Bridge 1 3", "Answer 1 sendrecv"]


@pytest.mark.parametrize(
    ("causes", "told", "prompt"),
    [
        ((Cause.UNREACHABLE, Cause.BUSY), Cause.BUSY, "busy"),
        ((Cause.BUSY, Cause.UNREACHABLE), Cause.BUSY, "busy"),
        ((Cause.UNREACHABLE, Cause.NO_RESPONSE), Cause.UNREACHABLE, "unavailable"),
        ((Cause.REJECTED, Cause.NO_RESPONSE), Cause.REJECTED, "busy"),
        ((Cause.INTERNAL, Cause.INTERNAL), Cause.INTERNAL, "no_answer"),
    ],
)
def test_the_best_cause_is_told(causes: tuple[Cause, ...], told: Cause, prompt: str) -> None:
    stage = Stage(route(ring("hall", "desk")))
    assert stage.tell(Failed(2, causes[0])) == []
    assert stage.tell(Failed(3, causes[1])) == [f"Dial 4 announcement({prompt}) early {told.value}"]


def test_ring_time_ends_the_ringing_and_the_next_step_begins() -> None:
    stage = Stage(route(ring("hall", seconds=20), ring("desk", extension="2003")))
    stage.wait(5)
    assert stage.tell(Progressed(2, None)) == ["Ring 1"]
    assert stage.wait(19.9) == []
    assert stage.wait(0.2) == ["HangUp 2 no_answer", "Dial 3 2003/desk"]
    assert stage.tell(Failed(2, Cause.NO_ANSWER, 487), Progressed(3, None)) == []
    assert stage.wait(30) == [
        "HangUp 3 no_answer",
        "Dial 4 announcement(no_answer) early no_answer",
    ]


def test_an_extension_without_phones_is_unreachable() -> None:
    stage = Stage(route(RingExtension("2002", (), 20)))
    assert lines(stage)[-1] == "Dial 2 announcement(unavailable) early unreachable"


def test_a_silent_trunk_is_left_while_the_caller_hears_ringback() -> None:
    stage = Stage(outside(trunk("a"), trunk("b")))
    assert lines(stage)[1:] == ["Ring 1", "Dial 2 a/+74955551525"]
    assert stage.wait(3.9) == []
    assert stage.wait(0.1) == ["HangUp 2 no_response", "Dial 3 b/+74955551525"]
    assert stage.tell(Answered(2, ANSWER)) == ["HangUp 2 answered_elsewhere"]
    assert stage.tell(Answered(3, ANSWER)) == ["Bridge 1 3", "Answer 1 sendrecv"]


def test_any_response_proves_a_trunk_alive() -> None:
    stage = Stage(outside(trunk("a", ring_time_s=20), trunk("b")))
    assert stage.tell(Trying(2)) == []
    assert stage.wait(10) == []
    assert stage.tell(Progressed(2, None)) == []
    assert stage.wait(19) == []
    assert stage.wait(1) == ["HangUp 2 no_answer", "Dial 3 announcement(no_answer) early no_answer"]


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (Cause.NO_RESPONSE, 0),
        (Cause.UNREACHABLE, 480),
        (Cause.CONGESTION, 503),
        (Cause.CONGESTION, 0),
    ],
)
def test_a_dead_way_is_left_for_the_next(cause: Cause, status: int) -> None:
    stage = Stage(outside(trunk("a"), trunk("b")))
    assert stage.tell(Failed(2, cause, status)) == ["Dial 3 b/+74955551525"]
    assert stage.tell(Failed(3, cause, status)) == [
        "Dial 4 announcement(cannot_complete) early congestion"
    ]


@pytest.mark.parametrize(
    ("cause", "status", "prompt"),
    [
        (Cause.BUSY, 486, "busy"),
        (Cause.NOT_FOUND, 404, "no_such_number"),
        (Cause.REJECTED, 603, "busy"),
    ],
)
def test_the_called_partys_word_is_final(cause: Cause, status: int, prompt: str) -> None:
    stage = Stage(outside(trunk("a"), trunk("b")))
    assert stage.tell(Trying(2), Failed(2, cause, status)) == [
        f"Dial 3 announcement({prompt}) early {cause.value}"
    ]


def test_ways_that_are_all_dead_are_named_where_the_decision_has_no_words() -> None:
    stage = Stage(outside(trunk("a"), prompt=""))
    assert stage.tell(Failed(2, Cause.FAILURE, 500)) == [
        "Dial 3 announcement(all_lines_busy) early failure"
    ]


def test_an_emergency_call_tries_every_way_and_is_never_cut_short() -> None:
    steps = trunk("a", preempt="c-9"), trunk("b")
    stage = Stage(route(*steps, kind=EMERGENCY, prompt="cannot_complete"))
    assert lines(stage)[1:] == ["Preempt c-9", "Ring 1", "Dial 2 a/+74955551525"]
    assert stage.tell(Failed(2, Cause.BUSY, 486)) == ["Dial 3 b/+74955551525"]
    assert stage.tell(Progressed(3, None)) == []
    assert stage.wait(3600) == []
    assert stage.tell(Answered(3, ANSWER)) == ["Bridge 1 3", "Answer 1 sendrecv"]


def test_first_early_media_is_heard() -> None:
    stage = Stage(route(ring("hall", "desk")))
    assert stage.tell(Progressed(2, ANSWER)) == ["Ring 1 sendrecv", "Bridge 1 2"]
    assert stage.tell(Progressed(3, ANSWER), Progressed(3, None)) == []
    assert stage.tell(DigitReceived(1, "1", 100, False)) == ["SendDigit 2 1"]
    assert stage.tell(Answered(3, ANSWER)) == [
        "HangUp 2 answered_elsewhere",
        "Bridge 1 3",
        "Answer 1 sendrecv",
    ]


def test_an_answer_after_its_own_early_media_needs_no_new_bridge() -> None:
    stage = Stage(outside(trunk("a")))
    assert stage.tell(Progressed(2, ANSWER)) == ["Ring 1 sendrecv", "Bridge 1 2"]
    assert stage.tell(Answered(2, ANSWER)) == ["Answer 1 sendrecv"]


def test_early_media_that_fails_makes_room_for_the_next() -> None:
    stage = Stage(outside(trunk("a"), trunk("b")))
    stage.tell(Progressed(2, ANSWER))
    assert stage.tell(Failed(2, Cause.CONGESTION, 503)) == ["Ring 1", "Dial 3 b/+74955551525"]
    assert stage.tell(Progressed(3, ANSWER)) == ["Ring 1 sendrecv", "Bridge 1 3"]


def test_an_app_answers_like_a_phone() -> None:
    stage = Stage(route(RunApp("echo", "loud")))
    assert lines(stage)[1:] == ["Dial 2 echo(loud)"]
    assert stage.tell(Answered(2, ANSWER)) == ["Bridge 1 2", "Answer 1 sendrecv"]
    assert stage.tell(Ended(2, Cause.NORMAL)) == ["HangUp 1 normal"]


def test_a_caller_who_gives_up_cancels_everything() -> None:
    stage = Stage(route(ring("hall", "desk")))
    stage.tell(Progressed(2, None))
    assert stage.tell(Ended(1, Cause.CANCELLED)) == ["HangUp 2 cancelled", "HangUp 3 cancelled"]
    assert stage.tell(Answered(2, ANSWER)) == ["HangUp 2 cancelled"]
    assert stage.tell(Failed(3, Cause.CANCELLED, 487)) == []
    assert stage.tell(Ended(2, Cause.NORMAL)) == ["Finished"]


def test_the_box_may_end_a_ringing_call() -> None:
    stage = Stage(route(ring()))
    assert stage.tell(HangUpRequested(Cause.SHUTDOWN)) == ["Reject 1 shutdown", "HangUp 2 shutdown"]
    assert stage.tell(Failed(2, Cause.SHUTDOWN, 487)) == ["Finished"]


def test_offers_before_the_answer_are_refused() -> None:
    stage = Stage(route(ring()))
    assert stage.tell(Reoffered(1, OFFER), Reoffered(2, OFFER), Reoffered(9, OFFER)) == [
        "RefuseReoffer 1 491",
        "RefuseReoffer 2 491",
    ]


def test_a_caller_picks_another_call_up() -> None:
    stage = Stage(route(PickUp("c-2")))
    assert lines(stage)[1:] == ["GiveLegTo 1 c-2"]
    assert stage.wait(0) == ["Finished"]


def test_a_pick_up_that_finds_nothing_is_refused() -> None:
    stage = Stage(route(PickUp("c-2")))
    assert stage.tell(HangUpRequested(Cause.NOT_FOUND)) == ["Reject 1 not_found", "Finished"]


def test_a_caller_without_an_offer_cannot_pick_up() -> None:
    offered = Offered(1, Party("2001"), "0", None, extension="2001")
    stage = Stage(route(PickUp("c-2")), offered)
    assert lines(stage)[1:] == ["Reject 1 incompatible", "Finished"]


def test_what_strangers_tell_changes_nothing() -> None:
    stage = Stage(route(ring()))
    assert (
        stage.tell(Trying(9), Progressed(9, None), Answered(9, ANSWER), Failed(9, Cause.BUSY)) == []
    )
    assert stage.call.state is State.HUNTING
