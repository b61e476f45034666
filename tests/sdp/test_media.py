"""Directions and their mirror."""

from __future__ import annotations

import pytest

from appliance.sdp.media import Direction


@pytest.mark.parametrize("direction", list(Direction))
def test_what_one_sends_the_other_receives(direction: Direction) -> None:
    assert direction.sends == direction.reversed.receives
    assert direction.receives == direction.reversed.sends
    assert direction.reversed.reversed is direction
    assert (direction.sends, direction.receives) == (
        "send" in direction.value,
        "recv" in direction.value,
    )
