"""Tests of appliance/configuration.py: what is in force, and what may not become so."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.config.last_good import copy_path
from appliance.config.model import Document, Snapshot
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.configuration import Configuration, prepare_store, save_if_new
from appliance.errors import ConfigErrors


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConfigStore]:
    store = ConfigStore(tmp_path / "config.db")
    prepare_store(store, None)
    yield store
    store.close()


def named(name: str) -> Document:
    factory = factory_document()
    return replace(factory, site=replace(factory.site, name=name))


def test_an_empty_folder_gets_the_factory_document_once(store: ConfigStore) -> None:
    assert Configuration(store).current().document == factory_document()
    prepare_store(store, None)
    assert len(store.history()) == 1


def test_followers_hear_of_a_reload_and_the_old_snapshot_stays_as_it_was(
    store: ConfigStore,
) -> None:
    configuration = Configuration(store)
    before = configuration.current()
    heard: list[Snapshot] = []
    configuration.follow(heard.append)
    store.save(named("Second"), before.revision, "test")
    assert configuration.current() is before, "saving alone changes nothing"
    assert asyncio.run(configuration.reload(None)) == before.revision + 1
    assert heard == [configuration.current()]
    assert configuration.current().document.site.name == "Second"
    assert before.document.site.name == "Dozvon"
    assert asyncio.run(configuration.reload(1)) == 1
    assert configuration.current().document.site.name == "Dozvon"


def test_of_two_who_save_at_once_the_later_settings_stay(store: ConfigStore) -> None:
    """Web, command line and telephones save, and tell in any order."""
    configuration = Configuration(store)
    store.save(named("Second"), 1, "anna")
    store.save(named("Third"), 2, "boris")
    assert [asyncio.run(configuration.catch_up(n)) for n in (3, 2, None)] == [3, 3, 3]
    assert configuration.current().document.site.name == "Third"
    store.save(named("Fourth"), 3, "anna")
    assert asyncio.run(configuration.catch_up(4)) == 4
    assert configuration.current().document.site.name == "Fourth"


def test_what_is_refused_changes_nothing_and_nobody_hears(
    store: ConfigStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration(store)
    before = configuration.current()
    heard: list[Snapshot] = []
    configuration.follow(heard.append)
    broken = replace(before.document, site=replace(before.document.site, timezone="Moon/Crater"))
    monkeypatch.setattr(store, "load", lambda revision=None: (2, broken))
    with pytest.raises(ConfigErrors):
        asyncio.run(configuration.reload(None))
    assert configuration.current() is before
    assert heard == []


def test_a_file_given_at_the_start_is_saved_when_it_is_new(
    store: ConfigStore, tmp_path: Path
) -> None:
    path = tmp_path / "office.yaml"
    path.write_text("format: 1\nsite: {name: From a file}\n", "utf-8")
    prepare_store(store, path)
    prepare_store(store, path)
    assert [entry.note for entry in store.history()].count("from office.yaml") == 1
    assert Configuration(store).current().document.site.name == "From a file"


def test_a_broken_file_given_at_the_start_is_refused_whole(
    store: ConfigStore, tmp_path: Path
) -> None:
    path = tmp_path / "office.yaml"
    path.write_text("format: 1\nsite: {name: X, ring_time_s: -1, timezone: Moon}\n", "utf-8")
    with pytest.raises(ConfigErrors) as caught:
        prepare_store(store, path)
    assert {p.path for p in caught.value.problems} >= {"site.ring_time_s", "site.timezone"}
    assert Configuration(store).current().document == factory_document()


def test_a_damaged_newest_revision_costs_an_alert_and_no_telephone(
    store: ConfigStore, tmp_path: Path
) -> None:
    save_if_new(store, named("Second"), "test")
    store.close()
    with closing(sqlite3.connect(tmp_path / "config.db")) as database, database:
        database.execute("UPDATE revisions SET document = 'x' WHERE revision = 2")
    copy_path(tmp_path / "config.db").unlink()
    with closing(ConfigStore(tmp_path / "config.db")) as again:
        configuration = Configuration(again)
    assert configuration.current().document.site.name == "Dozvon"
    assert [p.key for p in configuration.alerts] == ["config.revision_damaged"]
