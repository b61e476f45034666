"""The box is killed, stopped, and given new settings while calls are up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.calling import MANY_PORTS, address, call, talk
from tests.kit.health import Health, alive, is_bad
from tests.kit.office import busy_office, secret_of
from tests.kit.ports import free_port
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import RING, Responder
from tests.kit.sipp import Sipp, SippOptions

BODY = audio("127.0.0.1", 40000)


@pytest.fixture
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


def test_killed_in_the_middle_of_calls(box: Box, end: RawEnd) -> None:
    """Rows with cause ``restart``, registrations kept, calls at once (SIGKILL, no farewell)."""
    with Responder() as phone, Responder(lambda request: RING) as other:
        phone.register(address(box), "2002", secret_of("2002")).start()
        other.register(address(box), "2003", secret_of("2003")).start()
        ended = talk(box, end, "2001", "2002")
        assert ended.hang_up() == 200
        talk(box, end, "2001", "2002")
        ringing = call(box, end, "2003", BODY)
        ringing.invite()
        while ringing.progress().status != 180:
            pass
        box.wait_for_journal(1)
        before = box.registrations()
        box.kill()
        box.start()
        after = box.registrations()
        assert [r["contact"] for r in after] == [r["contact"] for r in before]
        again = talk(box, end, "2001", "2002")
        assert again.hang_up() == 200
        rows = box.wait_for_journal(4)
        assert len(rows) == 4
        assert [row["cause"] for row in rows].count("restart") == 2
        cut = [row for row in rows if row["cause"] == "restart"]
        assert {(row["caller"], row["dialled"]) for row in cut} == {
            ("2001", "2002"),
            ("2001", "2003"),
        }
        alerts = {a["key"]: a["detail"] for a in box.control("status")["alerts"]}
        assert alerts["calls_cut"] == "2"


def test_stopped_in_the_middle_of_calls(box: Box, end: RawEnd, tmp_path: Path) -> None:
    """SIGTERM: both parties of a call hear BYE, a ringing phone CANCEL, and the rows are saved."""
    callee = SippOptions(port=free_port(), username="2002", secret=secret_of("2002"), calls=1)
    registering = SippOptions(
        remote=f"{box.host}:{box.sip_port}",
        port=callee.port,
        username="2002",
        secret=secret_of("2002"),
    )
    caller = SippOptions(
        remote=f"{box.host}:{box.sip_port}",
        username="2001",
        secret=secret_of("2001"),
        values={"number": 2002},
    )
    with Sipp(tmp_path, "register", registering) as client:
        client.wait()
    with (
        Responder(lambda request: RING) as ringing,
        Sipp(tmp_path, "uas_answer", callee) as server,
        Sipp(tmp_path, "uac_waits_for_bye", caller) as client,
    ):
        ringing.register(address(box), "2003", secret_of("2003")).start()
        server.wait_for_message("ACK sip:")
        waiting = call(box, end, "2003", BODY, "2002")
        waiting.invite()
        while waiting.progress().status != 180:
            pass
        assert box.stop() == 0
        client.wait()
        server.wait()
        assert "BYE sip:" in server.messages()
        assert waiting.final().status in (480, 487, 503)
        assert ringing.invited[0].is_cancelled
    rows = box.journal()
    assert sorted(row["cause"] for row in rows) == ["shutdown", "shutdown"]
    assert not [line for line in box.log().splitlines() if is_bad(line)]


def test_settings_applied_during_50_calls_drop_none(
    make_box: Callable[..., Box], end: RawEnd
) -> None:
    """New settings of every kind: sites, trunks, classes, numbers that go and come."""
    box = make_box(busy_office(2001, 2002, 2003), rtp_ports=MANY_PORTS)
    with Responder() as phone, Responder() as third:
        phone.register(address(box), "2002", secret_of("2002")).start()
        third.register(address(box), "2003", secret_of("2003")).start()
        health = Health(box)
        calls = [talk(box, end, "2001", "2002") for _ in range(50)]
        held = alive(box)
        other = busy_office(2001, 2002, 2004)
        other["site"] |= {"ring_time_s": 30, "session_expires_s": 90, "qualify_s": 5}
        other["trunks"] = [
            {"name": "new", "host": "127.0.0.3", "port": 9, "username": "u", "secret": "Secret-u-1"}
        ]
        box.apply(other)
        assert box.control("status")["revision"] == 2
        assert not box.registrations("2003")
        other["dialling"] |= {"name": "P0", "outside_prefix": "0", "pickup_code": "*7"}
        other["site"] |= {"sip_realm": "elsewhere"}
        box.apply(other)
        assert box.control("status")["calls"] == 50
        now = alive(box)
        assert {n: now[n] for n in ("legs", "sessions", "streams")} == {
            n: held[n] for n in ("legs", "sessions", "streams")
        }
        assert challenged_realm(box, end) == "elsewhere"
        assert [c.hang_up() for c in calls] == [200] * 50
        assert not [i for i in phone.invited if i.ended_by.startswith("SIP")]
        rows = box.wait_for_journal(50)
        assert {row["cause"] for row in rows} == {"normal"}
        health.check()


def challenged_realm(box: Box, end: RawEnd) -> str:
    """The realm that a caller is asked to prove himself for now."""
    stranger = RawCall(end, address(box), "2001", "", "2002", audio("127.0.0.1", 40000))
    stranger.invite()
    return stranger.final().header("www-authenticate").partition('realm="')[2].partition('"')[0]
