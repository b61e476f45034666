"""A damaged state.db gives way to a new one whole or not at all, whatever cuts that off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import durable
from appliance.store import anew, transaction
from appliance.store.journal import Journal, query
from appliance.store.trouble import DISK_FULL
from appliance.store.writer import StateWriter
from tests.kit.small_disk import SmallDisk
from tests.store.records import make_record

COUNT = 300


class PowerCut(BaseException):
    """Nothing of ours goes on after it."""


def cut(*_: object) -> None:
    raise PowerCut


def damaged(path: Path) -> bytes:
    """A file of COUNT calls whose header rotted; its content."""
    writer = StateWriter(path)
    for n in range(COUNT):
        Journal(writer).append(make_record(f"c{n}", started_at=float(n)))
    writer.close()
    content = b"X" + path.read_bytes()[1:]
    path.write_bytes(content)
    return content


def calls_of(writer: StateWriter) -> int:
    return len(writer.submit(lambda db: query(db, limit=1000)).result(10))


def cut_after(monkeypatch: pytest.MonkeyPatch, module: object, name: str, calls: int) -> None:
    """The power goes before this one is called once more."""
    real, left = getattr(module, name), [calls]

    def counted(*args: object) -> object:
        left[0] -= 1
        return real(*args) if left[0] >= 0 else cut()

    monkeypatch.setattr(module, name, counted)


@pytest.mark.parametrize(
    ("module", "name", "calls"),
    [
        (anew, "salvage", 0),
        (durable, "take_place", 0),
        (transaction, "put_in_place", 1),
        (durable, "set_aside", 0),
        (durable, "sync_folder", 1),
        (durable, "take_place", 1),
    ],
)
def test_the_power_goes_while_it_is_made_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, calls: int
) -> None:
    content = damaged(path)
    with monkeypatch.context() as patch:
        cut_after(patch, module, name, calls)
        with pytest.raises(PowerCut):
            StateWriter(path)
    writer = StateWriter(path)
    try:
        assert writer.set_aside == path.with_name("state.db.damaged-1"), "it must be told"
        assert writer.set_aside.read_bytes() == content
        assert calls_of(writer) == COUNT
        left = {each.name for each in path.parent.iterdir()} - {"state.db-wal", "state.db-shm"}
        assert left == {"state.db", "state.db.damaged-1"}
    finally:
        writer.close()


def test_the_power_goes_between_two_files_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log has been moved, it has not."""
    damaged(path)
    path.with_name("state.db-wal").write_bytes(b"a log")
    with monkeypatch.context() as patch:
        cut_after(patch, anew.durable.os, "rename", 2)
        with pytest.raises(PowerCut):
            StateWriter(path)
    assert path.exists()
    writer = StateWriter(path)
    assert calls_of(writer) == COUNT
    writer.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "small", 2000) as disk:
        yield disk


def test_on_a_full_disk_a_damaged_file_waits_for_room(small: SmallDisk) -> None:
    """An empty one in its place would look sound, and nobody would ever look into the old one."""
    path = small.folder / "state.db"
    content = damaged(path)
    small.fill()
    writer = StateWriter(path)
    try:
        assert (writer.trouble, writer.set_aside) == (DISK_FULL, None)
        assert path.read_bytes() == content
        piece = Journal(writer).append(make_record("new", started_at=1e9))
        small.make_room()
        piece.future.result(10)
        assert calls_of(writer) == COUNT + 1
        assert writer.set_aside is not None and writer.set_aside.read_bytes() == content
    finally:
        writer.close()


def test_a_full_disk_is_not_filled_anew_every_second(
    small: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.folder / "state.db"
    damaged(path)
    small.fill()
    tries: list[Path] = []
    real = transaction.make_next
    monkeypatch.setattr(transaction, "make_next", lambda path: (tries.append(path), real(path))[1])
    ledger = transaction.Ledger(path)
    for _ in range(5):
        assert ledger.commit(()) is not None
    assert len(tries) == 1
    small.make_room()
    assert ledger.commit(()) is None and ledger.salvaged == COUNT
    ledger.close()
