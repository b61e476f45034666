"""Tests of appliance/doctor/databases.py on whole and broken files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.doctor import databases
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


def test_what_is_kept_from_us_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who believed that would put the settings aside."""
    make(tmp_path / "config.db")
    monkeypatch.setattr(databases, "_BUSY_S", 0.0)
    with closing(sqlite3.connect(tmp_path / "config.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert keys(check(stopped(tmp_path))) == ["fault databases.unread"]
    assert check(stopped(tmp_path, is_closed=True)) == []
