"""Digits that come one by one (K5): when to wait, when to dial at once."""

from __future__ import annotations

import pytest

from appliance.config.model import Replacement, Snapshot
from appliance.routing.decision import Verdict

from .office import BARE, P0, P9, SIX, US9, changed, dial, extension, key_in, office

#: Dialled in full at the last digit, without any timer.
AT_ONCE = [
    (P9, "2002"),
    (P9, "95551525"),
    (SIX, "9432345"),
    (P9, "989036785665"),
    (P9, "983433789809"),
    (P9, "9810123456789012345"),
    (P9, "981074955551525"),
    (P9, "*43"),
    (P9, "*82002"),
    (P0, "05551525"),
    (P0, "911"),
    (BARE, "5551525"),
    (BARE, "9115252"),
    (BARE, "89101234567"),
    (US9, "916175550143"),
    (US9, "96175550143"),
]
#: Complete, yet something longer could come: the timer or # decides.
AFTER_THE_TIMER = [
    (P9, "9810380692123456"),
    (P9, "0"),
    (P9, "911"),
    (P9, "9911"),
    (P0, "01"),
    (BARE, "2002"),
    (BARE, "810380692123456"),
    (US9, "95550143"),
]


@pytest.mark.parametrize(("snapshot", "digits"), AT_ONCE)
def test_complete_numbers_are_dialled_at_once(snapshot: Snapshot, digits: str) -> None:
    for length in range(1, len(digits)):
        waiting = key_in(digits[:length], snapshot)
        assert waiting.verdict is Verdict.MORE_DIGITS, digits[:length]
        assert not waiting.is_digit_final
    final = key_in(digits, snapshot)
    assert final == dial(digits, snapshot)
    assert final.verdict is not Verdict.MORE_DIGITS and final.is_digit_final


@pytest.mark.parametrize(("snapshot", "digits"), AFTER_THE_TIMER)
def test_ambiguous_numbers_wait(snapshot: Snapshot, digits: str) -> None:
    assert key_in(digits, snapshot).verdict is Verdict.MORE_DIGITS
    en_bloc = dial(digits, snapshot)
    assert key_in(digits, snapshot, is_complete=True) == en_bloc
    cut = key_in(digits + "#", snapshot)
    assert (cut.verdict, cut.number, cut.steps) == (en_bloc.verdict, en_bloc.number, en_bloc.steps)


@pytest.mark.parametrize(
    ("snapshot", "digits"), [(P9, "3"), (P9, "900"), (P9, "2999"), (BARE, "00"), (P9, "*6")]
)
def test_dead_ends_are_told_at_once(snapshot: Snapshot, digits: str) -> None:
    assert key_in(digits, snapshot).prompt == "no_such_number"


def test_nothing_dialled_yet() -> None:
    assert key_in("").verdict is Verdict.MORE_DIGITS
    assert key_in("", is_complete=True).verdict is Verdict.REFUSE


def test_en_bloc_never_asks_for_more() -> None:
    for digits in ("", "9", "98", "0", "911", "9810380"):
        assert dial(digits).verdict is not Verdict.MORE_DIGITS


def test_an_extension_that_begins_another_waits() -> None:
    nested = changed(P9, extensions=(extension("2001"), extension("20012")))
    assert key_in("2001", nested, by="20012").verdict is Verdict.MORE_DIGITS
    assert key_in("20012", nested, by="2001").number == "20012"


def test_replacements_are_waited_for() -> None:
    custom = office(
        "custom",
        outside_prefix="9",
        replacements=(
            Replacement(prefix="7", length=3, instead="95551"),
            Replacement(prefix="6", instead="98495"),
        ),
    )
    for digits in ("7", "70", "6", "655515"):
        assert key_in(digits, custom).verdict is Verdict.MORE_DIGITS
    assert key_in("65551525", custom).number == "+74955551525"
    assert key_in("700", custom) == dial("700", custom)
