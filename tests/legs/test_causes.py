"""Tests of appliance/legs/causes.py."""

from __future__ import annotations

import pytest

from appliance.call.leg import Cause
from appliance.legs.causes import (
    STATUS,
    cause_of_status,
    is_answered_elsewhere,
    reason_header,
)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_refuses_with_a_final_failure(cause: Cause) -> None:
    assert 400 <= STATUS[cause] <= 699


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (404, Cause.NOT_FOUND),
        (408, Cause.NO_RESPONSE),
        (480, Cause.UNREACHABLE),
        (486, Cause.BUSY),
        (487, Cause.CANCELLED),
        (488, Cause.INCOMPATIBLE),
        (500, Cause.FAILURE),
        (503, Cause.CONGESTION),
        (599, Cause.FAILURE),
        (600, Cause.BUSY),
        (603, Cause.REJECTED),
        (402, Cause.REJECTED),
        (302, Cause.REJECTED),
    ],
)
def test_status_of_a_called_leg_has_a_cause(status: int, cause: Cause) -> None:
    assert cause_of_status(status) is cause


def test_phones_that_lost_the_race_are_told_so() -> None:
    """RFC 3326 §3.1: they must not count it as a missed call."""
    value = reason_header(Cause.ANSWERED_ELSEWHERE)
    assert value.startswith("SIP;cause=200")
    assert is_answered_elsewhere(value)


@pytest.mark.parametrize("value", ["", "Q.850;cause=16", "SIP;cause=487", "Q.850;cause=200"])
def test_other_reasons_are_not_answered_elsewhere(value: str) -> None:
    assert not is_answered_elsewhere(value)


def test_answered_elsewhere_is_read_with_spaces() -> None:
    assert is_answered_elsewhere('SIP ; cause = 200 ; text="Call completed elsewhere"')
