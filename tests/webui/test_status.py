"""The status page: what needs somebody first, calls, trunks; ending a call."""

from __future__ import annotations

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import CALLS, STATUS, StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish
from webui.access import Role


@pytest.fixture
def browser(web: Web, box: StandIn) -> Browser:
    furnish(web)
    return web.signed_in()


def test_what_needs_somebody_comes_first(box: StandIn, browser: Browser) -> None:
    box.answers["reachability"] = {"reachable": 1, "absent": {"no_answer": ["2001"]}}
    page = browser.get("/status/")
    assert page.index("The trunk second is down") < page.index("1 extension cannot be called")
    assert page.index("1 extension cannot be called") < page.index("Calls now")
    assert "name or password refused" in page and "other settings" in page


def test_all_is_well(box: StandIn, browser: Browser) -> None:
    box.answers["status"] = STATUS | {"alerts": [], "revision": 2}
    trunks = box.answers["trunks"]["trunks"]
    box.answers["trunks"] = {"trunks": trunks[:1]}
    revision = 1
    box.answers["status"] = box.answers["status"] | {"revision": revision}
    assert "All is well" in browser.get("/status/")


def test_calls_are_shown_as_text_and_ended(web: Web, box: StandIn, browser: Browser) -> None:
    hostile = CALLS["calls"][0] | {"caller_name": HOSTILE}
    box.answers["calls"] = {"calls": [hostile]}
    page = browser.get("/status/")
    assert HOSTILE not in page and "&lt;script&gt;" in page and "1:02" in page
    browser.post("/status/calls/a1/hang-up")
    assert ("hangup", {"call_ref": "a1"}) in box.asked
    assert web.parts.audit.entries(1)[0].action == "call_ended"
    box.answers["hangup"] = UserError("hangup.no_such_call", call_ref="a1")
    browser.post("/status/calls/a1/hang-up")
    assert browser.location.endswith("/status/")


def test_the_live_part_has_everything(browser: Browser) -> None:
    once = browser.get("/status/live", query_string={"once": "1"})
    for part in ("attention", "overview", "calls", "trunks"):
        assert f'"{part}"' in once


def test_a_supervisor_ends_no_call(web: Web, browser: Browser) -> None:
    supervisor = web.signed_in(Role.SUPERVISOR, "ru")
    page = supervisor.get("/status/")
    assert "hang-up" not in page and "разговор" in page
    supervisor.post("/status/calls/a1/hang-up", code=403)


def test_without_a_daemon(web: Web) -> None:
    assert "not running" in web.signed_in().get("/status/")
