"""A call goes on from phones that do not answer: what rings, what ends, what is told and kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.body import State
from appliance.call.inputs import AskRouting
from appliance.call.leg import Answered, Cause, Dial, Diversion, Ended, Failed, Progressed
from appliance.routing.decision import Decision, Forwards, Reason
from tests.kit.scripted_legs import ANSWER, Stage, outside, refuse, ring, route, trunk

TO = Forwards(chain=("2002",), busy="2003", no_answer="2004", offline="2005")


def _rings(*phones: str, seconds: int = 20) -> Stage:
    """A call that rings at 2002, which forwards as TO says."""
    decision = route(ring(*phones, seconds=seconds))
    stage = Stage(replace(decision, forwards=TO, reasons=(Reason("first"),)))
    stage.decision = _then(route(ring("other", extension="2003")))
    return stage


def _then(decision: Decision, why: str = "no_answer") -> Decision:
    """What routing says when it is asked anew."""
    return replace(decision, diversion=Diversion("2002", why), reasons=(Reason("second"),))


def _asked(stage: Stage) -> list[tuple[str, str, tuple[str, ...], str]]:
    asks = [output.request for output in stage.outputs if isinstance(output, AskRouting)]
    return [(a.dialled, a.on_behalf_of, a.forwarded_by, a.forwarded_because) for a in asks[1:]]


def test_nobody_answers_for_so_long_and_the_target_rings_while_the_caller_hears_ringback() -> None:
    stage = _rings("desk", "hall")
    assert stage.tell(Progressed(2, None), Progressed(3, None)) == ["Ring 1"]
    assert stage.wait(19.9) == []
    said = stage.wait(0.2)
    assert said == [
        "HangUp 2 no_answer",
        "HangUp 3 no_answer",
        "AskRouting 2004",
        "Dial 4 2003/other",
    ]
    assert _asked(stage) == [("2004", "2002", ("2002",), "no_answer")]
    assert stage.tell(Ended(2, Cause.NO_ANSWER), Failed(3, Cause.CANCELLED, 487)) == []
    assert stage.tell(Progressed(4, None)) == []  # he hears it ring all the while
    assert "Answer 1 sendrecv" in stage.tell(Answered(4, ANSWER))
    assert stage.call.state is State.CONNECTED


def test_the_leg_that_follows_says_who_sent_the_call_on() -> None:
    stage = _rings()
    stage.wait(20)
    first, second = (output for output in stage.outputs if isinstance(output, Dial))
    assert (first.diversion, second.diversion) == (None, Diversion("2002", "no_answer"))
    assert second.caller == first.caller


@pytest.mark.parametrize(
    ("cause", "status", "target"),
    [
        (Cause.BUSY, 486, "2003"),
        (Cause.BUSY, 600, "2003"),
        (Cause.UNREACHABLE, 480, "2005"),
        (Cause.NO_RESPONSE, 408, "2005"),
    ],
)
def test_what_the_phone_says_chooses_the_target(cause: Cause, status: int, target: str) -> None:
    stage = _rings()
    assert f"AskRouting {target}" in stage.tell(Failed(2, cause, status))
    assert stage.call.state is State.HUNTING


def test_a_phone_that_rang_and_gives_up_by_itself_was_not_answered() -> None:
    stage = _rings()
    stage.tell(Progressed(2, None))
    assert "AskRouting 2004" in stage.tell(Failed(2, Cause.UNREACHABLE, 480))


def test_one_busy_phone_of_two_does_not_end_the_ringing_of_the_other() -> None:
    stage = _rings("desk", "hall")
    assert stage.tell(Failed(2, Cause.BUSY, 486)) == []
    assert "AskRouting 2004" in stage.wait(20)  # the other one rang in vain


def test_declined_by_a_person_stays_declined() -> None:
    stage = _rings()
    said = stage.tell(Failed(2, Cause.REJECTED, 603))
    assert _asked(stage) == [] and "Dial 3 announcement(busy) early rejected" in said


def test_the_caller_is_told_the_forwarders_state_when_the_call_may_not_go_on() -> None:
    stage = _rings()
    stage.decision = _then(refuse(Cause.FORBIDDEN, "forbidden"))
    said = stage.tell(Failed(2, Cause.BUSY, 486))
    assert said[-1] == "Dial 3 announcement(busy) early busy"
    record = stage.record()
    assert record.number == "2002"
    assert [reason.key for reason in record.reasons] == ["first", "second"]


def test_the_caller_is_told_of_the_target_when_that_cannot_be_had() -> None:
    stage = _rings()
    stage.tell(Failed(2, Cause.BUSY, 486))
    said = stage.wait(30)
    assert said[-1] == "Dial 4 announcement(no_answer) early no_answer"


def test_a_call_goes_on_by_a_trunk_and_the_journal_tells_every_step() -> None:
    stage = _rings()
    stage.decision = replace(_then(outside(trunk("mango"))), number="+74955551525")
    stage.tell(Progressed(2, None))
    stage.wait(20)
    stage.tell(Failed(2, Cause.CANCELLED, 487), Answered(3, ANSWER))
    stage.tell(Ended(1, Cause.NORMAL), Ended(3, Cause.NORMAL))
    record = stage.record()
    assert (record.dialled, record.number, record.trunk) == ("2002", "+74955551525", "mango")
    assert [(leg.party, leg.cause) for leg in record.legs[1:]] == [
        ("extension 2002", Cause.NO_ANSWER),
        ("trunk mango", Cause.NORMAL),
    ]
    assert [reason.key for reason in record.reasons] == ["first", "second"]


def _left_outside(*names: str) -> Stage:
    """2002 sent the call on to a provider; what cannot be had there goes to its mailbox."""
    decision = replace(_then(outside(*map(trunk, names))), number="+74955551525")
    forwards = Forwards(chain=("2002",), beyond="voicemail")
    stage = Stage(replace(decision, forwards=forwards))
    stage.decision = _then(route(ring("mailbox")), "beyond")
    return stage


@pytest.mark.parametrize(
    ("cause", "status"),
    [(Cause.BUSY, 486), (Cause.REJECTED, 603), (Cause.NOT_FOUND, 404)],
)
def test_what_the_called_party_outside_says_sends_the_call_back(cause: Cause, status: int) -> None:
    stage = _left_outside("mango", "zadarma")
    assert "AskRouting voicemail" in stage.tell(Failed(2, cause, status))
    assert _asked(stage) == [("voicemail", "2002", ("2002",), "beyond")]
    assert stage.call.state is State.HUNTING


def test_only_when_no_way_leads_outside_the_call_comes_back() -> None:
    stage = _left_outside("mango", "zadarma")
    assert stage.tell(Failed(2, Cause.FAILURE, 503))[-1] == "Dial 3 zadarma/+74955551525"
    assert "AskRouting voicemail" in stage.tell(Failed(3, Cause.FAILURE, 503))


def test_a_call_that_rings_outside_in_vain_comes_back() -> None:
    stage = _left_outside("mango")
    stage.tell(Progressed(2, None))
    said = stage.wait(200)
    assert "HangUp 2 no_answer" in said and "AskRouting voicemail" in said


def test_a_caller_who_hangs_up_while_it_rings_outside_is_sent_nowhere() -> None:
    stage = _left_outside("mango")
    stage.tell(Progressed(2, None))
    stage.tell(Ended(1, Cause.NORMAL), Failed(2, Cause.CANCELLED, 487))
    assert _asked(stage) == [] and stage.record().cause is Cause.CANCELLED


def test_where_the_mailbox_is_gone_the_caller_is_told_what_was_said_outside() -> None:
    stage = _left_outside("mango")
    stage.decision = _then(refuse(Cause.UNREACHABLE, "unavailable"), "beyond")
    assert stage.tell(Failed(2, Cause.BUSY, 486))[-1] == "Dial 3 announcement(busy) early busy"


def test_a_call_goes_on_again_from_where_it_went() -> None:
    stage = _rings()
    onward = Forwards(chain=("2002", "2003"), no_answer="2006")
    stage.decision = replace(_then(route(ring("other", extension="2003"))), forwards=onward)
    stage.tell(Failed(2, Cause.BUSY, 486))
    stage.decision = _then(route(ring("third", extension="2006")))
    assert "Dial 4 2006/third" in stage.wait(30)
    assert _asked(stage)[-1] == ("2006", "2003", ("2002", "2003"), "no_answer")


def test_a_caller_who_gives_up_while_the_target_rings_ends_all() -> None:
    stage = _rings()
    stage.wait(20)
    assert "HangUp 3 cancelled" in stage.tell(Ended(1, Cause.NORMAL))
    said = stage.tell(Failed(2, Cause.CANCELLED, 487), Failed(3, Cause.CANCELLED, 487))
    assert said == ["Finished"]


def test_an_answer_that_crosses_the_end_of_the_ringing_is_hung_up() -> None:
    stage = _rings()
    stage.wait(20)
    assert stage.tell(Answered(2, ANSWER)) == ["HangUp 2 answered_elsewhere"]
    assert stage.call.state is State.HUNTING


@pytest.mark.parametrize(("rings", "target"), [(False, "2005"), (True, "")])
def test_phones_that_never_rang_are_offline(rings: bool, target: str) -> None:
    decision = replace(route(ring()), forwards=replace(TO, no_answer=""))
    stage = Stage(decision)
    stage.decision = _then(route(ring("other", extension="2005")))
    if rings:
        stage.tell(Progressed(2, None))
    stage.wait(31)
    assert [asked[0] for asked in _asked(stage)] == ([target] if target else [])
