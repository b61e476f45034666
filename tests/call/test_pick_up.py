"""Another phone answers a ringing call (RFC 5359, Call Pickup, by a code of our own)."""

from __future__ import annotations

from dataclasses import replace

from appliance.call.body import State
from appliance.call.inputs import PickedUp
from appliance.call.leg import (
    Answer,
    Answered,
    Cause,
    Ended,
    Failed,
    Offered,
    Party,
    Progressed,
    ReofferAnswered,
    Reoffered,
)
from appliance.routing.decision import Decision
from appliance.sdp.codecs import PCMA, PCMU, TELEPHONE_EVENT
from appliance.sdp.media import Codec, Direction, Media, MediaKind
from tests.kit.scripted_legs import ANSWER, Stage, ring, route

PICKER = Media(MediaKind.AUDIO, (PCMU, PCMA, Codec(96, "telephone-event", 8000)))
PICKED = PickedUp(50, PICKER, "2003")


def test_the_picker_answers_in_place_of_the_phones() -> None:
    stage = Stage(route(ring("hall", "desk")))
    stage.tell(Progressed(2, None))
    assert stage.tell(PICKED) == [
        "HangUp 2 answered_elsewhere",
        "HangUp 3 answered_elsewhere",
        "Bridge 1 50",
        "Answer 1 sendrecv",
        "Answer 50 sendrecv",
    ]
    answers = {o.leg: o.answer for o in stage.outputs if isinstance(o, Answer)}
    assert answers[1].codecs == (PCMA, PCMU, PICKER.codecs[2])
    assert answers[50].codecs == (PCMA, PCMU, TELEPHONE_EVENT)
    assert stage.tell(Failed(2, Cause.CANCELLED), Failed(3, Cause.CANCELLED)) == []
    assert stage.tell(Ended(50, Cause.NORMAL)) == ["HangUp 1 normal"]
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["Finished"]
    record = stage.record()
    assert (record.answered_by, record.cause) == ("2003", Cause.NORMAL)


def test_a_picker_without_a_common_codec_is_refused_and_it_rings_on() -> None:
    stage = Stage(route(ring()))
    g722 = Media(MediaKind.AUDIO, (Codec(9, "G722", 8000),))
    assert stage.tell(PickedUp(50, g722, "2003")) == ["Reject 50 incompatible"]
    assert stage.call.state is State.HUNTING
    assert stage.tell(Answered(2, ANSWER)) == ["Bridge 1 2", "Answer 1 sendrecv"]
    assert stage.tell(PICKED) == ["Reject 50 not_found"]


def test_a_caller_without_an_offer_gets_the_pickers() -> None:
    stage = Stage(route(ring()), Offered(1, Party("2001"), "2002", None))
    assert stage.tell(PICKED) == [
        "HangUp 2 answered_elsewhere",
        "Bridge 1 50",
        "Answer 1 sendrecv",
    ]
    assert stage.tell(ReofferAnswered(1, ANSWER)) == ["Answer 50 sendrecv"]
    assert stage.call.state is State.CONNECTED


def talking(decision: Decision | None = None) -> Stage:
    """2001 (leg 1) talks with 2002 (leg 2)."""
    stage = Stage(decision or route(ring()))
    stage.tell(Progressed(2, None), Answered(2, ANSWER))
    return stage


def test_another_phone_of_the_called_number_takes_the_talk_over() -> None:
    """RFC 3891: the other party talks on, and is told nothing where nothing changes for it."""
    stage = talking()
    stage.now += 30
    taken = PickedUp(50, ANSWER, "2002", replaces=2)
    assert stage.tell(taken) == ["Answer 50 sendrecv", "Bridge 1 50", "HangUp 2 answered_elsewhere"]
    assert stage.call.state is State.CONNECTED
    assert stage.tell(Ended(2, Cause.ANSWERED_ELSEWHERE, is_remote=False)) == []
    stage.now += 30
    assert stage.tell(Ended(50, Cause.NORMAL)) == ["HangUp 1 normal"]
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["Finished"]
    record = stage.record()
    assert (record.answered_by, record.talk_s, record.cause) == ("2002", 60.0, Cause.NORMAL)
    assert [leg.role for leg in record.legs] == ["originating", "terminating", "terminating"]


