"""One bit flipped in the values of a row: what is read is what was written, or it is not there.

Every octet of each row in state.db, one after the other; the structure of the pages stays sound, so
that SQLite notices nothing.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from appliance.store.dialog_codec import KeptDialog, decode_kept
from appliance.store.dialogs import DialogStore
from appliance.store.journal import Journal, _cut_call
from appliance.store.messages import Message, MessageStore, _recent
from appliance.store.outgoing import read_outgoing
from appliance.store.phones import ClaimCode, PhoneStore, _load, _requests
from appliance.store.registrations import RegistrationStore, read_all
from appliance.store.soundness import count_rotten
from appliance.store.writer import StateWriter
from tests.store.records import make_record
from tests.store.test_dialogs import make_dialog
from tests.store.test_registrations import PHONE, _add

SMS = Message("sim", "in", "+79161234567", "The code is 4711, Иван", "", 1e9)
MAC = "001565aabbcc"
PHONE_DETAIL = {"secret": "pR5tuVw8xYz2", "extension": "2001"}
Read = Callable[[sqlite3.Connection], Iterable[Any]]


def _dialogs(db: sqlite3.Connection) -> list[object]:
    found = [decode_kept(*row) for row in db.execute("SELECT key, detail FROM dialogs")]
    return [_legible(kept) for kept in found if kept is not None]


def _legible(kept: object) -> object:
    """A dialog is equal to itself alone."""
    assert isinstance(kept, KeptDialog)
    return (
        kept.key,
        kept.party,
        {f.name: getattr(kept.dialog, f.name) for f in fields(kept.dialog)},
    )


def _cut_calls(db: sqlite3.Connection) -> list[object]:
    """Where the note rotted, that there was a call is known, and nothing of it."""
    rows = db.execute("SELECT call_ref, started_at, summary FROM open_calls")
    records = [_cut_call(*row, 2e9) for row in rows]
    return [record for record in records if record.caller]


def _phones(db: sqlite3.Connection) -> list[object]:
    return list(_load(db, 0.0)[0].items())


def _codes(db: sqlite3.Connection) -> list[object]:
    return list(_load(db, 0.0)[1])


READERS: dict[str, tuple[str, Read]] = {
    "bindings": ("detail", read_all),
    "dialogs": ("detail", _dialogs),
    "open_calls": ("summary", _cut_calls),
    "phones": ("detail", _phones),
    "phone_requests": ("detail", lambda db: _requests(db, "", 10)),
    "claim_codes": ("code", _codes),
    "messages": ("text", lambda db: _recent(db, 10)),
    "calls": ("number", lambda db: read_outgoing(db, 0.0)),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "state.db"
    writer = StateWriter(path)
    RegistrationStore(writer).apply(_add(PHONE))
    DialogStore(writer).apply([KeptDialog("k", make_dialog(), "extension 2001")], ())
    Journal(writer).begin("cut", 1e9, {"caller": "2001", "number": "+74955551234"})
    PhoneStore(writer).put(MAC, PHONE_DETAIL)
    PhoneStore(writer).put_code(ClaimCode("2001", "8305", 2e9))
    asyncio.run(MessageStore(writer).keep(SMS))
    PhoneStore(writer).note(1e9, MAC, {"path": "/y000000000108.cfg"})
    Journal(writer).append(replace(make_record("c1"), started_at=1e9)).future.result(10)
    asyncio.run(RegistrationStore(writer).load(0.0))
    writer.close()
    return path


@pytest.mark.parametrize("table", READERS)
def test_a_row_that_rotted_is_never_taken_for_the_truth(
    sound: Path, tmp_path: Path, table: str
) -> None:
    column, read = READERS[table]
    with closing(opened(sound)) as db:
        written = list(read(db))
        (text,) = db.execute(f"SELECT {column} FROM {table}").fetchone()
    assert len(written) == 1
    octets = sound.read_bytes()
    first = octets.index(text.encode())
    missing = 0
    for offset in range(first, first + len(text.encode())):
        rotten = bytearray(octets)
        rotten[offset] ^= 1 << (offset % 7)
        path = tmp_path / "state.db"
        path.write_bytes(rotten)
        with closing(opened(path)) as db:
            assert count_rotten(db) == {table: 1}
            found = list(read(db))
        assert found in ([], written), f"{table}, octet {offset - first} of {text!r}"
        missing += not found
    assert missing == len(text.encode())


def opened(path: Path) -> sqlite3.Connection:
    """As the writer has it; what rotted is no UTF-8 any more."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = lambda octets: octets.decode("utf-8", "replace")
    return connection
