"""A box that is killed in the middle of a call and started again: the telephones hang up.

Real telephones, for what matters is that they take a BYE of a process that never heard of their
call.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from appliance.store.database import open_for_reading
from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.office import secret_of
from tests.kit.processes import wait_until


def dialogs_kept(box: Box) -> int:
    connection = open_for_reading(box.data / "state.db")
    try:
        return int(connection.execute("SELECT count(*) FROM dialogs").fetchone()[0])
    finally:
        connection.close()


def phone_options(box: Box, number: str, transport: str) -> BaresipOptions:
    return BaresipOptions(
        user=number,
        registrar=f"{box.host}:{box.sip_port}",
        secret=secret_of(number),
        transport=transport,
        answers="auto" if number == "2002" else "manual",
    )


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_telephones_hang_up_after_a_kill(box: Box, tmp_path: Path, transport: str) -> None:
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(Baresip(tmp_path, phone_options(box, number, transport)))
            for number in ("2001", "2002")
        )
        first.register()
        second.register()
        first.dial("2002")
        first.wait_for_event("CALL_ESTABLISHED")
        wait_until(lambda: dialogs_kept(box) == 2, 10, "both dialogs on disk", box.log)
        box.kill()
        box.start()
        first.wait_for_event("CALL_CLOSED", 15)
        second.wait_for_event("CALL_CLOSED", 15)
        wait_until(lambda: dialogs_kept(box) == 0, 10, "nobody left to tell", box.log)
        (row,) = box.wait_for_journal(1)
        assert row["cause"] == "restart"
        assert box.control("status")["calls"] == 0
