"""A flood of 2,000 messages a second from strangers: calls and phones go on, and all is well after.

Twelve seconds here; ``python -m benchmarks.flood --seconds 60`` is the long one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit.box import Box
from tests.kit.flood import LAN, besiege
from tests.kit.health import Health
from tests.kit.office import office

RATE, SECONDS = 2000, 12.0
LOG_LINES_A_MINUTE = 200


@pytest.mark.parametrize("sources", [1, 2000], ids=["one sender", "2,000 senders"])
def test_a_flood(make_box: Callable[..., Box], sources: int) -> None:
    box = make_box(office([2001, 2002, 2008, 2009], site={"local_networks": LAN}))
    health = Health(box)
    siege = besiege(box, rate=RATE, seconds=SECONDS, sources=sources)
    print(siege)
    assert siege.sent > 0.9 * RATE * SECONDS
    assert siege.media_loss < 0.01
    assert siege.refreshed_in_time >= 0.99 * siege.refreshes and siege.refreshes > 20
    assert siege.calm_after_s < 5
    unanswered = box.control("bans")["unanswered"]
    assert sum(unanswered.values()) > 0.8 * siege.sent
    assert len(box.log().splitlines()) < LOG_LINES_A_MINUTE
    assert "flood" in {alert["key"] for alert in box.control("status")["alerts"]} or sources == 1
    health.check()
