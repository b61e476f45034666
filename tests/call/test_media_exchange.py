"""Renegotiation between the two parties: hold, codecs, fax, glare, delayed offers."""

from __future__ import annotations

import pytest

from appliance.call.body import State
from appliance.call.inputs import MediaLost
from appliance.call.leg import (
    AcceptReoffer,
    Answer,
    Answered,
    Cause,
    Dial,
    DigitReceived,
    Ended,
    Offered,
    Party,
    Progressed,
    Reoffer,
    ReofferAnswered,
    Reoffered,
    ReofferRefused,
)
from appliance.sdp.codecs import PCMA, PCMU, TELEPHONE_EVENT
from appliance.sdp.media import Direction, Media, MediaKind
from appliance.sdp.negotiate import default_offer
from tests.kit.scripted_legs import ANSWER, FAX, OFFER, Stage, in_direction, ring, route

HOLD = in_direction(OFFER, Direction.SENDONLY)
HELD = in_direction(ANSWER, Direction.RECVONLY)
DELAYED = Offered(1, Party("2001"), "2002", None, extension="2001")


def connected() -> Stage:
    stage = Stage(route(ring()))
    stage.tell(Answered(2, ANSWER))
    return stage


def test_hold_and_resume_pass_through() -> None:
    stage = connected()
    assert stage.tell(Reoffered(1, HOLD)) == ["Reoffer 2 sendonly"]
    assert stage.tell(ReofferAnswered(2, HELD)) == ["AcceptReoffer 1 recvonly"]
    assert stage.tell(Reoffered(1, OFFER)) == ["Reoffer 2 sendrecv"]
    assert stage.tell(ReofferAnswered(2, ANSWER)) == ["AcceptReoffer 1 sendrecv"]
    assert stage.call.state is State.CONNECTED and stage.call.next_timeout() is None


def test_the_called_party_may_hold_too() -> None:
    stage = connected()
    assert stage.tell(Reoffered(2, HOLD)) == ["Reoffer 1 sendonly"]
    assert stage.tell(ReofferAnswered(1, HELD)) == ["AcceptReoffer 2 recvonly"]


def test_fax_and_back() -> None:
    stage = connected()
    assert stage.tell(Reoffered(2, FAX)) == ["Reoffer 1 fax sendrecv"]
    assert stage.tell(ReofferAnswered(1, FAX)) == ["AcceptReoffer 2 fax sendrecv"]
    assert stage.tell(Reoffered(2, OFFER)) == ["Reoffer 1 sendrecv"]
    assert stage.tell(ReofferAnswered(1, ANSWER)) == ["AcceptReoffer 2 sendrecv"]


def test_a_refusal_goes_back_and_the_call_goes_on() -> None:
    stage = connected()
    stage.tell(Reoffered(2, FAX))
    assert stage.tell(ReofferRefused(1, 488)) == ["RefuseReoffer 2 488"]
    assert stage.call.state is State.CONNECTED
    assert stage.tell(Reoffered(1, HOLD)) == ["Reoffer 2 sendonly"]


@pytest.mark.parametrize("leg", [1, 2])
def test_an_offer_that_meets_another_is_refused(leg: int) -> None:
    stage = connected()
    stage.tell(Reoffered(1, HOLD))
    assert stage.tell(Reoffered(leg, OFFER)) == [f"RefuseReoffer {leg} 491"]
    assert stage.tell(ReofferAnswered(2, HELD)) == ["AcceptReoffer 1 recvonly"]


def test_answers_of_others_do_not_count() -> None:
    stage = connected()
    stage.tell(Reoffered(1, HOLD))
    assert (
        stage.tell(ReofferAnswered(1, HELD), ReofferRefused(1, 488), ReofferAnswered(9, HELD)) == []
    )
    assert stage.tell(ReofferAnswered(2, HELD)) == ["AcceptReoffer 1 recvonly"]


def test_an_answer_that_never_comes_is_not_waited_for() -> None:
    stage = connected()
    stage.tell(Reoffered(1, HOLD))
    assert stage.wait(35) == ["RefuseReoffer 1 504"]
    assert stage.tell(Reoffered(1, HOLD)) == ["Reoffer 2 sendonly"]


def test_hanging_up_in_an_exchange_answers_the_asker_first() -> None:
    stage = connected()
    stage.tell(Reoffered(1, HOLD))
    assert stage.tell(Ended(2, Cause.NORMAL)) == ["RefuseReoffer 1 487", "HangUp 1 normal"]
    assert stage.tell(Reoffered(1, OFFER), Reoffered(2, OFFER)) == ["RefuseReoffer 1 481"]
    stage = connected()
    stage.tell(Reoffered(1, HOLD))
    assert stage.tell(Ended(1, Cause.NORMAL)) == ["HangUp 2 normal"]


def test_a_phone_that_wants_our_offer_gets_the_other_partys() -> None:
    stage = connected()
    assert stage.tell(Reoffered(1, None)) == ["AcceptReoffer 1 sendrecv"]
    proposal = stage.outputs[-1]
    assert isinstance(proposal, AcceptReoffer) and proposal.answer == ANSWER
    assert stage.tell(Reoffered(2, HOLD)) == ["RefuseReoffer 2 491"]
    assert stage.tell(ReofferAnswered(2, ANSWER)) == []
    assert stage.tell(ReofferAnswered(1, ANSWER)) == []
    assert stage.call.state is State.CONNECTED


