"""Telling a caller why not, before he is refused."""

from __future__ import annotations

from appliance.call.body import State
from appliance.call.inputs import HangUpRequested
from appliance.call.leg import Answered, Cause, Ended, Failed, Offered, Party, Progressed
from tests.kit.scripted_legs import ANSWER, FAX, Stage, line, refuse

REFUSAL = refuse(Cause.NOT_FOUND, "no_such_number")


def lines(stage: Stage) -> list[str]:
    return [line(output) for output in stage.outputs][1:]


def test_the_caller_hears_why_and_is_then_refused() -> None:
    stage = Stage(REFUSAL)
    assert lines(stage) == ["Dial 2 announcement(no_such_number) early not_found"]
    assert stage.tell(Progressed(2, ANSWER)) == ["Ring 1 sendrecv", "Bridge 1 2"]
    assert stage.tell(Progressed(2, ANSWER)) == []
    assert stage.tell(Failed(2, Cause.INTERNAL)) == ["Reject 1 not_found", "Finished"]


def test_without_words_the_caller_is_refused_at_once() -> None:
    assert lines(Stage(refuse(Cause.FORBIDDEN))) == ["Reject 1 forbidden", "Finished"]


def test_a_caller_who_offered_no_audio_is_refused_at_once() -> None:
    for offer in (None, FAX):
        stage = Stage(REFUSAL, Offered(1, Party("2001"), "9999", offer))
        assert lines(stage) == ["Reject 1 not_found", "Finished"]


def test_a_caller_who_hangs_up_silences_the_announcement() -> None:
    stage = Stage(REFUSAL)
    stage.tell(Progressed(2, ANSWER))
    assert stage.tell(Ended(1, Cause.CANCELLED)) == ["HangUp 2 cancelled"]
    assert stage.tell(Failed(2, Cause.CANCELLED)) == ["Finished"]


def test_an_announcement_that_never_ends_is_bounded() -> None:
    stage = Stage(REFUSAL)
    assert stage.wait(59) == []
    assert stage.wait(1) == ["Reject 1 not_found", "HangUp 2 not_found"]
    assert stage.tell(Ended(2, Cause.NORMAL)) == ["Finished"]


def test_a_phone_that_answers_too_late_is_hung_up() -> None:
    stage = Stage(REFUSAL)
    assert stage.tell(Answered(2, ANSWER)) == ["Ring 1 sendrecv", "Bridge 1 2"]
    assert stage.tell(HangUpRequested(Cause.SHUTDOWN)) == ["Reject 1 shutdown", "HangUp 2 shutdown"]
    assert stage.call.state is State.ENDING
