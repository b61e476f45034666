"""Connecting a softphone: choosing the program, its code, the page that shows an account once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish, secret_of
from webui.access import Role

PATH = "/extensions/2001/softphone/"
LINK = re.compile(r'data-copy="http://192.168.1.2(/sheet/[^"]+)"')
URL = "http://192.168.1.1:8088/s/0123456789abcdef0123/linphone.xml"
MADE = {"url": URL, "code": URL, "title": "Linphone", "by_browser": False, "left_s": 300}
ROW: dict[str, Any] = {
    "extension": "2001",
    "why": "",
    "is_reachable": True,
    "contact": "sip:2001@192.168.1.9",
    "source": "192.168.1.9:5060",
    "transport": "udp",
    "user_agent": HOSTILE,
    "round_trip_ms": None,
    "expires_in_s": 60.0,
}


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web)
    apps = [
        {"name": "ours", "title": HOSTILE, "by_browser": True},
        {"name": "linphone", "title": "Linphone", "by_browser": False},
    ]
    box.answers["softphones"] = {"apps": apps}
    box.answers["softphone_link"] = MADE
    box.answers["registrations"] = {"registrations": []}
    return web.signed_in()


def test_a_program_is_chosen_and_its_code_holds_no_password(
    web: Web, box: StandIn, admin: Browser
) -> None:
    assert "/extensions/2001/softphone/" in admin.get("/extensions/2001")
    page = admin.get(PATH)
    assert "Another program" in page and HOSTILE not in page
    assert page.index("Linphone") < page.index("copied and pasted"), "ours come first"
    page = admin.post(PATH, {"app": "linphone"}, code=200)
    assert "<svg" in page and f'data-copy="{URL}"' in page and "within 5 minutes" in page
    assert "Fetch remote configuration" in page and "&amp;#39;" not in page
    assert secret_of("2001") not in page
    asked = {"extension": "2001", "app": "linphone", "host": "localhost", "by": "admin"}
    assert ("softphone_link", asked) in box.asked
    (entry,) = web.parts.audit.entries(1)
    assert (entry.action, entry.detail) == ("link_made", "2001 linphone")
    assert "/s/" not in repr(entry), "the audit log knows no token"
    assert "Scan this code with it" in admin.post(PATH, {"app": "ours"}, code=200)


def test_it_is_seen_when_the_phone_comes_up(box: StandIn, admin: Browser) -> None:
    assert "waiting for the first one" in admin.post(PATH, {"app": "linphone"}, code=200)
    box.answers["registrations"] = {"registrations": [ROW]}
    told = admin.get(f"{PATH}live", query_string={"once": "1"})
    assert "can be called" in told and HOSTILE not in told


def test_what_stands_in_the_way_is_told(box: StandIn, admin: Browser) -> None:
    box.answers["softphone_link"] = UserError("phone.no_server")
    page = admin.post(PATH, {"app": "linphone"}, code=409)
    assert "does not run" in page and "Another program" in page
    admin.get("/extensions/2999/softphone/", code=404)
    admin.post("/extensions/2999/softphone/", {"app": "linphone"}, code=404)


def test_a_link_shows_the_account_once_without_signing_in(web: Web, admin: Browser) -> None:
    page = admin.post(PATH, {"app": "other"}, code=200)
    assert "<svg" in page and secret_of("2001") not in page
    found = LINK.search(page)
    assert found is not None
    stranger = web.anonymous("ru")
    assert secret_of("2001") not in stranger.get(found[1])
    assert secret_of("2001") in stranger.post(found[1], code=200)
    assert secret_of("2001") not in stranger.post(found[1], code=410)
    stranger.get(found[1], code=410)
    actions = [entry.action for entry in web.parts.audit.entries(2)]
    assert actions == ["link_opened", "link_made"]


def test_a_link_dies_with_time_and_with_the_next_one(web: Web, admin: Browser) -> None:
    links = [LINK.search(admin.post(PATH, {"app": "other"}, code=200)) for _ in range(2)]
    first, second = (found[1] for found in links if found is not None)
    stranger = web.anonymous()
    stranger.get(first, code=410)
    stranger.get(second)
    web.now += 301
    stranger.post(second, code=410)


def test_without_a_daemon_there_is_still_the_page_to_type_from(web: Web) -> None:
    furnish(web)
    browser = web.signed_in()
    page = browser.get(PATH)
    assert "not running" in page and "Another program" in page
    assert "<svg" in browser.post(PATH, {"app": "other"}, code=200)


def test_a_supervisor_connects_nothing(web: Web, admin: Browser) -> None:
    supervisor = web.signed_in(Role.SUPERVISOR)
    assert "/softphone/" not in supervisor.get("/extensions/2001").partition("<main")[2]
    supervisor.get(PATH, code=403)
    supervisor.post(PATH, {"app": "other"}, code=403)