def test_a_choice_that_changes_something_is_told_to_the_other() -> None:
    stage = connected()
    stage.tell(Reoffered(1, None))
    chosen = in_direction(ANSWER, Direction.SENDONLY)
    assert stage.tell(ReofferAnswered(1, chosen)) == ["Reoffer 2 sendonly"]
    assert stage.tell(ReofferAnswered(2, HELD)) == []
    assert stage.call.state is State.CONNECTED


def test_what_the_other_makes_of_a_choice_is_told_back_once() -> None:
    stage = connected()
    stage.tell(Reoffered(1, HOLD), ReofferAnswered(2, HELD), Reoffered(1, None))
    assert stage.tell(ReofferAnswered(1, ANSWER)) == ["Reoffer 2 sendrecv"]
    assert stage.tell(ReofferAnswered(2, HELD)) == ["Reoffer 1 recvonly"]
    answer = in_direction(ANSWER, Direction.SENDONLY)
    assert stage.tell(ReofferAnswered(1, answer)) == []
    assert stage.call.state is State.CONNECTED


@pytest.mark.parametrize("refusal", [True, False])
def test_a_choice_that_the_other_refuses_concerns_nobody_else(refusal: bool) -> None:
    stage = connected()
    stage.tell(Reoffered(1, None), ReofferAnswered(1, in_direction(ANSWER, Direction.SENDONLY)))
    assert (stage.tell(ReofferRefused(2, 488)) if refusal else stage.wait(35)) == []
    assert stage.call.state is State.CONNECTED


def test_a_held_call_can_be_resumed_without_an_offer() -> None:
    stage = connected()
    stage.tell(Reoffered(1, HOLD), ReofferAnswered(2, HELD))
    assert stage.tell(Reoffered(1, None)) == ["AcceptReoffer 1 sendrecv"]
    assert stage.tell(ReofferAnswered(1, ANSWER)) == ["Reoffer 2 sendrecv"]
    assert stage.tell(ReofferAnswered(2, ANSWER)) == []


def test_a_party_that_holds_is_not_resumed_by_the_other() -> None:
    stage = connected()
    stage.tell(Reoffered(2, HOLD), ReofferAnswered(1, HELD))
    assert stage.tell(Reoffered(1, None)) == ["AcceptReoffer 1 sendonly"]
    assert stage.tell(ReofferAnswered(1, HELD)) == []


@pytest.mark.parametrize("refusal", [True, False])
def test_a_proposal_without_an_answer_leaves_things_as_they_are(refusal: bool) -> None:
    stage = connected()
    stage.tell(Reoffered(1, None))
    assert (stage.tell(ReofferRefused(1, 488)) if refusal else stage.wait(35)) == []
    assert stage.call.state is State.CONNECTED


def test_a_delayed_offer_is_made_on_the_called_partys_behalf() -> None:
    stage = Stage(route(ring("hall", "desk")), DELAYED)
    dials = [o for o in stage.outputs if isinstance(o, Dial)]
    assert all(d.offer == default_offer() for d in dials)
    assert stage.tell(Progressed(2, ANSWER)) == ["Ring 1"]
    assert stage.tell(Answered(2, ANSWER)) == [
        "HangUp 3 answered_elsewhere",
        "Bridge 1 2",
        "Answer 1 sendrecv",
    ]
    answer = stage.outputs[-1]
    assert isinstance(answer, Answer) and answer.answer == ANSWER
    assert stage.tell(ReofferAnswered(1, ANSWER)) == []
    assert stage.call.state is State.CONNECTED


def test_a_delayed_answer_that_chooses_less_is_told_to_the_called_party() -> None:
    stage = Stage(route(ring()), DELAYED)
    stage.tell(Answered(2, Media(MediaKind.AUDIO, (PCMA, PCMU, TELEPHONE_EVENT))))
    only_pcmu = Media(MediaKind.AUDIO, (PCMU,))
    assert stage.tell(ReofferAnswered(1, only_pcmu)) == ["Reoffer 2 sendrecv"]
    offer = stage.outputs[-1]
    assert isinstance(offer, Reoffer) and offer.offer == only_pcmu


@pytest.mark.parametrize("refusal", [True, False])
def test_a_delayed_offer_that_comes_to_nothing_ends_the_call(refusal: bool) -> None:
    stage = Stage(route(ring()), DELAYED)
    stage.tell(Answered(2, ANSWER))
    cause = "incompatible" if refusal else "no_response"
    said = stage.tell(ReofferRefused(1, 488)) if refusal else stage.wait(35)
    assert said == [f"HangUp 1 {cause}", f"HangUp 2 {cause}"]


def test_keys_by_info_are_carried_and_others_went_by_themselves() -> None:
    stage = connected()
    assert stage.tell(DigitReceived(1, "5", 120, False)) == ["SendDigit 2 5"]
    assert stage.tell(DigitReceived(2, "#", 120, False)) == ["SendDigit 1 #"]
    assert stage.tell(DigitReceived(1, "5", 120, True), DigitReceived(9, "5", 120, False)) == []


def test_a_call_without_media_is_ended() -> None:
    stage = connected()
    assert stage.tell(MediaLost()) == ["HangUp 1 media_lost", "HangUp 2 media_lost"]
