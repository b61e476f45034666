"""A process that keeps a journal as the daemon does, until it is killed: for test_kill_writer.py.

Owns state.db while it lives. Whatever is told through the pipe was acknowledged: the disk has it.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from appliance.store.journal import Journal
from appliance.store.writer import StateWriter
from tests.store.records import make_record

#: Calls that are alive at a time: the row of call n is written when call n + ALIVE has begun.
ALIVE = 3
_TOGETHER = 8  # rows that one commit acknowledges


def name_of(run: int, number: int) -> str:
    return f"{run}-{number}"


def keep_a_journal(path: Path, run: int, told: Connection) -> None:
    """Call after call, as fast as the disk takes them; each row that is acknowledged is told."""
    writer = StateWriter(path)
    journal = Journal(writer)
    told.send(-1)
    number = 0
    while True:
        pending = []
        for _ in range(_TOGETHER):
            journal.begin(name_of(run, number), float(number), {"caller": str(number)})
            if number >= ALIVE:
                done = number - ALIVE
                row = make_record(name_of(run, done), started_at=float(done), total_s=1.0)
                pending.append((done, journal.append(row).future))
            number += 1
        writer.submit(lambda db: None)
        for done, row_written in pending:
            row_written.result()
            told.send(done)
