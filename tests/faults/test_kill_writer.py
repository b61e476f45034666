"""SIGKILL at random moments while the journal is written as fast as the disk takes it.

No row that was acknowledged is lost, changed or doubled, and every call that was cut gets a row
with cause ``restart``: 200 points in CI, ``DOZVON_KILLS=5000`` for more. The same file goes on and
on, as a box's does.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from appliance.call.leg import Cause
from appliance.store.journal import Journal, query
from appliance.store.writer import StateWriter
from tests.faults.traffic import ALIVE, keep_a_journal, name_of
from tests.store.records import make_record

KILLS = int(os.environ.get("DOZVON_KILLS", "200"))
A_FILE = 8  # kills: a journal of many rows takes long to look through
LONGEST_S = 0.04
SEED = 20
_START_S = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServerContext]:
    """Children that have everything imported when they are born."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.traffic"])
    yield context


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory: a killed process leaves to the kernel what it wrote, and fsync costs nothing."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="dozvon-kills-") as name:
        yield Path(name)


def run_and_kill(server: ForkServerContext, path: Path, run: int, after_s: float) -> list[int]:
    """Keep a journal for so long once the file is open, or, every fifth time, since the process
    was born; the calls that were acknowledged."""
    ours, theirs = server.Pipe(duplex=False)
    child = server.Process(target=keep_a_journal, args=(path, run, theirs), daemon=True)
    child.start()
    theirs.close()
    if run % 5:
        assert ours.poll(_START_S)
    told = listen(ours, time.monotonic() + after_s)
    child.kill()
    child.join(10)
    told += listen(ours, time.monotonic() + 5)
    ours.close()
    return [number for number in told if number >= 0]


def listen(pipe: Connection, deadline: float) -> list[int]:
    """What is told until then, or until the far end is dead."""
    told: list[int] = []
    while (left := deadline - time.monotonic()) > 0:
        try:
            if pipe.poll(left):
                told.append(pipe.recv())
        except (EOFError, OSError):
            break
    return told


def recover(path: Path) -> None:
    """What the next start does."""
    writer = StateWriter(path)
    try:
        asyncio.run(Journal(writer).recover(1e6))
        assert writer.set_aside is None and writer.trouble == ""
    finally:
        writer.close()


def check(path: Path, told: dict[int, list[int]]) -> int:
    """Compare the file with all that was ever acknowledged; how many calls were cut."""
    connection = sqlite3.connect(path)
    rows = {row.call_ref: row for row in query(connection, limit=10_000)}
    (count, open_calls) = connection.execute(
        "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM open_calls)"
    ).fetchone()
    connection.close()
    assert (len(rows), open_calls) == (count, 0)
    for run, numbers in told.items():
        for number in numbers:
            name = name_of(run, number)
            wanted = make_record(name, started_at=float(number), total_s=1.0)
            assert rows.get(name) == wanted, f"{name} was acknowledged"
        if numbers:  # what had begun before the last acknowledged row is known as well
            begun = (name_of(run, number) for number in range(max(numbers) + ALIVE + 1))
            assert not [name for name in begun if name not in rows]
    return sum(1 for row in rows.values() if row.cause is Cause.RESTART)


def test_no_acknowledged_row_is_lost_or_doubled(server: ForkServerContext, folder: Path) -> None:
    dice = random.Random(SEED)
    acknowledged = cut = with_rows = 0
    for number in range(KILLS // A_FILE):
        path = folder / f"state-{number}.db"
        told: dict[int, list[int]] = {}
        for run in range(A_FILE):
            told[run] = run_and_kill(server, path, run, dice.uniform(0.0, LONGEST_S))
            recover(path)
            cut_here = check(path, told)
        cut += cut_here
        acknowledged += sum(map(len, told.values()))
        with_rows += sum(1 for numbers in told.values() if numbers)
    assert with_rows > KILLS // 4 and acknowledged > KILLS and cut > with_rows
