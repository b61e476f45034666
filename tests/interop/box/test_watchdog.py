"""The box under a service manager: ready, fed while it lives, silent when it does not."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.service_manager import ServiceManager

WATCHDOG_S = 1.5  # a beat each half second
PATIENCE_S = 20.0
FLOOD = (
    b"OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKflood\r\n"
    b"From: <sip:x@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: flood\r\n"
    b"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[ServiceManager]:
    with ServiceManager(tmp_path) as manager:
        yield manager


@pytest.fixture
def box(tmp_path: Path, systemd: ServiceManager) -> Iterator[Box]:
    environment = systemd.environment(WATCHDOG_S)
    with Box(tmp_path / "box", office(), environment=environment) as box:
        yield box.start()


def wait_for_feedings(systemd: ServiceManager, more: int) -> None:
    wanted = systemd.count("WATCHDOG") + more
    wait_until(
        lambda: systemd.count("WATCHDOG") >= wanted,
        PATIENCE_S,
        "the watchdog is fed",
        lambda: str(systemd.messages),
    )


def test_ready_fed_reloaded_and_stopped(box: Box, systemd: ServiceManager) -> None:
    wait_for_feedings(systemd, 3)
    assert systemd.messages[0]["READY"] == "1"
    assert systemd.status() == "Runs: calls 0, phones 0, trunks up 0 of 0"
    other = office()
    other["site"]["language"] = "ru"
    box.apply(other)
    assert systemd.count("RELOADING") == 1
    wait_until(lambda: "Работает" in systemd.status(), PATIENCE_S, "the office's language")
    assert box.stop() == 0
    assert systemd.hear()[-1]["STOPPING"] == "1"


def test_a_blocked_database_starves_the_watchdog_until_it_is_free(
    box: Box, systemd: ServiceManager
) -> None:
    """Somebody holds the lock of state.db: nothing can be kept, so this is no living box."""
    wait_for_feedings(systemd, 1)
    with contextlib.closing(sqlite3.connect(box.data / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wait_until(lambda: "state.db" in systemd.status(), PATIENCE_S, "the finding is told")
        fed = systemd.count("WATCHDOG")
        said = len(systemd.hear())
        wait_until(lambda: len(systemd.hear()) > said, PATIENCE_S, "the next beat")
        assert systemd.count("WATCHDOG") == fed
        assert "check.database_" in box.log()
        other.execute("ROLLBACK")
    wait_for_feedings(systemd, 2)
    assert "Runs:" in systemd.status()


def test_a_box_that_stands_still_says_nothing_and_is_killed(
    box: Box, systemd: ServiceManager
) -> None:
    """SIGSTOP is the worst wedge; systemd then sends SIGABRT, which must end the process."""
    wait_for_feedings(systemd, 1)
    pid = box.program.pid
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: _state(pid) == "T", 5, "it stands")
    fed = systemd.count("WATCHDOG")
    with pytest.raises(AssertionError):
        wait_until(lambda: systemd.count("WATCHDOG") > fed, 2 * WATCHDOG_S, "it is fed")
    os.kill(pid, signal.SIGABRT)
    os.kill(pid, signal.SIGCONT)
    assert box.program.wait_for_exit(5) == -signal.SIGABRT


def test_a_flood_that_spends_the_budget_of_strangers_does_not_look_like_death(
    tmp_path: Path, systemd: ServiceManager
) -> None:
    """Loopback is no part of this office, so that our own question comes from a stranger too."""
    document = office(site={"local_networks": ["192.168.0.0/16"]})
    environment = systemd.environment(WATCHDOG_S)
    with (
        Box(tmp_path / "box", document, environment=environment) as box,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        box.start()
        began = systemd.count("WATCHDOG")

        def flood() -> bool:
            for _ in range(50):
                stranger.sendto(FLOOD, (box.host, box.sip_port))
            return systemd.count("WATCHDOG") >= began + 5

        wait_until(flood, PATIENCE_S, "it is fed all the same", box.program.tail)
        assert "check.sip_silent" not in box.log()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


DEFECT = """
import pathlib
from appliance.service import self_check

find, now = self_check.SelfCheck.find, pathlib.Path(__file__).with_name("now")

async def broken(self):
    if now.exists():
        raise RuntimeError("a defect in a system task")
    return await find(self)

self_check.SelfCheck.find = broken
"""


def test_a_dead_task_ends_calls_and_process_with_an_error(
    tmp_path: Path, systemd: ServiceManager
) -> None:
    """A defect is put into the heart from outside; whoever started the box sees exit code 1."""
    (tmp_path / "sitecustomize.py").write_text(DEFECT)
    environment = systemd.environment(WATCHDOG_S) | {"PYTHONPATH": str(tmp_path)}
    with (
        Box(tmp_path / "box", office(), environment=environment) as box,
        Responder() as phone,
        RawEnd() as end,
    ):
        box.start()
        address = (box.host, box.sip_port)
        phone.register(address, "2002", secret_of("2002")).start()
        body = audio("127.0.0.1", 40000)
        call = RawCall(end, address, "2001", secret_of("2001"), "2002", body)
        call.invite()
        assert call.final().status == 200
        call.acknowledge()
        (tmp_path / "now").touch()
        assert box.program.wait_for_exit(PATIENCE_S) == 1
        assert "system task heart ended" in box.log()
        assert "restarting" in phone.invited[0].ended_by  # the Reason of its BYE
        assert systemd.hear()[-1]["STOPPING"] == "1"
        assert [row["cause"] for row in box.journal()] == ["shutdown"]
