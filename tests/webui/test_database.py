"""``web.db``: made private, brought up to date, set aside when damaged, never taken from the
future..
"""

from __future__ import annotations

import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from appliance.errors import StoreError
from webui.access import Role
from webui.accounts import Accounts
from webui.database import MIGRATIONS, WebDatabase

_OFFSETS = 60


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    database = WebDatabase(tmp_path / "data" / "web.db")
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    assert len(database.key) == 32
    assert WebDatabase(database.path).key == database.key


def test_what_is_remembered(tmp_path: Path) -> None:
    database = WebDatabase(tmp_path / "web.db")
    assert database.note("wizard") == ""
    database.remember("wizard", "trunk")
    database.remember("wizard", "summary")
    assert WebDatabase(database.path).note("wizard") == "summary"


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "web.db"
    WebDatabase(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(StoreError, match="newer"):
        WebDatabase(path)
    assert not list(tmp_path.glob("*.damaged-*"))


def test_a_name_is_one_in_whatever_case_and_alphabet(tmp_path: Path) -> None:
    accounts = Accounts(WebDatabase(tmp_path / "web.db"), lambda: 0.0)
    accounts.put("Иван", "horse battery staple", Role.ADMIN, "ru")
    found = accounts.check("иван", "horse battery staple")
    assert found is not None and found.name == "Иван"
    assert accounts.put("ИВАН", "other battery staple", Role.ADMIN, "ru").name == "Иван"
    assert len(accounts.all()) == 1


def test_a_file_with_two_names_that_differ_in_case_is_read(tmp_path: Path) -> None:
    database = WebDatabase(tmp_path / "web.db")
    with database.connect() as connection:
        for name in ("Иван", "иван"):
            row = (name, "", "admin", "ru", 0.0)
            connection.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", row)
    accounts = Accounts(WebDatabase(tmp_path / "web.db"), lambda: 0.0)
    for name in ("Иван", "иван"):
        found = accounts.find(name)
        assert found is not None and found.name == name
    assert accounts.find("ИВАН") is not None
    assert accounts.remove("иван") and [each.name for each in accounts.all()] == ["Иван"]


def test_a_flipped_byte_never_stops_the_pages(tmp_path: Path) -> None:
    """Whatever byte rots: the file is read as it is, or set aside with all that it holds."""
    whole = tmp_path / "whole.db"
    accounts = Accounts(WebDatabase(whole), lambda: 0.0)
    accounts.put("admin", "horse battery staple", Role.ADMIN, "en")
    with closing(sqlite3.connect(whole)) as database, database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    content = whole.read_bytes()
    choose = random.Random(7)
    for number in range(_OFFSETS):
        path = tmp_path / f"{number}.db"
        offset = choose.randrange(len(content))
        flipped = bytes([content[offset] ^ (1 << choose.randrange(8))])
        path.write_bytes(content[:offset] + flipped + content[offset + 1 :])
        try:
            opened = WebDatabase(path)
        except StoreError as error:
            assert "newer" in str(error)  # the byte was the version's
            continue
        assert opened.note("wizard") == ""
        assert len(opened.key) == 32
        Accounts(opened, lambda: 0.0).check("admin", "guess guess guess")


def test_a_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "web.db"
    path.write_bytes(b"this is no database at all" * 200)
    database = WebDatabase(path)
    assert Accounts(database, lambda: 0.0).all() == ()
    assert (tmp_path / "web.db.damaged-1").read_bytes().startswith(b"this is no")
