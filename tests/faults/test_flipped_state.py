"""One bit flipped at 200 places of state.db, its log and its index of the log.

Whatever the place: the box starts, what it shows is true, and what is missing was told. The files
are those of a box that was killed, with rows in the database and in the log.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.call.leg import Cause
from appliance.call.record import CallRecord
from appliance.recovery import look_through
from appliance.store.database import make_indexes, open_for_reading
from appliance.store.dialog_codec import KeptDialog
from appliance.store.dialogs import DialogStore
from appliance.store.journal import Journal, query
from appliance.store.outgoing import read_outgoing
from appliance.store.registrations import RegistrationStore
from appliance.store.writer import StateWriter
from tests.store.records import make_record
from tests.store.test_dialogs import make_dialog
from tests.store.test_registrations import PHONE, _add

SEED = 11
IN_FILE, IN_LOG = 40, 20
#: (tail of the name, first octet, end or 0 for the end of the file, how many places)
PLACES = (
    ("", 0, 100, 40),
    ("", 100, 4096, 30),
    ("", 4096, 0, 70),
    ("-wal", 0, 32, 10),
    ("-wal", 32, 0, 40),
    ("-shm", 0, 0, 10),
)
RECORDS = {f"c{n}": make_record(f"c{n}", started_at=1e9 + n) for n in range(IN_FILE + IN_LOG)}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="dozvon-flips-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def killed(folder: Path) -> Path:
    """state.db with its tails, as a killed box left them."""
    path = folder / "live.db"
    writer = StateWriter(path)
    rows = list(RECORDS.values())
    for row in rows[:IN_FILE]:
        Journal(writer).append(row)
    writer.close()
    writer = StateWriter(path)
    RegistrationStore(writer).apply(_add(PHONE))
    DialogStore(writer).apply([KeptDialog("k", make_dialog(), "extension 2001")], ())
    for row in rows[IN_FILE:]:
        Journal(writer).append(row).future.result(10)
    Journal(writer).begin("cut", 1e9 + 500, {"caller": "2001"})
    writer.submit(lambda db: None).result(10)
    for tail in ("", "-wal", "-shm"):
        shutil.copyfile(f"{path}{tail}", folder / f"killed.db{tail}")
    writer.close()
    return folder / "killed.db"


def places(killed: Path) -> list[tuple[str, int, int]]:
    """(tail, offset, bit), each once."""
    dice = random.Random(SEED)
    found: list[tuple[str, int, int]] = []
    for tail, first, end, count in PLACES:
        size = Path(f"{killed}{tail}").stat().st_size
        offsets = dice.sample(range(first, end or size), count)
        found += [(tail, offset, dice.randrange(8)) for offset in offsets]
    return found


def flip(path: Path, offset: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        octet = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([octet ^ (1 << bit)]))


def start(path: Path) -> tuple[dict[str, CallRecord], bool]:
    """What a start makes of the file: the rows it shows, and whether anything was told."""
    writer = StateWriter(path)
    try:
        asyncio.run(Journal(writer).recover(2e9))
        asyncio.run(RegistrationStore(writer).load(0.0))
        asyncio.run(DialogStore(writer).load())
        damaged, do_fit = look_through(path)
        if not do_fit:
            writer.submit(make_indexes).result(10)
        is_told = bool(damaged or writer.set_aside or writer.lost_tail)
        assert writer.trouble == ""
    finally:
        writer.close()
    connection = open_for_reading(path)
    try:
        read_outgoing(connection, 0.0)
        return {row.call_ref: row for row in query(connection, limit=1000)}, is_told
    finally:
        connection.close()


def test_whatever_rots_the_box_starts_and_tells(killed: Path, folder: Path) -> None:
    wrong: list[str] = []
    untouched = kept = 0
    for number, (tail, offset, bit) in enumerate(places(killed)):
        path = folder / f"flipped-{number}" / "state.db"
        path.parent.mkdir()
        for name in ("", "-wal", "-shm"):
            shutil.copyfile(f"{killed}{name}", f"{path}{name}")
        flip(Path(f"{path}{tail}"), offset, bit)
        place = f"{tail or 'file'} at {offset}, bit {bit}"
        rows, is_told = start(path)
        again, _ = start(path)
        shown = {ref: row for ref, row in rows.items() if row.cause is not Cause.RESTART}
        if any(RECORDS.get(ref) != row for ref, row in shown.items()):
            wrong.append(f"{place}: shows what never was")
        if set(shown) != set(RECORDS) and not is_told:
            wrong.append(f"{place}: {len(RECORDS) - len(shown)} rows are missing silently")
        if again != rows:
            wrong.append(f"{place}: the second start finds other rows")
        untouched += set(shown) == set(RECORDS)
        kept += len(shown)
        shutil.rmtree(path.parent)
    assert not wrong, "\n".join(wrong)
    assert untouched > 60 and kept > 200 * len(RECORDS) * 0.6
