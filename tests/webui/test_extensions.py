"""The pages of extensions: list, range, change, secrets, removal."""

from __future__ import annotations

import re

import pytest

from tests.commands.stand_in import REGISTRATIONS, StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish, secret_of, settings
from webui.access import Role


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web)
    return web.signed_in()


def base(browser: Browser) -> str:
    found = re.search(r'name="base" value="(\d+)"', browser.page)
    assert found is not None
    return found[1]


def test_the_list_says_who_can_be_called_and_why_not(web: Web, box: StandIn) -> None:
    furnish(web)
    hostile = REGISTRATIONS["registrations"][0] | {"user_agent": HOSTILE}
    rows = [hostile, *REGISTRATIONS["registrations"][1:]]
    box.answers["registrations"] = {"registrations": rows}
    page = web.signed_in(language="ru").get("/extensions/")
    assert "ещё не регистрировался" in page and "12 мс" in page
    assert HOSTILE not in page and "&lt;script&gt;" in page
    once = web.signed_in().get("/extensions/live", query_string={"once": "1"})
    assert "never registered" in once


def test_a_range_is_added_with_secrets_that_differ(web: Web, admin: Browser) -> None:
    page = admin.get("/extensions/new")
    assert 'value="2004"' in page
    form = {"first": "2004", "last": "2006", "names": "Ann\nBob", "class_of_service": "national"}
    admin.post("/extensions/new", form | {"base": base(admin)})
    document = settings(web)
    new = [document.extension_by_number[n] for n in ("2004", "2005", "2006")]
    assert [e.name for e in new] == ["Ann", "Bob", ""]
    assert len({e.secret for e in new}) == 3


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(admin: Browser) -> None:
    form = {"first": "2002", "last": "2009", "names": "Carl Кириллица", "class_of_service": "x"}
    page = admin.post("/extensions/new", form, code=422)
    assert 'id="first-error"' in page and "Carl Кириллица" in page


def test_change_and_switch_off(web: Web, admin: Browser) -> None:
    admin.get("/extensions/2002/edit")
    form = {"name": "Борис", "class_of_service": "internal", "max_calls": "2", "base": base(admin)}
    admin.post("/extensions/2002/edit", form)
    extension = settings(web).extension_by_number["2002"]
    assert (extension.name, extension.max_calls, extension.is_enabled) == ("Борис", 2, False)
    assert extension.secret == secret_of("2002")
    assert "switched off" in admin.get("/extensions/2002")


def test_a_mistaken_change_is_told_beside_the_field(web: Web, admin: Browser) -> None:
    form = {"name": "B", "class_of_service": "national", "max_calls": "900", "is_enabled": "yes"}
    page = admin.post("/extensions/2002/edit", form, code=422)
    assert 'id="max_calls-error"' in page and 'value="900"' in page and "<details" in page
    assert settings(web).extension_by_number["2002"].max_calls == 4


def test_who_saved_meanwhile_is_told(web: Web, admin: Browser) -> None:
    admin.get("/extensions/2002/edit")
    old = base(admin)
    furnish(web, extensions=[2001, 2002, 2003, 2999])
    form = {"name": "B", "class_of_service": "national", "is_enabled": "yes", "base": old}
    page = admin.post("/extensions/2002/edit", form, code=422)
    assert "meanwhile" in page and "2999" in page
    admin.post("/extensions/2002/edit", form | {"base": base(admin)})
    assert settings(web).extension_by_number["2002"].name == "B"


def test_a_password_is_shown_on_demand_and_the_audit_log_knows(web: Web, admin: Browser) -> None:
    assert secret_of("2001") not in admin.get("/extensions/2001")
    assert secret_of("2001") in admin.post("/extensions/2001/secret", code=200)
    entry = web.parts.audit.entries(1)[0]
    assert (entry.action, entry.detail) == ("secret_shown", "2001")


def test_a_new_password(web: Web, admin: Browser) -> None:
    admin.post("/extensions/2001/renew")
    assert settings(web).extension_by_number["2001"].secret != secret_of("2001")


def test_removal_names_what_still_leads_there(web: Web, admin: Browser) -> None:
    page = admin.post("/extensions/2001/remove", code=409)
    assert "+74951234567" in page
    admin.post("/extensions/2003/remove")
    assert "2003" not in settings(web).extension_by_number


def test_a_supervisor_sees_and_changes_nothing(web: Web, admin: Browser) -> None:
    browser = web.signed_in(Role.SUPERVISOR)
    page = browser.get("/extensions/2001")
    assert secret_of("2001") not in page and "/secret" not in page and "/remove" not in page
    browser.post("/extensions/2001/secret", code=403)


def test_without_a_daemon_and_without_extensions(web: Web) -> None:
    browser = web.signed_in()
    assert "not running" in browser.get("/extensions/")
    browser.get("/extensions/2001", code=404)


def test_a_mistake_in_a_form_does_not_write_over_what_others_saved(
    web: Web, admin: Browser
) -> None:
    admin.get("/extensions/2002/edit")
    form = {"name": "B", "class_of_service": "national", "is_enabled": "yes"}
    old = {"base": base(admin)}
    furnish(web, extensions=[2001, 2002, 2003, 2999])
    page = admin.post("/extensions/2002/edit", form | old | {"max_calls": "900"}, code=422)
    assert "meanwhile" in page and "2999" in page and 'id="max_calls-error"' in page
    assert base(admin) != old["base"], "it was told, and may be sent again"
    admin.post("/extensions/2002/edit", form | {"base": base(admin)})


def test_a_form_of_a_new_box_notices_the_first_settings_of_others(web: Web) -> None:
    browser = web.signed_in()
    browser.get("/wizard/office")
    form = {"name": "Late", "language": "en", "timezone": "Asia/Omsk", "base": base(browser)}
    assert form["base"] == "0"
    furnish(web)
    page = browser.post("/wizard/office", form, code=422)
    assert "Saved by somebody else meanwhile" in page and settings(web).site.name != "Late"


@pytest.mark.parametrize("odd", ["9" * 5000, "9" * 30, "²", "-1", "x"])
def test_an_odd_base_of_a_form_is_no_base(web: Web, admin: Browser, odd: str) -> None:
    form = {"name": "B", "class_of_service": "national", "is_enabled": "yes", "base": odd}
    admin.post("/extensions/2002/edit", form)
    assert settings(web).extension_by_number["2002"].name == "B"
