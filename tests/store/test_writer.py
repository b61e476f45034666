"""One thread commits what has come together; nobody is taken down by another's failure."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store import database
from appliance.store.database import StateError, open_for_reading
from appliance.store.writer import StateWriter

_NOTE = "INSERT INTO open_calls VALUES (?, 1.0, '{}')"


def _noting(ref: str) -> Callable[[sqlite3.Connection], object]:
    """Work that notes this call."""
    return lambda db: db.execute(_NOTE, (ref,))


def _refs(path: Path) -> list[str]:
    reader = open_for_reading(path)
    refs = [row[0] for row in reader.execute("SELECT call_ref FROM open_calls ORDER BY call_ref")]
    reader.close()
    return refs


def test_work_given_while_the_disk_is_busy_is_committed_together(
    writer: StateWriter, path: Path
) -> None:
    is_free = threading.Event()
    first = writer.submit(lambda db: is_free.wait(10))
    many = [writer.submit(_noting(f"c{n:03}")) for n in range(100)]
    is_free.set()
    first.result(10)
    for future in many:
        future.result(10)
    assert writer.commits <= 2
    assert len(_refs(path)) == 100


def test_a_piece_that_fails_leaves_nothing_and_takes_nobody_with_it(
    writer: StateWriter, path: Path
) -> None:
    is_free = threading.Event()
    writer.submit(lambda db: is_free.wait(10))

    def half(db: sqlite3.Connection) -> None:
        db.execute(_NOTE, ("half",))
        raise ValueError("no")

    before = writer.submit(lambda db: db.execute(_NOTE, ("before",)))
    failed = writer.submit(half)
    wrong = writer.submit(lambda db: db.execute("SELECT nothing FROM nowhere"))
    after = writer.submit(lambda db: db.execute(_NOTE, ("after",)))
    is_free.set()
    before.result(10)
    after.result(10)
    with pytest.raises(ValueError, match="no"):
        failed.result(10)
    with pytest.raises(StateError) as refused:
        wrong.result(10)
    assert refused.value.key == "store.cannot_write"
    assert _refs(path) == ["after", "before"]


def test_a_commit_that_fails_tells_everybody_and_the_writer_lives(
    writer: StateWriter, path: Path
) -> None:
    def defer(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        db.execute("CREATE TABLE child (p REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        db.execute("INSERT INTO child VALUES (7)")

    with pytest.raises(StateError):
        writer.submit(defer).result(10)
    writer.submit(lambda db: db.execute(_NOTE, ("next",))).result(10)
    assert _refs(path) == ["next"]


def test_who_stops_waiting_does_not_take_the_work_back(writer: StateWriter, path: Path) -> None:
    async def scenario() -> None:
        is_free = threading.Event()
        writer.submit(lambda db: is_free.wait(10))
        waiting = asyncio.ensure_future(writer.run(lambda db: db.execute(_NOTE, ("kept",))))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        is_free.set()
        await writer.run(lambda db: None)

    asyncio.run(scenario())
    assert _refs(path) == ["kept"]


def test_what_nobody_waits_for_is_gathered_until_somebody_waits(
    writer: StateWriter, path: Path
) -> None:
    writer.submit(lambda db: None).result(10)
    posted = [writer.post(_noting(f"p{n}"), "a note").future for n in range(5)]
    writer.submit(lambda db: None).result(10)
    assert all(future.done() for future in posted)
    assert writer.commits <= 3
    assert len(_refs(path)) == 5


def test_close_does_what_was_given_and_refuses_the_rest(path: Path) -> None:
    writer = StateWriter(path)
    given = [writer.submit(_noting(f"{n}")) for n in range(20)]
    writer.close()
    assert all(f.done() for f in given)
    assert len(_refs(path)) == 20
    with pytest.raises(StateError) as refused:
        writer.submit(lambda db: None).result(1)
    assert refused.value.key == "store.closed"


def test_posted_work_that_fails_is_logged(
    writer: StateWriter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        future = writer.post(lambda db: db.execute("NO SQL"), "the row of call 7").future
        assert future.exception(10) is not None
        writer.close()
    assert "the row of call 7 was not kept" in caplog.text


def test_a_damaged_file_is_set_aside_and_the_box_goes_on(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for n in (1, 2):
        garbage = b"power was cut %d" % n * 500
        path.write_bytes(garbage)
        writer = StateWriter(path)
        writer.submit(lambda db: db.execute(_NOTE, ("new",))).result(10)
        writer.close()
        assert writer.set_aside == Path(f"{path}.damaged-{n}")
        assert writer.set_aside.read_bytes() == garbage
        assert _refs(path) == ["new"]
    assert "damaged-2" in caplog.text


def test_a_file_of_a_newer_version_is_never_set_aside(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 999")
        connection.execute(f"PRAGMA application_id = {database._APPLICATION + 999}")
    connection.close()
    with pytest.raises(StateError):
        StateWriter(path)
    assert path.exists()


def test_a_proof_of_life_is_a_true_write(writer: StateWriter, path: Path) -> None:
    """The log of the database grows: something went to the disk, and nothing was changed by it."""
    log = path.with_name("state.db-wal")
    before, commits = log.stat().st_size, writer.commits
    asyncio.run(writer.prove())
    assert log.stat().st_size > before
    assert writer.commits == commits + 1
    open_for_reading(path).close()


def test_whoever_waits_for_the_thread_hears_what_it_died_of(path: Path) -> None:
    class Fatal(BaseException):
        """Nothing that a piece of work may raise."""

    def dies(db: sqlite3.Connection) -> None:
        raise Fatal("the thread is torn down")

    writer = StateWriter(path)
    writer.submit(dies)
    assert isinstance(writer.ended.exception(5), Fatal)


def test_an_orderly_end_is_no_death(path: Path) -> None:
    writer = StateWriter(path)
    writer.close()
    assert writer.ended.exception(5) is None
