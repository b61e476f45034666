"""Strings that scanners put into SIP, on every page: text, never markup, never invisible."""

from __future__ import annotations

import copy
import html
import re
from typing import Any

import pytest
from markupsafe import Markup

from tests.commands.stand_in import StandIn
from tests.webui.conftest import Web
from webui.shown import finalize, shown

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "abc\u202edcba\u2066",
    "nul\x00esc\x1b[31m",
    "\U0001f4de\U00020000 четыре октета",
    "half \ud83d of a pair",
    "javascript:alert(1)",
    "%(name)s %s {0}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_shown_can_be_seen_and_sent(text: str) -> None:
    seen = shown(text)
    seen.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", seen)


def test_what_is_harmless_stays() -> None:
    text = "Анна\tБорис\n\U0001f4de «кавычки» é"
    assert shown(text) == text
    assert shown("a\u202eb") == "a⟨202E⟩b"
    assert finalize(Markup("<b>")) == "<b>"
    assert finalize(7) == 7


def _poisoned(value: Any, text: str) -> Any:
    """Every text of an answer with a hostile end; keys that select something stay."""
    if isinstance(value, dict):
        kept = {"key", "state", "why", "direction", "role", "transport", "kind", "op", "party"}
        return {k: v if k in kept else _poisoned(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [_poisoned(item, text) for item in value]
    return value + text if isinstance(value, str) else value


@pytest.mark.parametrize("text", [t for t in HOSTILE if "\ud83d" not in t])
def test_hostile_text_of_the_daemon_is_text_on_every_page(
    web: Web, box: StandIn, text: str
) -> None:
    poisoned = {op: _poisoned(copy.deepcopy(a), text) for op, a in box.answers.items()}
    box.answers.update(poisoned)
    browser = web.signed_in()
    for rule in web.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()):
            continue
        query = {"once": "1"} if rule.rule.endswith("/live") else {}
        page = browser.get(rule.rule, code=0, query_string=query)
        assert browser.response is not None
        assert browser.response.status_code < 500, f"{rule.rule}\n{page}"
        if browser.response.mimetype != "text/html":
            continue
        assert "<script>" not in page
        assert "<img" not in page
        assert "onmouseover='" not in page
        assert "\u202e" not in page
        assert "\x00" not in page


def test_hostile_names_of_accounts_and_audit_entries_are_text(web: Web) -> None:
    for text in HOSTILE:
        web.parts.audit.note("login_failed", account=text, address=text, detail=text)
    page = web.signed_in().get("/audit/")
    assert "<script>" not in page
    assert html.escape("<script>alert(1)</script>") in page
    assert "\u202e" not in page


def test_hostile_forms_are_text(web: Web) -> None:
    browser = web.signed_in()
    for text in HOSTILE[:-3]:
        page = browser.post("/people/add", {"name": text, "role": text}, 422)
        assert "<script>" not in page
        assert "<img" not in page
        assert "\u202e" not in page


def test_the_audit_log_has_one_column_of_who(web: Web) -> None:
    """The address is no second name, in Russian either."""
    web.parts.audit.note("login_failed", account="boris", address="192.0.2.7")
    page = web.signed_in(language="ru").get("/audit/")
    assert page.count('<th scope="col">Кто</th>') == 1 and 'data-label="Откуда"' in page
