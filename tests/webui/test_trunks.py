"""The pages of trunks: why one is down, adding by a preset, trying, renaming, removal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.kit.office import trunk
from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, secret_of, settings
from tests.webui.test_extensions import base
from webui.access import Role

TRIAL: dict[str, Any] = {
    "state": "down",
    "why": "credentials_refused",
    "status": 403,
    "round_trip_ms": 12.0,
    "steps": [
        {"key": "resolved", "ok": True, "detail": "192.0.2.1:5060"},
        {"key": "registered", "ok": False, "detail": "403 <b>No</b>"},
    ],
}


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web)
    row = box.answers["trunks"]["trunks"][1] | {"name": "first"}
    box.answers["trunks"] = {"trunks": [row]}
    return web.signed_in()


def fields(web: Web, **changed: str) -> dict[str, str]:
    """What a browser would send of the trunk's form."""
    given = {
        "name": "first",
        "host": "sip.example.net",
        "authentication": "registration",
        "username": "74955550000",
        "secret": "********",
        "is_enabled": "yes",
        "port": "5060",
        "transport": "udp",
        "number_form": "+e164",
        "caller_id_header": "from",
        "did_from": "request_uri",
        "leave_on": "503",
    }
    return given | changed


def test_why_it_is_down_and_what_to_do(admin: Browser) -> None:
    page = admin.get("/trunks/")
    assert "name or password refused" in page and "403" in page
    assert "provider&#39;s letter" in page and "outside" in page and "+74951234567" in page
    assert "refused" in admin.get("/trunks/live", query_string={"once": "1"})


def test_a_change_keeps_the_secret_and_follows_the_name(web: Web, admin: Browser) -> None:
    assert secret_of("first") not in admin.get("/trunks/first/edit")
    admin.post("/trunks/first/edit", fields(web, name="main", max_calls="3"))
    document = settings(web)
    trunk = document.trunk_by_name["main"]
    assert (trunk.secret, trunk.max_calls, trunk.leave_on) == (secret_of("first"), 3, (503,))
    assert document.rules[0].ways == ("main",) and document.dids[0].trunk == "main"


def test_a_mistake_is_told_beside_its_field(web: Web, admin: Browser) -> None:
    page = admin.post("/trunks/first/edit", fields(web, host="no host", port="99999"), code=422)
    assert 'id="host-error"' in page and 'id="port-error"' in page and 'value="no host"' in page
    assert settings(web).trunk_by_name["first"].host == "sip.example.net"


def test_a_name_that_is_missing_is_told_once_and_not_of_what_follows_it(
    web: Web, admin: Browser
) -> None:
    for path, given in (("/trunks/first/edit", {}), ("/trunks/new", {"preset": "mango"})):
        page = admin.post(path, fields(web, name="", **given), code=422)
        assert 'id="name-error"' in page
        assert "Rule outside" not in page and "Outside number" not in page.split("<main")[1]


def test_what_to_do_about_a_trial_that_failed(box: StandIn, web: Web, admin: Browser) -> None:
    box.answers["try_trunk"] = TRIAL
    page = admin.post("/trunks/first/edit", fields(web, do="try"), code=200)
    assert "provider&#39;s letter" in page


def test_it_is_tried_with_the_stored_secret_and_nothing_is_saved(
    web: Web, box: StandIn, admin: Browser
) -> None:
    box.answers["try_trunk"] = TRIAL
    page = admin.post("/trunks/first/edit", fields(web, host="other.example", do="try"), code=200)
    assert "name or password refused" in page and "&lt;b&gt;No" in page
    asked = next(args for op, args in box.asked if op == "try_trunk")["trunk"]
    assert (asked["host"], asked["secret"]) == ("other.example", secret_of("first"))
    assert settings(web).trunk_by_name["first"].host == "sip.example.net"


def test_a_trial_does_not_hide_what_others_saved(web: Web, box: StandIn, admin: Browser) -> None:
    """Without a script the whole page comes back: it stands where the form stood."""
    box.answers["try_trunk"] = TRIAL
    admin.get("/trunks/first/edit")
    old = base(admin)
    furnish(web, extensions=[2001, 2002, 2003, 2999])
    admin.post("/trunks/first/edit", fields(web, do="try", base=old), code=200)
    assert base(admin) == old
    page = admin.post("/trunks/first/edit", fields(web, base=old), code=422)
    assert "Saved by somebody else meanwhile" in page and "2999" in page


