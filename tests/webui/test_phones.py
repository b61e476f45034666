"""The pages of desk phones: how they stand, numbers, keys, files, orders, and the router."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish, settings
from webui.access import Role

MAC, STRANGE = "805ec0000001", "000b82000002"
PHONES = [{"mac": MAC, "label": "Front desk", "extensions": ["2001"]}]
ROW: dict[str, Any] = {
    "mac": MAC,
    "label": "Front desk",
    "extensions": ["2001"],
    "is_configured": True,
    "brand": "Yealink",
    "model": "T46U",
    "firmware": "108.86.0.20",
    "host": "192.168.1.77",
    "is_emulated": False,
    "user_agent": "Yealink SIP-T46U",
    "state": "unregistered",
    "why": "needs_window",
    "window_left_s": 0,
    "has_own_login": False,
    "is_waiting": False,
    "lamps": 3,
    "first_seen_at": 1772430000.0,
    "last_seen_at": 1772440000.0,
    "last_verdict": "plain",
    "hint": "",
    "alarms": [],
    "revision": 1,
    "key_places": 27,
    "keys_beyond": 0,
}
NEW = ROW | {
    "mac": STRANGE,
    "label": "",
    "extensions": [],
    "is_configured": False,
    "brand": "Grandstream",
    "model": HOSTILE,
    "state": "unclaimed",
    "why": "",
}
ASKED = {
    "at": 1772440000.0,
    "host": "192.168.1.77",
    "mac": MAC,
    "transport": "http",
    "path": f"/{HOSTILE}.cfg",
    "verdict": "plain",
    "user_agent": "Yealink SIP-T46U",
    "brand": "Yealink",
    "model": "T46U",
    "hint": "",
    "alarms": [],
}
URL = "http://192.168.1.1:8080/"
OPTIONS = [
    {"code": 66, "text": URL, "hex": "68:74:74:70"},
    {"code": 43, "text": URL, "hex": "68:74:74:70"},
    {"code": 150, "text": "192.168.1.1", "hex": "c0:a8:01:01"},
    {"code": 114, "text": URL, "hex": "68:74:74:70"},
]
FILE = {"path": f"/{MAC}.cfg", "text": "account.1.password = ••••\n"}


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web, phones=PHONES)
    box.answers["phones"] = {"phones": [ROW, NEW], "ports": {"http": 8080}}
    box.answers["phone_requests"] = {"requests": [ASKED]}
    box.answers["phone_files"] = {"files": [FILE]}
    return web.signed_in()


def test_how_phones_stand(admin: Browser) -> None:
    page = admin.get("/phones/")
    assert (
        "Front desk" in page
        and "It has no passwords: give them" in page
        and "80:5E:C0:00:00:01" in page
    )
    assert HOSTILE not in page and "Give it a number" in page
    assert "emulated" not in page
    assert "Front desk" in admin.get("/phones/live", query_string={"once": "1"})


def test_a_phone_of_the_demo_is_marked(box: StandIn, admin: Browser) -> None:
    box.answers["phones"] = {"phones": [ROW | {"is_emulated": True}, NEW], "ports": {}}
    assert admin.get("/phones/").count("emulated") == 1
    assert "no device stands behind it" in admin.get(f"/phones/{MAC}")
    assert "no device stands behind it" not in admin.get(f"/phones/{STRANGE}")


def test_what_a_phone_is_told_and_asked(box: StandIn, admin: Browser) -> None:
    page = admin.get(f"/phones/{MAC}")
    assert "account.1.password = ••••" in page and "perhaps still the factory" in page
    assert HOSTILE not in page and HOSTILE not in admin.get("/phones/requests")
    assert ("phone_requests", {"mac": MAC, "limit": 20}) in box.asked


def test_a_hint_leads_to_a_page_and_to_no_terminal(box: StandIn, admin: Browser) -> None:
    asked = ASKED | {"hint": "identify.unknown_brand", "verdict": "unknown"}
    box.answers["phone_requests"] = {"requests": [asked]}
    page = admin.get("/phones/requests")
    assert "under “All values”" in page and "dozvon phones" not in page


def test_a_phone_gets_its_number(web: Web, box: StandIn, admin: Browser) -> None:
    box.answers["phone_claim"] = {"applied": 3}
    admin.get(f"/phones/{STRANGE}")
    admin.post(f"/phones/{STRANGE}/claim", {"extension": "2002"})
    asked = {"mac": STRANGE, "extension": "2002", "by": "admin"}
    assert ("phone_claim", asked) in box.asked
    assert web.parts.audit.entries(1)[0].detail == f"{STRANGE} 2002"
    box.answers["phone_claim"] = UserError("phone.no_such_extension", extension="7")
    assert "no extension" in admin.post(f"/phones/{STRANGE}/claim", {"extension": "7"}, code=409)


@pytest.mark.parametrize(
    ("do", "operation", "more", "where"),
    [
        ("window", "phone_window", {"by": "admin"}, MAC),
        ("resync", "phone_resync", {}, MAC),
        ("renew", "phone_renew", {}, MAC),
        ("forget", "phone_forget", {}, "/phones/"),
    ],
)
def test_orders(
    box: StandIn, admin: Browser, do: str, operation: str, more: dict[str, str], where: str
) -> None:
    box.answers[operation] = {}
    admin.post(f"/phones/{MAC}/order", {"do": do})
    assert (operation, {"mac": MAC} | more) in box.asked and admin.location.endswith(where)
    box.answers[operation] = UserError("phone.unknown", mac=MAC)
    assert "was not seen yet" in admin.post(f"/phones/{MAC}/order", {"do": do}, code=409)
    admin.post(f"/phones/{MAC}/order", {"do": "explode"}, code=404)


def test_its_own_password_is_shown_on_demand_and_noted(
    web: Web, box: StandIn, admin: Browser
) -> None:
    box.answers["phone_login"] = {"password": "Own-page-pass", "is_delivered": True}
    assert "Own-page-pass" not in admin.get(f"/phones/{MAC}")
    assert "Own-page-pass" in admin.post(f"/phones/{MAC}/login", code=200)
    assert web.parts.audit.entries(1)[0].action == "phone_login_shown"


def test_a_phone_is_added_by_its_label_changed_and_removed(web: Web, admin: Browser) -> None:
    admin.get("/phones/new")
    given = {"mac": "00:15:65:AA:BB:CC", "label": "Kitchen", "extensions": "2003"}
    given |= {"is_enabled": "yes", "transport": "udp"}
    admin.post("/phones/new", given)
    assert settings(web).phones[-1].mac == "001565aabbcc"
    assert "mac-error" in admin.post("/phones/new", given | {"mac": "xyz"}, code=422)
    admin.post(f"/phones/{MAC}/edit", given | {"vlan": "9999"}, code=422)
    admin.post(f"/phones/{MAC}/edit", given | {"extensions": "2001 2002", "vlan": "7"})
    phone = settings(web).phones[0]
    assert (phone.label, phone.extensions, phone.vlan) == ("Kitchen", ("2001", "2002"), 7)
    admin.post(f"/phones/{MAC}/remove")
    assert [p.mac for p in settings(web).phones] == ["001565aabbcc"]


def test_keys(web: Web, admin: Browser) -> None:
    page = admin.get(f"/phones/{MAC}/keys")
    assert 'data-key="0"' in page and "watch and call a colleague" in page
    typed = {"kind.0": "line", "account.0": "1", "label.0": "Me"}
    typed |= {"kind.2": "blf", "value.2": "2002", "label.2": HOSTILE[:32], "account.2": "1"}
    admin.post(f"/phones/{MAC}/keys", typed)
    keys = settings(web).phones[0].keys
    assert [key.kind for key in keys] == ["line", "none", "blf"]
    assert (keys[2].value, keys[2].label) == ("2002", HOSTILE[:32])
    assert HOSTILE[:32] not in admin.get(f"/phones/{MAC}/keys")
    page = admin.post(f"/phones/{MAC}/keys", typed | {"value.2": ""}, code=422)
    assert "value.2-error" in page


def test_keys_beyond_the_rows_of_the_page_stay_in_their_places(web: Web, admin: Browser) -> None:
    kept = [{"kind": "speed_dial", "value": str(2000 + n)} for n in range(63)]
    furnish(web, phones=[PHONES[0] | {"keys": kept}])
    admin.get(f"/phones/{MAC}/keys")
    admin.post(f"/phones/{MAC}/keys", {"kind.0": "line", "account.0": "1"})
    keys = settings(web).phones[0].keys
    assert [key.kind for key in keys] == ["line"] + ["none"] * 59 + ["speed_dial"] * 3
    assert [key.value for key in keys[60:]] == ["2060", "2061", "2062"]


def test_keys_that_a_phone_has_no_place_for_are_told(box: StandIn, admin: Browser) -> None:
    typed = {f"kind.{n}": "speed_dial" for n in range(3)} | {f"value.{n}": "112" for n in range(3)}
    admin.get(f"/phones/{MAC}/keys")
    admin.post(f"/phones/{MAC}/keys", typed)
    row = ROW | {"key_places": 2, "keys_beyond": 1}
    box.answers["phones"] = {"phones": [row], "ports": {}}
    page = admin.get(f"/phones/{MAC}/keys")
    assert "has 2 keys: 1 more is kept here" in page and page.count("not on this phone") == 1
    assert page.count("data-key=") == 3, "no more rows are offered than there are places"
    assert "has 2 keys: 1 more is kept here" in admin.get(f"/phones/{MAC}")
    box.answers["phones"] = {"phones": [row | {"key_places": 0}], "ports": {}}
    assert "has no programmable keys" in admin.get(f"/phones/{MAC}/keys")


def test_how_phones_find_the_box(box: StandIn, admin: Browser) -> None:
    box.answers["dhcp_options"] = {"options": OPTIONS, "is_served": True}
    page = admin.get("/phones/find")
    assert ("dhcp_options", {"host": "localhost"}) in box.asked
    assert 'data-copy="http://192.168.1.1:8080/"' in page and 'data-copy="68:74:74:70"' in page
    assert "66, 43" in page and "Gigaset" in page, "one value, with all who read it"
    assert "phone_scan" not in [op for op, _ in box.asked]
    assert "dhcp_check" not in [op for op, _ in box.asked]
    found = {"host": "192.168.1.9", "mac": STRANGE, "brand": "snom", "has_asked": False}
    box.answers["phone_scan"] = {"found": [found]}
    assert "not yet: restart it" in admin.get("/phones/find", query_string={"scan": "1"})
    box.answers["dhcp_options"] = {"options": OPTIONS, "is_served": False}
    assert "does not run" in admin.get("/phones/find")


@pytest.mark.parametrize(
    ("verdicts", "is_good", "words"),
    [
        ([], False, "No DHCP server answered"),
        (["right", "missing"], True, "Phones will find the box"),
        (["missing", "missing"], False, "10.0.0.1 does not tell phones of the box"),
        (["missing", "other"], False, "10.0.0.1 sends phones elsewhere"),
    ],
)
def test_what_the_router_really_says(
    box: StandIn, admin: Browser, verdicts: list[str], is_good: bool, words: str
) -> None:
    box.answers["dhcp_options"] = {"options": OPTIONS, "is_served": True}
    rows = [
        {"server": "10.0.0.1", "code": 66 + n, "verdict": verdict, "said": HOSTILE}
        for n, verdict in enumerate(verdicts)
    ]
    box.answers["dhcp_check"] = {"findings": rows, "is_good": is_good}
    page = admin.post("/phones/find", code=200)
    assert words in page and HOSTILE not in page and "Check again" in page
    box.answers["dhcp_check"] = UserError("dhcp.not_allowed")
    assert "sudo" in admin.post("/phones/find", code=200)


def test_who_may_what(web: Web, admin: Browser) -> None:
    supervisor = web.signed_in(Role.SUPERVISOR)
    assert "Give it a number" not in supervisor.get("/phones/")
    assert "/order" not in supervisor.get(f"/phones/{MAC}")
    supervisor.post(f"/phones/{MAC}/login", code=403)
    supervisor.get("/phones/find", code=403)


def test_unknown_phones_and_no_daemon(web: Web) -> None:
    furnish(web, phones=PHONES)
    browser = web.signed_in()
    assert "not running" in browser.get("/phones/")
    assert "Front desk" in browser.get(f"/phones/{MAC}")
    browser.get(f"/phones/{STRANGE}", code=404)
    browser.get(f"/phones/{STRANGE}/edit", code=404)


def test_keys_of_expansion_modules_are_marked(box: StandIn, admin: Browser) -> None:
    row = ROW | {"key_places": 8, "own_keys": 6}
    box.answers["phones"] = {"phones": [row], "ports": {}}
    page = admin.get(f"/phones/{MAC}/keys")
    assert page.count("on an expansion module") == 2 and "not on this phone" not in page


def test_brands_go_by_their_own_names(web: Web, box: StandIn) -> None:
    row = ROW | {"brand": "yealink", "brand_title": "Yealink", "label": ""}
    box.answers["phones"] = {"phones": [row], "ports": {}}
    page = web.signed_in(language="en").get("/phones/")
    assert "Yealink T46U" in page and "yealink T46U" not in page
    assert '<span class="nowrap">80:5E:C0' in page


def test_a_key_that_got_a_number_and_no_kind_is_not_thrown_away(web: Web, admin: Browser) -> None:
    admin.get(f"/phones/{MAC}/keys")
    typed = {"kind.0": "none", "value.0": "2002", "account.0": "1"}
    page = admin.post(f"/phones/{MAC}/keys", typed, code=422)
    assert "Choose what this key does" in page and 'value="2002"' in page
    admin.post(f"/phones/{MAC}/keys", typed | {"kind.0": "blf"})
    admin.post(f"/phones/{MAC}/keys", typed)
    assert settings(web).phones[0].keys == (), "a key is freed by its kind alone"
