"""A box whose databases cannot be read for a while (EIO): nothing is taken for lost that is there,
and nothing empty is put in its place."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from appliance.config.store import ConfigStore
from appliance.errors import UserError
from tests.faults.test_disk_full import alerts, call_until
from tests.kit.box import Box
from tests.kit.calling import address, talk
from tests.kit.failing_disk import FailingDisk
from tests.kit.office import busy_office, secret_of
from tests.kit.processes import PROJECT, KitError, wait_until
from tests.kit.raw_sip import RawEnd
from tests.kit.responder import Responder


@pytest.fixture
def box(box_on_disk: Box) -> Box:
    return box_on_disk


def command(box: Box, disk: FailingDisk, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "appliance", *words, "--data", str(box.data), "--language", "en"]
    environment = {**os.environ, **disk.environment}
    return subprocess.run(
        argv, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )


def extensions(box: Box) -> set[str]:
    """Those in the newest settings on the disk."""
    with closing(ConfigStore(box.data / "config.db")) as store:
        return set(store.load()[1].extension_by_number)


def test_calls_go_on_while_nothing_can_be_read(disk: FailingDisk, box: Box) -> None:
    """A row from beside makes the box's own look at the file necessary."""
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        standing = talk(box, end, "2001", "2002")
        disk.fail_to_read(".db")
        with closing(sqlite3.connect(box.data / "state.db")) as beside, beside:
            beside.execute("INSERT INTO phone_requests VALUES (1, 1.0, 'mac', '{}')")
        more = iter(range(20))
        calls = 1 + call_until(box, end, lambda: next(more) == 19)
        told = command(box, disk, "journal")
        assert told.returncode and "Traceback" not in told.stderr
        assert "damaged" not in told.stdout + told.stderr, told
        disk.heal()
        assert standing.hang_up() == 200
        rows = box.wait_for_journal(calls)
        assert len(rows) == len({row["call_ref"] for row in rows}) == calls
        assert not list(box.data.glob("*.damaged-*"))
        wait_until(lambda: not {"disk_fails", "disk_full"} & set(alerts(box)), 10, "it recovers")


def test_a_reload_that_cannot_be_read_changes_nothing(disk: FailingDisk, box: Box) -> None:
    """Not even to older settings, or to the factory's; saving says why it cannot."""
    disk.fail_to_read("/config.")
    told = command(box, disk, "config", "apply", str(box.write_config(busy_office(2001))))
    assert told.returncode and "Traceback" not in told.stderr
    with pytest.raises(KitError, match="did not take revision 2"):
        box.apply(busy_office(2001, 2002, 2003))  # by a process that can read
    with pytest.raises(UserError, match="does not give"):
        box.control("reload")
    assert box.control("status")["revision"] == 1
    disk.heal()
    assert extensions(box) == {"2001", "2002", "2003"}
    assert box.control("reload")["applied"] == 2


def test_a_box_starts_by_the_copy_of_its_settings(disk: FailingDisk, box: Box) -> None:
    """Its databases cannot be read, what lies beside them can: it rings, and says so."""
    assert box.stop() == 0
    disk.fail_to_read(".db")
    box.start()
    assert {"config.database_unreadable", "disk_fails"} <= set(alerts(box))
    with RawEnd() as end, Responder() as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        assert talk(box, end, "2001", "2002").hang_up() == 200
        disk.heal()
        assert len(box.wait_for_journal(1, 20)) == 1
    assert not list(box.data.glob("*.damaged-*"))
    box.apply(busy_office(2001, 2002, 2003))  # and what is saved now is followed
    assert box.control("status")["revision"] == 2


def test_a_box_that_can_read_no_settings_does_not_begin_with_others(
    disk: FailingDisk, box: Box
) -> None:
    assert box.stop() == 0
    disk.fail_to_read("/config.")
    with pytest.raises(KitError) as raised:
        box.start()
    assert "Traceback" not in str(raised.value)
    disk.heal()
    assert extensions(box) == {"2001", "2002"}
    box.start()
    assert box.control("status")["revision"] == 1