def test_a_name_that_is_taken_does_not_hide_what_others_saved(web: Web, admin: Browser) -> None:
    admin.get("/trunks/new?preset=mango")
    old = base(admin)
    furnish(web, extensions=[2001, 2002, 2003, 2999])
    page = admin.post("/trunks/new", fields(web, preset="mango", base=old), code=422)
    assert "There is a trunk by this name" in page and "2999" in page


def test_a_trunk_and_a_rule_with_a_slash_in_their_names(web: Web, admin: Browser) -> None:
    rule = {"name": "a/b", "kinds": ["local"], "ways": ["МТС/edit"]}
    furnish(web, trunks=[trunk("МТС/edit", "sip.example.net", 5060)], dids=[], rules=[rule])
    (path,) = re.findall(r'href="(/trunks/[^"]+/edit)"', admin.get("/trunks/"))
    admin.get(path)
    admin.post(path, fields(web, name="МТС/Омск"))
    assert settings(web).rules[0].ways == ("МТС/Омск",)
    (path,) = re.findall(r'href="(/rules/[^"]+/edit)"', admin.get("/rules/"))
    admin.get(path)
    admin.post("/rules/a/b/remove")
    admin.post("/trunks/МТС/Омск/remove")
    assert settings(web).trunks == ()


@pytest.mark.parametrize("name", [".", "..", "a//b", "/a", "a/"])
def test_a_name_by_which_no_page_opens_is_refused_once(web: Web, admin: Browser, name: str) -> None:
    page = admin.post("/trunks/first/edit", fields(web, name=name), code=422)
    assert "name-error" in page and "No page could be opened" in page
    furnish(web, trunks=[trunk(name, "sip.example.net", 5060)], dids=[], rules=[])
    admin.post("/rules/new", {"name": "all", "kinds.local": "yes", "ways": name})
    assert settings(web).rules[0].ways == (name,), "what is there already keeps nobody from saving"


def test_a_trial_of_a_mistaken_form_asks_nobody(web: Web, box: StandIn, admin: Browser) -> None:
    page = admin.post("/trunks/first/edit", fields(web, host="no host", do="try"), code=422)
    assert "need a look" in page
    assert "try_trunk" not in [op for op, _ in box.asked]


def test_one_more_by_a_preset_gets_a_way_out(web: Web, admin: Browser) -> None:
    assert "preset=generic" in admin.get("/trunks/new")
    page = admin.get("/trunks/new?preset=mango")
    assert 'value="mango"' in page
    strong = "Kq7-zzP3-mmvv2-9Tb"
    admin.post("/trunks/new", fields(web, preset="mango", name="second", secret=strong, port=""))
    document = settings(web)
    assert document.trunk_by_name["second"].secret == strong
    assert document.trunk_by_name["second"].preset == "mango"
    assert any("second" in rule.ways for rule in document.rules)
    page = admin.post("/trunks/new", fields(web, preset="mango", secret=strong), code=422)
    assert "There is a trunk by this name" in page


def test_removal_names_the_rule_and_the_number(web: Web, admin: Browser) -> None:
    page = admin.post("/trunks/first/remove", code=409)
    assert "The rule outside" in page and "+74951234567" in page
    furnish(web, rules=[], dids=[])
    admin.post("/trunks/first/remove")
    assert settings(web).trunks == ()


def test_a_supervisor_changes_nothing(web: Web, admin: Browser) -> None:
    browser = web.signed_in(Role.SUPERVISOR)
    assert "/edit" not in browser.get("/trunks/")
    browser.get("/trunks/first/edit", code=403)


def test_the_daemon_refuses_to_try(web: Web, box: StandIn, admin: Browser) -> None:
    box.answers["try_trunk"] = UserError("control.internal")
    page = admin.post("/trunks/first/edit", fields(web, do="try"), code=200)
    assert "defect" in page


def test_without_a_daemon(web: Web) -> None:
    assert "not running" in web.signed_in().get("/trunks/")
