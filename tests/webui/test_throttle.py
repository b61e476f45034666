"""How long somebody waits who fails to sign in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from webui.throttle import (
    FORGOTTEN_AFTER_S,
    FREE_FAILURES,
    LONGEST_S,
    MOST_KEYS,
    Throttle,
    address_key,
)

KEY = ("address 192.0.2.1",)


def begun(throttle: Throttle, count: int, now: float) -> None:
    """So many tries that fail, at one moment; as many as are looked at."""
    for _ in range(count):
        throttle.begin(KEY, now)


def test_a_few_failures_are_free_and_then_it_takes_longer_each_time() -> None:
    throttle, now, waits = Throttle(), 0.0, []
    for _ in range(FREE_FAILURES):
        assert throttle.begin(KEY, now) == 0.0
    for _ in range(12):
        waits.append(throttle.begin(KEY, now))
        now += waits[-1]
        assert throttle.begin(KEY, now) == 0.0
    assert waits[0] == 2.0
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_S


def test_waiting_helps() -> None:
    throttle = Throttle()
    begun(throttle, FREE_FAILURES, 0.0)
    assert throttle.begin(KEY, 1.0) == pytest.approx(1.0)
    assert throttle.begin(KEY, 2.0) == 0.0


def test_success_and_time_make_forget() -> None:
    throttle = Throttle()
    begun(throttle, FREE_FAILURES, 0.0)
    assert throttle.begin(KEY, FORGOTTEN_AFTER_S + 1) == 0.0
    begun(throttle, FREE_FAILURES, 2000.0)
    assert throttle.begin(KEY, 2000.0)
    throttle.succeeded(KEY)
    assert throttle.begin(KEY, 2000.0) == 0.0


def test_tries_at_once_are_no_more_than_tries_in_a_row() -> None:
    """Each is looked at for a tenth of a second, by a thread of its own."""
    throttle = Throttle()
    with ThreadPoolExecutor(24) as threads:
        waits = list(threads.map(lambda _: throttle.begin(KEY, 0.0), range(200)))
    assert waits.count(0.0) == FREE_FAILURES


def test_a_clock_that_jumps_back_makes_nobody_wait_for_ever() -> None:
    throttle = Throttle()
    for step in range(FREE_FAILURES + 20):
        throttle.begin(KEY, 1_000_000.0 + step * LONGEST_S)
    assert 0 < throttle.begin(KEY, 0.0) <= LONGEST_S


def test_the_table_is_bounded() -> None:
    throttle = Throttle()
    for number in range(MOST_KEYS + 50):
        throttle.begin((f"account {number}",), float(number))
    assert len(throttle._counts) <= MOST_KEYS


def test_neighbours() -> None:
    assert address_key("192.0.2.1") == "address 192.0.2.1"
    assert address_key("::ffff:192.0.2.1") == "address 192.0.2.1"
    assert address_key("2001:db8:1:2:3::4") == address_key("2001:db8:1:2::9")
    assert address_key("2001:db8:1:3::4") != address_key("2001:db8:1:2::9")
    assert address_key("fe80::1%eth0") == address_key("fe80::2")
    assert address_key("") == "address "
