"""config.db: revisions, history, going back, two writers at once, and damage of every kind."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.config import revisions
from appliance.config import store as store_module
from appliance.config.diff import describe
from appliance.config.last_good import copy_path
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore, RevisionConflict
from appliance.config.texts import problem_text
from appliance.errors import ConfigErrors, StoreError, UserError
from tests.config.offices import SECRET, office, with_first, with_site


class Clock:
    """Counts a second for every look."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "config.db"


@pytest.fixture
def store(path: Path) -> Iterator[ConfigStore]:
    store = ConfigStore(path, Clock())
    yield store
    store.close()


def _change_rows(path: Path, statement: str, *values: object) -> None:
    database = sqlite3.connect(path)
    with database:
        database.execute(statement, values)
    database.close()


def test_settings_that_root_saves_first_are_the_services_own(path: Path) -> None:
    """``sudo dozvon config apply`` before the box ever ran: it must be able to open them."""
    path.parent.mkdir()
    os.chown(path.parent, 65_534, 65_534)
    store = ConfigStore(path, Clock())
    store.save(office(), 0, "root")
    names = ("config.db", "config.db-wal", "config.db-shm", "config.last-good")
    assert {(path.parent / name).stat().st_uid for name in names} == {65_534}
    store.close()


def test_a_new_box_has_the_factory_document(store: ConfigStore) -> None:
    assert store.load() == (0, factory_document())
    assert store.newest_revision() == 0 and store.history() == () and store.alerts == ()


def test_a_saved_revision_is_there_after_opening_again(store: ConfigStore, path: Path) -> None:
    assert store.save(office(), 0, "anna", "first") == 1
    again = ConfigStore(path)
    assert again.load() == (1, office())
    again.close()


def test_the_history_tells_who_when_why_and_what(store: ConfigStore) -> None:
    store.save(office(), 0, "anna", "first")
    store.save(with_first("extensions", name="Вера"), 1, "boris")
    newest, first = store.history()
    assert (newest.revision, newest.author, newest.note, newest.saved_at) == (
        2,
        "boris",
        "",
        1002.0,
    )
    assert [describe(c, "en") for c in newest.changes] == ["Extension 2001, Name: Анна → Вера"]
    assert (first.revision, first.author, first.note) == (1, "anna", "first")
    assert SECRET not in str(first)
    assert store.history(1) == (newest,)


def test_a_preview_saves_nothing(store: ConfigStore) -> None:
    store.save(office(), 0, "anna")
    assert [c.path for c in store.preview(with_site(ring_time_s=30))] == ["site.ring_time_s"]
    assert store.newest_revision() == 1


def test_unchanged_settings_keep_their_revision(store: ConfigStore) -> None:
    store.save(office(), 0, "anna")
    assert store.save(office(), 1, "anna") == 1
    assert len(store.history()) == 1


def test_going_back_is_a_new_revision(store: ConfigStore) -> None:
    store.save(office(), 0, "anna")
    store.save(with_site(ring_time_s=30), 1, "anna")
    assert store.revert(1, "boris") == 3
    assert store.load() == (3, office())
    assert store.load(2)[1].site.ring_time_s == 30
    assert store.history(1)[0].note == "revert 1"


def test_a_second_writer_is_told_of_the_first(store: ConfigStore, path: Path) -> None:
    other = ConfigStore(path)
    base, _ = other.load()
    store.save(office(), 0, "anna")
    with pytest.raises(RevisionConflict) as caught:
        other.save(with_site(ring_time_s=30), base, "boris")
    assert caught.value.key == "config.conflict"
    assert caught.value.params == {"base": "0", "current": "1"}
    assert store.newest_revision() == 1
    other.close()


def test_a_store_that_is_opened_beside_another_leaves_its_locks_alone(
    store: ConfigStore, path: Path
) -> None:
    """Else another process that closes the file would take the log away under the first store."""
    store.save(office(), 0, "anna")
    ConfigStore(path).close()
    lines = (
        "import sqlite3, sys",
        "database = sqlite3.connect(sys.argv[1])",
        "database.execute('SELECT 1 FROM revisions')",
        "database.close()",
    )
    argv = [sys.executable, "-c", "\n".join(lines), str(path)]
    subprocess.run(argv, check=True, timeout=20)
    assert path.with_name("config.db-wal").exists()
    other = ConfigStore(path)
    assert other.save(with_site(ring_time_s=30), 1, "boris") == 2
    other.close()
    assert store.load() == (2, with_site(ring_time_s=30))


def test_a_held_write_lock_is_busy(
    store: ConfigStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_BUSY_S", 0.01)
    other = ConfigStore(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(UserError) as caught:
        other.save(office(), 0, "anna")
    assert caught.value.key == "config.busy"
    assert other.load()[0] == 0
    holder.execute("ROLLBACK")
    assert other.save(office(), 0, "anna") == 1
    holder.close()
    other.close()


def test_a_refused_document_is_not_saved(store: ConfigStore) -> None:
    with pytest.raises(ConfigErrors) as caught:
        store.save(with_first("extensions", number="112", secret="1"), 0, "anna")
    assert {"extension.number.shadows_emergency", "secret.too_short"} <= {
        p.key for p in caught.value.problems
    }
    assert store.newest_revision() == 0


@pytest.mark.parametrize("revision", [-1, 0, 7])
def test_a_revision_that_never_was(store: ConfigStore, revision: int) -> None:
    for attempt in (store.load, lambda r: store.revert(r, "anna")):
        with pytest.raises(UserError) as caught:
            attempt(revision)
        assert caught.value.key == "config.unknown_revision"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET document = substr(document, 1, 40) WHERE revision = 2",
        "UPDATE revisions SET checksum = 'x' WHERE revision = 2",
        "UPDATE revisions SET format = 99 WHERE revision = 2",
        "UPDATE revisions SET document = replace(document, 'Boris', 'Borja') WHERE revision = 2",
    ],
)
def test_a_damaged_newest_revision_falls_back_to_the_last_sound_one(
    path: Path, statement: str
) -> None:
    store = ConfigStore(path)
    store.save(office(), 0, "anna")
    store.save(with_site(ring_time_s=30), 1, "anna")
    store.close()
    _change_rows(path, statement)
    copy_path(path).unlink()
    again = ConfigStore(path)
    base, document = again.load()
    assert (base, document) == (1, office())
    assert [p.key for p in again.alerts] == ["config.revision_damaged"]
    assert "2" in problem_text(again.alerts[0], "ru")
    with pytest.raises(StoreError):
        again.load(2)
    assert again.save(with_site(ring_time_s=20), base, "anna") == 3
    assert again.load()[0] == 3 and len(again.history()) == 3
    again.close()


