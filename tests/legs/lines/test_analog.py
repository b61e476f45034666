"""Tests of appliance/legs/lines/analog.py: what a kind of leg must have of its own."""

from __future__ import annotations

from typing import Any, cast

import pytest

from appliance.legs.lines.analog import AnalogLeg


def test_an_unfinished_kind_of_leg_cannot_be_made() -> None:
    class Unfinished(AnalogLeg):
        """It rings, and knows no more."""

        def _ring(self, command: Any) -> None: ...

    with pytest.raises(TypeError, match=r"_answer.*_hang_up.*_reject"):
        cast(Any, Unfinished)(1, "line x", None, None)
