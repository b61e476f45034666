"""The copy beside config.db: when it is written, when it is used, and when it is not believed."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from appliance.config import revisions
from appliance.config import store as store_module
from appliance.config.last_good import copied_revision, copy_path, read_copy, write_copy
from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.configuration import Configuration, prepare_store
from appliance.errors import StoreError
from tests.config.offices import office, with_site
from tests.kit.small_disk import SmallDisk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with two revisions, closed."""
    store = ConfigStore(tmp_path / "config.db")
    store.save(office(), 0, "anna")
    store.save(with_site(ring_time_s=33), 1, "anna")
    store.close()
    return tmp_path / "config.db"


def keys(store: ConfigStore) -> list[str]:
    return [problem.key for problem in store.alerts]


def test_each_save_renews_it_for_its_owner_alone(path: Path) -> None:
    assert read_copy(copy_path(path)) == (2, with_site(ring_time_s=33))
    assert copy_path(path).stat().st_mode & 0o077 == 0


def test_a_sound_database_does_not_need_it(path: Path) -> None:
    copy_path(path).unlink()
    store = ConfigStore(path)
    assert store.load() == (2, with_site(ring_time_s=33)) and keys(store) == []
    store.close()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 300])
def test_a_lost_database_costs_nothing(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    store = ConfigStore(path)
    prepare_store(store, None)
    assert Configuration(store).current().document == with_site(ring_time_s=33)
    assert "config.copy_used" in keys(store)
    assert store.save(office(), store.load()[0], "anna") > 2
    store.close()


def test_a_damaged_newest_revision_is_taken_from_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE revisions SET document = 'x' WHERE revision = 2")
    database.close()
    store = ConfigStore(path)
    assert store.load() == (2, with_site(ring_time_s=33))
    assert keys(store) == ["config.copy_used", "config.revision_damaged"]
    assert store.save(office(), 2, "anna") == 3
    store.close()


def test_an_old_revision_that_poses_as_the_newest_is_not_obeyed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE revisions SET revision = 99 WHERE revision = 1")
    database.close()
    store = ConfigStore(path)
    assert store.load() == (2, with_site(ring_time_s=33))
    assert keys(store) == ["config.revision_damaged"]
    store.close()


def test_a_copy_that_rotted_is_none(path: Path) -> None:
    copy = copy_path(path)
    content = copy.read_bytes()
    for offset in range(0, len(content), 7):
        copy.write_bytes(content[:offset] + bytes([content[offset] ^ 4]) + content[offset + 1 :])
        assert read_copy(copy) is None
    copy.write_bytes(b"")
    assert read_copy(copy) is None and copied_revision(copy) == 0


def test_a_copy_that_cannot_be_written_is_told_and_the_settings_are_saved(path: Path) -> None:
    copy_path(path).unlink()
    copy_path(path).mkdir()  # nothing can be renamed to this name
    store = ConfigStore(path)
    assert store.save(office(), 2, "anna") == 3
    assert keys(store) == ["config.not_copied"]
    store.close()


def test_a_database_that_cannot_be_opened_is_stood_in_for(path: Path) -> None:
    path.unlink()
    path.mkdir()
    store = ConfigStore(path)
    prepare_store(store, None)
    assert store.load() == (2, with_site(ring_time_s=33))
    assert keys(store) == ["config.database_unreadable", "config.copy_used"]
    with pytest.raises(StoreError):
        store.save(office(), 2, "anna")


def test_files_of_the_first_boxes_are_taken_over(path: Path) -> None:
    """Their checksums left the revision out, and they had no second version number."""
    from appliance.config import revisions

    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA application_id = 0")
        for number, form, text in database.execute(
            "SELECT revision, format, document FROM revisions"
        ).fetchall():
            old = revisions._sha256(f"{form}\n{text}")
            database.execute("UPDATE revisions SET checksum = ? WHERE revision = ?", (old, number))
    database.close()
    copy_path(path).unlink()
    store = ConfigStore(path)
    assert store.load() == (2, with_site(ring_time_s=33)) and keys(store) == []
    store.close()


def test_saving_on_a_full_disk_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with SmallDisk(tmp_path / "disk", 400) as disk:
        store = ConfigStore(disk.folder / "config.db")
        store.save(office(), 0, "anna")
        disk.fill()
        with pytest.raises(StoreError) as refused:
            for number in range(200):
                store.save(with_site(ring_time_s=20 + number % 2), store.load()[0], "anna")
        assert getattr(refused.value, "key", "") == "store.disk_full"
        number, document = store.load()
        assert document != factory_document()
        disk.make_room()
        assert store.save(with_site(ring_time_s=44), number, "anna") == number + 1
        store.close()
        assert read_copy(disk.folder / "config.last-good") == store_at(disk.folder)


def store_at(folder: Path) -> object:
    store = ConfigStore(folder / "config.db")
    try:
        return store.load()
    finally:
        store.close()


def test_a_copy_of_a_newer_revision_is_not_overwritten_by_an_older_number(path: Path) -> None:
    """What the database lost keeps its number: the next one is higher."""
    write_copy(copy_path(path), 7, with_site(ring_time_s=50))
    store = ConfigStore(path)
    base, document = store.load()
    assert (base, document.site.ring_time_s) == (7, 50)
    assert store.save(office(), base, "anna") == 8
    store.close()


def test_of_two_who_save_at_once_the_later_is_copied_last(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk keeps the first one waiting; the second one must not overtake him."""
    second: list[threading.Thread] = []

    def save_second() -> None:
        store = ConfigStore(path)
        store.save(with_site(ring_time_s=55), 3, "boris")
        store.close()

    def slowly(copy: Path, revision: int, document: Document) -> None:
        if revision == 3:
            second.append(threading.Thread(target=save_second))
            second[0].start()
            second[0].join(0.5)
        write_copy(copy, revision, document)

    monkeypatch.setattr(store_module, "write_copy", slowly)
    store = ConfigStore(path)
    assert store.save(office(), 2, "anna") == 3
    second[0].join()
    assert read_copy(copy_path(path)) == store.load() == (4, with_site(ring_time_s=55))
    assert keys(store) == []
    store.close()


def test_a_save_of_another_while_we_read_is_no_loss_of_ours(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is newer than what we have just read, and nothing is wrong."""
    store, other = ConfigStore(path), ConfigStore(path)
    real, saved = revisions.numbers, list[int]()

    def numbers(database: sqlite3.Connection) -> list[int]:
        found = real(database)
        if not saved:
            saved.append(0)
            saved[0] = other.save(office(), 2, "boris")
        return found

    monkeypatch.setattr(revisions, "numbers", numbers)
    assert store.load() == (2, with_site(ring_time_s=33))
    assert (saved, keys(store), store.load()) == ([3], [], (3, office()))
    other.close()
    store.close()


def test_who_opens_the_file_while_another_begins_it_waits_for_him(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = store_module._connect, list[int]()

    def connect(path: Path, **how: bool) -> object:
        tries.append(1)
        if len(tries) < 3:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return real(path, **how)

    monkeypatch.setattr(store_module, "_connect", connect)
    store = ConfigStore(path)
    assert (store.load()[0], keys(store)) == (2, [])
    store.close()
