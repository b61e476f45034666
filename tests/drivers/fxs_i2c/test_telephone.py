"""A telephone on the board, from its hook to the events and from orders to its bell.

Everything goes through the register-level emulator and the safety judge, in virtual time. Figures
are printed (pytest -s).
"""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from drivers.events import (
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    LineBack,
    OffHook,
    OnHook,
    PortFault,
)
from drivers.fxs_i2c.messages import Verb
from tests.drivers.fxs_i2c.bench import MS, RU, UK, US, Bench
from tests.kit.slic import Manners


@pytest.fixture
def bench() -> Bench:
    return Bench().run(100)


@pytest.mark.parametrize(
    ("country", "cadence", "hz", "expected"),
    [
        ("RU", RU, 25, [(1000, 0), (1000, 4000), (1000, 4000)]),
        ("US", US, 20, [(2000, 0), (2000, 4000), (2000, 4000)]),
        ("GB", UK, 25, [(400, 0), (400, 200), (400, 2000), (400, 200), (400, 2000)]),
    ],
)
def test_it_rings_as_the_country_does(
    country: str, cadence: object, hz: int, expected: list[tuple[float, float]]
) -> None:
    bench = Bench(country).run(100)
    bench.ring(cadence=cadence)  # type: ignore[arg-type]
    bench.run(16_000)
    for burst, wanted in zip(bench.bursts(), expected, strict=False):
        assert burst == pytest.approx(wanted)
    assert len(bench.bursts()) >= len(expected)
    edges = bench.board.judge.watches[0].edges
    halves = [later - edge for edge, later in pairwise(edges) if later - edge < 100 * MS]
    measured = 5e8 / (sum(halves) / len(halves))
    print(f"{country}: {measured:.3f} Hz over {len(halves)} half periods")
    assert abs(measured - hz) < 0.1
    assert not bench.of(OffHook), "ringing current on SHK is no lifted phone"


@pytest.mark.parametrize("pulse_ms", [0.0, 4.0, 8.0, 10.0])
def test_no_false_trip(pulse_ms: float) -> None:
    """However long SHK is high in each half wave of a bell that nobody answers."""
    bench = Bench(manners=Manners(ac_pulse_ms=pulse_ms)).run(100)
    bench.ring()
    bench.run(20_000)
    assert not bench.of(OffHook)
    assert len(bench.bursts()) == 4


def test_ring_trip_at_any_moment() -> None:
    """RM falls 10 to 100 ms after a lift within a burst, F/R held; never while it is still 500."""
    trips: list[float] = []
    for n in range(60):
        bench = Bench(manners=Manners(seed=n)).run(100)
        bench.ring()
        lifted = bench.now + (40 + n * 17) * MS
        bench.board.slics[0].lift(lifted)
        bench.run(2500)
        assert len(bench.of(OffHook)) == 1, "once"
        assert bench.of(OffHook)[0].at_ns - lifted < 80 * MS
        assert not bench.of(OnHook) and not bench.of(DigitPulsed)
        assert bench.board.judge.is_silent()
        trips += bench.board.judge.trips_ms if n < 50 else []  # later ones meet the burst's end
    print(f"RM off after trip: {min(trips):.1f} to {max(trips):.1f} ms")
    assert min(trips) >= 10 and max(trips) <= 100


def lift_and_see(seed: int = 0) -> Bench:
    """A phone was lifted under the ringing current, and that has just been told."""
    bench = Bench(manners=Manners(seed=seed)).run(100)
    bench.ring()
    lifted = bench.now + (100 + seed * 7) * MS
    bench.board.slics[0].lift(lifted)
    while not bench.of(OffHook):
        assert bench.now < lifted + 200 * MS
        bench.run(1)
    return bench


def held_ms(bench: Bench) -> float:
    """How long F/R was held before RM fell."""
    watch = bench.board.judge.watches[0]
    assert not watch.rm and watch.fr and watch.fr_ns < watch.fell_ns
    return (watch.fell_ns - watch.fr_ns) / MS


