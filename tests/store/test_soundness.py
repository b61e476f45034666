"""Rotten rows of state.db: counted whatever table they are in, thrown away or kept, told once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.store.database import _text
from appliance.store.dialog_codec import KeptDialog
from appliance.store.dialogs import DialogStore
from appliance.store.journal import Journal
from appliance.store.messages import Message, MessageStore
from appliance.store.migrations import MIGRATIONS
from appliance.store.phones import ClaimCode, PhoneStore
from appliance.store.registrations import RegistrationStore
from appliance.store.sightings import SightingStore
from appliance.store.soundness import PROOFS, count_rotten, drop_rotten
from appliance.store.voice_messages import VoiceMessageStore
from appliance.store.writer import StateWriter
from tests.store.records import make_record
from tests.store.test_dialogs import make_dialog
from tests.store.test_registrations import PHONE, _add
from tests.store.test_voice_files import MESSAGE as VOICE

KEPT = {"calls", "messages"}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A row in every table."""
    writer = StateWriter(tmp_path / "state.db")
    RegistrationStore(writer).apply(_add(PHONE))
    DialogStore(writer).apply([KeptDialog("k", make_dialog(), "extension 2001")], ())
    Journal(writer).begin("cut", 1e9, {"caller": "2001"})
    Journal(writer).append(make_record("c1"))
    phones = PhoneStore(writer)
    phones.put("001565aabbcc", {"secret": "pR5tuVw8xYz2"})
    phones.note(1e9, "001565aabbcc", {"path": "/"})
    SightingStore(writer).put("city", "425/330,0/330", 1)
    phones.put_code(ClaimCode("2001", "4711", 2e9))
    asyncio.run(MessageStore(writer).keep(Message("sim", "in", "+7916", "Привет", "", 1e9)))
    asyncio.run(VoiceMessageStore(writer).put(VOICE))
    writer.close()
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as db:
        db.text_factory = _text
        yield db


def rot(db: sqlite3.Connection, table: str) -> None:
    """Another value in the first column that is no key."""
    columns = {"calls": "caller", "messages": "number", "claim_codes": "code"}
    column = {**columns, "voice_messages": "caller"}.get(table)
    column = column or PROOFS[table].columns[-1]
    db.execute(f"UPDATE {table} SET {column} = replace({column}, '0', '1') || ' '")


def test_every_table_has_a_proof(db: sqlite3.Connection) -> None:
    names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    assert {name for (name,) in names} == set(PROOFS)
    for table, proof in PROOFS.items():
        (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
        columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")} - {"id"}
        assert (count, columns) == (1, set(proof.columns)), table
    assert count_rotten(db) == {}


@pytest.mark.parametrize("table", PROOFS)
def test_what_rotted_is_counted_and_thrown_away_where_nobody_can_use_it(
    db: sqlite3.Connection, table: str
) -> None:
    rot(db, table)
    assert count_rotten(db) == {table: 1}
    drop_rotten(db)
    assert count_rotten(db) == ({table: 1} if table in KEPT else {})
    for other in PROOFS:
        (count,) = db.execute(f"SELECT count(*) FROM {other}").fetchone()
        assert count == (other != table or table in KEPT), other


def test_rows_of_before_there_were_checksums_are_believed(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statements in MIGRATIONS[:5]:
            for statement in statements:
                db.execute(statement)
        db.execute("PRAGMA user_version = 5")
        db.execute(f"PRAGMA application_id = {0x445A0000 + 5}")
        db.execute("INSERT INTO claim_codes VALUES ('2001', '4711', 2e9)")
        db.execute(
            "INSERT INTO messages (key, line, direction, number, text, sent_at, at, reference)"
            " VALUES ('k', 'sim', 'in', '+7', 'old', '', 1e9, '')"
        )
    writer = StateWriter(path)
    try:
        assert writer.submit(count_rotten).result(5) == {}
        (message,) = asyncio.run(MessageStore(writer).recent(5))
        assert message.text == "old"
        assert asyncio.run(PhoneStore(writer).load(0.0))[1] == [ClaimCode("2001", "4711", 2e9)]
    finally:
        writer.close()


@pytest.mark.parametrize("table", sorted(set(PROOFS) - KEPT))
def test_what_is_no_text_any_more_is_thrown_away_too(db: sqlite3.Connection, table: str) -> None:
    """Or every start would tell of it anew."""
    columns = {"claim_codes": "code", "voice_messages": "caller"}
    column = columns.get(table) or PROOFS[table].columns[-1]
    db.execute(f"UPDATE {table} SET {column} = CAST(CAST({column} AS BLOB) || x'ff' AS TEXT)")
    assert count_rotten(db) == {table: 1}
    drop_rotten(db)
    assert count_rotten(db) == {}
