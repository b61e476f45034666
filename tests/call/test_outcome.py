"""Which failure the caller is told."""

from __future__ import annotations

import itertools

import pytest

from appliance.call.leg import Cause
from appliance.call.outcome import PROMPTS, RANKS, better


def test_what_a_person_did_tells_more_than_what_a_wire_did() -> None:
    order = [Cause.BUSY, Cause.REJECTED, Cause.NO_ANSWER, Cause.UNREACHABLE, Cause.NO_RESPONSE]
    for more, less in itertools.pairwise(order):
        assert better(more, less) is more
        assert better(less, more) is more


@pytest.mark.parametrize("cause", list(Cause))
def test_any_cause_is_better_than_none_and_stays_among_equals(cause: Cause) -> None:
    assert better(None, cause) is cause
    assert better(cause, cause) is cause
    if cause not in RANKS:
        assert better(cause, Cause.INTERNAL) is cause


def test_every_ranked_cause_has_words() -> None:
    assert set(RANKS) == set(PROMPTS)
