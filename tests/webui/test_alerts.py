"""Alerts in words with what to do; every known alert has its advice."""

from __future__ import annotations

from appliance.commands.words import ALERTS
from appliance.routing.texts import ALERTS as ROUTING_ALERTS
from tests.commands.stand_in import STATUS, StandIn
from tests.webui.conftest import Web
from webui.views.alerts import ADVICE


def test_every_alert_has_advice() -> None:
    assert set(ALERTS) | set(ROUTING_ALERTS) <= set(ADVICE)


def test_advice_leads_to_pages_that_there_are(web: Web) -> None:
    endpoints = {rule.endpoint for rule in web.app.url_map.iter_rules()}
    assert {page for _, page in ADVICE.values() if page} <= endpoints
    assert ADVICE["line_down"][1] == "lines.index"


def test_the_list_in_both_languages(web: Web, box: StandIn) -> None:
    assert "A trunk is down" in web.signed_in(language="en").get("/alerts/")
    page = web.signed_in(language="ru").get("/alerts/")
    assert "Линия не работает" in page and "second" in page and "×3" in page


def test_without_a_daemon(web: Web) -> None:
    assert "not running" in web.signed_in().get("/alerts/")


def test_no_alert(web: Web, box: StandIn) -> None:
    box.answers["status"] = STATUS | {"alerts": []}
    assert "All is well" in web.signed_in().get("/alerts/")


def test_what_a_stranger_wrote_is_text(web: Web, box: StandIn) -> None:
    alert = {"at": 1.0, "key": "<b>new</b>", "detail": "<script>\u202e", "count": 1}
    box.answers["status"] = STATUS | {"alerts": [alert]}
    page = web.signed_in().get("/alerts/")
    assert "<script>\u202e" not in page and "<b>new" not in page and "⟨202E⟩" in page
