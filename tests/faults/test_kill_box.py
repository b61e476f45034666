"""SIGKILL of a whole box under traffic, at random moments, again and again on the same folder.

No call that the disk knew is lost or doubled, cut calls get a row with cause ``restart``, known
dialogs get a BYE, and OPTIONS are answered again within 5 s. A few points in CI, all of them with
``DOZVON_BOX_KILLS=200``.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.kit.box import Box
from tests.kit.calling import address, talk
from tests.kit.office import extension, office, secret_of
from tests.kit.processes import KitError, wait_until
from tests.kit.raw_sip import RawEnd, write
from tests.kit.responder import Responder
from tests.kit.sipp import Sipp, SippOptions

KILLS = int(os.environ.get("DOZVON_BOX_KILLS", "8"))
UP_AGAIN_S = 5.0
SEED = 3
MANY_PORTS = (53000, 56000)  # a port rests for 32 s after a call


@dataclass
class OnDisk:
    """What state.db holds: calls that ended with their causes, calls that live, dialogs of 2003."""

    rows: dict[str, str]
    open_calls: set[str]
    dialogs: set[str]


def on_disk(box: Box) -> OnDisk:
    connection = sqlite3.connect(f"file:{box.data / 'state.db'}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")
        rows = connection.execute("SELECT call_ref, cause FROM calls").fetchall()
        assert len(rows) == len(dict(rows))
        live = connection.execute("SELECT call_ref FROM open_calls").fetchall()
        of_2003 = "SELECT key FROM dialogs WHERE detail LIKE '%extension 2003%'"
        dialogs = connection.execute(of_2003).fetchall()
        return OnDisk(dict(rows), {ref for (ref,) in live}, {key for (key,) in dialogs})
    finally:
        connection.close()


def is_answering(box: Box, end: RawEnd) -> bool:
    """Whether OPTIONS is answered."""
    branch = f"z9hG4bK{time.monotonic_ns()}"
    fields = [
        ("Via", f"SIP/2.0/UDP 127.0.0.1:{end.port};branch={branch};rport"),
        ("Max-Forwards", "70"),
        ("From", "<sip:probe@127.0.0.1>;tag=p"),
        ("To", f"<{box.uri()}>"),
        ("Call-ID", branch),
        ("CSeq", "1 OPTIONS"),
    ]
    end.send(write(f"OPTIONS {box.uri()} SIP/2.0", fields), address(box))
    try:
        end.wait_for(lambda m: m.status == 200 and m.header("call-id") == branch, 0.1, "200")
    except KitError:
        return False
    return True


def traffic(box: Box, folder: Path) -> Sipp:
    """Calls of 2001 to 2002, ten a second, of some 300 ms each."""
    return Sipp(
        folder,
        "uac_call",
        SippOptions(
            remote=f"{box.host}:{box.sip_port}",
            username="2001",
            secret=secret_of("2001"),
            calls=1000,
            values={"number": 2002},
        ),
    )


def look_until(box: Box, moment: float) -> OnDisk:
    """What the disk held at the last look before this moment."""
    known = on_disk(box)
    while time.monotonic() < moment:
        known = on_disk(box)
    return known


def come_back(box: Box, end: RawEnd) -> None:
    """Start again; answering within UP_AGAIN_S."""
    began = time.monotonic()
    box.start_without_waiting()
    wait_until(lambda: is_answering(box, end), 20, "OPTIONS are answered", box.log)
    assert time.monotonic() - began <= UP_AGAIN_S


def kill_once(box: Box, folder: Path, after_s: float) -> bool:
    """One kill under traffic, and what must be true afterwards; whether 2003 was told BYE."""
    with (
        RawEnd() as end,
        Responder() as phone,
        Responder() as other,
        traffic(box, folder) as calls,
    ):
        phone.register(address(box), "2002", secret_of("2002")).start()
        other.register(address(box), "2003", secret_of("2003")).start()
        earlier = on_disk(box).dialogs
        talk(box, end, "2001", "2003")
        calls.wait_for_message("SIP/2.0 200")
        known = look_until(box, time.monotonic() + after_s)
        box.kill()
        come_back(box, end)
        after = on_disk(box)
        for ref, cause in known.rows.items():
            assert after.rows.get(ref) == cause, f"{ref} was in the journal"
        assert not known.open_calls - set(after.rows), "calls without a row"
        if not known.dialogs - earlier:
            return False
        (invited,) = other.invited
        wait_until(lambda: invited.ended_by, 10, "a BYE after the restart", box.log)
        assert "cut off" in invited.ended_by
        return True


def test_killed_again_and_again(make_box: Callable[..., Box], tmp_path: Path) -> None:
    document = office(extensions=[extension(n, max_calls=100) for n in (2001, 2002, 2003)])
    box = make_box(document, rtp_ports=MANY_PORTS)
    dice = random.Random(SEED)
    told = sum(kill_once(box, tmp_path, dice.uniform(0.0, 3.0)) for _ in range(KILLS))
    cut = list(on_disk(box).rows.values()).count("restart")
    assert cut >= KILLS and told >= KILLS // 4
