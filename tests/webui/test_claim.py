"""The claim code: who has it becomes the admin, once; nobody guesses it; a lost password has a
way..
"""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.webui.conftest import PASSWORD, Web
from webui.access import Role
from webui.claim import ALPHABET, LENGTH, ClaimCode, shown
from webui.throttle import FREE_FAILURES

FORM = {"name": "boss", "password": PASSWORD, "again": PASSWORD}


def test_a_code_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    claim = ClaimCode(tmp_path)
    code = claim.ensure()
    assert stat.S_IMODE(claim.path.stat().st_mode) == 0o600
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01258BILOSUVZ")
    assert claim.ensure() == code
    assert claim.renew() != code


def test_a_code_that_is_not_ours_to_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root made it, with a program of before: the pages live, and make another one."""
    claim = ClaimCode(tmp_path)
    code = claim.ensure()

    def refused(self: Path, **how: str) -> str:
        raise PermissionError(self)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", refused)
        assert not claim.fits(code)
        assert claim.ensure() != code


def test_it_may_be_typed_as_people_do(tmp_path: Path) -> None:
    claim = ClaimCode(tmp_path)
    code = claim.ensure()
    assert claim.fits(shown(code))
    assert claim.fits(f" {code[:3]} {code[3:].lower()} ")
    assert not claim.fits(code[:-1])
    assert not claim.fits("")
    claim.use_up()
    assert not claim.fits(code)
    assert not claim.fits("")


def test_it_makes_the_first_admin_once(web: Web) -> None:
    code = web.parts.claim.ensure()
    browser = web.anonymous()
    browser.get("/", 302)
    assert browser.location == "/claim"
    browser.get("/claim")
    browser.post("/claim", {**FORM, "code": code})
    account = web.parts.accounts.find("boss")
    assert account is not None
    assert account.role is Role.ADMIN
    browser.get("/people/")
    assert not web.parts.claim.path.exists()
    web.anonymous().get("/claim", 404)
    assert [e.action for e in web.parts.audit.entries()] == ["claimed"]


def test_a_wrong_code_makes_nobody(web: Web) -> None:
    web.parts.claim.ensure()
    browser = web.anonymous()
    browser.get("/claim")
    page = browser.post("/claim", {**FORM, "code": "AAAA-AAAA"}, 422)
    assert "not the code" in page
    assert web.parts.accounts.all() == ()


def test_codes_are_not_tried_by_the_thousand(web: Web) -> None:
    code = web.parts.claim.ensure()
    browser = web.anonymous()
    browser.get("/claim")
    for _ in range(FREE_FAILURES):
        browser.post("/claim", {**FORM, "code": "AAAA-AAAA"}, 422)
    browser.post("/claim", {**FORM, "code": code}, 429)
    assert web.parts.accounts.all() == ()


def test_each_field_says_what_is_wrong_with_it(web: Web) -> None:
    code = web.parts.claim.ensure()
    browser = web.anonymous()
    browser.get("/claim")
    wrong = {"code": code, "name": "-", "password": "short", "again": "short"}
    page = browser.post("/claim", wrong, 422)
    assert 'id="name-error"' in page
    assert 'id="password-error"' in page
    assert 'id="code-error"' not in page
    page = browser.post("/claim", {**FORM, "code": code, "again": "something else"}, 422)
    assert 'id="again-error"' in page
    assert "short" not in page
    page = browser.post("/claim", {**FORM, "code": code, "password": "password12"}, 422)
    assert "Too easy" in page


def test_a_new_code_gives_a_lost_account_back(web: Web) -> None:
    """``dozvon web claim`` by who owns the folder: the old password and its sessions are over."""
    old = web.signed_in()
    code = ClaimCode(web.folder).renew()
    browser = web.anonymous()
    browser.get("/claim")
    browser.post("/claim", {"code": code, "name": "ADMIN", **_password("a new long password")})
    assert web.parts.accounts.check("admin", PASSWORD) is None
    assert web.parts.accounts.check("admin", "a new long password") is not None
    old.get("/account/", 302)


def _password(text: str) -> dict[str, str]:
    return {"password": text, "again": text}


def test_two_browsers_at_once_do_not_both_become_admins(web: Web) -> None:
    code = web.parts.claim.ensure()
    browsers = {name: web.anonymous() for name in ("first", "second", "third")}
    for browser in browsers.values():
        browser.get("/claim")

    def send(name: str) -> None:
        browsers[name].post("/claim", {**FORM, "name": name, "code": code}, code=0)

    with ThreadPoolExecutor() as pool:
        list(pool.map(send, browsers))
    assert len(web.parts.accounts.all()) == 1
