"""Signing in and out: the session changes, ends by itself, and cannot be guessed at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.webui.conftest import PASSWORD, Browser, Web
from webui.access import Role
from webui.sessions import IDLE_S, LONGEST_S
from webui.throttle import FREE_FAILURES
from webui.views.session import own_page


def _cookie(browser: Browser) -> str:
    cookie = browser.client.get_cookie("dozvon_session")
    assert cookie is not None
    return cookie.value


def _login(browser: Browser, name: str = "admin", password: str = PASSWORD, code: int = 302) -> str:
    browser.get("/login", code=0)
    return browser.post("/login", {"name": name, "password": password}, code)


def test_the_session_changes_at_login_and_logout(web: Web) -> None:
    web.signed_in()
    browser = web.anonymous()
    browser.get("/login")
    stranger, form_token = _cookie(browser), browser.token
    _login(browser)
    inside = _cookie(browser)
    assert inside != stranger
    browser.get("/account/")
    assert browser.token != form_token
    browser.post("/logout")
    assert _cookie(browser) != inside
    browser.client.set_cookie("dozvon_session", inside)
    browser.get("/account/", 302)


def test_a_session_that_was_planted_is_worth_nothing(web: Web) -> None:
    """Session fixation: what the browser held before the login opens nothing after it."""
    web.signed_in()
    browser = web.anonymous()
    browser.client.set_cookie("dozvon_session", "planted")
    _login(browser)
    thief = web.anonymous()
    thief.client.set_cookie("dozvon_session", "planted")
    thief.get("/account/", 302)


def test_a_session_ends_when_nobody_uses_it(web: Web) -> None:
    browser = web.signed_in()
    web.now += IDLE_S - 60
    browser.get("/account/")
    web.now += IDLE_S - 60
    browser.get("/account/")
    web.now += IDLE_S + 1
    browser.get("/account/", 302)


def test_a_live_page_alone_does_not_keep_a_session(web: Web) -> None:
    browser = web.signed_in()
    for _ in range(4):
        web.now += IDLE_S / 3
        browser.get("/status/live?once=1", code=0)
    browser.get("/account/", 302)


def test_a_session_ends_at_the_latest_after_half_a_day(web: Web) -> None:
    browser = web.signed_in()
    for _ in range(round(LONGEST_S / 3600)):
        browser.get("/account/")
        web.now += 3600
    web.now += 1
    browser.get("/account/", 302)


def test_a_session_that_began_while_the_clock_was_ahead_ends(web: Web) -> None:
    web.now += 25 * 365 * 86400
    browser, account = web.signed_in(), "admin"
    browser.get("/account/")
    web.now -= 25 * 365 * 86400
    assert web.parts.sessions.of(account) == ()
    browser.get("/account/", 302)
    web.signed_in().get("/account/")
    web.now += 25 * 365 * 86400
    browser.get("/account/", 302)


def test_a_clock_that_is_set_back_a_little_signs_nobody_out(web: Web) -> None:
    browser = web.signed_in()
    web.now -= 30
    browser.get("/account/")


def test_guessing_is_slowed_down_and_told(web: Web) -> None:
    web.signed_in(Role.INSTALLER)
    web.parts.accounts.put("admin", PASSWORD, Role.ADMIN, "en")
    browser = web.anonymous()
    for _ in range(FREE_FAILURES):
        assert "wrong" in _login(browser, password="guess", code=403)
    assert "Too many attempts" in _login(browser, password=PASSWORD, code=429)
    failures = [e for e in web.parts.audit.entries() if e.action == "login_failed"]
    assert len(failures) == FREE_FAILURES
    assert all("guess" not in entry.detail for entry in failures)


def test_an_attack_from_elsewhere_does_not_lock_the_owner_out(web: Web) -> None:
    web.parts.accounts.put("admin", PASSWORD, Role.ADMIN, "en")
    owner = web.anonymous()
    _login(owner)
    for number in range(FREE_FAILURES + 3):
        stranger = web.anonymous()
        stranger.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        _login(stranger, password="guess", code=0)
    stranger = web.anonymous()
    stranger.client.environ_base["REMOTE_ADDR"] = "203.0.113.200"
    _login(stranger, password=PASSWORD, code=429)
    _login(web.anonymous(), password=PASSWORD)


def test_guesses_at_once_are_no_more_than_guesses_in_a_row(web: Web) -> None:
    """A password is looked at for a tenth of a second: nobody may use that moment."""
    web.signed_in()
    browsers = [web.anonymous() for _ in range(16)]
    for browser in browsers:
        browser.get("/login")
    form = {"name": "admin", "password": "wrong"}

    def guess(browser: Browser) -> int:
        browser.post("/login", form, code=0)
        assert browser.response is not None
        return browser.response.status_code

    with ThreadPoolExecutor(16) as threads:
        codes = list(threads.map(guess, browsers))
    assert (codes.count(403), codes.count(429)) == (FREE_FAILURES, 16 - FREE_FAILURES)


def test_the_old_password_is_not_to_be_guessed_either(web: Web) -> None:
    """By whoever found a browser that is signed in."""
    browser = web.signed_in()
    browser.get("/account/")
    form = {"old": "wrong", "password": "another horse battery", "again": "another horse battery"}
    for _ in range(FREE_FAILURES):
        browser.post("/account/password", form, 422)
    assert "Too many attempts" in browser.post("/account/password", form, 429)
    browser.post("/account/password", form | {"old": PASSWORD}, 429)
    assert web.parts.accounts.check("admin", PASSWORD) is not None
    web.signed_in(Role.INSTALLER).get("/account/")  # nobody else waits


def test_unknown_and_known_names_are_told_alike(web: Web) -> None:
    web.signed_in()
    known = _login(web.anonymous(), password="guess guess", code=403)
    unknown = _login(web.anonymous(), name="nobody", password="guess guess", code=403)
    assert "wrong" in known
    assert "wrong" in unknown


def test_language_is_chosen_and_kept(web: Web) -> None:
    browser = web.signed_in(language="en")
    assert 'lang="en"' in browser.get("/account/")
    browser.post("/language", {"language": "ru", "next": "/account/"})
    assert browser.location == "/account/"
    assert "Моя учётная запись" in browser.get("/account/")
    account = web.parts.accounts.find("admin")
    assert account is not None
    assert account.language == "ru"


def test_other_sites_are_no_next_page(web: Web) -> None:
    with web.app.test_request_context():
        for target in ("//evil.example", "http://evil.example", "/\\evil.example", "", "/a\nb"):
            assert own_page(target) == "/"
        assert own_page("/journal/?party=2001") == "/journal/?party=2001"


def test_other_browsers_are_signed_out_with_a_new_password(web: Web) -> None:
    browser, other = web.signed_in(), web.signed_in()
    form = {"old": PASSWORD, "password": "another long password", "again": "another long password"}
    browser.post("/account/password", form)
    browser.get("/account/")
    other.get("/account/", 302)
    assert web.parts.accounts.check("admin", "another long password") is not None


def test_the_old_password_is_asked_for(web: Web) -> None:
    form = {"old": "wrong", "password": "another long password", "again": "another long password"}
    page = web.signed_in().post("/account/password", form, 422)
    assert "not your password" in page
    assert web.parts.accounts.check("admin", PASSWORD) is not None


def test_signing_out_everywhere_else(web: Web) -> None:
    browser, other = web.signed_in(), web.signed_in()
    browser.post("/account/end")
    browser.get("/account/")
    other.get("/account/", 302)


def test_pages_are_read_while_the_disk_is_full(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = web.signed_in()
    web.now += 120
    connect = web.parts.database.connect

    @contextmanager
    def read_only() -> Iterator[sqlite3.Connection]:
        with connect() as database:
            database.execute("PRAGMA query_only = ON")  # any writing fails, as on a full disk
            yield database

    monkeypatch.setattr(web.parts.database, "connect", read_only)
    browser.get("/account/")
    browser.get("/journal/")