@pytest.mark.parametrize("late_ms", [0, 5, 15, 25, 45])
def test_f_r_is_held_under_a_ring_trip_however_late_it_is_written(late_ms: int) -> None:
    for seed in range(20):
        bench = lift_and_see(seed)
        bench.board.judge._slack = 2 * late_ms * MS
        bench.clock.pass_ns(late_ms * MS)
        bench.run(100)
        assert held_ms(bench) >= 19


@pytest.mark.parametrize("verb", [Verb.STOP_RING, Verb.RELEASE])
def test_no_order_cuts_a_ring_trip_short(verb: Verb) -> None:
    """A caller who gives up in the moment of the lift."""
    for seed in range(20):
        bench = lift_and_see(seed)
        bench.order(verb)
        bench.run(100)
        assert held_ms(bench) >= 19
        bench.run(1000)
        assert len(bench.of(OffHook)) == 1 and not bench.of(OnHook)


def test_feed_and_polarity_stay_as_they_are_under_a_ring_trip() -> None:
    bench = lift_and_see()
    assert bench.refused(Verb.OPEN_LOOP, duration_ms=300) == "line.busy"
    assert bench.refused(Verb.REVERSE, is_on=True) == "line.busy"
    bench.order(Verb.REVERSE, is_on=False)
    bench.run(100)
    bench.order(Verb.REVERSE, is_on=True)
    bench.run(10)
    assert not bench.board.judge.watches[0].fr


def test_a_chip_that_starts_again_under_a_ring_trip_stays_silent() -> None:
    bench = lift_and_see()
    bench.board.brown_out()
    bursts = len(bench.bursts())
    bench.run(1000)
    assert [fault.code for fault in bench.of(PortFault)] == ["line.brown_out"]
    assert len(bench.bursts()) == bursts
    assert len(bench.of(OffHook)) == 1


def test_a_hook_is_told_within_20_ms() -> None:
    """From SHK (5 ms after the loop) to the event, for lifts and hang-ups of a bouncing contact."""
    latest = 0.0
    for n in range(40):
        bench = Bench(manners=Manners(seed=n)).run(100)
        told: list[int] = []
        at = bench.now + n * 1_300_000
        bench.board.slics[0].lift(at)
        while not told and bench.now < at + 100 * MS:
            bench.run(0.25)
            told = [bench.now] if bench.of(OffHook) else []
        latest = max(latest, (told[0] - at) / MS - 5 - bench.board.slics[0].manners.bounce_ms)
    print(f"hook to event: at most {latest:.1f} ms after SHK is steady")
    assert latest <= 20


def test_a_short_lift_of_noise_is_nothing(bench: Bench) -> None:
    slic = bench.board.slics[0]
    for n in range(20):
        slic.loop(True, bench.now + n * 50 * MS, bounces=False)
        slic.loop(False, bench.now + (n * 50 + 7) * MS, bounces=False)
    bench.run(2000)
    assert not bench.of(OffHook)


def test_a_thousand_pulse_digits() -> None:
    """8 to 12 pulses a second, 33 to 50 % make, bouncing: through chip, bus, polls and reader."""
    chance, wrong, dialled = random.Random(11), [], 0
    bench = Bench(wiring="single", manners=Manners(bounce_ms=3.0)).run(100)
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(500)
    while dialled < 1000:
        digit, pps = str(chance.randrange(10)), chance.uniform(8, 12)
        end = bench.board.slics[0].dial(digit, bench.now + MS, pps, chance.uniform(0.33, 0.5))
        bench.told.clear()
        bench.run((end - bench.now) / MS + 260)
        dialled += 1
        if [event.digit for event in bench.of(DigitPulsed)] != [digit] or bench.of(OnHook):
            wrong.append((digit, pps))
    print(f"pulse digits: {dialled - len(wrong)} of {dialled}")
    assert not wrong


