"""Calls that end in a mailbox: whose, when, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause
from appliance.config.model import VOICEMAIL, DestinationKind, Snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import (
    CallRequest,
    Decision,
    LiveState,
    RingExtension,
    RunApp,
    Verdict,
)
from appliance.routing.forwarding import onward, target_of, why_closed
from appliance.routing.plan import plan_of
from appliance.routing.texts import say
from tests.routing.office import BINDINGS, NOW, P9, STATE, changed, come_in, dial, keys

OFFLINE = LiveState(bindings={k: v for k, v in BINDINGS.items() if k != "2002"})
FULL = LiveState(bindings=BINDINGS, extension_calls={"2002": 4})


def office(**owners: dict[str, object]) -> Snapshot:
    """The usual one; ``e2002={"voicemail": True}``: fields of an extension."""
    extensions = tuple(
        replace(e, **owners.get(f"e{e.number}", {}))  # type: ignore[arg-type]
        for e in P9.document.extensions
    )
    return changed(P9, extensions=extensions)


def mailbox(**fields: object) -> dict[str, object]:
    return {"voicemail": True, **fields}


BOX = office(e2002=mailbox())


def go_on(decision: Decision, cause: Cause, snapshot: Snapshot, state: LiveState) -> Decision:
    """What routing says when the call asks anew."""
    assert decision.forwards is not None
    asked = onward(CallRequest(dialled="2002", extension="2001"), decision.forwards, cause)
    assert asked is not None
    return decide(asked, snapshot, state, NOW)


def test_it_rings_first_for_as_long_as_was_asked() -> None:
    decision = dial("2002", office(e2002=mailbox(voicemail_after_s=33)), STATE)
    (step,) = decision.steps
    assert isinstance(step, RingExtension) and step.ring_time_s == 33
    assert "voicemail.if_unanswered" in keys(decision)
    after = office(e2002=mailbox(forward_no_answer="2001", forward_no_answer_s=12))
    (step,) = dial("2002", after, STATE).steps
    assert isinstance(step, RingExtension) and step.ring_time_s == 12


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (Cause.BUSY, "busy"),
        (Cause.NO_ANSWER, "no_answer"),
        (Cause.UNREACHABLE, "offline"),
        (Cause.NO_RESPONSE, "offline"),
        (Cause.REJECTED, "refused"),
        (Cause.INCOMPATIBLE, "refused"),
        (Cause.FAILURE, "refused"),
        (Cause.NOT_FOUND, "refused"),
        (Cause.FORBIDDEN, "refused"),
    ],
)
def test_whatever_keeps_it_from_being_answered_leads_to_the_mailbox(cause: Cause, why: str) -> None:
    decision = go_on(dial("2002", BOX, STATE), cause, BOX, STATE)
    assert decision.steps == (RunApp("voicemail", "2002"),)
    assert (decision.verdict, decision.number) == (Verdict.ROUTE, "2002")
    assert decision.kind is DestinationKind.INTERNAL and decision.payment is None
    assert keys(decision) == [f"voicemail.{why}"]


@pytest.mark.parametrize(("state", "why"), [(OFFLINE, "offline"), (FULL, "busy")])
def test_what_is_known_at_once_needs_no_second_question(state: LiveState, why: str) -> None:
    decision = dial("2002", BOX, state)
    assert decision.steps == (RunApp("voicemail", "2002"),)
    assert keys(decision)[-1] == f"voicemail.{why}"


def test_a_caller_from_outside_leaves_a_message_too() -> None:
    decision = come_in("+74957654321", "eight", BOX, OFFLINE)
    assert decision.steps == (RunApp("voicemail", "2002"),)
    assert decision.payment is None


def test_all_calls_may_go_to_the_mailbox() -> None:
    decision = dial("2002", office(e2002=mailbox(forward_always=VOICEMAIL)), STATE)
    assert decision.steps == (RunApp("voicemail", "2002"),)
    assert keys(decision)[-1] == "voicemail.always"


def test_forwarding_of_a_condition_goes_before_the_mailbox() -> None:
    snapshot = office(e2002=mailbox(forward_offline="2001"))
    (step,) = dial("2002", snapshot, OFFLINE, by="2004").steps
    assert isinstance(step, RingExtension) and step.extension == "2001"
    assert dial("2002", snapshot, FULL, by="2004").steps == (RunApp("voicemail", "2002"),)


def test_who_was_called_first_hears_of_it_and_not_his_secretary() -> None:
    for always in ("forward_always", "forward_offline"):
        snapshot = office(e2002=mailbox(**{always: "2001"}), e2001=mailbox())
        decision = dial("2002", snapshot, OFFLINE, by="2004")
        assert decision.forwards is not None
        asked = onward(CallRequest(dialled="2002"), decision.forwards, Cause.NO_ANSWER)
        assert asked is not None
        decision = decide(asked, snapshot, STATE, NOW)
        assert decision.steps == (RunApp("voicemail", "2002"),)
    snapshot = office(e2002={"forward_always": "2001"}, e2001=mailbox())
    decision = dial("2002", snapshot, LiveState(), by="2004")
    assert decision.steps == (RunApp("voicemail", "2001"),)


def test_a_forward_that_cannot_be_followed_leaves_the_mailbox() -> None:
    to_the_caller = office(e2002=mailbox(forward_busy="2004"))
    decision = dial("2002", to_the_caller, FULL, by="2004")
    assert decision.steps == (RunApp("voicemail", "2002"),)
    assert "extension.own_number" in keys(decision)
    barred = office(e2002=mailbox(forward_busy="+79031234567", class_of_service="internal"))
    assert dial("2002", barred, FULL, by="2004").steps == (RunApp("voicemail", "2002"),)


def test_what_fails_outside_comes_back_to_the_mailbox() -> None:
    mobile = "+79031234567"
    snapshot = office(e2002=mailbox(forward_always=mobile))
    decision = dial("2002", snapshot, STATE, by="2004")
    assert decision.number == mobile
    for cause in (Cause.BUSY, Cause.REJECTED, Cause.NO_ANSWER, Cause.CONGESTION):
        back = go_on(decision, cause, snapshot, STATE)
        assert back.steps == (RunApp("voicemail", "2002"),)
        assert back.payment is None and back.forwards is None
        assert keys(back) == ["voicemail.beyond"]
        assert "{" not in say(back.reasons[0], "ru") and "2002" in say(back.reasons[0], "en")
    other = dial("2002", office(e2002={"forward_always": mobile}), STATE, by="2004")
    assert other.number == mobile and other.forwards is None
    assert dial("84951112233", snapshot, STATE, by="2002").forwards is None


def test_a_call_that_is_cancelled_or_answered_elsewhere_has_no_mailbox() -> None:
    forwards = dial("2002", BOX, STATE).forwards
    assert forwards is not None
    for cause in (Cause.CANCELLED, Cause.ANSWERED_ELSEWHERE, Cause.PREEMPTED, Cause.SHUTDOWN):
        assert onward(CallRequest(dialled="2002"), forwards, cause) is None


def test_without_a_mailbox_nothing_is_otherwise() -> None:
    for state in (OFFLINE, FULL, STATE):
        assert dial("2002", P9, state) == dial("2002", office(e2003=mailbox()), state)
    off = office(e2002=mailbox(is_enabled=False))
    assert dial("2002", off, STATE).verdict is Verdict.REFUSE


def test_a_mailbox_that_was_switched_off_meanwhile_is_none() -> None:
    first = dial("2002", BOX, STATE)
    for cause, told in ((Cause.BUSY, Cause.BUSY), (Cause.NO_ANSWER, Cause.UNREACHABLE)):
        decision = go_on(first, cause, P9, STATE)
        assert (decision.verdict, decision.cause) == (Verdict.REFUSE, told)
        assert keys(decision) == ["voicemail.none"]


def test_nobody_dials_a_mailbox() -> None:
    assert dial(VOICEMAIL, BOX, STATE).verdict is Verdict.REFUSE


def test_the_code_listens_to_the_callers_own() -> None:
    decision = dial("*97", BOX, STATE, by="2002")
    assert decision.steps == (RunApp("voicemail_menu", "2002"),)
    assert keys(decision)[-1] == "voicemail.listens"
    refused = dial("*97", BOX, STATE, by="2001")
    assert (refused.verdict, refused.cause) == (Verdict.REFUSE, Cause.FORBIDDEN)
    assert refused.prompt == "forbidden"


def test_the_mailbox_is_a_target_that_is_never_closed() -> None:
    plan = plan_of(BOX)
    assert target_of(" Voicemail ", plan) == VOICEMAIL
    extension = BOX.document.extension_by_number["2002"]
    assert why_closed(extension, VOICEMAIL, plan) is None


def test_every_reason_has_words() -> None:
    for state, snapshot in ((STATE, BOX), (OFFLINE, BOX), (FULL, BOX)):
        for reason in dial("2002", snapshot, state).reasons:
            assert reason.key not in say(reason, "ru") and "{" not in say(reason, "en")
