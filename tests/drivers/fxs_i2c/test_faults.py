"""Buses that fail and chips that forget: everything recovers, and nothing ever rings on.

The safety judge looks on in all of them (bench.run).
"""

from __future__ import annotations

import random

import pytest

from drivers.events import LineBack, LineLost, OffHook, OnHook, PortFault
from drivers.fxs_i2c.messages import Verb
from tests.drivers.fxs_i2c.bench import MS, RU, US, Bench

SEED = 20261127


@pytest.fixture
def bench() -> Bench:
    return Bench().run(100)


def codes(bench: Bench, port: int = 0) -> list[str]:
    return [fault.code for fault in bench.of(PortFault, port)]


def test_two_naks_are_nothing(bench: Bench) -> None:
    bench.ring()
    bench.run(100)
    bench.board.bus.naks = 2
    bench.run(2000)
    assert not codes(bench) and not bench.of(LineLost)
    assert bench.tender.figures.bus_errors == 2
    assert bench.bursts()[0][0] == pytest.approx(1000, abs=2)


def test_a_chip_that_was_away_comes_back(bench: Bench) -> None:
    """Three NAKs: every port is down; a second later it is there again."""
    bench.board.bus.naks = 3
    bench.run(100)
    for port in range(4):
        assert codes(bench, port) == ["line.bus"]
        assert len(bench.of(LineLost, port)) == 1
    assert bench.refused(Verb.RING, pattern_ms=RU.pattern_ms) == "line.lost"
    bench.run(1200)
    assert all(len(bench.of(LineBack, port)) == 2 for port in range(4))
    bench.ring()
    bench.run(500)
    assert not bench.board.judge.is_silent()


def test_a_bus_that_sticks_while_it_rings(bench: Bench) -> None:
    """RM stays as it is while nobody can be told; once the bus is free it falls, for good."""
    bench.ring()
    bench.run(200)
    bench.board.bus.is_stuck = True
    bench.clock.pass_ns(5 * MS)
    bench.board.judge._slack = 400 * MS
    bench.run(300)
    assert not bench.board.judge.is_silent(), "nobody could"
    bench.board.bus.is_stuck = False
    bench.run(60)
    assert bench.board.judge.is_silent(), "within 50 ms"
    bench.run(10_000)
    assert len(bench.bursts()) == 1


def test_a_brown_out_is_found_within_two_polls(bench: Bench) -> None:
    bench.board.slics[1].lift(bench.now + MS)
    bench.ring()
    bench.run(1500)
    bench.board.brown_out()
    assert bench.board.judge.is_silent(), "the pull-downs of the board"
    bench.run(10)
    assert codes(bench) == ["line.brown_out"]
    assert bench.tender.figures.restarts == 1
    assert bench.board.chip.direction == 0x7F00
    bench.run(500)
    assert not bench.of(OnHook, 1), "who talks has not hung up"
    assert len(bench.of(OffHook, 1)) == 1
    bench.ring()
    bench.run(1200)
    assert not bench.board.judge.is_silent(), "and it works again, once it has rested"


def test_a_bus_that_reads_noise_for_long_tells_it_once_a_second(bench: Bench) -> None:
    """No flood of faults; and once it is over everything works."""
    bench.ring()
    bench.run(300)
    bench.board.bus.garbage = random.Random(SEED)
    bench.run(10_000)
    assert bench.board.judge.is_silent()
    assert 5 <= len(codes(bench)) <= 30
    bench.board.bus.garbage = None
    bench.run(2500)
    assert bench.refused_or_done(Verb.RING, 0, pattern_ms=RU.pattern_ms) == ""


def test_an_output_that_is_shorted_is_a_fault_not_a_flood(bench: Bench) -> None:
    """RM of port 2 held low by something else: the pins show it as soon as it should be high."""
    bench.board.chip.shorted = 0x40
    bench.run(1000)
    assert not codes(bench)
    bench.ring(2)
    bench.run(3500)
    assert set(codes(bench)) == {"line.bus"} and len(codes(bench)) == 1
    assert not bench.refused_or_done(Verb.RING, 0, pattern_ms=RU.pattern_ms)


