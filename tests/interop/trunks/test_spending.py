"""Paid calls of a running box: counted, refused, and remembered over SIGKILL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.calling import OUTSIDE, answered, by_address, dial
from tests.kit.office import extension, office
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawEnd
from tests.kit.responder import Responder


@pytest.fixture
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


def _spent(box: Box) -> dict[str, Any]:
    rows: list[dict[str, Any]] = box.control("spending")["spending"]
    return next(row for row in rows if row["extension"] == "2001")


def _is_noted(box: Box) -> bool:
    """A call that began is on the disk within a moment; what dies before is not known to have
    been."""
    with closing(sqlite3.connect(box.data / "state.db")) as db:
        return bool(db.execute("SELECT count(*) FROM open_calls").fetchone()[0])


def test_what_was_spent_outlives_a_kill_and_the_limit_holds(
    make_box: Callable[..., Box], end: RawEnd
) -> None:
    with Responder(host="127.0.0.2") as provider:
        provider.start()
        caller = extension(2001, max_paid_calls_per_hour=3)
        box = make_box(office([caller, 2002], trunks=[by_address("a", provider)]))
        for _ in range(2):
            call = dial(box, end, OUTSIDE)
            answered(call)
            assert call.hang_up() == 200
        box.wait_for_journal(2)
        talking = dial(box, end, OUTSIDE)
        answered(talking)
        assert (_spent(box)["calls"], _spent(box)["calls_last_hour"]) == (1, 3)
        wait_until(lambda: _is_noted(box), 10.0, "the note of the call that goes on")
        box.kill()
        box.start()
        assert (_spent(box)["calls"], _spent(box)["calls_last_hour"]) == (0, 3)
        refused = dial(box, end, OUTSIDE)
        assert refused.final(timeout_s=20.0).status == 403
        assert len(provider.invited) == 3
        (alert,) = [a for a in box.control("status")["alerts"] if a["key"].startswith("limit_")]
        assert (alert["key"], alert["detail"]) == ("limit_paid_calls_per_hour", "2001 (3)")
        emergency = dial(box, end, "112")
        answered(emergency)
        assert len(provider.invited) == 4
        assert _spent(box)["calls_last_hour"] == 3
