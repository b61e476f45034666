"""The wizard: what each step saves, what it refuses and where it says so, and going on later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.errors import Problem, UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.wizard_steps import P9, RANGE, document_of, with_extensions
from webui.access import Role
from webui.forms import Form
from webui.setup import extensions

OFFICE = {"name": "Ромашка", "language": "ru", "timezone": "Asia/Omsk"}


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
    site = document_of(web).site
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
    dialling = document_of(web).dialling
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
    document = document_of(web)
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
    assert len(document_of(web).extensions) == 5


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
    with_extensions(browser)
    page = browser.get("/wizard/done")
    secret = document_of(web).extensions[0].secret
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
    assert document_of(web).extensions == ()
    browser.post("/wizard/extensions", RANGE | {"base": _revision(web)})
    document = document_of(web)
    assert (document.site.ring_time_s, len(document.extensions)) == (33, 3)


def test_a_daemon_that_refuses_does_not_lose_what_was_typed(
    web: Web, box: StandIn, browser: Browser
) -> None:
    box.answers["reload"] = UserError("config.refused", problems=[])
    browser.post("/wizard/office", OFFICE)
    assert document_of(web).site.name == "Ромашка"


def test_an_installer_may_and_a_supervisor_may_not(web: Web) -> None:
    web.signed_in(Role.INSTALLER).get("/wizard/office")
    web.signed_in(Role.SUPERVISOR).get("/wizard/office", 403)
