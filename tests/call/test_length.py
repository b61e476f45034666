"""How long a paid call lasts, and when its caller is warned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Answered, Ended
from appliance.routing.decision import DAY_LIMIT, Payment
from tests.kit.scripted_legs import ANSWER, Stage, outside, trunk


def talking(longest_s: float, warning_s: float, limit: str = "limit_call_minutes") -> Stage:
    payment = Payment("2001", longest_s, limit, 3600.0, warning_s)
    stage = Stage(replace(outside(trunk("a")), payment=payment))
    stage.tell(Answered(2, ANSWER))
    return stage


def told(stage: Stage, seconds: int) -> dict[int, list[str]]:
    """What the call says, by the second in which it does."""
    return {at: said for at in range(1, seconds + 1) if (said := stage.wait(1.0))}


@pytest.mark.parametrize(
    ("longest_s", "warning_s", "warned"),
    [
        (120.0, 60.0, {60: "first", 110: "last"}),
        (120.0, 10.0, {110: "last"}),
        (120.0, 5.0, {115: "last"}),
        (120.0, 0.0, {}),
        (60.0, 60.0, {50: "last"}),  # it would begin with the tone
        (30.0, 60.0, {20: "last"}),
        (10.0, 60.0, {}),
    ],
)
def test_two_warnings_and_the_end(
    longest_s: float, warning_s: float, warned: dict[int, str]
) -> None:
    said = told(talking(longest_s, warning_s), round(longest_s))
    (*_, end) = said
    assert end == longest_s
    assert [line.split()[0] for line in said.pop(end)] == ["Alert", "HangUp", "HangUp"]
    assert said == {at: [f"Warn 1 {which}"] for at, which in warned.items()}


def test_the_days_limit_has_its_own_alert() -> None:
    stage = talking(30.0, 0.0, DAY_LIMIT)
    assert stage.wait(31.0)[0] == f"Alert {DAY_LIMIT}"


def test_a_call_that_ended_warns_nobody() -> None:
    stage = talking(120.0, 60.0)
    stage.tell(Ended(1, stage.record().cause))
    stage.tell(Ended(2, stage.record().cause, False))
    assert stage.wait(130.0) == []
