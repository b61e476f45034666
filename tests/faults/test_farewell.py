"""A box that is killed in the middle of a call and started again: the telephones hang up, or stop
ringing.

Real telephones, for what matters is that they take a BYE of a process that never heard of their
call.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from appliance.store.database import open_for_reading
from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.calling import OUTSIDE, dial
from tests.kit.office import office, secret_of, trunk
from tests.kit.ports import free_port
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawEnd
from tests.kit.sipp import Sipp, SippOptions

#: From the kill, with the start in it.
STOPS_S = 5.0
YOUNG_S = 0.35


def dialogs_kept(box: Box) -> int:
    connection = open_for_reading(box.data / "state.db")
    try:
        return int(connection.execute("SELECT count(*) FROM dialogs").fetchone()[0])
    finally:
        connection.close()


def phone_options(box: Box, number: str, transport: str, answers: str) -> BaresipOptions:
    return BaresipOptions(
        user=number,
        registrar=f"{box.host}:{box.sip_port}",
        secret=secret_of(number),
        transport=transport,
        answers=answers,
    )


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_telephones_hang_up_after_a_kill(box: Box, tmp_path: Path, transport: str) -> None:
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(Baresip(tmp_path, phone_options(box, number, transport, answers)))
            for number, answers in (("2001", "manual"), ("2002", "auto"))
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


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_telephone_stops_ringing_after_a_kill(box: Box, tmp_path: Path, transport: str) -> None:
    """Within 5 s, and the caller's does not go on hearing that it rings."""
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(Baresip(tmp_path, phone_options(box, number, transport, "manual")))
            for number in ("2001", "2002")
        )
        first.register()
        second.register()
        first.dial("2002")
        second.wait_for_event("CALL_INCOMING")
        wait_until(lambda: dialogs_kept(box) == 2, 10, "both INVITEs on disk", box.log)
        killed_at = time.monotonic()
        box.kill()
        box.start()
        second.wait_for_event("CALL_CLOSED", 15)
        first.wait_for_event("CALL_CLOSED", 15)
        assert time.monotonic() - killed_at <= STOPS_S
        wait_until(lambda: dialogs_kept(box) == 0, 10, "nobody left to tell", box.log)
        (row,) = box.wait_for_journal(1)
        assert row["cause"] == "restart"


def test_a_telephone_that_rang_for_a_moment_only_stops_too(box: Box, tmp_path: Path) -> None:
    """Nobody waits for the disk here: what rang for YOUNG_S is on it."""
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(Baresip(tmp_path, phone_options(box, number, "udp", "manual")))
            for number in ("2001", "2002")
        )
        first.register()
        second.register()
        first.dial("2002")
        second.wait_for_event("CALL_INCOMING")
        rings_at = time.monotonic()
        wait_until(lambda: time.monotonic() - rings_at >= YOUNG_S, 5, "it rings for a moment")
        box.kill()
        box.start()
        second.wait_for_event("CALL_CLOSED", 15)
        first.wait_for_event("CALL_CLOSED", 15)
        assert time.monotonic() - rings_at <= STOPS_S + YOUNG_S


def test_a_provider_stops_calling_after_a_kill(
    make_box: Callable[..., Box], tmp_path: Path
) -> None:
    """What still rings in the city is withdrawn there: nobody pays for who lifts too late."""
    options = SippOptions(host="127.0.0.2", port=free_port("127.0.0.2"))
    way = trunk("city", "127.0.0.2", options.port, qualify_s=0, authentication="address")
    box = make_box(office(trunks=[way]))
    with RawEnd() as end, Sipp(tmp_path, "uas_ring", options) as provider:
        waiting = dial(box, end, OUTSIDE)
        while waiting.progress().status != 180:
            pass
        wait_until(lambda: dialogs_kept(box) == 2, 10, "both INVITEs on disk", box.log)
        killed_at = time.monotonic()
        box.kill()
        box.start()
        assert waiting.final().status == 503
        provider.wait_for_message("CANCEL sip:")
        assert time.monotonic() - killed_at <= STOPS_S
        provider.wait()  # its 487 was acknowledged
        assert "The office phone system was cut off" in provider.messages()
