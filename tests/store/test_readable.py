"""A file that the disk does not give is told from one that is broken."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store.readable import is_unreadable


def test_sound_broken_and_missing_files_can_be_read(tmp_path: Path) -> None:
    sound, broken = tmp_path / "sound.db", tmp_path / "broken.db"
    with closing(sqlite3.connect(sound)) as db, db:
        db.execute("CREATE TABLE t (x)")
    broken.write_bytes(b"no database at all" * 100)
    assert not any(map(is_unreadable, (sound, broken, tmp_path / "nothing.db")))


@pytest.mark.parametrize("name", ["state.db", "state.db-wal"])
def test_a_read_that_fails_anywhere_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("state.db", "state.db-wal"):
        (tmp_path / each).write_bytes(b"x" * (3 << 20))
    bad = os.stat(tmp_path / name)
    real = os.pread

    def pread(descriptor: int, size: int, at: int) -> bytes:
        if os.path.samestat(os.fstat(descriptor), bad) and at >= 2 << 20:
            raise OSError(errno.EIO, "Input/output error")
        return real(descriptor, size, at)

    monkeypatch.setattr(os, "pread", pread)
    assert is_unreadable(tmp_path / "state.db")


def test_the_look_costs_nobody_his_lock(tmp_path: Path) -> None:
    """Closing any descriptor of a file frees all locks that the process has on it."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE t (x)")
        db.execute("BEGIN EXCLUSIVE")
        assert not is_unreadable(path)
        script = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute(sys.argv[2])"
        words = [sys.executable, "-c", script, str(path), "SELECT x FROM t"]
        told = subprocess.run(words, capture_output=True, text=True, check=False)
        assert "database is locked" in told.stderr
