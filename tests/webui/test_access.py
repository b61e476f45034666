"""Every route of the application against every role, with and without an account."""

from __future__ import annotations

import pytest

from tests.webui.conftest import Web
from webui.access import ACCESS, Role, may
from webui.app import create_app


def test_the_table_names_every_route_and_no_other(web: Web) -> None:
    assert {rule.endpoint for rule in web.app.url_map.iter_rules()} == set(ACCESS)


def test_reading_never_changes_anything(web: Web) -> None:
    """What signs out or removes is only done by a form: a picture's address cannot do it."""
    for rule in web.app.url_map.iter_rules():
        verbs = ("logout", "save", "remove", "revert", "end", "add", "lift")
        verbs += ("play", "follow", "send", "order")
        if rule.endpoint.partition(".")[2] in verbs:
            assert not rule.methods or "GET" not in rule.methods, rule.endpoint


@pytest.mark.parametrize("role", Role)
def test_roles_and_routes(web: Web, role: Role) -> None:
    """Who may not is answered 403, or sent to sign in; who may is never refused for his role."""
    web.signed_in(Role.ADMIN)
    for rule in web.app.url_map.iter_rules():
        browser = web.anonymous() if role is Role.ANONYMOUS else web.signed_in(role)
        path = _path(web, rule.endpoint)
        reads = rule.methods is not None and "GET" in rule.methods
        query = {"once": "1"} if path.endswith("/live") else {}
        if reads:
            browser.get(path, code=0, query_string=query)
        else:
            browser.post(path, code=0)
        assert browser.response is not None
        assert browser.response.status_code < 500, browser.page
        refused = _is_refused(browser.response.status_code, browser.location, role)
        assert refused is not may(role, rule.endpoint), f"{role} {rule.endpoint} {path}"


def _path(web: Web, endpoint: str) -> str:
    rule = next(r for r in web.app.url_map.iter_rules() if r.endpoint == endpoint)
    path = rule.rule
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        value = "1" if kind == "IntegerConverter" else "nothing"
        path = path.replace(path[path.index("<") : path.index(">") + 1], value, 1)
    return path


def _is_refused(code: int, location: str, role: Role) -> bool:
    if role is Role.ANONYMOUS:
        return code == 401 or (code == 302 and location.startswith(("/login?", "/login")))
    return code == 403


def test_a_route_that_nobody_listed_is_closed(web: Web) -> None:
    app = create_app(web.parts.settings)
    app.add_url_rule("/secret", "secret.index", lambda: "open")
    browser = web.signed_in(Role.ADMIN)
    client = app.test_client()
    cookie = browser.client.get_cookie("dozvon_session")
    assert cookie is not None
    client.set_cookie("dozvon_session", cookie.value)
    assert client.get("/secret").status_code == 404
