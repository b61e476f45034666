"""A whole box whose databases rot between two starts: it rings, and its journal is still there."""

from __future__ import annotations

import pytest

from tests.kit.box import Box
from tests.kit.calling import address, talk
from tests.kit.office import secret_of
from tests.kit.raw_sip import RawEnd
from tests.kit.responder import Responder

GARBAGE = b"\xa5" * 65536


def talk_once(box: Box) -> None:
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        assert talk(box, end, "2001", "2002").hang_up() == 200


@pytest.mark.parametrize("name", ["state.db", "config.db"])
def test_a_database_of_garbage(box: Box, name: str) -> None:
    talk_once(box)
    (row,) = box.wait_for_journal(1)
    box.stop()
    (box.data / name).write_bytes(GARBAGE)
    box.start()
    assert box.wait_for_journal(1) == [row]
    talk_once(box)
    assert len(box.wait_for_journal(2)) == 2
    assert (box.data / f"{name}.damaged-1").read_bytes() == GARBAGE
    told = {alert["key"] for alert in box.control("status")["alerts"]}
    assert told & {"state_damaged", "config.database_damaged"}, told
