"""How callers' numbers are shown and dialled back (004.12)."""

from __future__ import annotations

import pytest

from appliance.config.model import Snapshot
from appliance.routing.caller import callable_form, present_caller

from .office import BARE, P0, P9, SIX, US9, changed, dial, extension


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("+79036785665", "+79036785665"),
        ("79036785665", "+79036785665"),
        ("89036785665", "+79036785665"),
        ("9036785665", "+79036785665"),
        ("5551525", "+74955551525"),
        ("810380692123456", "+380692123456"),
        ("380692123456", "+380692123456"),
        ("+380692123456", "+380692123456"),
        ("8 (903) 678-56-65", "+79036785665"),
        ("anonymous", ""),
        ("Unavailable", ""),
        ("", ""),
        ("+", ""),
        ("900", "900"),
        ("112", "112"),
        ("2001", ""),
        ("0", ""),
        ("7" * 300, ""),
        ("<script>", ""),
    ],
)
def test_present_caller(said: str, shown: str) -> None:
    assert present_caller(said, P9) == shown


@pytest.mark.parametrize(
    ("number", "snapshot", "dialled"),
    [
        ("+74955551525", P9, "95551525"),
        ("+79036785665", P9, "989036785665"),
        ("+380692123456", P9, "9810380692123456"),
        ("+77272501234", P9, "987272501234"),
        ("+74955551525", P0, "05551525"),
        ("+79036785665", BARE, "89036785665"),
        ("+73522432345", SIX, "9432345"),
        ("+12125550143", US9, "95550143"),
        ("+16175550143", US9, "916175550143"),
        ("2002", P9, "2002"),
        ("112", P9, "112"),
        ("", P9, ""),
        ("900", P9, "900"),
    ],
)
def test_callable_form(number: str, snapshot: Snapshot, dialled: str) -> None:
    assert callable_form(number, snapshot) == dialled


def test_callable_form_steps_round_an_extension() -> None:
    shadowed = changed(BARE, extensions=(extension("5551525"), extension("2001")))
    digits = callable_form("+74955551525", shadowed)
    assert digits == "84955551525"
    assert dial(digits, shadowed).number == "+74955551525"
