"""The pages on a disk that takes nothing: whoever can mend it gets in and out, what was saved is
not called failed, and what could not be done is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.small_disk import SmallDisk
from tests.webui.conftest import PASSWORD, Browser, Web
from tests.webui.office import furnish, settings
from webui.access import Role
from webui.audit import Audit

OTHER = "another horse battery staple"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", 4096) as disk:
        yield disk


@pytest.fixture
def web(disk: SmallDisk) -> Web:
    web = Web(disk.folder / "data")
    furnish(web)
    web.signed_in()
    return web


@pytest.fixture
def full(web: Web, disk: SmallDisk) -> Iterator[SmallDisk]:
    """A disk without room; what the log of web.db had of its own is used up."""
    disk.fill()
    with web.parts.database.connect() as database:
        for _ in range(100_000):
            try:
                database.execute(
                    "INSERT INTO notes VALUES (hex(randomblob(16)), hex(randomblob(999)))"
                )
            except sqlite3.OperationalError:
                break
    yield disk
    disk.make_room()


def come_in(web: Web, password: str = PASSWORD, code: int = 302) -> Browser:
    browser = web.anonymous()
    browser.get("/login")
    browser.post("/login", {"name": "admin", "password": password}, code)
    return browser


def test_signing_in_and_out_works_and_is_written_down_later(web: Web, full: SmallDisk) -> None:
    browser = come_in(web)
    assert "admin" in browser.get("/account/")
    browser.get("/alerts/")
    browser.post("/logout")
    browser.get("/account/", 302)
    come_in(web, "wrong", 403)
    full.make_room()
    browser = come_in(web)
    browser.get("/account/")
    browser.post("/logout")
    actions = [entry.action for entry in reversed(web.parts.audit.entries())]
    once = ["signed_in", "signed_out"]
    assert actions == [*once, "login_failed", *once]


def test_who_was_in_before_can_leave(web: Web, full: SmallDisk) -> None:
    browser = web.signed_in()
    other = web.signed_in()
    browser.get("/account/")
    browser.post("/account/end")
    other.get("/account/", 302)
    browser.post("/logout")
    browser.get("/account/", 302)
    assert web.parts.sessions.of("admin") == ()
    full.make_room()
    web.signed_in(Role.INSTALLER)
    with web.parts.database.connect() as database:  # nor does it live again with another process
        rows = database.execute("SELECT account FROM sessions").fetchall()
    assert [row["account"] for row in rows if row["account"] == "admin"] == []


def test_a_password_that_cannot_be_kept_is_not_said_to_be(web: Web, full: SmallDisk) -> None:
    browser = web.signed_in()
    browser.get("/account/")
    form = {"old": PASSWORD, "password": OTHER, "again": OTHER}
    assert "disk is full" in browser.post("/account/password", form, 503)
    come_in(web, OTHER, 403)
    full.make_room()
    browser.get("/account/")
    browser.post("/account/password", form)
    come_in(web, OTHER)


def test_settings_that_cannot_be_saved_say_why(web: Web, full: SmallDisk) -> None:
    browser = web.signed_in()
    browser.get("/classes/national/countries")
    given = {"shown": "BY", "open": "chosen", "country.BY": "yes", "prefixes": ""}
    assert "A database cannot be read or written" in browser.post(
        "/classes/national/countries", given, 422
    )
    assert settings(web).class_by_name["national"].countries == ()
    full.make_room()
    browser.post("/classes/national/countries", given)
    assert settings(web).class_by_name["national"].countries == ("BY",)


def test_what_is_saved_is_saved_whatever_becomes_of_the_audit_log(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two are in different files; what waited is written with the next entry."""

    def refuse(self: Audit) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    browser = web.signed_in()
    browser.get("/classes/")
    given = {"shown": "BY", "open": "chosen", "country.BY": "yes", "prefixes": ""}
    with monkeypatch.context() as patch:
        patch.setattr(Audit, "_write_held", refuse)
        browser.post("/classes/national/countries", given)
    assert settings(web).class_by_name["national"].countries == ("BY",)
    assert web.parts.audit.entries() == ()
    browser.post("/logout")
    newest, older = web.parts.audit.entries()
    assert (newest.action, older.action) == ("signed_out", "settings_saved")
    assert (older.before, older.after) == (1, 2)


def test_entries_that_wait_are_bounded(web: Web, full: SmallDisk) -> None:
    audit = web.parts.audit
    for number in range(1100):
        audit.note("login_failed", account=str(number), address="192.0.2.1")
    full.make_room()
    audit.note("signed_in", account="last", address="192.0.2.1")
    entries = audit.entries(limit=2000)
    assert (len(entries), entries[0].account, entries[-1].account) == (1000, "last", "101")
