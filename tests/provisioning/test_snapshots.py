"""config.db as the server of phones reads it: the daemon's revision, and never nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from appliance.config.store import ConfigStore
from provisioning.snapshots import Snapshots
from tests.config.offices import office


def test_the_revision_in_force_is_read_and_nothing_is_written(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path / "config.db")
    first = store.save(office(), 0, "test")
    second = store.save(replace(office(), site=replace(office().site, name="New")), first, "test")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.suffix == ".db"}
    snapshots = Snapshots(tmp_path / "config.db")
    assert snapshots.of(None).revision == second
    assert snapshots.of(first).document.site.name == "Ромашка"
    assert snapshots.of(second).document.site.name == "New"
    assert snapshots.of(None) is snapshots.of(second)
    snapshots.close()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    store.close()


def test_what_cannot_be_read_leaves_what_was_read_last(tmp_path: Path) -> None:
    assert Snapshots(tmp_path / "missing.db").of(None).revision == 0
    store = ConfigStore(tmp_path / "config.db")
    store.save(office(), 0, "test")
    store.close()
    snapshots = Snapshots(tmp_path / "config.db")
    assert snapshots.of(1).revision == 1
    assert snapshots.of(99).revision == 1
    (tmp_path / "config.db").write_bytes(b"rot" * 5000)
    snapshots.close()
    assert snapshots.of(2).document.site.name == "Ромашка"
