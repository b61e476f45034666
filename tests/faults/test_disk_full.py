"""A box whose disk is full: calls go on, the owner is told, and what waited is written later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.calling import address, talk
from tests.kit.office import busy_office, secret_of
from tests.kit.processes import KitError, wait_until
from tests.kit.raw_sip import RawEnd
from tests.kit.responder import Responder
from tests.kit.small_disk import SmallDisk

DISK_KB = 4000
MANY_PORTS = (57000, 60000)  # a port rests for 32 s after a call


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[[], tuple[SmallDisk, Box]]]:
    """small() -> a disk and a box, not started, whose data folder is on it."""
    with ExitStack() as stack:

        def make() -> tuple[SmallDisk, Box]:
            folder = tmp_path / "box"
            folder.mkdir()
            disk = stack.enter_context(SmallDisk(folder / "data", DISK_KB))
            box = Box(folder, busy_office(2001, 2002), rtp_ports=MANY_PORTS)
            return disk, stack.enter_context(box)

        yield make


def alerts(box: Box) -> list[str]:
    return [alert["key"] for alert in box.control("status")["alerts"]]


def call_until(box: Box, end: RawEnd, done: Callable[[], Any]) -> int:
    """Calls one after the other until ``done``; how many there were, all of them good."""
    calls = 0

    def once() -> Any:
        nonlocal calls
        assert talk(box, end, "2001", "2002").hang_up() == 200
        calls += 1
        return done()

    wait_until(once, 60, "enough calls", box.log)
    return calls


def test_calls_go_on_while_the_disk_is_full(small: Callable[[], tuple[SmallDisk, Box]]) -> None:
    disk, box = small()
    box.start()
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        calls = call_until(box, end, lambda: True)
        disk.fill()
        calls += call_until(box, end, lambda: "disk_full" in alerts(box))
        more = iter(range(20))
        calls += call_until(box, end, lambda: next(more) == 19)
        with pytest.raises(KitError, match="disk"):
            box.apply(busy_office(2001, 2002, 2003))
        assert box.control("status")["revision"] == 1
        disk.make_room()
        wait_until(lambda: "disk_works_again" in alerts(box), 10, "it recovers alone", box.log)
        assert "disk_full" not in alerts(box)
        rows = box.wait_for_journal(calls)
        assert len(rows) == len({row["call_ref"] for row in rows}) == calls
        box.apply(busy_office(2001, 2002, 2003))
        assert box.control("status")["revision"] == 2


def test_a_box_starts_on_a_full_disk(small: Callable[[], tuple[SmallDisk, Box]]) -> None:
    """Its settings are there; registrations come by themselves, the journal waits."""
    disk, box = small()
    box.start()
    assert box.stop() == 0
    disk.fill()
    box.start()
    wait_until(lambda: {"disk_full", "disk_fails"} & set(alerts(box)), 10, "the alert is there")
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        assert talk(box, end, "2001", "2002").hang_up() == 200
        disk.make_room()
        assert len(box.wait_for_journal(1)) == 1