@pytest.mark.parametrize("country", ["RU", "DE", "GB", "US"])
def test_the_edges_of_the_flash_window(country: str) -> None:
    """A flash is one from 10 ms inside of the window on, and none from 10 ms outside of it. Where
    the window begins among a dial's breaks, a lone one is told as a 1 with its length."""
    shortest, longest = Bench(country).expander.lines[0]._plan.times, 0  # type: ignore[union-attr]
    shortest, longest = shortest.flash_least_ms, shortest.flash_longest_ms
    cases = [(shortest - 10, 0), (shortest + 10, 1), (longest - 10, 1), (longest + 10, 0)]
    for lasts, expected in cases:
        bench = Bench(country).run(100)
        bench.board.slics[0].lift(bench.now + MS)
        bench.run(300)
        bench.board.slics[0].flash(bench.now + MS, lasts)
        bench.run(3000)
        flashes = [flash.duration_ms for flash in bench.of(FlashHook)]
        ones = [pulsed.break_ms for pulsed in bench.of(DigitPulsed) if pulsed.digit == "1"]
        flashes += [ms for ms in ones if ms >= shortest]
        assert len(flashes) == expected, f"{lasts} ms"
        assert all(abs(ms - lasts) <= 10 for ms in flashes)


def test_the_caller_id_window_after_the_first_ring(bench: Bench) -> None:
    begun = bench.now
    bench.ring(shows=True)
    bench.run(12_000)
    (window,) = bench.of(CallerIdWindow)
    assert (window.at_ns - begun) / MS == pytest.approx(1500, abs=10)
    assert (window.until_ns - begun) / MS == pytest.approx(4800, abs=10)


def test_the_caller_id_window_behind_a_reversal() -> None:
    """Britain: the line turns, the phone listens, then it rings."""
    bench = Bench("GB").run(100)
    begun = bench.now
    bench.ring(cadence=UK, shows=True)
    bench.run(200)
    assert not bench.board.slics[0].fr and not bench.board.slics[0].rm
    bench.run(4000)
    (window,) = bench.of(CallerIdWindow)
    (first, _), *_ = bench.board.judge.watches[0].bursts
    assert 100 <= (window.at_ns - begun) / MS <= 300
    assert 200 * MS <= first - window.until_ns <= 500 * MS


def test_four_phones_share_the_current() -> None:
    """All rung at once: never more bursts at a time than the supply feeds, all in their cadence."""
    bench = Bench(supply_ma=1500).run(100)
    for port in range(4):
        bench.ring(port)
    bench.run(30_000)
    assert bench.board.judge.most_at_once == 2
    for port in range(4):
        lengths, pauses = zip(*bench.bursts(port)[1:], strict=True)
        assert lengths == pytest.approx((1000,) * len(lengths))
        assert pauses == pytest.approx((4000,) * len(pauses), abs=25), "the rhythm stays"
    starts = sorted(watch.bursts[0][0] for watch in bench.board.judge.watches)
    assert all(later - start >= 100 * MS for start, later in pairwise(starts))


def test_whose_turn_comes_after_a_lift(bench: Bench) -> None:
    """The first is answered before the second began: the second rings all the same."""
    bench.ring(0)
    bench.ring(1)
    bench.board.slics[0].lift(bench.now + 5 * MS)
    bench.run(3000)
    assert len(bench.of(OffHook)) == 1
    assert len(bench.bursts(1)) == 1


def test_a_weak_supply_rings_one_after_the_other() -> None:
    bench = Bench(supply_ma=700).run(100)
    for port in range(4):
        bench.ring(port)
    bench.run(30_000)
    assert bench.board.judge.most_at_once == 1
    assert all(len(bench.bursts(port)) >= 4 for port in range(4)), "everybody's turn comes"


