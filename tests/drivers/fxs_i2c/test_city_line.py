"""A line of the exchange on the same chip: ringing and reversals heard, OH and CID driven."""

from __future__ import annotations

import pytest

from drivers.events import LineLost, PolarityReversed, RingStarted, RingStopped
from drivers.fxs_i2c.messages import Verb
from tests.drivers.fxs_i2c.bench import MS, RU, Bench

PORT = 2


@pytest.fixture
def bench() -> Bench:
    return Bench(wiring="duo-fxo").run(100)


@pytest.mark.parametrize("hz", [16.7, 20.0, 25.0, 50.0])
def test_ringing_is_told_within_150_ms(bench: Bench, hz: float) -> None:
    begun = bench.now + 7 * MS
    bench.board.exchanges[0].ring(begun, hz=hz)
    while not bench.of(RingStarted, PORT):
        bench.run(1)
    print(f"{hz} Hz: told after {(bench.now - begun) / MS:.0f} ms")
    assert bench.now - begun <= 150 * MS
    assert abs(bench.of(RingStarted, PORT)[0].at_ns - begun) < 6 * MS


def test_a_call_that_gives_up_is_told_once(bench: Bench) -> None:
    for n in range(3):
        bench.board.exchanges[0].ring(bench.now + (10 + n * 5000) * MS)
    bench.run(25_000)
    assert len(bench.of(RingStarted, PORT)) == len(bench.of(RingStopped, PORT)) == 1
    assert not bench.of(PolarityReversed, PORT)
    assert not bench.of(RingStarted, PORT + 1)


def test_the_caller_id_is_listened_for_between_the_bursts(bench: Bench) -> None:
    begun = bench.now
    bench.board.exchanges[0].ring(begun)
    bench.board.exchanges[0].ring(begun + 5000 * MS)
    bench.run(6000)
    times = [((at - begun) / MS, on) for at, on in bench.board.exchanges[0].caller_id_times]
    assert [on for _, on in times[:2]] == [True, False]
    assert 1000 < times[0][0] < 1300 and 5000 <= times[1][0] < 5020


def test_a_reversal_of_1_ms_is_caught_between_two_polls(bench: Bench) -> None:
    """Only INTCAP shows it; 40 of 40, at every place between two polls."""
    for n in range(40):
        bench.board.exchanges[0].reverse(bench.now + 10 * MS + n * 97_000)
        bench.run(300)
    reversals = bench.of(PolarityReversed, PORT)
    assert [event.is_reversed for event in reversals] == [n % 2 == 0 for n in range(40)]
    assert not bench.of(RingStarted, PORT)


def test_a_reversed_line_lets_caller_id_through_until_it_rings(bench: Bench) -> None:
    """EN 300 659-1: reversal, alerting tone, message, then the first ring."""
    begun = bench.now
    bench.board.exchanges[0].reverse(begun + 10 * MS)
    bench.run(1500)
    bench.board.exchanges[0].ring(bench.now)
    bench.run(500)
    times = [((at - begun) / MS, on) for at, on in bench.board.exchanges[0].caller_id_times]
    assert [on for _, on in times[:2]] == [True, False]
    assert 110 <= times[0][0] < 130, "told after 100 ms, before the message begins"
    assert 1500 <= times[1][0] < 1620
    bench.board.exchanges[0].reverse(bench.now + 20_000 * MS)
    bench.run(30_000)
    on, off = bench.board.exchanges[0].caller_id_times[-2:]
    assert on[1] and not off[1] and (off[0] - on[0]) / MS == pytest.approx(3900, abs=20)


def test_answering(bench: Bench) -> None:
    bench.board.exchanges[0].ring(bench.now)
    bench.run(500)
    bench.order(Verb.ANSWER, PORT)
    bench.run(10_000)
    assert bench.board.exchanges[0].is_off_hook
    assert not bench.of(RingStopped, PORT), "it was taken, not given up"
    bench.order(Verb.RELEASE, PORT)
    bench.run(10)
    assert not bench.board.exchanges[0].is_off_hook


def test_glare(bench: Bench) -> None:
    bench.board.exchanges[0].ring(bench.now)
    bench.run(300)
    assert bench.refused(Verb.SEIZE, PORT) == "line.glare"
    assert not bench.board.exchanges[0].is_off_hook


def test_flash(bench: Bench) -> None:
    bench.order(Verb.SEIZE, PORT)
    bench.run(1000)
    done = bench.order(Verb.FLASH, PORT, duration_ms=600)
    assert bench.refused(Verb.FLASH, PORT, duration_ms=600) == "line.busy"
    bench.run(2000)
    (_, taken), (opened, _), (closed, is_closed) = bench.board.exchanges[0].hooks
    assert taken and is_closed
    assert (closed - opened) / MS == pytest.approx(600, abs=5)
    assert abs(done - closed) < 5 * MS


@pytest.mark.parametrize(
    ("country", "break_ms", "make_ms", "gap_ms"), [("RU", 60, 40, 800), ("FR", 67, 33, 800)]
)
def test_pulse_dialling(country: str, break_ms: int, make_ms: int, gap_ms: int) -> None:
    """310 in the breaks, makes and pauses of the country's profile."""
    bench = Bench(country, "duo-fxo")
    bench.run(100)
    bench.order(Verb.SEIZE, PORT)
    bench.run(1000)
    bench.order(Verb.DIAL_PULSES, PORT, digits="310")
    bench.run(5000)
    hooks = bench.board.exchanges[0].hooks[1:]
    breaks = [(b - a) / MS for (a, _), (b, _) in zip(hooks[::2], hooks[1::2], strict=True)]
    makes = [(b - a) / MS for (a, _), (b, _) in zip(hooks[1:-1:2], hooks[2::2], strict=True)]
    pauses = {3 - 1: gap_ms, 3 + 1 - 1: gap_ms}  # after the 3 and after the 1
    assert len(breaks) == 3 + 1 + 10
    assert breaks == pytest.approx([break_ms] * 14, abs=1)
    wanted = [make_ms + pauses.get(at, 0) for at in range(len(makes))]
    assert makes == pytest.approx(wanted, abs=1)
    assert bench.board.exchanges[0].is_off_hook


@pytest.mark.parametrize(
    ("verb", "values", "key"),
    [
        (Verb.FLASH, {"duration_ms": 600}, "line.busy"),
        (Verb.DIAL_PULSES, {"digits": "1"}, "line.busy"),
        (Verb.RING, {"pattern_ms": RU.pattern_ms}, "line.unsupported"),
        (Verb.REVERSE, {"is_on": True}, "line.unsupported"),
    ],
)
def test_what_a_line_on_hook_cannot(
    bench: Bench, verb: Verb, values: dict[str, object], key: str
) -> None:
    assert bench.refused(verb, PORT, **values) == key


@pytest.mark.parametrize("digits", ["", "1*", "a", "1" * 41])
def test_what_cannot_be_pulsed(bench: Bench, digits: str) -> None:
    bench.order(Verb.SEIZE, PORT)
    assert bench.refused(Verb.DIAL_PULSES, PORT, digits=digits) == "line.unsupported"


def test_a_lost_chip_leaves_no_line_taken(bench: Bench) -> None:
    bench.order(Verb.SEIZE, PORT)
    bench.run(100)
    bench.board.brown_out()
    assert not bench.board.exchanges[0].is_off_hook, "the board's pull-ups"
    bench.run(3000)
    assert not bench.board.exchanges[0].is_off_hook
    assert bench.of(LineLost, PORT)
