"""How long somebody waits who fails to sign in."""

from __future__ import annotations

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


def test_a_few_failures_are_free_and_then_it_takes_longer_each_time() -> None:
    throttle, waits, now = Throttle(), [], 0.0
    for _ in range(FREE_FAILURES + 12):
        throttle.failed(KEY, now)
        waits.append(throttle.wait_s(KEY, now))
        now += waits[-1]
    assert waits[: FREE_FAILURES - 1] == [0.0] * (FREE_FAILURES - 1)
    rest = waits[FREE_FAILURES - 1 :]
    assert rest[0] == 2.0
    assert rest == sorted(rest)
    assert rest[-1] == LONGEST_S


def test_waiting_helps() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES):
        throttle.failed(KEY, 0.0)
    assert throttle.wait_s(KEY, 1.0) == pytest.approx(1.0)
    assert throttle.wait_s(KEY, 2.0) == 0.0


def test_success_and_time_make_forget() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES):
        throttle.failed(KEY, 0.0)
    throttle.failed(KEY, FORGOTTEN_AFTER_S + 1)
    assert throttle.wait_s(KEY, FORGOTTEN_AFTER_S + 1) == 0.0
    for _ in range(FREE_FAILURES):
        throttle.failed(KEY, 2000.0)
    throttle.succeeded(KEY)
    assert throttle.wait_s(KEY, 2000.0) == 0.0


def test_a_clock_that_jumps_back_makes_nobody_wait_for_ever() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES + 20):
        throttle.failed(KEY, 1_000_000.0)
    assert throttle.wait_s(KEY, 0.0) <= LONGEST_S


def test_the_table_is_bounded() -> None:
    throttle = Throttle()
    for number in range(MOST_KEYS + 50):
        throttle.failed((f"account {number}",), float(number))
    assert len(throttle._counts) <= MOST_KEYS


def test_neighbours() -> None:
    assert address_key("192.0.2.1") == "address 192.0.2.1"
    assert address_key("::ffff:192.0.2.1") == "address 192.0.2.1"
    assert address_key("2001:db8:1:2:3::4") == address_key("2001:db8:1:2::9")
    assert address_key("2001:db8:1:3::4") != address_key("2001:db8:1:2::9")
    assert address_key("fe80::1%eth0") == address_key("fe80::2")
    assert address_key("") == "address "
