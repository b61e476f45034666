"""The writer on a disk that takes nothing: what waits, what is told, and that all is written."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store import writer as writer_module
from appliance.store.journal import Journal, query
from appliance.store.trouble import StateError, is_passing, key_of
from appliance.store.writer import StateWriter
from tests.kit.processes import wait_until
from tests.kit.small_disk import SmallDisk
from tests.store.records import make_record

DISK_KB = 740


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", DISK_KB) as disk:
        yield disk


def open_writer(disk: SmallDisk) -> tuple[StateWriter, list[str]]:
    """A writer on the disk, and what it tells of its trouble."""
    writer = StateWriter(disk.folder / "state.db")
    told: list[str] = []
    writer.on_trouble = told.append
    return writer, told


def refs(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [record.call_ref for record in query(connection, limit=10_000)]
    finally:
        connection.close()


def fill_up(journal: Journal, disk: SmallDisk, writer: StateWriter) -> list[str]:
    """Rows until the disk takes no more; their names, written or not."""
    disk.fill()
    names: list[str] = []

    def is_full() -> bool:
        names.append(f"f{len(names)}")
        journal.append(make_record(names[-1]))
        return writer.trouble != ""

    wait_until(is_full, 20, "the disk is full")
    return names


def test_a_full_disk_delays_rows_and_loses_none(disk: SmallDisk) -> None:
    writer, told = open_writer(disk)
    journal = Journal(writer)
    try:
        journal.append(make_record("before")).future.result(10)
        names = fill_up(journal, disk, writer)
        late = [journal.append(make_record(f"late{n}")).future for n in range(700)]
        with pytest.raises(StateError) as refused:
            writer.submit(lambda db: db.execute("DELETE FROM bindings")).result(10)
        assert refused.value.key == "store.disk_full"
        assert told == ["store.disk_full"] and not late[-1].done() and writer.held >= 700
        disk.make_room()
        _, waiting = wait(late, 20)
        assert not waiting
        wait_until(lambda: told == ["store.disk_full", ""], 5, "the trouble is over")
        assert writer.held == 0
    finally:
        writer.close()
    found = refs(disk.folder / "state.db")
    assert sorted(found) == sorted(["before", *names, *(f"late{n}" for n in range(700))])


def test_a_disk_that_turned_read_only_is_the_same(disk: SmallDisk) -> None:
    writer, told = open_writer(disk)
    journal = Journal(writer)
    try:
        journal.append(make_record("before")).future.result(10)
        writer._ledger.close()  # an open file could not be remounted
        disk.read_only()
        late = journal.append(make_record("late")).future
        wait_until(lambda: told == ["store.cannot_write"], 10, "the trouble is told")
        assert not late.done()
        disk.read_only(is_so=False)
        late.result(10)
        wait_until(lambda: told == ["store.cannot_write", ""], 5, "the trouble is over")
    finally:
        writer.close()
    assert sorted(refs(disk.folder / "state.db")) == ["before", "late"]
    assert not list(disk.folder.glob("*.damaged-*"))


def test_a_box_starts_on_a_full_disk_and_writes_later(disk: SmallDisk) -> None:
    disk.fill()
    writer, _ = open_writer(disk)
    try:
        assert writer.trouble in ("store.disk_full", "store.cannot_write", "store.cannot_open")
        row = Journal(writer).append(make_record("first")).future
        assert not row.done()
        disk.make_room()
        row.result(10)
    finally:
        writer.close()
    assert refs(disk.folder / "state.db") == ["first"]


def test_cut_calls_become_rows_as_soon_as_the_disk_takes_them(disk: SmallDisk) -> None:
    writer, _ = open_writer(disk)
    Journal(writer).begin("cut", 5.0, {"caller": "2001"})
    writer.close()
    disk.fill()
    writer, _ = open_writer(disk)
    try:
        with pytest.raises(StateError):
            asyncio.run(Journal(writer).recover(10.0))
        Journal(writer).begin("new", 11.0, {"caller": "2002"})
        disk.make_room()
        Journal(writer).append(make_record("ended")).future.result(10)
    finally:
        writer.close()
    assert sorted(refs(disk.folder / "state.db")) == ["cut", "ended"]
    with closing(sqlite3.connect(disk.folder / "state.db")) as connection, connection:
        assert connection.execute("SELECT call_ref FROM open_calls").fetchall() == [("new",)]
    connection.close()


def test_what_is_held_is_bounded_and_the_oldest_stay(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MOST_HELD", 5)
    writer, _ = open_writer(disk)
    try:
        disk.fill()
        fill_up(Journal(writer), disk, writer)
        more = [Journal(writer).append(make_record(f"m{n}")).future for n in range(20)]
        wait_until(lambda: more[-1].done(), 10, "the last is refused")
        assert isinstance(more[-1].exception(), StateError) and writer.held == 5
    finally:
        disk.make_room()
        writer.close()


def test_rot_that_is_found_while_it_is_open_begins_a_new_file(path: Path) -> None:
    """What was being written goes into the new one."""
    writer = StateWriter(path)
    for n in range(300):
        Journal(writer).append(make_record(f"r{n}"))
    writer.close()  # all is in the file itself now
    writer = StateWriter(path)
    journal = Journal(writer)
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        writer.submit(lambda db: db.execute("PRAGMA shrink_memory").fetchall()).result(10)
        row = journal.append(make_record("after")).future
        row.result(20)
        assert writer.set_aside is not None
    finally:
        writer.close()
    assert "after" in refs(path)


def test_errors_are_told_apart() -> None:
    assert key_of(OSError(errno.ENOSPC, "full")) == "store.disk_full"
    assert key_of(OSError(errno.EIO, "bad")) == "store.cannot_write"
    assert key_of(ValueError()) == "" and not is_passing("")
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(sqlite3.OperationalError) as failed,
    ):
        connection.execute("NO SQL")
    assert key_of(failed.value) == ""
    assert not is_passing("store.damaged") and is_passing("store.disk_full")
