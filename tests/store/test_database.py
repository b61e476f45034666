"""state.db is opened, checked and brought up to date, or refused with a reason."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store import database
from appliance.store.checksum import checksum_of
from appliance.store.database import StateError, open_for_reading, open_for_writing
from appliance.store.journal import JournalFilter, query
from appliance.store.migrations import MIGRATIONS
from appliance.store.outgoing import read_outgoing
from appliance.store.record_codec import COLUMNS, encode_record
from tests.store.records import make_record


def test_a_new_file_has_every_table_and_survives_power_cuts(path: Path) -> None:
    connection = open_for_writing(path)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {"bindings", "calls", "open_calls"} <= tables
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    connection.close()


def test_a_database_that_root_makes_first_is_the_services_own(tmp_path: Path) -> None:
    """``sudo dozvon run``, to see why the service does not start: it must be able to go on."""
    os.chown(tmp_path, 65_534, 65_534)
    connection = open_for_writing(tmp_path / "state.db")
    names = ("state.db", "state.db-wal", "state.db-shm")
    assert {(tmp_path / name).stat().st_uid for name in names} == {65_534}
    connection.close()


def test_migrations_run_once_and_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_for_writing(path).close()
    more = (*MIGRATIONS, ("ALTER TABLE calls ADD COLUMN later TEXT",))
    monkeypatch.setattr(database, "MIGRATIONS", more)
    for _ in range(2):
        connection = open_for_writing(path)
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(more)
        connection.execute("SELECT later FROM calls")
        connection.close()


def test_the_journal_has_no_index_that_no_question_uses(path: Path) -> None:
    """Each costs a page of the memory card with every call."""
    with closing(open_for_writing(path)) as connection:
        where = "type = 'index' AND tbl_name = 'calls'"
        indexes = connection.execute(f"SELECT name FROM sqlite_master WHERE {where}").fetchall()
        questions: list[str] = []
        connection.set_trace_callback(questions.append)
        query(connection)
        query(connection, JournalFilter(call_ref="c1"))
        query(connection, JournalFilter(party="2001", direction="internal", trunk="city"))
        read_outgoing(connection, 0.0)
        connection.set_trace_callback(None)
        plans = [
            str(connection.execute(f"EXPLAIN QUERY PLAN {question}").fetchall())
            for question in questions
        ]
    assert len(indexes) == 2 and len(plans) == 4
    assert all(any(name in plan for plan in plans) for (name,) in indexes)


def test_a_file_with_more_indexes_keeps_its_calls(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = next(n for n, step in enumerate(MIGRATIONS) if "DROP INDEX" in step[0])
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", MIGRATIONS[:before])
        with closing(open_for_writing(path)) as connection:
            values = encode_record(make_record())
            marks = ", ".join("?" * len(values))
            connection.execute(
                f"INSERT INTO calls ({', '.join(COLUMNS)}, checksum) VALUES ({marks}, ?)",
                (*values, checksum_of(values)),
            )
    open_for_writing(path).close()
    with closing(open_for_reading(path)) as connection:
        assert query(connection) == [make_record()]


@pytest.mark.parametrize(
    "steps",
    [(("CREATE TABLE half (x)", "THIS IS NO SQL"),), (("CREATE TABLE half (x)",), ("NO SQL",))],
)
def test_a_failed_migration_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: tuple[tuple[str, ...], ...]
) -> None:
    open_for_writing(path).close()
    broken = (*MIGRATIONS, *steps)
    monkeypatch.setattr(database, "MIGRATIONS", broken)
    with pytest.raises(StateError, match="damaged"):
        open_for_writing(path)
    monkeypatch.setattr(database, "MIGRATIONS", MIGRATIONS)
    connection = open_for_writing(path)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()
    connection.close()


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 999")
        connection.execute(f"PRAGMA application_id = {database._APPLICATION + 999}")
    connection.close()
    for opening in (open_for_writing, open_for_reading):
        with pytest.raises(StateError) as refused:
            opening(path)
        assert refused.value.key == "store.too_new"


def test_garbage_is_refused(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(StateError) as refused:
        open_for_writing(path)
    assert refused.value.key == "store.damaged"


def test_torn_pages_are_found(path: Path) -> None:
    connection = open_for_writing(path)
    rows = [(f"k{n}", "2001", 1.0, "x" * 500) for n in range(500)]
    connection.executemany("INSERT INTO bindings VALUES (?, ?, ?, ?)", rows)
    connection.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * 8192)
    with pytest.raises(StateError) as refused:
        open_for_writing(path)
    assert refused.value.key == "store.damaged"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    for opening in (open_for_writing, open_for_reading):
        with pytest.raises(StateError) as refused:
            opening(tmp_path / "none" / "state.db")
        assert refused.value.key == "store.cannot_open"


def test_a_reader_cannot_write_and_an_odd_name_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20.db"
    open_for_writing(path).close()
    assert path.exists()
    reader = open_for_reading(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM calls")
    reader.close()
