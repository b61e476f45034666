"""Tests of webui/attention.py: the worst first, and what calls for nobody is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import g

from appliance.config.model import Document, Extension, Line, LineKind
from tests.commands.stand_in import REACHABILITY, STATUS, TRUNKS
from tests.webui.conftest import Web
from webui.attention import Need, needs

NUMBERS = [str(number) for number in range(2001, 2010)]
OFFICE = Document(extensions=tuple(Extension(number=number, secret="s") for number in NUMBERS))
NOW = 1772434900.0


def found(web: Web, document: Document = OFFICE, **answers: Any) -> list[Need]:
    told = {"status": STATUS, "trunks": TRUNKS, "reachability": REACHABILITY} | answers
    told |= {"lines": {"lines": []}}
    with web.app.test_request_context():
        g.language = "en"
        return needs(told, document, STATUS["revision"], NOW)


def test_the_worst_first(web: Web) -> None:
    alerts = [
        {"at": NOW - 90_000, "key": "calls_cut", "detail": "long ago", "count": 1},
        {"at": NOW - 60, "key": "calls_cut", "detail": "3", "count": 1},
    ]
    absent = {"expired": ["2002"], "no_answer": ["2001"], "never_seen": ["2003"]}
    given = {"status": STATUS | {"alerts": alerts}, "reachability": {"absent": absent}}
    shown = [(need.kind, str(need.text), need.detail) for need in found(web, **given)]
    assert shown == [
        ("bad", "The trunk second is down", "name or password refused"),
        ("warn", "2 extensions cannot be called", "2001, 2002"),
        ("warn", "Calls cut by a restart", "3"),
    ]


def test_of_many_that_cannot_be_called_a_few_are_named(web: Web) -> None:
    absent = {"no_answer": NUMBERS[::-1]}
    (need,) = [n for n in found(web, reachability={"absent": absent}) if "cannot be" in n.text]
    assert "9 extensions" in need.text and need.detail == "2001, 2002, 2003, 2004, 2005, 2006 …"


def test_phones_that_were_never_connected_call_for_nobody(web: Web) -> None:
    absent = {"disabled": ["2001"], "never_seen": ["2002"], "unregistered": ["2003"]}
    texts = [str(n.text) for n in found(web, reachability={"absent": absent})]
    assert not any("cannot be called" in text for text in texts)


def test_no_way_out_and_other_settings(web: Web) -> None:
    given = {"trunks": {"trunks": []}, "status": STATUS | {"revision": 3, "alerts": []}}
    texts = [str(n.text) for n in found(web, **given)]
    assert any("No trunk and no city line" in text for text in texts)
    assert any("other settings" in text for text in texts)


@pytest.mark.parametrize("is_enabled", [False, True])
def test_a_line_is_a_way_out_while_it_is_switched_on(web: Web, is_enabled: bool) -> None:
    city = Line(name="c", kind=LineKind.FXO, device="sim:x", is_enabled=is_enabled)
    texts = [str(n.text) for n in found(web, replace(OFFICE, lines=(city,)), trunks={"trunks": []})]
    assert any("No trunk and no city line" in text for text in texts) is not is_enabled
