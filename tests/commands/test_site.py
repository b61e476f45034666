"""Whose language a command speaks, and by whose clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.commands.site import language_of_environment, manner_of
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore


def test_an_empty_folder_stays_empty(tmp_path: Path) -> None:
    assert manner_of(tmp_path).language == "en"
    assert manner_of(tmp_path, "ru").language == "ru"
    assert list(tmp_path.iterdir()) == []


def test_the_office_decides(tmp_path: Path) -> None:
    document = factory_document()
    site = replace(document.site, language="ru", timezone="Asia/Omsk")
    store = ConfigStore(tmp_path / "config.db")
    store.save(replace(document, site=site), 0, "test")
    store.close()
    manner = manner_of(tmp_path)
    assert manner.language == "ru" and manner.zone == ZoneInfo("Asia/Omsk")
    assert manner_of(tmp_path, "en").language == "en"


def test_damaged_settings_do_not_silence_a_command(tmp_path: Path) -> None:
    (tmp_path / "config.db").write_bytes(b"no database " * 100)
    assert manner_of(tmp_path, "en").language == "en"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, ""),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "C"}, ""),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": ""}, ""),
    ],
)
def test_language_of_the_environment(environ: dict[str, str], language: str) -> None:
    assert language_of_environment(environ) == language
