"""Accounts: added with a password that is shown once, changed, removed; one admin always stays."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from tests.webui.conftest import Web
from webui.access import Role
from webui.accounts import is_name


def test_names() -> None:
    assert all(is_name(name) for name in ("anna", "Анна", "a.b-c_d@e", "9lives", "x" * 40))
    assert not any(is_name(name) for name in ("", " ", "-a", "a b", "x" * 41, "a\x00", "a\u202eb"))


def test_a_new_person_is_given_a_password_once(web: Web) -> None:
    browser = web.signed_in()
    page = browser.post("/people/add", {"name": "anna", "role": "supervisor"}, 200)
    found = re.search(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", page)
    assert found is not None
    account = web.parts.accounts.check("anna", found[1])
    assert account is not None
    assert account.role is Role.SUPERVISOR
    assert found[1] not in browser.get("/people/")


def test_what_is_wrong_stands_beside_its_field(web: Web) -> None:
    browser = web.signed_in()
    assert 'id="name-error"' in browser.post("/people/add", {"name": "", "role": "user"}, 422)
    assert 'id="role-error"' in browser.post("/people/add", {"name": "a", "role": "king"}, 422)
    assert "Choose another" in browser.post("/people/add", {"name": "ADMIN", "role": "user"}, 422)


def test_a_role_is_changed_and_noted(web: Web) -> None:
    browser = web.signed_in()
    user = web.signed_in(Role.USER)
    user.get("/status/", 403)
    browser.post("/people/user/role", {"role": "supervisor"})
    user.get("/status/")
    entry = web.parts.audit.entries()[0]
    assert (entry.action, entry.detail) == ("account_changed", "user: user → supervisor")


def test_the_last_admin_stays(web: Web) -> None:
    browser = web.signed_in()
    browser.post("/people/admin/role", {"role": "user"})
    browser.post("/people/admin/remove")
    assert web.parts.accounts.has_admin()
    assert "last administrator" in browser.get(browser.location)


def test_who_is_removed_is_outside_at_once(web: Web) -> None:
    browser = web.signed_in()
    user = web.signed_in(Role.USER)
    user.get("/account/")
    browser.post("/people/user/remove")
    user.get("/account/", 302)
    browser.post("/people/user/remove")


def test_a_new_password_ends_the_old_sessions(web: Web) -> None:
    browser = web.signed_in()
    user = web.signed_in(Role.USER)
    assert "It is shown only now" in browser.post("/people/user/password", code=200)
    user.get("/account/", 302)


def test_two_admins_at_once_cannot_remove_each_other(web: Web) -> None:
    for turn in range(20):
        names = (f"first{turn}", f"second{turn}")
        with web.parts.database.connect() as database:
            database.execute("DELETE FROM accounts")
            for name in names:
                row = (name, "", "admin", "en", web.now)
                database.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", row)
        with ThreadPoolExecutor() as pool:
            assert sorted(pool.map(web.parts.accounts.remove, names)) == [False, True]
        assert web.parts.accounts.has_admin()