@pytest.mark.parametrize(
    ("register", "value"), [(0x0A, 0x80), (0x0A, 0x20), (0x14, 0x1F), (0x02, 0xFF), (0x05, 0x00)]
)
def test_settings_that_changed_by_themselves_are_put_right(
    bench: Bench, register: int, value: int
) -> None:
    """A bit flipped by a spark: BANK and SEQOP as well, which move the registers about."""
    bench.run(1)
    bench.board.judge._slack = 2000 * MS  # RM that the spark raised
    bench.board.bus.write_i2c_block_data(0x20, register, [value])
    bench.run(1200)
    assert codes(bench) == ["line.settings_lost"]
    assert bench.board.chip.latch == 0x000F and bench.board.chip.direction == 0x7F00
    bench.board.slics[0].lift(bench.now + MS)
    bench.run(300)
    assert bench.of(OffHook)


def test_a_chip_that_is_not_there_at_the_start() -> None:
    bench = Bench()
    bench.board.bus.is_stuck = True
    bench.run(5000)
    assert not bench.told, "down as it was from the beginning"
    bench.board.bus.is_stuck = False
    bench.run(1100)
    assert all(bench.of(LineBack, port) for port in range(4))


def test_a_phone_lifted_before_the_start_is_told() -> None:
    bench = Bench()
    bench.board.slics[2].lift(bench.now)
    bench.run(500)
    assert len(bench.of(OffHook, 2)) == 1


def test_closing_leaves_all_quiet(bench: Bench) -> None:
    bench.ring()
    bench.ring(1)
    bench.run(300)
    assert bench.tender.silence()
    assert bench.board.judge.is_silent()
    bench.board.bus.is_stuck = True
    assert not bench.tender.silence()


@pytest.mark.parametrize("seed", range(8))
def test_noise_on_the_bus(seed: int) -> None:
    """Reads of garbage, NAKs, brown-outs and orders at random: no crash, no limit broken."""
    chance = random.Random(SEED + seed)
    bench = Bench(wiring=chance.choice(("quad-a", "duo-fxo"))).run(100)
    bench.board.judge._slack = 60 * MS  # what the noise delays is not the driver's
    bench.board.judge.stall_ns = 500 * MS  # nor what nobody can be told
    for _ in range(250):
        bench.board.bus.nak_share = chance.choice((*[0.0] * 6, 0.01, 0.1, 0.4))
        bench.board.bus.garbage = chance if chance.random() < 0.08 else None
        if chance.random() < 0.03:
            bench.board.brown_out()
        _touch_a_telephone(bench, chance)
        _order_at_random(bench, chance)
        bench.run(chance.randrange(1, 400))
    bench.board.bus.nak_share, bench.board.bus.garbage = 0.0, None
    bench.run(5000)
    for port in range(4):
        bench.refused_or_done(Verb.STOP_RING, port)
    bench.run(100)
    assert bench.board.judge.is_silent()
    bursts = [burst for watch in bench.board.judge.watches for burst in watch.bursts]
    print(f"noise {seed}: {len(bursts)} bursts, {bench.tender.figures}, {len(bench.told)} events")
    assert bursts, "it rang in between"


def _touch_a_telephone(bench: Bench, chance: random.Random) -> None:
    slic = chance.choice(bench.board.slics)
    if chance.random() < 0.05:
        slic.lift(bench.now + MS)
    elif chance.random() < 0.3:
        slic.hang_up(bench.now + MS)


def _order_at_random(bench: Bench, chance: random.Random) -> None:
    verb = chance.choice([*Verb, *[Verb.RING] * 6])
    bench.refused_or_done(
        verb,
        chance.randrange(5),
        pattern_ms=chance.choice((RU.pattern_ms, (1, 2), US.pattern_ms, (3000, 9000), ())),
        is_on=chance.random() < 0.5,
        duration_ms=chance.randrange(-5, 900),
        digits=chance.choice(("", "12", "x")),
    )
