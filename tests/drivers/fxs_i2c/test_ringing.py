"""The rules of ringing: what is refused, what waits; every country's cadence is allowed."""

from __future__ import annotations

import random

import pytest

from drivers.api import Cadence, LineError
from drivers.country import country_codes, country_profile
from drivers.fxs_i2c.ringing import (
    MS,
    DutyMeter,
    Kind,
    Ringer,
    check_cadence,
    half_period_ns,
    rounds_of,
)

RU = Cadence((1000, 4000))


@pytest.mark.parametrize("code", country_codes())
def test_every_country_may_ring(code: str) -> None:
    ringing = country_profile(code).ringing
    check_cadence(ringing.cadence)
    assert half_period_ns(ringing.frequency_hz) == round(5e8 / ringing.frequency_hz)


@pytest.mark.parametrize(
    "pattern",
    [
        (1000, 4000),
        (2000, 4000),  # exactly a third
        (400, 200, 400, 2000),
        (3000, 6000),
        (1000, 500, 1000, 3500),
        (100, 200),
    ],
)
def test_what_is_allowed(pattern: tuple[int, ...]) -> None:
    check_cadence(Cadence(pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        (),
        (1000,),
        (1000, 1999),
        (2001, 4000),
        (3001, 9000),
        (99, 1000),
        (1000, 0),
        (1000, -1),
        (1000, 3800, 1000, 200),  # a third in all, but two bursts meet
        (2000, 60_000),
    ],
)
def test_what_is_refused(pattern: tuple[int, ...]) -> None:
    with pytest.raises(LineError) as refusal:
        check_cadence(Cadence(pattern))
    assert refusal.value.key == "line.ring_limit"


@pytest.mark.parametrize("hz", [15.0, 51.0, 0.001])
def test_no_other_frequency(hz: float) -> None:
    with pytest.raises(LineError):
        half_period_ns(hz)


def test_whatever_passes_is_a_third_at_most() -> None:
    """Random cadences: what check_cadence lets through never owes rest at the end of a round."""
    chance, passed = random.Random(3), 0
    for _ in range(3000):
        lengths = [chance.randrange(50, 4000) for _ in range(chance.choice((2, 4, 6)))]
        try:
            check_cadence(Cadence(tuple(lengths)))
        except LineError:
            continue
        passed += 1
        meter, now = DutyMeter(), 0
        for n, length in enumerate(lengths):
            meter.note(n % 2 == 0, now)
            now += length * MS
        assert meter.owed_ns(now) == 0
    assert passed > 300


def test_the_meter_wants_two_parts_of_rest() -> None:
    meter = DutyMeter()
    meter.note(True, 0)
    assert meter.high_for_ns(700) == 700
    meter.note(False, 1000)
    assert meter.owed_ns(1000) == 2000
    assert meter.owed_ns(2500) == 500
    assert meter.owed_ns(9999) == meter.high_for_ns(9999) == 0


def test_edges_lie_on_the_grid_however_late_one_looks() -> None:
    ringer = Ringer(rounds_of(RU, "never"), 20 * MS, 0)
    ringer.begin(0)
    assert [ringer.is_forward(ms * MS) for ms in (0, 19, 20, 39, 40, 63, 980)] == [
        *(True, True, False, False, True, False, False),
    ]
    assert ringer.next_change(37 * MS) == 40 * MS
    assert ringer.kind(999 * MS) is Kind.RING
    assert ringer.kind(1000 * MS) is Kind.QUIET and ringer.is_forward(1000 * MS)


@pytest.mark.parametrize(
    ("moment", "kinds", "window_ms"),
    [
        ("never", ["ring", "quiet"], (0, 0)),
        ("after_first_ring", ["ring", "quiet"], (1500, 4800)),
        ("after_reversal", ["reversed", "quiet"], (150, 2150)),
        ("after_ring_pulse", ["ring", "quiet"], (840, 2840)),
    ],
)
def test_the_caller_id_has_its_moment(
    moment: str, kinds: list[str], window_ms: tuple[int, int]
) -> None:
    first, *others = rounds_of(RU, moment)
    assert [step.kind.value for step in first.steps] == kinds
    assert tuple(ns // MS for ns in first.window) == window_ms
    assert len(others) == (moment != "never"), "only the first round is different"
    assert all(not any(other.window) for other in others)


def test_a_pause_too_short_has_no_window() -> None:
    assert rounds_of(Cadence((400, 800)), "after_first_ring")[0].window == (0, 0)
