"""Tests of appliance/legs/trunks/state.py."""

from __future__ import annotations

import pytest

from appliance.legs.trunks.state import (
    DOUBT_RETRY_S,
    FAILURES_TO_GO_DOWN,
    FIRST_RETRY_S,
    LONGEST_RETRY_S,
    REFUSED_RETRY_S,
    TrunkState,
    TrunkStatus,
    why_refused,
)


def test_first_success_brings_it_up_once() -> None:
    state = TrunkState()
    assert state.succeeded(10.0, 23.5)
    assert not state.succeeded(20.0)
    assert state.status is TrunkStatus.UP
    assert state.changed_at == 10.0
    assert state.round_trip_ms == 23.5


def test_failure_keeps_its_reason_and_time() -> None:
    state = TrunkState()
    state.succeeded(1.0)
    assert state.failed("no_answer", 0, 5.0)
    assert not state.failed("refused", 500, 9.0)
    assert (state.why, state.code, state.changed_at) == ("refused", 500, 5.0)


def test_back_off_doubles_and_ends_somewhere() -> None:
    state = TrunkState()
    waits = []
    for _ in range(12):
        state.failed("no_answer", 0, 0.0)
        waits.append(state.retry_after(0.5))
    assert waits[0] == FIRST_RETRY_S
    assert waits[1] == 2 * FIRST_RETRY_S
    assert waits[-1] == LONGEST_RETRY_S
    assert waits == sorted(waits)


@pytest.mark.parametrize("jitter", [0.0, 0.25, 1.0])
def test_jitter_is_a_quarter_each_way(jitter: float) -> None:
    state = TrunkState()
    state.failed("no_answer", 0, 0.0)
    assert 0.75 * FIRST_RETRY_S <= state.retry_after(jitter) <= 1.25 * FIRST_RETRY_S


def test_a_wrong_password_is_not_hammered() -> None:
    state = TrunkState()
    state.failed(why_refused(403), 403, 0.0)
    assert state.retry_after(0.5) == REFUSED_RETRY_S


def test_success_forgets_the_failures() -> None:
    state = TrunkState()
    for _ in range(5):
        state.failed("no_answer", 0, 0.0)
    state.succeeded(1.0)
    state.failed("no_answer", 0, 2.0)
    assert state.retry_after(0.5) == FIRST_RETRY_S


def test_what_may_be_chance_takes_several_in_a_row_to_bring_it_down() -> None:
    state = TrunkState()
    state.succeeded(0.0)
    for _ in range(FAILURES_TO_GO_DOWN - 1):
        assert not state.failed("no_answer", 0, 1.0, may_be_chance=True)
        assert state.is_in_doubt and state.why == ""
        assert state.retry_after(0.5) == DOUBT_RETRY_S
    assert state.failed("no_answer", 0, 2.0, may_be_chance=True)
    assert (state.status, state.why) == (TrunkStatus.DOWN, "no_answer")
    assert state.retry_after(0.5) == FIRST_RETRY_S, "back-off begins anew"


def test_a_word_ends_the_doubt() -> None:
    state = TrunkState()
    state.succeeded(0.0)
    state.failed("no_answer", 0, 1.0, may_be_chance=True)
    assert not state.succeeded(2.0), "it never was down"
    assert not state.is_in_doubt


def test_who_was_never_up_gets_no_benefit_of_the_doubt() -> None:
    assert TrunkState().failed("no_answer", 0, 1.0, may_be_chance=True)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (401, "credentials_refused"),
        (403, "credentials_refused"),
        (404, "account_unknown"),
        (408, "no_answer"),
        (503, "overloaded"),
        (500, "refused"),
    ],
)
def test_a_refusal_has_a_stable_key(code: int, why: str) -> None:
    assert why_refused(code) == why