def test_impatience_does_not_ring_longer(bench: Bench) -> None:
    """Ring and stop again and again: a third of the time stays the most (the judge counts)."""
    for _ in range(30):
        bench.ring()
        bench.run(900)
        bench.order(Verb.STOP_RING)
        bench.run(50)
    bench.run(6000)
    high = sum(length for length, _ in bench.bursts())
    assert 3 * high <= bench.now / MS
    assert high > 5000, "it rang all the same"


@pytest.mark.parametrize(
    ("pattern", "key"), [((1000, 1000), "line.ring_limit"), ((), "line.ring_limit")]
)
def test_what_breaks_a_limit_is_refused(bench: Bench, pattern: tuple[int, ...], key: str) -> None:
    assert bench.refused(Verb.RING, pattern_ms=pattern) == key
    bench.run(1000)
    assert not bench.bursts()


def test_a_lifted_phone_is_not_rung(bench: Bench) -> None:
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(100)
    assert bench.refused(Verb.RING, pattern_ms=RU.pattern_ms) == "line.busy"


def test_lifted_in_the_pause(bench: Bench) -> None:
    bench.ring()
    bench.run(2000)
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(6000)
    assert len(bench.of(OffHook)) == 1
    assert len(bench.bursts()) == 1


def test_stopping_in_a_burst(bench: Bench) -> None:
    bench.ring()
    bench.run(300)
    bench.order(Verb.STOP_RING)
    bench.run(1000)
    assert bench.bursts()[0][0] == pytest.approx(300, abs=5)
    assert not bench.of(OffHook)
    assert bench.board.slics[0].fr


def test_answer_supervision(bench: Bench) -> None:
    """The line is reversed while the phone talks, and right again once it is hung up."""
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(200)
    bench.order(Verb.REVERSE, is_on=True)
    bench.run(500)
    assert not bench.board.slics[0].fr
    assert not bench.of(OnHook)
    bench.board.slics[0].hang_up(bench.now + MS)
    bench.run(1500)
    assert len(bench.of(OnHook)) == 1
    assert bench.board.slics[0].fr


def test_the_loop_is_opened_for_a_machine(bench: Bench) -> None:
    """PD goes low for 500 ms and is let go; the phone that stays lifted has not hung up."""
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(200)
    begun = bench.now
    assert bench.order(Verb.OPEN_LOOP, duration_ms=500) == begun + 500 * MS
    bench.run(100)
    assert not bench.board.slics[0].is_fed
    bench.run(3000)
    assert bench.board.slics[0].is_fed
    assert not bench.of(OnHook) and len(bench.of(OffHook)) == 1


def test_a_shared_feed_is_cut_only_when_nobody_is_hurt(bench: Bench) -> None:
    bench.board.slics[3].lift(bench.now + MS)
    bench.run(100)
    assert bench.refused(Verb.OPEN_LOOP, 2, duration_ms=500) == "line.unsupported"
    assert bench.order(Verb.OPEN_LOOP, 1, duration_ms=500) > bench.now
    bench.run(1000)
    assert bench.of(LineBack, 3) and bench.board.slics[3].is_fed


def test_hung_up_while_the_loop_was_open(bench: Bench) -> None:
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(200)
    bench.order(Verb.OPEN_LOOP, duration_ms=500)
    bench.board.slics[0].hang_up(bench.now + 200 * MS)
    bench.run(3000)
    assert len(bench.of(OnHook)) == 1


def test_a_late_edge_is_counted_and_a_very_late_one_ends_the_ringing(bench: Bench) -> None:
    bench.ring()
    bench.run(100)
    bench.clock.pass_ns(26 * MS)
    bench.board.judge._slack = 200 * MS  # the delay is the machine's, here
    bench.run(200)
    assert bench.tender.figures.late_edges == 1
    assert not bench.of(PortFault)
    bench.clock.pass_ns(90 * MS)
    bench.run(10)
    assert [fault.code for fault in bench.of(PortFault)] == ["line.ring_late"]
    assert bench.board.judge.is_silent()
    bench.board.judge.violations.clear()
    bench.run(5000)
    assert len(bench.bursts()) == 1, "and it does not ring again by itself"
