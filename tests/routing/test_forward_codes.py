"""Codes by which an extension forwards its own calls."""

from __future__ import annotations

import pytest

from appliance.call.leg import Cause
from appliance.config.model import Document
from appliance.routing.decision import RunApp, Verdict
from appliance.routing.forwarding import target_of, why_closed
from appliance.routing.plan import plan_of
from tests.routing.office import BARE, P0, P9, dial, key_in, keys, office


@pytest.mark.parametrize(
    ("dialled", "argument"),
    [
        ("*722002", "2001 forward_always 2002"),
        ("*722002#", "2001 forward_always 2002"),
        ("*72989036785665", "2001 forward_always +79036785665"),
        ("*72+79036785665", "2001 forward_always +79036785665"),
        ("*7295551525", "2001 forward_always +74955551525"),
        ("*902002", "2001 forward_busy 2002"),
        ("*922002", "2001 forward_no_answer 2002"),
        ("*942002", "2001 forward_offline 2002"),
        ("*73", "2001 all"),
        ("*91", "2001 forward_busy"),
        ("*93", "2001 forward_no_answer"),
        ("*95", "2001 forward_offline"),
    ],
)
def test_each_code_sets_or_ends_its_own(dialled: str, argument: str) -> None:
    decision = dial(dialled)
    assert decision.steps == (RunApp("forward", argument),)
    assert decision.payment is None


@pytest.mark.parametrize(
    "dialled",
    ["*72", "*72112", "*729112", "*72*43", "*722001", "*7212", "*720", "*72plus", "*7289036785665"],
)
def test_what_nobody_may_forward_to_is_refused(dialled: str) -> None:
    decision = dial(dialled)
    assert (decision.verdict, decision.prompt) == (Verdict.REFUSE, "no_such_number")
    assert keys(decision)[-1] == "forward.no_target"


def test_nobody_forwards_where_he_may_not_call() -> None:
    decision = dial("*72989036785665", by="2005")
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.FORBIDDEN)
    assert keys(decision)[-1] == "class.forbids"
    assert dial("*722001", by="2003").cause is Cause.FORBIDDEN  # no features for this class
    assert dial("*722001", by="2005").verdict is Verdict.ROUTE


def test_codes_come_digit_by_digit_as_well() -> None:
    for growing in ("*", "*7", "*72", "*722", "*72200", "*729", "*7298903", "*9", "*90"):
        assert key_in(growing).verdict is Verdict.MORE_DIGITS, growing
    for whole in ("*722002", "*72989036785665", "*73", "*91"):
        assert key_in(whole).verdict is Verdict.ROUTE, whole


def test_what_comes_without_the_prefix_ends_as_it_does_in_any_call() -> None:
    """Keyed or en bloc: a local number of six digits, whose beginning no number has here."""
    six = office("P9", local_length=6, area_code="3522")
    for dialled in ("*90100000", "*90912345"):
        assert dial(dialled, six).verdict is Verdict.REFUSE
    assert dial("*909100000", six).steps == (RunApp("forward", "2001 forward_busy +73522100000"),)
    assert key_in("*90100", six) == dial("*90100", six)


def test_a_code_that_is_empty_is_none() -> None:
    silent = office("P9", forward_always_code="", forward_end_code="")
    assert dial("*722002", silent).steps == ()
    assert dial("*73", silent).steps == ()
    assert dial("*902002", silent).verdict is Verdict.ROUTE


@pytest.mark.parametrize(
    ("snapshot", "dialled", "target"),
    [
        (P9, "9 8 903 678-56-65", "+79036785665"),
        (P9, "89036785665", "+79036785665"),  # as people write it
        (P0, "089036785665", "+79036785665"),
        (BARE, "89036785665", "+79036785665"),
        (P9, "2002", "2002"),
        (P9, "112", ""),
        (P9, "9112", ""),
        (P9, "*43", ""),
        (P9, "", ""),
        (P9, "nobody", ""),
    ],
)
def test_what_is_kept_of_a_target(snapshot: object, dialled: str, target: str) -> None:
    assert target_of(dialled, plan_of(snapshot)) == target  # type: ignore[arg-type]


def test_why_a_target_is_closed() -> None:
    document: Document = P9.document
    found = {e.number: e for e in document.extensions}
    plan = plan_of(P9)
    assert why_closed(found["2001"], "+79036785665", plan) is None
    reason = why_closed(found["2005"], "+79036785665", plan)
    assert reason is not None and reason.key == "class.forbids"
    gone = why_closed(found["2001"], "2099", plan)
    assert gone is not None and gone.key == "forward.no_target"
