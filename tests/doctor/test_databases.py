"""Tests of appliance/doctor/databases.py on whole and broken files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from appliance.doctor.databases import check
from tests.doctor.patients import keys, stopped


def make(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("a" * 500,)] * 100)
        database.commit()


def test_whole_broken_and_put_aside(tmp_path: Path) -> None:
    assert keys(check(stopped(tmp_path))) == ["warning databases.none"]
    make(tmp_path / "config.db")
    make(tmp_path / "state.db")
    octets = bytearray((tmp_path / "state.db").read_bytes())
    octets[4096:8192] = b"\xff" * 4096
    (tmp_path / "state.db").write_bytes(octets)
    (tmp_path / "web.db").write_bytes(b"no database at all" * 100)
    (tmp_path / "state.db.damaged-1").touch()
    assert keys(check(stopped(tmp_path))) == [
        "ok databases.whole",
        "fault databases.damaged",
        "fault databases.damaged",
        "warning databases.aside",
    ]
