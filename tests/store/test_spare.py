"""Tests of appliance/store/spare.py: a copy that stands in for a file which gives nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store.journal import Journal, query
from appliance.store.registrations import RegistrationStore
from appliance.store.spare import spare_path, write_spare
from appliance.store.writer import StateWriter
from tests.store.records import make_record
from tests.store.test_registrations import PHONE, _add

COUNT = 50
NOTHING = b"no database at all" * 900


def keep(path: Path, *refs: str) -> None:
    writer = StateWriter(path)
    for n, ref in enumerate(refs):
        Journal(writer).append(make_record(ref, started_at=float(n)))
    writer.close()


def refs_in(path: Path) -> list[str]:
    """The journal after a start, oldest first; each row is there once."""
    writer = StateWriter(path)
    try:
        rows = writer.submit(lambda db: query(db, limit=1000)).result(10)
    finally:
        writer.close()
    return [row.call_ref for row in reversed(rows)]


@pytest.fixture
def refs() -> list[str]:
    return [f"c{n}" for n in range(COUNT)]


def test_a_file_that_gives_nothing_costs_what_came_after_the_copy(
    path: Path, refs: list[str]
) -> None:
    keep(path, *refs)
    write_spare(path)
    keep(path, "later")
    path.write_bytes(NOTHING)
    assert refs_in(path) == refs


def test_what_the_damaged_file_has_beside_the_copy_is_kept_too(path: Path, refs: list[str]) -> None:
    keep(path, *refs)
    write_spare(path)
    keep(path, "later")
    path.write_bytes(b"X" + path.read_bytes()[1:])
    assert sorted(refs_in(path)) == sorted([*refs, "later"])


def test_rows_of_the_copy_that_rotted_are_left_out(path: Path, refs: list[str]) -> None:
    keep(path, *refs)
    write_spare(path)
    with closing(sqlite3.connect(spare_path(path))) as spare, spare:
        spare.execute("UPDATE calls SET caller = 'somebody' WHERE call_ref = 'c7'")
    path.write_bytes(NOTHING)
    assert set(refs) - set(refs_in(path)) == {"c7"}


@pytest.mark.parametrize("content", [b"", NOTHING])
def test_a_copy_that_is_none_stops_nothing(path: Path, content: bytes) -> None:
    keep(path, "c1")
    path.write_bytes(NOTHING)
    spare_path(path).write_bytes(content)
    assert refs_in(path) == []


def test_nothing_but_calls_is_taken_from_the_copy(path: Path) -> None:
    writer = StateWriter(path)
    assert RegistrationStore(writer).apply(_add(PHONE))
    writer.close()
    keep(path, "c1")
    write_spare(path)
    path.write_bytes(NOTHING)
    assert refs_in(path) == ["c1"]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM bindings").fetchone() == (0,)


def test_the_copy_is_ours_alone_and_leaves_no_draft(path: Path) -> None:
    keep(path, "c1")
    write_spare(path)
    write_spare(path)
    assert {each.name for each in path.parent.iterdir()} == {path.name, spare_path(path).name}
    assert spare_path(path).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [NOTHING, None])
def test_messages_and_phones_outlive_their_file(path: Path, content: bytes | None) -> None:
    """As they were last: the damaged file's word goes before the copy's."""
    message = "INSERT INTO messages VALUES (7, 'k', 'sim', 'in', '+7', 'hello', '', 1.0, 'r', 0)"
    phone = "INSERT OR REPLACE INTO phones VALUES ('805ec0000001', '{\"secret\": \"%s\"}')"
    keep(path, "c1")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(message)
        db.execute(phone % "old")
    write_spare(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(phone % "new")
    path.write_bytes(content or b"X" + path.read_bytes()[1:])
    assert refs_in(path) == ["c1"]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT text FROM messages").fetchall() == [("hello",)]
        (detail,) = db.execute("SELECT detail FROM phones").fetchone()
    assert ("new" in detail) == (content is None)


def test_a_damaged_file_does_not_replace_the_copy(path: Path, refs: list[str]) -> None:
    keep(path, *refs)
    write_spare(path)
    before = spare_path(path).read_bytes()
    path.write_bytes(NOTHING)
    with pytest.raises(sqlite3.Error):
        write_spare(path)
    assert spare_path(path).read_bytes() == before