def test_when_every_revision_is_damaged_the_factory_document_is_used(path: Path) -> None:
    store = ConfigStore(path)
    store.save(office(), 0, "anna")
    store.close()
    _change_rows(path, "UPDATE revisions SET document = 'x', changes = 'x'")
    copy_path(path).unlink()
    again = ConfigStore(path)
    assert again.load() == (0, factory_document())
    assert again.history()[0].changes == ()
    again.close()


def test_a_file_that_is_no_database(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    store = ConfigStore(path, Clock())
    assert store.is_damaged and store.load() == (0, factory_document())
    assert [p.key for p in store.alerts] == ["config.database_damaged"]
    with pytest.raises(StoreError):
        store.save(office(), 0, "anna")
    aside = store.set_aside()
    assert aside is not None and aside.read_bytes().startswith(b"not a database")
    assert not store.is_damaged and store.set_aside() is None
    assert store.save(office(), store.load()[0], "anna") == 2
    store.close()


def test_pages_that_rotted_cost_as_little_as_they_can(path: Path) -> None:
    store = ConfigStore(path)
    store.save(office(), 0, "anna")
    for n in range(20):
        store.save(with_site(ring_time_s=30 + n), n + 1, "anna")
    store.close()
    content = bytearray(path.read_bytes())
    content[-12000:-4000] = b"\xa5" * 8000
    path.write_bytes(content)
    copy_path(path).unlink()
    again = ConfigStore(path, Clock())
    revision, document = again.load()
    assert again.alerts
    if revision:
        assert document.site.name == "Ромашка"
    if again.is_damaged:
        assert again.set_aside() is not None
        assert again.load()[1] == document
    again.close()


def test_a_reader_checks_what_it_reads_and_not_the_whole_file(path: Path) -> None:
    """However many revisions there are, a page opens as quickly; what it reads is still checked."""
    store = ConfigStore(path)
    for n in range(30):
        store.save(with_site(ring_time_s=30 + n), n, "anna")
    store.close()
    content = bytearray(path.read_bytes())
    oldest = content.index(b'"ring_time_s":30')
    page = oldest - oldest % 4096
    content[page : page + 4096] = b"\xa5" * 4096  # of revision 1, which nobody asks for
    path.write_bytes(content)
    reader = ConfigStore(path, looks_through=False)
    assert not reader.is_damaged
    assert reader.load()[0] == 30
    reader.close()
    thorough = ConfigStore(path)
    assert thorough.is_damaged
    thorough.close()


def test_a_reader_notices_a_row_that_rotted(path: Path) -> None:
    store = ConfigStore(path)
    store.save(with_site(ring_time_s=30), 0, "anna")
    store.save(with_site(ring_time_s=31), 1, "anna")
    assert store.load()[1].site.ring_time_s == 31  # what was read before is no reason to trust it
    store.close()
    _change_rows(path, "UPDATE revisions SET document = '{}' WHERE revision = 2")
    copy_path(path).unlink()
    reader = ConfigStore(path, looks_through=False)
    assert reader.load()[0] == 1
    assert reader.alerts
    reader.close()


def test_a_store_that_was_damaged_sees_the_new_file_of_another(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"x" * 5000)
    daemon, writer = ConfigStore(path), ConfigStore(path, Clock())
    assert daemon.load()[0] == 0
    writer.set_aside()
    writer.save(office(), 1, "anna")
    assert daemon.load() == (2, office())
    daemon.close()
    writer.close()


def test_a_database_of_a_newer_version_is_refused_not_repaired(path: Path) -> None:
    ConfigStore(path).close()
    _change_rows(path, "PRAGMA user_version = 99")
    _change_rows(path, f"PRAGMA application_id = {revisions._APPLICATION + 99}")
    with pytest.raises(StoreError):
        ConfigStore(path)


def test_a_place_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "config.db").mkdir()
    with pytest.raises(StoreError):
        ConfigStore(tmp_path / "config.db")


def test_only_so_many_revisions_are_kept(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "KEPT", 3)
    for n in range(6):
        store.save(with_site(ring_time_s=30 + n), n, "anna")
    assert [entry.revision for entry in store.history()] == [6, 5, 4]


def test_the_file_is_for_its_owner_alone_and_safe_against_power_cuts(
    store: ConfigStore, path: Path
) -> None:
    assert path.stat().st_mode & 0o077 == 0
    database = store._connected()
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_closed_store_says_so(path: Path) -> None:
    store = ConfigStore(path)
    store.close()
    with pytest.raises(StoreError):
        store.newest_revision()
