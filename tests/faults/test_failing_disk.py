"""A box whose disk fails (EIO): calls go on, the owner is told, what waited is written later."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.faults.test_disk_full import alerts, call_until
from tests.kit.box import Box
from tests.kit.calling import address, talk
from tests.kit.failing_disk import FailingDisk
from tests.kit.office import busy_office, secret_of
from tests.kit.processes import PROJECT, wait_until
from tests.kit.raw_sip import RawEnd
from tests.kit.responder import Responder


@pytest.fixture
def box(box_on_disk: Box) -> Box:
    return box_on_disk


def test_calls_go_on_while_the_disk_fails(disk: FailingDisk, box: Box) -> None:
    """One call stands all the while, others come and go; no row is lost or doubled."""
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        standing = talk(box, end, "2001", "2002")
        calls = 1 + call_until(box, end, lambda: True)
        disk.fail()
        calls += call_until(box, end, lambda: "disk_fails" in alerts(box))
        more = iter(range(20))
        calls += call_until(box, end, lambda: next(more) == 19)
        disk.heal()
        wait_until(lambda: "disk_works_again" in alerts(box), 10, "it recovers alone", box.log)
        assert "disk_fails" not in alerts(box)
        assert standing.hang_up() == 200
        rows = box.wait_for_journal(calls)
        assert len(rows) == len({row["call_ref"] for row in rows}) == calls
        assert {row["cause"] for row in rows} == {"normal"}


def test_settings_that_cannot_be_written_are_told_and_not_in_force(
    disk: FailingDisk, box: Box
) -> None:
    other = str(box.write_config(busy_office(2001, 2002, 2003)))
    words = ["config", "apply", other, "--data", str(box.data), "--language", "en"]
    argv = [sys.executable, "-m", "appliance", *words]
    environment = {**os.environ, **disk.environment}
    disk.fail()
    told = subprocess.run(
        argv, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert told.returncode not in (0, -6, -11) and "Traceback" not in told.stderr
    assert "cannot be written" in told.stdout and "damaged" not in told.stdout, told
    assert box.control("status")["revision"] == 1
    disk.heal()
    box.apply(busy_office(2001, 2002, 2003))
    assert box.control("status")["revision"] == 2


def test_a_box_starts_on_a_disk_that_fails(disk: FailingDisk, box: Box) -> None:
    """Its settings can be read: it takes calls, and writes their rows when it can."""
    assert box.stop() == 0
    disk.fail()
    box.start()
    assert "disk_fails" in alerts(box)
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        assert talk(box, end, "2001", "2002").hang_up() == 200
        disk.heal()
        assert len(box.wait_for_journal(1)) == 1
