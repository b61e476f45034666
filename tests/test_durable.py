"""Files that come into being whole: what is fsynced, in which order, and what a failure leaves."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from appliance.config.model import Document
from appliance.config.store import ConfigStore
from appliance.durable import make_private, set_aside, take_place, write_durably
from webui.claim import ClaimCode

NOBODY = 65534


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The fsyncs and renames that happen, in order: ``sync file``, ``rename``, ``sync folder``."""
    happened: list[str] = []
    fsync, rename = os.fsync, os.rename

    def note_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        happened.append("sync folder" if is_folder else "sync file")
        fsync(descriptor)

    def note_rename(source: str | Path, target: str | Path) -> None:
        rename(source, target)
        happened.append("rename")

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "rename", note_rename)
    return happened


def test_a_file_is_on_the_disk_before_its_name(tmp_path: Path, done: list[str]) -> None:
    path = tmp_path / "office.yaml"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_durably(path, b"new")
    assert done == ["sync file", "rename", "sync folder"]
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_keeps_the_old_file_and_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "office.yaml"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_links_are_followed_and_devices_stay_devices(tmp_path: Path) -> None:
    path, link = tmp_path / "office.yaml", tmp_path / "link"
    link.symlink_to(path)
    write_durably(link, b"by the link")
    assert link.is_symlink() and path.read_bytes() == b"by the link"
    write_durably(Path("/dev/null"), b"nowhere")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_finished_draft_takes_the_place(tmp_path: Path, done: list[str]) -> None:
    draft, path = tmp_path / "draft", tmp_path / "copy"
    draft.write_bytes(b"whole")
    take_place(draft, path)
    assert done == ["sync file", "rename", "sync folder"]
    assert path.read_bytes() == b"whole" and not draft.exists()


def test_what_is_set_aside_keeps_its_tails_and_overwrites_nothing(
    tmp_path: Path, done: list[str]
) -> None:
    path = tmp_path / "state.db"
    for number in (1, 2):
        path.write_bytes(b"%d" % number)
        (tmp_path / "state.db-wal").write_bytes(b"wal %d" % number)
        assert set_aside(path) == tmp_path / f"state.db.damaged-{number}"
    assert not path.exists()
    assert (tmp_path / "state.db.damaged-1").read_bytes() == b"1"
    assert (tmp_path / "state.db.damaged-2-wal").read_bytes() == b"wal 2"
    assert done == ["rename", "rename", "sync folder"] * 2


@pytest.fixture
def folder_of_nobody(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        pytest.skip("root alone gives files away")
    os.chown(tmp_path, NOBODY, NOBODY)
    return tmp_path


def test_root_leaves_files_of_the_box_to_its_user(folder_of_nobody: Path) -> None:
    """``sudo dozvon`` is how the command is given on an installed box."""
    path = folder_of_nobody / "claim.code"
    write_durably(path, b"new", is_of_folder=True)
    assert (path.stat().st_uid, path.stat().st_gid) == (NOBODY, NOBODY)
    write_durably(path, b"an export", is_of_folder=False)
    assert path.stat().st_uid == 0
    draft, copy = folder_of_nobody / ".draft", folder_of_nobody / "state.last-good.db"
    draft.write_bytes(b"a copy of the journal")
    take_place(draft, copy)
    assert copy.stat().st_uid == NOBODY
    database = folder_of_nobody / "config.db"
    make_private(database)
    assert database.stat().st_uid == NOBODY and database.stat().st_mode & 0o777 == 0o600
    database.write_bytes(b"x")
    os.chown(database, 0, 0)
    make_private(database)
    assert (database.read_bytes(), database.stat().st_uid) == (b"x", 0), "it is there: left alone"


def test_settings_that_root_saved_are_read_by_the_box(folder_of_nobody: Path) -> None:
    store = ConfigStore(folder_of_nobody / "config.db")
    store.save(Document(), 0, "root")
    owners = {path.name: path.stat().st_uid for path in folder_of_nobody.iterdir()}
    store.close()
    assert set(owners) >= {"config.db", "config.db-wal", "config.last-good"}
    assert set(owners.values()) == {NOBODY}


def test_a_claim_code_that_root_made_is_read_by_the_pages(folder_of_nobody: Path) -> None:
    code = ClaimCode(folder_of_nobody)
    code.renew()
    assert code.path.stat().st_uid == NOBODY
