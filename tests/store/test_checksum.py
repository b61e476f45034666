"""Checksums of rows: stable through SQLite, different for whatever differs."""

from __future__ import annotations

import sqlite3
import zlib

import pytest

from appliance.store.checksum import checksum_of, is_sound, seal, unseal
from appliance.store.journal import Journal, query
from appliance.store.soundness import count_rotten
from appliance.store.writer import StateWriter
from tests.store.records import make_record


def test_numbers_count_as_sqlite_gives_them_back() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a REAL, b INTEGER, c TEXT, d REAL)")
    row = (3, 4, "Анна\udcff".encode("utf-8", "replace").decode(), None)
    connection.execute("INSERT INTO t VALUES (?, ?, ?, ?)", row)
    assert checksum_of(connection.execute("SELECT * FROM t").fetchone()) == checksum_of(row)
    connection.close()


def test_what_differs_has_another() -> None:
    rows = [("a", 1.0), ("a", 2.0), ("b", 1.0), ("a1.0",), ("a", None), ("", "a")]
    assert len({checksum_of(row) for row in rows}) == len(rows)
    assert is_sound(("a",), 0) and not is_sound(("a",), 1)


def test_rows_whose_numbers_were_summed_by_their_digits_stay_sound() -> None:
    """As they were written at first: CRC-32 over the digits."""
    row = ("Анна", 3.5, 4, None)
    by_digits = zlib.crc32("\x1f".join(("Анна", "3.5", "4.0", "")).encode())
    assert is_sound(row, by_digits) and not is_sound(("Анна", 3.25, 4, None), by_digits)
    text = "{}\x1fk\x1f1.5"
    assert unseal(f"{{}}\n#{zlib.crc32(text.encode()):08x}", "k", 1.5) == "{}"


def test_a_seal_holds_for_the_row_that_it_was_made_for_alone() -> None:
    assert unseal(seal("{}", "k", 1.5), "k", 1.5) == "{}"
    with pytest.raises(ValueError):
        unseal(seal("{}", "k", 1.5), "k", 2.5)


def test_a_row_that_rotted_is_counted_and_not_shown(writer: StateWriter) -> None:
    journal = Journal(writer)
    for ref in ("c1", "c2"):
        journal.append(make_record(ref)).future.result(5)
    writer.submit(lambda db: db.execute("UPDATE calls SET talk_s = 61 WHERE call_ref = 'c1'"))
    shown = writer.submit(query).result(5)
    assert [row.call_ref for row in shown] == ["c2"]
    assert writer.submit(count_rotten).result(5) == {"calls": 1}
