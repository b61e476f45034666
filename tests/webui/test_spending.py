"""The page of paid calls: who is near a limit."""

from __future__ import annotations

from typing import Any

from tests.commands.stand_in import StandIn
from tests.webui.conftest import Web
from tests.webui.office import HOSTILE

ROW: dict[str, Any] = {
    "extension": "2001",
    "name": HOSTILE,
    "class_of_service": "national",
    "calls": 1,
    "max_calls": 2,
    "calls_last_hour": 30,
    "max_calls_per_hour": 30,
    "minutes_today": 12.4,
    "max_minutes_per_day": 600,
    "max_call_minutes": 120,
}
QUIET = ROW | {"extension": "2002", "calls": 0, "calls_last_hour": 0, "minutes_today": 0}
BOX = {"calls": 1, "calls_last_hour": 30, "max_calls_per_hour": 0, "minutes_today": 12.4}


def test_who_spends_and_who_is_at_his_limit(web: Web, box: StandIn) -> None:
    box.answers["spending"] = {"date": "2026-03-02", "spending": [ROW, QUIET], "box": BOX}
    page = web.signed_in(language="ru").get("/spending/")
    assert "30 / 30" in page and "предел исчерпан" in page and "Ещё 1 номер" in page
    assert HOSTILE not in page
    near = ROW | {"calls_last_hour": 25}
    box.answers["spending"] = {"date": "2026-03-02", "spending": [near], "box": BOX}
    assert "near the limit" in web.signed_in().get("/spending/live", query_string={"once": "1"})


def test_nothing_spent_and_no_daemon(web: Web) -> None:
    assert "not running" in web.signed_in().get("/spending/")
