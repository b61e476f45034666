"""Tests of drivers/linecard/uart.py: when a block is left out (its thread: test_device.py)."""

from __future__ import annotations

import itertools

import pytest

from drivers.linecard.uart import DepthWatch


def left_out(depths: tuple[int, ...], frames: int = 500) -> list[int]:
    """At which frames of these depths, over and over."""
    watch = DepthWatch()
    turns = itertools.islice(itertools.cycle(depths), frames)
    return [number for number, depth in enumerate(turns, 1) if watch.is_late(depth)]


def test_a_block_too_much_for_a_second_is_left_out() -> None:
    assert left_out((2,)) == [100, 200, 300, 400, 500]


@pytest.mark.parametrize("depths", [(0,), (1,), (2, 1), (2,) * 99 + (1,)])
def test_what_comes_and_goes_is_not(depths: tuple[int, ...]) -> None:
    assert left_out(depths) == []


def test_a_full_queue_is_not_waited_for() -> None:
    assert left_out((1, 1, 3), 6) == [3, 6]
