"""The wizard: what each step saves, what it refuses and where it says so, and going on later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import Authentication, DestinationKind, Document, NumberForm
from appliance.errors import Problem, UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from webui.access import Role
from webui.forms import Form
from webui.setup import extensions

OFFICE = {"name": "Ромашка", "language": "ru", "timezone": "Asia/Omsk"}
P9 = {"country": "RU", "profile": "P9", "area_code": "495", "local_length": "7"}
RANGE = {"first": "2001", "last": "2003", "names": "Анна\n\nВера", "class_of_service": "local"}
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


def _document(web: Web) -> Document:
    store = web.store()
    try:
        return store.load()[1]
    finally:
        store.close()


def _revision(web: Web) -> str:
    store = web.store()
    try:
        return str(store.load()[0])
    finally:
        store.close()


@pytest.fixture
def browser(web: Web) -> Browser:
    return web.signed_in()


def test_a_new_box_begins_here(browser: Browser) -> None:
    browser.get("/", 302)
    assert browser.location == "/wizard/"
    browser.get("/wizard/", 302)
    assert browser.location == "/wizard/office"


def test_the_office(web: Web, browser: Browser) -> None:
    browser.post("/wizard/office", OFFICE)
    assert browser.location == "/wizard/dialling"
    site = _document(web).site
    assert (site.name, site.language, site.timezone) == ("Ромашка", "ru", "Asia/Omsk")
    assert 'lang="ru"' in browser.get("/wizard/dialling")
    entry = web.parts.audit.entries()[0]
    assert (entry.action, entry.account) == ("settings_saved", "admin")
    assert (entry.before, entry.after) == (0, 1)


def test_an_unknown_time_zone_stands_beside_its_field(web: Web, browser: Browser) -> None:
    page = browser.post("/wizard/office", OFFICE | {"timezone": "Moon/Base"}, 422)
    assert 'id="timezone-error"' in page
    assert _revision(web) == "0"


def test_the_dial_profile(web: Web, browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    assert browser.location == "/wizard/extensions"
    dialling = _document(web).dialling
    assert (dialling.name, dialling.outside_prefix) == ("P9", "9")


def test_samples_follow_the_profile_without_saving(web: Web, browser: Browser) -> None:
    for profile, dialled in (("P9", "95551525"), ("P0", "05551525"), ("none", "5551525")):
        page = browser.post("/wizard/dialling/preview", P9 | {"profile": profile}, 200)
        assert f"<code>{dialled}</code>" in page
        assert "+74955551525" in page
        assert page.count("sample-dialled") >= 6
    assert "<html" not in page
    assert _revision(web) == "0"


def test_samples_are_what_decide_says(browser: Browser) -> None:
    """Abroad is refused by the class of a new extension, emergency goes; both with reasons."""
    page = browser.post("/wizard/dialling/preview", P9, 200)
    assert page.count("pill warn") == 1
    assert "+380692123456" in page
    assert "Class “national”" in page


def test_samples_do_not_hang_on_what_the_last_extension_may_call(browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    browser.post("/wizard/extensions", RANGE | {"class_of_service": "internal", "names": ""})
    page = browser.get("/wizard/dialling")
    assert page.count("pill warn") == 1, "abroad alone, as before there were extensions"


def test_samples_do_not_follow_a_forwarding(web: Web, browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    browser.post("/wizard/extensions", RANGE)
    page = browser.get("/wizard/dialling")
    store = web.store()
    revision, document = store.load()
    away = tuple(replace(e, forward_always="+4930123456") for e in document.extensions)
    store.save(replace(document, extensions=away), revision, "test")
    store.close()
    samples = browser.get("/wizard/dialling")
    assert "+4930123456" not in samples
    assert samples.count("pill ok") == page.count("pill ok")


def test_a_mistake_of_the_preview_names_its_field(browser: Browser) -> None:
    page = browser.post("/wizard/dialling/preview", P9 | {"local_length": "9"}, 200)
    assert "City number, figures: " in page


def test_a_profile_that_cannot_be_is_told(web: Web, browser: Browser) -> None:
    bad = P9 | {"area_code": "49", "local_length": "x"}
    page = browser.post("/wizard/dialling", bad, 422)
    assert 'id="local_length-error"' in page
    page = browser.post("/wizard/dialling/preview", P9 | {"area_code": "49"}, 200)
    assert "field-error" in page
    page = browser.post("/wizard/dialling", P9 | {"country": "XX"}, 422)
    assert "field-error" in page
    assert _revision(web) == "0"


def test_a_range_of_extensions(web: Web, browser: Browser) -> None:
    browser.post("/wizard/extensions", RANGE)
    assert browser.location == "/wizard/trunk"
    document = _document(web)
    assert [(e.number, e.name) for e in document.extensions] == [
        ("2001", "Анна"),
        ("2002", ""),
        ("2003", "Вера"),
    ]
    secrets = {e.secret for e in document.extensions}
    assert len(secrets) == 3
    assert all(len(secret) >= 12 for secret in secrets)
    assert document.extensions[0].class_of_service == "local"
    assert document.site.default_extension == "2001"


MISTAKES = [
    ({"first": "9001", "last": "9010"}, "first", "9001"),
    ({"first": "1120", "last": "1125"}, "first", "112"),
    ({"first": "abc", "last": "2010"}, "first", "figures"),
    ({"first": "2010", "last": "2001"}, "last", "not below"),
    ({"first": "2001", "last": "29999"}, "last", "As many figures"),
    ({"first": "2000", "last": "2999"}, "last", "At most"),
    ({"first": "2001", "last": "2001", "names": "a\nb"}, "names", "more names"),
    ({"class_of_service": "nobody"}, "class_of_service", "nobody"),
]


@pytest.mark.parametrize(("change", "field", "words"), MISTAKES)
def test_a_mistake_stands_beside_its_field(
    web: Web, browser: Browser, change: dict[str, str], field: str, words: str
) -> None:
    browser.post("/wizard/dialling", P9)
    before = _revision(web)
    page = browser.post("/wizard/extensions", RANGE | change, 422)
    found = page.index(f'id="{field}-error"')
    assert words in page[found : found + 2000]
    assert _revision(web) == before


def test_a_mistake_of_another_extension_is_told_by_its_number() -> None:
    form = Form(values=RANGE)
    problems = [Problem("secret.too_short", f"extensions[{n}].secret") for n in ("2002", "1999")]
    form.place(problems, extensions.field_of(form), "en")
    assert list(form.errors) == ["first"] and len(form.errors["first"]) == 1
    (told,) = form.general
    assert told.startswith("Extension 1999")


def test_names_come_back_as_they_were_typed(web: Web, browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    typed = RANGE | {"first": "9001", "last": "9003", "names": "Анна\r\nБорис\r\nВера"}
    page = browser.post("/wizard/extensions", typed, 422)
    assert "Анна\nБорис\nВера</textarea>" in page and "000D" not in page


def test_the_classes_are_those_of_the_office(web: Web, browser: Browser) -> None:
    store = web.store()
    revision, document = store.load()
    kept = tuple(replace(c, name="own") if c.name == "local" else c for c in document.classes)
    store.save(replace(document, classes=kept), revision, "test")
    store.close()
    page = browser.get("/wizard/extensions")
    assert '<option value="own"' in page and '<option value="local"' not in page


def test_two_hundred_mistakes_are_told_in_short(browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    page = browser.post("/wizard/extensions", RANGE | {"first": "9001", "last": "9100"}, 422)
    assert page.count("field-error") == 4
    assert "… and 97 more" in page


def test_numbers_that_exist_are_not_made_twice(web: Web, browser: Browser) -> None:
    browser.post("/wizard/extensions", RANGE)
    page = browser.post("/wizard/extensions", RANGE | {"first": "2003", "last": "2005"}, 422)
    assert "2003 exist already" in page
    assert 'value="2004"' in browser.get("/wizard/extensions")
    browser.post("/wizard/extensions", RANGE | {"first": "2004", "last": "2005", "names": ""})
    assert len(_document(web).extensions) == 5


def _with_extensions(browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    browser.post("/wizard/extensions", RANGE)


def test_a_trunk_by_a_preset(web: Web, browser: Browser) -> None:
    _with_extensions(browser)
    assert "preset=zadarma" in browser.get("/wizard/trunk")
    assert "Zadarma" in browser.get("/wizard/trunk?preset=zadarma")
    browser.post("/wizard/trunk", TRUNK)
    assert browser.location == "/wizard/summary"
    document = _document(web)
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
    _with_extensions(browser)
    browser.post("/wizard/trunk", TRUNK)
    page = browser.get("/wizard/trunk?preset=zadarma")
    assert TRUNK["secret"] not in page
    assert 'value="********"' in page
    change = {"was": "city", "name": "town", "secret": "********", "numbers": "+74950002001"}
    browser.post("/wizard/trunk", TRUNK | change)
    document = _document(web)
    (trunk,) = document.trunks
    assert (trunk.name, trunk.secret) == ("town", TRUNK["secret"])
    assert [d.trunk for d in document.dids] == ["town"]
    assert [rule.ways for rule in document.rules] == [("town",)]


def test_numbers_that_are_saved_again_ring_where_they_did(web: Web, browser: Browser) -> None:
    _with_extensions(browser)
    browser.post("/wizard/trunk", TRUNK)
    store = web.store()
    revision, document = store.load()
    first, second = document.dids
    changed = (first, replace(second, extension="2003", is_enabled=False))
    store.save(replace(document, dids=changed), revision, "test")
    store.close()
    again = TRUNK | {"was": "city", "secret": "********"}
    browser.post("/wizard/trunk", again)
    assert _document(web).dids == changed
    browser.post("/wizard/trunk", again | {"numbers": "+74950002002\n+74950002003"})
    assert [(d.number, d.extension, d.is_enabled) for d in _document(web).dids] == [
        ("+74950002002", "2003", False),
        ("+74950002003", "2002", True),
    ]
    browser.post("/wizard/trunk", again | {"numbers": "+74950002002", "rings": "2001"})
    assert [(d.extension, d.is_enabled) for d in _document(web).dids] == [("2001", False)]


def test_numbers_of_a_trunk_sheet_are_taken_as_they_are_written(web: Web, browser: Browser) -> None:
    _with_extensions(browser)
    sheet = {"numbers": "+7 (495) 000-20-01\r\n+7 495 000-20-02, +74950002003 +74950002004"}
    browser.post("/wizard/trunk", TRUNK | sheet | {"caller_id": "+7 495 000-20-01"})
    document = _document(web)
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
    _with_extensions(browser)
    browser.post("/wizard/trunk", TRUNK)
    browser.post("/wizard/trunk", TRUNK | {"preset": "generic", "name": "spare", "numbers": ""})
    assert [rule.ways for rule in _document(web).rules] == [("city", "spare")]


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
    _with_extensions(browser)
    page = browser.post("/wizard/trunk", TRUNK | change, 422)
    assert f'id="{field}-error"' in page
    assert _document(web).trunks == ()


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
    _with_extensions(browser)
    box.answers["try_trunk"] = WORKS
    page = browser.post("/wizard/trunk", TRUNK | {"do": "try"}, 200)
    assert "It works" in page
    assert "23 ms" in page
    assert "200 OK &lt;b&gt;" in page
    operation, args = box.asked[-1]
    assert operation == "try_trunk"
    assert args["trunk"]["secret"] == TRUNK["secret"]
    assert _document(web).trunks == ()
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


def test_steps_may_be_passed_over(web: Web, browser: Browser) -> None:
    browser.post("/wizard/trunk", {"do": "skip"})
    assert browser.location == "/wizard/summary"
    browser.get("/wizard/", 302)
    assert browser.location == "/wizard/summary"
    browser.post("/wizard/summary")
    browser.get("/", 302)
    assert browser.location == "/status/"


def test_going_back_does_not_lose_what_was_reached(browser: Browser) -> None:
    browser.post("/wizard/office", OFFICE | {"language": "en"})
    browser.post("/wizard/dialling", P9)
    browser.post("/wizard/office", OFFICE | {"language": "en", "name": "Другая"})
    browser.get("/wizard/", 302)
    assert browser.location == "/wizard/extensions"


def test_the_last_page_says_what_to_type(web: Web, box: StandIn, browser: Browser) -> None:
    _with_extensions(browser)
    page = browser.get("/wizard/done")
    secret = _document(web).extensions[0].secret
    assert secret in page
    assert "<code>192.168.1.2</code>" in page
    assert "*43" in page


def test_what_somebody_else_saved_is_shown_first(web: Web, browser: Browser) -> None:
    browser.post("/wizard/dialling", P9)
    base = _revision(web)
    store = web.store()
    number, document = store.load()
    site = replace(document.site, ring_time_s=33)
    store.save(replace(document, site=site), number, "somebody")
    store.close()
    page = browser.post("/wizard/extensions", RANGE | {"base": base}, 422)
    assert "Somebody saved other settings meanwhile" in page
    assert "<ins>" in page
    assert ">33</ins>" in page or "33" in page
    assert 'value="2001"' in page
    assert _document(web).extensions == ()
    browser.post("/wizard/extensions", RANGE | {"base": _revision(web)})
    document = _document(web)
    assert (document.site.ring_time_s, len(document.extensions)) == (33, 3)


def test_a_daemon_that_refuses_does_not_lose_what_was_typed(
    web: Web, box: StandIn, browser: Browser
) -> None:
    box.answers["reload"] = UserError("config.refused", problems=[])
    browser.post("/wizard/office", OFFICE)
    assert _document(web).site.name == "Ромашка"


def test_an_installer_may_and_a_supervisor_may_not(web: Web) -> None:
    web.signed_in(Role.INSTALLER).get("/wizard/office")
    web.signed_in(Role.SUPERVISOR).get("/wizard/office", 403)
