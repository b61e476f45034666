"""Twenty misses of one source, and no more."""

from __future__ import annotations

from provisioning.throttle import MEMORY_S, MOST_MISSES, MOST_SOURCES, Throttle


def test_the_twentieth_miss_is_one_too_many() -> None:
    throttle = Throttle()
    told = [throttle.missed("http a", f"/{n}.cfg", 1.0) for n in range(MOST_MISSES)]
    assert told == [False] * (MOST_MISSES - 1) + [True]
    assert throttle.is_throttled("http a", 1.0)
    assert not throttle.is_throttled("tftp a", 1.0)
    assert not throttle.is_throttled("http b", 1.0)
    assert throttle.is_throttled("http a", MEMORY_S)
    assert not throttle.is_throttled("http a", 1.0 + MEMORY_S)


def test_a_phone_that_asks_on_for_the_same_file_is_not_throttled() -> None:
    throttle = Throttle()
    assert not any(throttle.missed("http a", "/y.boot", float(n)) for n in range(500))


def test_misses_are_forgotten_in_time() -> None:
    throttle = Throttle()
    for n in range(MOST_MISSES - 1):
        throttle.missed("http a", f"/{n}", 0.0)
    assert not throttle.missed("http a", "/new", MEMORY_S + 1)


def test_sources_without_number_cost_no_memory() -> None:
    throttle = Throttle()
    for n in range(MOST_SOURCES + 100):
        throttle.missed(f"tftp {n}", "/x", 0.0)
    assert len(throttle._sources) == MOST_SOURCES
