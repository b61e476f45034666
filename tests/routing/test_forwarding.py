"""Calls that an extension sends on: where they go, on whose account, and what never happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause, Diversion
from appliance.config.model import Did, Snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import (
    CallRequest,
    Decision,
    Forwards,
    LiveState,
    RingExtension,
    Spent,
    Verdict,
)
from appliance.routing.forwarding import MOST_FORWARDS, onward
from tests.routing.office import (
    BINDINGS,
    NOW,
    P9,
    STATE,
    changed,
    come_in,
    dial,
    extension,
    keys,
    ways,
)

MOBILE = "+79036785665"
_OFFLINE = LiveState(bindings={k: v for k, v in BINDINGS.items() if k != "2002"})
_FULL = LiveState(bindings=BINDINGS, extension_calls={"2002": 4, "2005": 1})


def _office(service: str = "all", **forwards: object) -> Snapshot:
    """The usual office, in which 2002 forwards so."""
    extensions = tuple(
        replace(e, class_of_service=service, **forwards) if e.number == "2002" else e  # type: ignore[arg-type]
        for e in P9.document.extensions
    )
    return changed(P9, extensions=extensions)


def _chain(**always: str) -> Snapshot:
    extensions = tuple(
        replace(e, forward_always=always.get(f"e{e.number}", "")) for e in P9.document.extensions
    )
    return changed(P9, extensions=extensions)


def _go_on(decision: Decision, cause: Cause, office: Snapshot, **who: str) -> Decision:
    """What routing says when the call asks anew."""
    assert decision.forwards is not None
    asked = onward(CallRequest(dialled="2002", **who), decision.forwards, cause)  # type: ignore[arg-type]
    assert asked is not None
    return decide(asked, office, STATE, NOW)


def test_all_calls_go_to_another_extension() -> None:
    decision = dial("2002", _office(forward_always="2001"), by="2007")
    assert [s.extension for s in decision.steps if isinstance(s, RingExtension)] == ["2001"]
    assert decision.number == "2001"
    assert decision.diversion == Diversion("2002", "always")
    assert keys(decision)[1:4] == ["class.allows", "forward.always", "caller.on_behalf"]


def test_all_calls_go_outside_on_the_forwarders_account() -> None:
    decision = dial("2002", _office(forward_always=MOBILE), by="2004")
    assert ways(decision) == [("plus", MOBILE), ("eight", "89036785665")]
    assert decision.payment is not None and decision.payment.payer == "2002"
    assert next(s.caller_id for s in decision.steps if hasattr(s, "caller_id")) == "+74951112233"


def test_the_forwarders_class_holds_whoever_calls() -> None:
    for refused in (
        dial("2002", _office("internal", forward_always=MOBILE), by="2009"),
        come_in("+74957654321", "eight", _office("internal", forward_always=MOBILE)),
    ):
        assert (refused.verdict, refused.cause) == (Verdict.REFUSE, Cause.FORBIDDEN)
        assert refused.steps == () and "class.forbids" in keys(refused)


def test_a_strangers_call_costs_no_more_than_the_forwarders_limits() -> None:
    spent = LiveState(bindings=BINDINGS, spent={"2002": Spent(calls=99)})
    office = _office(forward_always=MOBILE, max_paid_calls=1)
    refused = come_in("+74957654321", "eight", office, spent)
    assert (refused.cause, refused.alerts) == (Cause.LIMIT, ("limit_paid_calls",))
    assert refused.alert_detail == "2002 (1)"
    assert come_in("+74957654321", "eight", office).verdict is Verdict.ROUTE


@pytest.mark.parametrize(
    ("field", "state", "cause", "why"),
    [
        ("forward_busy", _FULL, None, "busy"),
        ("forward_busy", STATE, Cause.BUSY, "busy"),
        ("forward_offline", _OFFLINE, None, "offline"),
        ("forward_offline", STATE, Cause.UNREACHABLE, "offline"),
        ("forward_offline", STATE, Cause.NO_RESPONSE, "offline"),
        ("forward_no_answer", STATE, Cause.NO_ANSWER, "no_answer"),
    ],
)
@pytest.mark.parametrize("target", ["2001", MOBILE])
def test_each_condition_has_its_own_target(
    field: str, state: LiveState, cause: Cause | None, why: str, target: str
) -> None:
    office = _office(**{field: target})
    decision = dial("2002", office, state, by="2007")
    if cause is not None:
        assert decision.number == "2002" and f"forward.if_{why}" in keys(decision)
        decision = _go_on(decision, cause, office, extension="2007")
    assert decision.verdict is Verdict.ROUTE
    assert decision.number == target
    assert decision.diversion == Diversion("2002", why)
    assert f"forward.{why}" in keys(decision)


def test_a_condition_that_did_not_come_true_sends_nothing_on() -> None:
    office = _office(forward_busy="2001")
    assert dial("2002", office, _OFFLINE, by="2007").cause is Cause.UNREACHABLE
    decision = dial("2002", office, by="2007")
    assert decision.forwards is not None
    for cause in (Cause.NO_ANSWER, Cause.REJECTED, Cause.UNREACHABLE, Cause.INCOMPATIBLE):
        assert onward(CallRequest(dialled="2002"), decision.forwards, cause) is None
    assert dial("2002", P9, by="2007").forwards is None


def test_a_phone_rings_as_long_as_the_forwarder_says() -> None:
    def seconds(**fields: object) -> list[int]:
        steps = dial("2002", _office(**fields), by="2007").steps
        return [s.ring_time_s for s in steps if isinstance(s, RingExtension)]

    assert seconds(forward_no_answer="2001") == [20]
    assert seconds(forward_no_answer="2001", forward_no_answer_s=7, ring_time_s=99) == [7]
    assert seconds(forward_busy="2001") == [45]


def test_busy_stays_busy_where_the_target_cannot_be_had() -> None:
    refused = dial("2002", _office("internal", forward_busy=MOBILE), _FULL, by="2007")
    assert (refused.verdict, refused.cause, refused.prompt) == (Verdict.REFUSE, Cause.BUSY, "busy")
    off = dial("2002", _office(forward_busy="2010"), _FULL, by="2007")
    assert (off.verdict, off.cause) == (Verdict.REFUSE, Cause.BUSY)


def test_the_limit_of_calls_is_of_calls_that_the_forwarder_takes_part_in() -> None:
    office = _office(forward_busy="2001")
    assert dial("2002", office, _FULL, by="2007").verdict is Verdict.ROUTE


def test_a_chain_ends_at_whom_it_leads_to_and_each_pays_for_his_part() -> None:
    office = _chain(e2001="2002", e2002="2006", e2006=MOBILE)
    decision = dial("2001", office, by="2007")
    assert decision.payment is not None and decision.payment.payer == "2006"
    assert decision.diversion == Diversion("2006", "always")
    assert keys(decision).count("forward.always") == 3


def test_nobody_forwards_twice() -> None:
    office = _chain(e2001="2002", e2002="2006", e2006="2001")
    decision = dial("2001", office, by="2007")
    assert (decision.verdict, keys(decision)[-1]) == (Verdict.REFUSE, "forward.circle")
    assert decision.cause is Cause.UNREACHABLE


def test_a_circle_that_waits_for_no_answer_ends_too() -> None:
    extensions = tuple(
        replace(e, forward_no_answer={"2001": "2002", "2002": "2001"}.get(e.number, ""))
        for e in P9.document.extensions
    )
    office = changed(P9, extensions=extensions)
    first = dial("2001", office, by="2007")
    second = _go_on(first, Cause.NO_ANSWER, office, extension="2007")
    assert second.number == "2002" and second.forwards is not None
    assert second.forwards.chain == ("2001", "2002")
    third = _go_on(second, Cause.NO_ANSWER, office, extension="2007")
    assert (third.verdict, keys(third)[-1]) == (Verdict.REFUSE, "forward.circle")


def test_a_call_is_sent_on_a_few_times_at_most() -> None:
    numbers = [str(n) for n in range(2101, 2109)]
    row = tuple(
        extension(n, forward_always=target)
        for n, target in zip(numbers, [*numbers[1:], ""], strict=True)
    )
    office = changed(P9, extensions=(*P9.document.extensions, *row))
    state = LiveState(bindings={**BINDINGS, numbers[-1]: ("phone",)})
    decision = dial(numbers[0], office, state, by="2007")
    assert (decision.verdict, keys(decision)[-1]) == (Verdict.REFUSE, "forward.too_many")
    assert dial(numbers[-1 - MOST_FORWARDS], office, state, by="2007").verdict is Verdict.ROUTE


@pytest.mark.parametrize("target", ["112", "9112", "911", "*43", "*8", "0", "*8" + "2001", "plus"])
@pytest.mark.parametrize("who", [{"extension": "2001"}, {"trunk": "eight"}])
def test_emergency_numbers_and_codes_are_never_targets(target: str, who: dict[str, str]) -> None:
    """No check of the settings lets them in; whatever would bring them there, nothing is called."""
    forwards = Forwards(chain=("2002",), always=target)
    asked = onward(CallRequest(dialled="2002", **who), forwards, Cause.BUSY)  # type: ignore[arg-type]
    assert asked is not None
    decision = decide(asked, P9, STATE, NOW)
    assert decision.verdict is Verdict.REFUSE and decision.steps == ()
    assert "emergency_call" not in decision.alerts


def test_whoever_calls_his_forwarder_back_hears_busy_and_rings_nowhere() -> None:
    decision = dial("2002", _office(forward_always="2001"), by="2001")
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.BUSY)


def test_a_number_that_is_switched_off_forwards_nothing() -> None:
    decision = dial("2002", _office(forward_always="2001", is_enabled=False), by="2007")
    assert decision.verdict is Verdict.REFUSE and keys(decision)[-1] == "extension.disabled"


def test_an_unknown_outside_number_is_forwarded_and_told_all_the_same() -> None:
    extensions = tuple(
        replace(e, forward_always="2001") if e.number == "2009" else e
        for e in P9.document.extensions
    )
    decision = come_in("+74950000000", "plus", changed(P9, extensions=extensions))
    assert (decision.verdict, decision.number) == (Verdict.ROUTE, "2001")
    assert (decision.alerts, decision.alert_detail) == (("unknown_did",), "2009")


def test_a_did_of_a_forwarding_extension_goes_out_by_a_trunk() -> None:
    did = Did(number="+74957654321", trunk="eight", extension="2002")
    office = changed(_office(forward_always=MOBILE), dids=(did,))
    decision = come_in("+74957654321", "eight", office)
    assert decision.payment is not None and decision.payment.payer == "2002"
