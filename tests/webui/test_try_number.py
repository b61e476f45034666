"""Trying a number on a page gives what ``decide`` gives, with and without a daemon."""

from __future__ import annotations

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.kit.office import office
from tests.kit.stage import document_of
from tests.webui.conftest import Web


@pytest.fixture
def shop(web: Web) -> Web:
    """An office with two extensions and a trunk, nobody at the telephone service."""
    store = web.store()
    settings = office((2001, 2002))
    del settings["format"]
    store.save(document_of(settings), 0, "test")
    store.close()
    return web


def test_without_a_daemon_the_saved_settings_answer(shop: Web) -> None:
    page = shop.signed_in().get("/try/?number=2002&who=2001")
    assert "The telephone service is not running" in page
    assert "2002" in page and "Tried in this order" in page


def test_emergency_and_a_number_that_cannot_be(shop: Web) -> None:
    browser = shop.signed_in()
    assert "emergency" in browser.get("/try/?number=9112&who=2001")
    assert "pill bad" in browser.get("/try/?number=77&who=2001")


def test_the_daemon_is_asked_when_it_runs(shop: Web, box: StandIn) -> None:
    box.answers["explain"] = {
        "verdict": "refuse",
        "kind": "international",
        "number": "+4930123456",
        "is_emergency": False,
        "is_digit_final": True,
        "steps": [],
        "cause": "international_barred",
        "prompt": "",
        "reasons": [{"key": "class.country_closed", "params": {"class": "national"}}],
        "alerts": [],
        "revision": 1,
        "profile": "P9",
        "outside_prefix": "9",
    }
    page = shop.signed_in(language="ru").get(
        "/try/?number=98104930123456&who=trunk one&at=2026-03-02T10:30"
    )
    operation, args = box.asked[-1]
    assert operation == "explain" and args["trunk"] == "one" and args["from"] == ""
    assert args["at"].startswith("2026-03-02T10:30:00+03:00")
    assert "+4930123456" in page and "pill bad" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("number=&who=2001", "Type what is dialled"),
        ("number=112&who=2001&at=soon", "This is no time"),
        ("number=" + "1" * 500 + "&who=2001", "At most 128 signs"),
    ],
)
def test_mistakes_stand_beside_their_fields(shop: Web, query: str, said: str) -> None:
    page = shop.signed_in().get(f"/try/?{query}", 422)
    assert said in page and "has-error" in page


def test_what_the_daemon_refuses_is_told(shop: Web, box: StandIn) -> None:
    box.answers["explain"] = UserError("explain.bad_time", at="x")
    assert "notice bad" in shop.signed_in().get("/try/?number=112&who=2001")


def test_hostile_digits_are_text(shop: Web) -> None:
    page = shop.signed_in().get("/try/", query_string={"number": "<script>\u202e", "who": "2001"})
    assert "<script>\u202e" not in page and "&lt;script&gt;" in page