def test_another_phone_of_the_caller_takes_the_talk_over() -> None:
    stage = talking()
    stage.now += 30
    taken = PickedUp(50, ANSWER, "2001", replaces=1)
    assert stage.tell(taken) == ["Answer 50 sendrecv", "Bridge 50 2", "HangUp 1 answered_elsewhere"]
    assert stage.tell(Ended(1, Cause.ANSWERED_ELSEWHERE, is_remote=False)) == []
    stage.now += 30
    assert stage.tell(Ended(2, Cause.NORMAL)) == ["HangUp 50 normal"]
    assert stage.tell(Ended(50, Cause.NORMAL, is_remote=False)) == ["Finished"]
    record = stage.record()
    assert (record.caller, record.answered_by, record.talk_s) == ("2001", "2002", 60.0)
    assert (record.cause, record.total_s) == (Cause.NORMAL, 60.0)
    assert [leg.role for leg in record.legs] == ["originating", "terminating", "originating"]
    assert record.legs[2].party == "extension 2001"


def test_who_takes_over_may_be_taken_over() -> None:
    stage = talking()
    stage.tell(PickedUp(50, ANSWER, "2001", replaces=1))
    again = PickedUp(51, ANSWER, "2001", replaces=50)
    assert stage.tell(again) == [
        "Answer 51 sendrecv",
        "Bridge 51 2",
        "HangUp 50 answered_elsewhere",
    ]
    late = PickedUp(52, ANSWER, "2001", replaces=1)
    assert stage.tell(late) == ["Reject 52 not_found"]
    assert stage.tell(Ended(51, Cause.NORMAL)) == ["HangUp 2 normal"]


def test_a_held_party_hears_that_the_new_phone_talks() -> None:
    stage = talking()
    held = replace(ANSWER, direction=Direction.SENDONLY)
    stage.tell(Reoffered(2, held))
    stage.tell(ReofferAnswered(1, replace(ANSWER, direction=Direction.RECVONLY)))
    said = stage.tell(PickedUp(50, ANSWER, "2002", replaces=2))
    assert said[:3] == ["Answer 50 sendrecv", "Bridge 1 50", "HangUp 2 answered_elsewhere"]
    assert said[3:] == ["Reoffer 1 sendrecv"]
    assert stage.tell(ReofferAnswered(1, ANSWER)) == []
    assert stage.call.state is State.CONNECTED


def test_a_phone_without_a_common_codec_leaves_the_talk_as_it_was() -> None:
    stage = talking()
    g722 = Media(MediaKind.AUDIO, (Codec(9, "G722", 8000),))
    assert stage.tell(PickedUp(50, g722, "2002", replaces=2)) == ["Reject 50 incompatible"]
    assert stage.tell(Ended(2, Cause.NORMAL)) == ["HangUp 1 normal"]
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["Finished"]
    record = stage.record()
    assert (record.cause, record.answered_by) == (Cause.NORMAL, "2002")


def test_a_place_that_is_none_is_not_given() -> None:
    ringing = Stage(route(ring()))
    assert ringing.tell(PickedUp(50, ANSWER, "2002", replaces=2)) == ["Reject 50 not_found"]
    stage = talking()
    for nobody in (3, 50, 99):
        assert stage.tell(PickedUp(50, ANSWER, "2002", replaces=nobody)) == ["Reject 50 not_found"]
    assert stage.tell(PickedUp(51, ANSWER, "2002")) == ["Reject 51 not_found"]
    stage.tell(Reoffered(2, ANSWER))  # an exchange is under way
    assert stage.tell(PickedUp(52, ANSWER, "2002", replaces=2)) == ["Reject 52 not_found"]
