"""One bit flipped at 200 places of config.db, its log and its index of the log.

With the copy beside it nothing is lost at all, wherever it is; without it the box runs by the last
sound revision and tells. The files are those of a box that was killed: revisions in the database
and in the log.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.config.last_good import copy_path
from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.configuration import Configuration, prepare_store
from tests.config.offices import office, with_site
from tests.faults.test_flipped_state import flip

SEED = 7
REVISIONS = 12
PLACES = (
    ("", 0, 100, 40),
    ("", 100, 4096, 30),
    ("", 4096, 0, 70),
    ("-wal", 0, 32, 10),
    ("-wal", 32, 0, 40),
    ("-shm", 0, 0, 10),
)
KNOWN = [office(), *(with_site(ring_time_s=20 + n) for n in range(REVISIONS - 1))]


@pytest.fixture(scope="module")
def killed() -> Iterator[Path]:
    """config.db with its tails and its copy, as a killed process left them."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="dozvon-flips-") as name:
        path = Path(name) / "config.db"
        for part in (KNOWN[: REVISIONS // 2], KNOWN[REVISIONS // 2 :]):
            store = ConfigStore(path)
            for document in part:
                store.save(document, store.newest_revision(), "anna")
            if part is not KNOWN[: REVISIONS // 2] and document == KNOWN[-1]:
                (Path(name) / "killed").mkdir()
                for file in path.parent.glob("config*"):
                    shutil.copyfile(file, Path(name) / "killed" / file.name)
            store.close()
        yield Path(name) / "killed" / "config.db"


def places(killed: Path) -> list[tuple[str, int, int]]:
    dice = random.Random(SEED)
    found: list[tuple[str, int, int]] = []
    for tail, first, end, count in PLACES:
        size = Path(f"{killed}{tail}").stat().st_size
        offsets = dice.sample(range(first, end or size), count)
        found += [(tail, offset, dice.randrange(8)) for offset in offsets]
    return found


def start(path: Path) -> tuple[Document, list[str]]:
    """What a start of the daemon gets, and which alerts it raises."""
    store = ConfigStore(path)
    try:
        prepare_store(store, None)
        configuration = Configuration(store)
        return configuration.current().document, [p.key for p in configuration.alerts]
    finally:
        store.close()


def flipped(killed: Path, place: tuple[str, int, int], folder: Path) -> Path:
    shutil.copytree(killed.parent, folder)
    tail, offset, bit = place
    flip(folder / f"config.db{tail}", offset, bit)
    return folder / "config.db"


@pytest.mark.parametrize("has_copy", [True, False], ids=["with a copy", "without"])
def test_whatever_rots_settings_are_there(killed: Path, has_copy: bool) -> None:
    wrong: list[str] = []
    untouched = 0
    for number, place in enumerate(places(killed)):
        path = flipped(killed, place, killed.parent.parent / f"f{number}-{has_copy}")
        if not has_copy:
            copy_path(path).unlink()
        document, alerts = start(path)
        again, _ = start(path)
        if has_copy and document != KNOWN[-1]:
            wrong.append(f"{place}: not the newest settings")
        if document not in KNOWN and not (document == factory_document() and alerts):
            wrong.append(f"{place}: settings that nobody made")
        if document != KNOWN[-1] and not alerts:
            wrong.append(f"{place}: older settings, and nobody was told")
        if again != document:
            wrong.append(f"{place}: the second start has other settings")
        untouched += document == KNOWN[-1]
        shutil.rmtree(path.parent)
    assert not wrong, "\n".join(wrong)
    assert untouched > 60
