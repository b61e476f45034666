"""The door: foreign hosts, forged forms, headers, the way in, what damaged settings leave open."""

from __future__ import annotations

import pytest

from tests.webui.conftest import PASSWORD, Web
from webui.access import Role
from webui.gate import HEADERS, is_our_host

OUR_HOSTS = [
    "127.0.0.1",
    "192.168.1.5:8080",
    "[::1]:8080",
    "[fe80::1]",
    "localhost:8080",
    "dozvon.local",
    "pbx.example.org",
    "PBX.example.org.:80",
]
FOREIGN_HOSTS = ["evil.example", "127.0.0.1.evil.example", "local", "evil.local.example", "", "[x]"]


@pytest.mark.parametrize("host", OUR_HOSTS)
def test_hosts_of_ours(host: str) -> None:
    assert is_our_host(host, ("pbx.example.org",))


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_other_names_that_lead_here_are_refused(host: str) -> None:
    """DNS rebinding: a page elsewhere makes its own name lead to the box."""
    assert not is_our_host(host, ("pbx.example.org",))


def test_a_foreign_host_gets_no_page(web: Web) -> None:
    browser = web.signed_in()
    assert browser.get("/status/", 421, headers={"Host": "evil.example"}) == "unknown host\n"


def test_a_form_without_its_token_does_nothing(web: Web) -> None:
    browser = web.signed_in()
    for token in ("", "0" * 64, "ё"):
        browser.token = token or "x"
        browser.post("/people/add", {"name": "eve", "role": "admin"}, 403)
    assert web.parts.accounts.find("eve") is None


def test_a_form_of_another_browser_does_nothing(web: Web) -> None:
    browser, other = web.signed_in(), web.signed_in(Role.INSTALLER)
    browser.token = other.token
    browser.post("/people/add", {"name": "eve", "role": "admin"}, 403)
    assert web.parts.accounts.find("eve") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_does_nothing(web: Web, headers: dict[str, str]) -> None:
    browser = web.signed_in()
    data = {"token": browser.token, "name": "eve", "role": "admin"}
    assert browser.client.post("/people/add", data=data, headers=headers).status_code == 403
    assert web.parts.accounts.find("eve") is None


def test_every_answer_carries_the_policy(web: Web) -> None:
    browser = web.signed_in()
    for path, code in (("/status/", 200), ("/nowhere", 404), ("/static/dozvon.css", 200)):
        browser.get(path, code)
        assert browser.response is not None
        for name, value in HEADERS.items():
            assert browser.response.headers[name] == value
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_pages_are_not_kept_by_anybody(web: Web) -> None:
    browser = web.signed_in()
    browser.get("/status/")
    assert browser.response is not None
    assert browser.response.headers["Cache-Control"] == "no-store"


def test_no_page_has_what_the_policy_forbids(web: Web) -> None:
    """No inline script, no inline style, no handler in an attribute."""
    browser = web.signed_in()
    for rule in web.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or rule.rule.endswith("/live"):
            continue
        page = browser.get(rule.rule, code=0)
        assert " style=" not in page, rule.rule
        assert "<style" not in page, rule.rule
        assert "<script>" not in page, rule.rule
        assert " onclick=" not in page, rule.rule


def test_a_stranger_is_shown_the_way_in(web: Web) -> None:
    stranger = web.anonymous()
    stranger.get("/journal/?party=2001", 302)
    assert stranger.location == "/claim"
    web.signed_in()
    stranger.get("/journal/?party=2001", 302)
    assert stranger.location == "/login?next=/journal/?party%3D2001"
    stranger.get("/status/live", 401)


def test_a_large_request_is_refused(web: Web) -> None:
    web.signed_in().post("/people/add", {"name": "x" * 300_000}, 413)


def test_damaged_settings_do_not_close_the_pages(web: Web) -> None:
    browser = web.signed_in()
    (web.folder / "config.db").write_bytes(b"this is no database" * 100)
    browser.get("/account/")
    browser.get("/audit/")


def test_the_cookie_is_for_this_site_and_no_script(web: Web) -> None:
    web.signed_in()
    browser = web.anonymous()
    browser.get("/login")
    browser.post("/login", {"name": "admin", "password": PASSWORD})
    assert browser.response is not None
    cookie = browser.response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secure = web.app.test_client()
    answer = secure.get("/login", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
