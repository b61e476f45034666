"""The trunk's step of the wizard: what it saves, what it refuses, and the trial before it saves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import Authentication, DestinationKind, NumberForm
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.wizard_steps import document_of, with_extensions

TRUNK = {
    "preset": "zadarma",
    "was": "",
    "name": "city",
    "host": "sip.example.net",
    "username": "12345",
    "secret": "Wm4kq9xT2cVb",
    "numbers": "+74950002001\n+74950002002",
    "rings": "2002",
    "authentication": "registration",
    "transport": "udp",
}


@pytest.fixture
def browser(web: Web) -> Browser:
    return web.signed_in()


def test_a_trunk_by_a_preset(web: Web, browser: Browser) -> None:
    with_extensions(browser)
    assert "preset=zadarma" in browser.get("/wizard/trunk")
    assert "Zadarma" in browser.get("/wizard/trunk?preset=zadarma")
    browser.post("/wizard/trunk", TRUNK)
    assert browser.location == "/wizard/summary"
    document = document_of(web)
    (trunk,) = document.trunks
    assert (trunk.name, trunk.preset, trunk.host) == ("city", "zadarma", "sip.example.net")
    assert trunk.authentication is Authentication.REGISTRATION
    assert isinstance(trunk.number_form, NumberForm)
    assert [(d.number, d.trunk, d.extension) for d in document.dids] == [
        ("+74950002001", "city", "2002"),
        ("+74950002002", "city", "2002"),
    ]
    (rule,) = document.rules
    assert rule.ways == ("city",)
    assert DestinationKind.EMERGENCY in rule.kinds
    assert DestinationKind.INTERNATIONAL in rule.kinds


def test_a_stored_secret_is_kept_and_never_shown(web: Web, browser: Browser) -> None:
    with_extensions(browser)
    browser.post("/wizard/trunk", TRUNK)
    page = browser.get("/wizard/trunk?preset=zadarma")
    assert TRUNK["secret"] not in page
    assert 'value="********"' in page
    change = {"was": "city", "name": "town", "secret": "********", "numbers": "+74950002001"}
    browser.post("/wizard/trunk", TRUNK | change)
    document = document_of(web)
    (trunk,) = document.trunks
    assert (trunk.name, trunk.secret) == ("town", TRUNK["secret"])
    assert [d.trunk for d in document.dids] == ["town"]
    assert [rule.ways for rule in document.rules] == [("town",)]


def test_numbers_that_are_saved_again_ring_where_they_did(web: Web, browser: Browser) -> None:
    with_extensions(browser)
    browser.post("/wizard/trunk", TRUNK)
    store = web.store()
    revision, document = store.load()
    first, second = document.dids
    changed = (first, replace(second, extension="2003", is_enabled=False))
    store.save(replace(document, dids=changed), revision, "test")
    store.close()
    again = TRUNK | {"was": "city", "secret": "********"}
    browser.post("/wizard/trunk", again)
    assert document_of(web).dids == changed
    browser.post("/wizard/trunk", again | {"numbers": "+74950002002\n+74950002003"})
    assert [(d.number, d.extension, d.is_enabled) for d in document_of(web).dids] == [
        ("+74950002002", "2003", False),
        ("+74950002003", "2002", True),
    ]
    browser.post("/wizard/trunk", again | {"numbers": "+74950002002", "rings": "2001"})
    assert [(d.extension, d.is_enabled) for d in document_of(web).dids] == [("2001", False)]


def test_numbers_of_a_trunk_sheet_are_taken_as_they_are_written(web: Web, browser: Browser) -> None:
    with_extensions(browser)
    sheet = {"numbers": "+7 (495) 000-20-01\r\n+7 495 000-20-02, +74950002003 +74950002004"}
    browser.post("/wizard/trunk", TRUNK | sheet | {"caller_id": "+7 495 000-20-01"})
    document = document_of(web)
    assert [d.number for d in document.dids] == [f"+7495000200{n}" for n in (1, 2, 3, 4)]
    assert document.trunks[0].caller_id == "+74950002001"


def test_ways_of_signing_in_are_told_in_words(browser: Browser) -> None:
    page = browser.get("/wizard/trunk?preset=generic")
    assert "By our address: the provider knows it" in page
    assert "74955551525, without the plus" in page


def test_a_trunk_without_any_name_is_told_beside_its_field(browser: Browser) -> None:
    nameless = {key: value for key, value in TRUNK.items() if key != "name"}
    assert 'id="name-error"' in browser.post("/wizard/trunk", nameless, 422)


def test_a_second_trunk_is_the_next_way(web: Web, browser: Browser) -> None:
    with_extensions(browser)
    browser.post("/wizard/trunk", TRUNK)
    browser.post("/wizard/trunk", TRUNK | {"preset": "generic", "name": "spare", "numbers": ""})
    assert [rule.ways for rule in document_of(web).rules] == [("city", "spare")]


TRUNK_MISTAKES = [
    ({"host": ""}, "host"),
    ({"name": ""}, "name"),
    ({"port": "99999"}, "port"),
    ({"numbers": "4950002001"}, "numbers"),
    ({"rings": "7777"}, "rings"),
    ({"authentication": "magic"}, "authentication"),
]


@pytest.mark.parametrize(("change", "field"), TRUNK_MISTAKES)
def test_a_mistake_in_a_trunk_stands_beside_its_field(
    web: Web, browser: Browser, change: dict[str, str], field: str
) -> None:
    with_extensions(browser)
    page = browser.post("/wizard/trunk", TRUNK | change, 422)
    assert f'id="{field}-error"' in page
    assert document_of(web).trunks == ()


WORKS = {
    "state": "up",
    "why": "",
    "status": 200,
    "round_trip_ms": 23.4,
    "steps": [
        {"key": "resolved", "ok": True, "detail": "192.0.2.9:5060"},
        {"key": "registered", "ok": True, "detail": "200 OK <b>"},
    ],
}
FAILS = {
    "state": "down",
    "why": "credentials_refused",
    "status": 403,
    "round_trip_ms": None,
    "steps": [{"key": "registered", "ok": False, "detail": "403 Forbidden"}],
}


def test_a_trunk_is_tried_before_it_is_saved(web: Web, box: StandIn, browser: Browser) -> None:
    with_extensions(browser)
    box.answers["try_trunk"] = WORKS
    page = browser.post("/wizard/trunk", TRUNK | {"do": "try"}, 200)
    assert "It works" in page
    assert "23 ms" in page
    assert "200 OK &lt;b&gt;" in page
    operation, args = box.asked[-1]
    assert operation == "try_trunk"
    assert args["trunk"]["secret"] == TRUNK["secret"]
    assert document_of(web).trunks == ()
    box.answers["try_trunk"] = FAILS
    page = browser.post("/wizard/trunk", TRUNK | {"do": "try"}, 200)
    assert "It does not work" in page
    assert "403" in page


def test_a_script_gets_the_trial_alone(web: Web, box: StandIn, browser: Browser) -> None:
    box.answers["try_trunk"] = WORKS
    form = {"token": browser.token, **TRUNK, "do": "try"}
    answer = browser.client.post("/wizard/trunk", data=form, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "It works" in answer.text


def test_a_trial_says_which_fields_it_needs_and_that_nobody_runs(browser: Browser) -> None:
    page = browser.post("/wizard/trunk", TRUNK | {"do": "try", "host": ""}, 200)
    assert "Some fields need a look first" in page
    page = browser.post("/wizard/trunk", TRUNK | {"do": "try", "numbers": ""}, 200)
    assert "not running" in page
