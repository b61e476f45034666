"""Twenty misses of one source, and no more."""

from __future__ import annotations

from provisioning.throttle import (
    MEMORY_S,
    MOST_MISSES,
    MOST_OF_NETWORK,
    MOST_SOURCES,
    Throttle,
    network_of,
)


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
    assert len(throttle._sources["tftp"]) == MOST_SOURCES


def _throttled(throttle: Throttle, source: str) -> None:
    for n in range(MOST_MISSES):
        throttle.missed(source, f"/{n}", 1.0)
    assert throttle.is_throttled(source, 2.0)


def test_forged_sources_push_nobody_out_who_is_throttled() -> None:
    throttle = Throttle()
    for source in ("http a", "tftp a"):
        _throttled(throttle, source)
    for n in range(2 * MOST_SOURCES):
        throttle.missed(f"tftp {n}", "/x", 2.0)
    assert throttle.is_throttled("http a", 3.0), "another transport"
    assert throttle.is_throttled("tftp a", 3.0), "in force"
    assert len(throttle._sources["tftp"]) == MOST_SOURCES


def test_where_all_are_throttled_there_is_an_end_as_well() -> None:
    throttle = Throttle()
    for n in range(MOST_SOURCES + 5):
        _throttled(throttle, f"tftp {n}")
    assert len(throttle._sources["tftp"]) == MOST_SOURCES


def test_a_network_of_ipv6_is_counted_as_one() -> None:
    """One device there has as many addresses as it likes; IPv4 is counted by address alone."""
    names = {network_of(f"http fd00:1::{n:x}", f"fd00:1::{n:x}") for n in range(1, 999)}
    assert names == {"http fd00:1::/64"}
    assert network_of("tftp fe80::1", "fe80::1%eth0") == "tftp fe80::/64"
    assert network_of("http 192.168.1.7", "192.168.1.7") == ""
    throttle = Throttle()
    told = [
        throttle.missed("http fd00:1::/64", f"/{n}.cfg", 1.0, MOST_OF_NETWORK)
        for n in range(MOST_OF_NETWORK)
    ]
    assert told == [False] * (MOST_OF_NETWORK - 1) + [True]
