"""Tests of drivers/cellular/assembly.py: parts in any order, twice, and never."""

from __future__ import annotations

from itertools import permutations
from math import inf

import pytest

from drivers.cellular import gsm7
from drivers.cellular.assembly import Assembly
from drivers.cellular.pdu import Deliver, Place, decode_deliver

HOUR = 3600.0


def part(
    index: int, text: str, total: int = 3, sender: str = "+7916", reference: int = 9
) -> Deliver:
    return Deliver(sender, text, f"2026-11-27T09:30:0{index}+03:00", Place(reference, total, index))


def test_a_short_message_is_whole_at_once() -> None:
    joined = Assembly().add(4, Deliver("MTS", "balance", "2026"), 0.0)
    assert joined is not None
    assert (joined.text, joined.sender, joined.slots) == ("balance", "MTS", (4,))


def test_parts_are_joined_in_any_order() -> None:
    for order in permutations((1, 2, 3)):
        assembly = Assembly()
        results = [assembly.add(10 + i, part(i, "abc"[i - 1]), 0.0) for i in order]
        assert results[:2] == [None, None]
        joined = results[2]
        assert joined is not None
        assert (joined.text, joined.slots) == ("abc", (11, 12, 13))
        assert joined.sent_at.endswith("09:30:01+03:00")
        assert not assembly.expire(inf)


def test_a_part_that_comes_twice_counts_once() -> None:
    assembly = Assembly()
    assert assembly.add(1, part(1, "a"), 0.0) is None
    assert assembly.add(7, part(1, "a"), 1.0) is None
    assert assembly.add(2, part(2, "b"), 2.0) is None
    joined = assembly.add(3, part(3, "c"), 3.0)
    assert joined is not None and joined.slots == (7, 2, 3)


def test_senders_references_and_totals_are_kept_apart() -> None:
    assembly = Assembly()
    assembly.add(1, part(1, "a", total=2), 0.0)
    assert assembly.add(2, part(2, "x", total=2, sender="+7917"), 0.0) is None
    assert assembly.add(3, part(2, "y", total=2, reference=10), 0.0) is None
    joined = assembly.add(4, part(2, "b", total=2), 0.0)
    assert joined is not None and joined.text == "ab"
    assert len(assembly.expire(inf)) == 2


def test_a_reference_that_is_used_again_does_not_mix_messages() -> None:
    assembly = Assembly()
    assembly.add(1, part(1, "old", total=2), 0.0)
    assembly.add(2, part(1, "new", total=2), 5.0)
    joined = assembly.add(3, part(2, "!", total=2), 6.0)
    assert joined is not None and joined.text == "new!"
    [late] = assembly.expire(25 * HOUR)
    assert (late.text, late.slots, late.sender) == ("old[…]", (1,), "+7916")


def test_after_a_day_it_is_told_as_far_as_it_came() -> None:
    assembly = Assembly()
    assembly.add(1, part(2, "b", total=4), 0.0)
    assert assembly.expire(24 * HOUR - 1) == []
    [late] = assembly.expire(24 * HOUR)
    assert (late.text, late.slots) == ("[…]b[…]", (1,))
    assert assembly.expire(48 * HOUR) == []


def torn(index: int, coding: int, header_and_text: bytes, length: int) -> Deliver:
    """One of two parts, cut wherever its sender liked."""
    header = bytes((5, 0, 3, 9, 2, index))
    stamp = bytes.fromhex("42101211111121")
    octets = bytes.fromhex("00400B919761989901F0") + bytes((0, coding)) + stamp
    message = decode_deliver((octets + bytes((length,)) + header + header_and_text).hex())
    assert message is not None
    return message


@pytest.mark.parametrize("is_first_late", [False, True])
def test_a_letter_that_is_torn_between_parts_is_whole_again(is_first_late: bool) -> None:
    septets = [code for letter in "a" * 152 + "€b" for code in gsm7.encode_septets(letter)]
    units = ("a" * 66 + "😀b").encode("utf-16-be")
    for text, parts in (
        (
            "a" * 152 + "€b",
            [
                torn(1, 0, gsm7.pack(septets[:153], 1), 160),
                torn(2, 0, gsm7.pack(septets[153:], 1), 7 + len(septets) - 153),
            ],
        ),
        (
            "a" * 66 + "😀b",
            [torn(1, 8, units[:134], 140), torn(2, 8, units[134:], 6 + len(units) - 134)],
        ),
    ):
        assembly = Assembly()
        order = [1, 0] if is_first_late else [0, 1]
        assert assembly.add(order[0], parts[order[0]], 0.0) is None
        joined = assembly.add(order[1], parts[order[1]], 0.0)
        assert joined is not None and joined.text == text
