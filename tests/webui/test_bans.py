"""The page of who is shut out, and letting them in again."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Web
from webui.access import Role

BAN: dict[str, Any] = {
    "address": "203.0.113.9",
    "account": "",
    "kind": "place",
    "failures": 10,
    "since_at": 1772440000.0,
    "until_at": 1772440300.0,
    "times": 1,
}
UNANSWERED = {"banned": 12, "budget": 3, "crowd": 0, "scanner": 7}


@pytest.fixture
def guarded(web: Web, box: StandIn) -> Web:
    box.answers["bans"] = {"bans": [BAN], "unanswered": UNANSWERED}
    return web


def test_who_is_shut_out_and_why(guarded: Web) -> None:
    page = guarded.signed_in(language="ru").get("/bans/")
    assert "203.0.113.9" in page and "весь адрес, без ответа" in page and ">12<" in page


def test_letting_in_again_is_noted(guarded: Web, box: StandIn) -> None:
    box.answers["unban"] = {"lifted": 1}
    browser = guarded.signed_in(Role.INSTALLER)
    browser.post("/bans/lift", {"name": "203.0.113.9"})
    assert ("unban", {"name": "203.0.113.9"}) in box.asked
    entry = guarded.parts.audit.entries(1)[0]
    assert (entry.action, entry.detail) == ("ban_lifted", "203.0.113.9")


def test_nothing_to_lift_is_told(guarded: Web, box: StandIn) -> None:
    box.answers["unban"] = UserError("unban.nothing", name="nobody")
    page = guarded.signed_in().post("/bans/lift", {"name": "nobody"}, code=409)
    assert "notice" in page


def test_a_supervisor_looks_and_lifts_nothing(guarded: Web, box: StandIn) -> None:
    browser = guarded.signed_in(Role.SUPERVISOR)
    browser.get("/bans/")
    browser.post("/bans/lift", {"name": "203.0.113.9"}, code=403)
    assert "unban" not in [operation for operation, _ in box.asked]


def test_nobody_is_shut_out_and_no_daemon(web: Web) -> None:
    assert "not running" in web.signed_in().get("/bans/")
