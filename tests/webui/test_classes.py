"""Who may call where: abroad is closed until it is opened, country by country, on a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import ClassOfService, DestinationKind
from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, settings
from webui.access import Role

MINSK = "/try/?number=9810375171234567&who=2001"
SATELLITE = "/try/?number=9810881612345678&who=2001"


@pytest.fixture
def admin(web: Web) -> Browser:
    document = furnish(web)
    people = [replace(e, class_of_service="national") for e in document.extensions]
    store = web.store()
    store.save(replace(document, extensions=tuple(people)), 1, "test")
    store.close()
    return web.signed_in()


def service(web: Web, name: str = "national") -> ClassOfService:
    return next(each for each in settings(web).classes if each.name == name)


def test_abroad_is_opened_from_where_it_was_refused(web: Web, admin: Browser) -> None:
    """The way of an owner: a number is tried, refused, its country opened, and it goes through."""
    page = admin.get(MINSK)
    assert "pill bad" in page
    opening = "/classes/national/countries?q=%2B3751"
    assert opening in page
    page = admin.get(opening)
    assert page.count('name="country.') == 1 and "Belarus" in page
    admin.post(opening, {"shown": "BY", "open": "chosen", "country.BY": "yes"})
    assert service(web).countries == ("BY",)
    assert "pill ok" in admin.get(MINSK)
    assert "Belarus" in admin.get("/classes/")
    admin.post("/classes/national/countries", {"shown": "BY", "open": "chosen", "prefixes": ""})
    assert "pill bad" in admin.get(MINSK)


def test_every_country_opens_no_satellite(web: Web, admin: Browser) -> None:
    given = {"open": "all", "shown": "BY XS", "prefixes": ""}
    assert "Every country is open for" not in admin.get("/classes/")
    admin.post("/classes/national/countries", given)
    assert "Every country is open for: The whole country and mobile" in admin.get("/classes/")
    assert "pill ok" in admin.get(MINSK)
    page = admin.get(SATELLITE)
    assert "pill bad" in page and "/classes/national/countries?q=%2B8816" in page
    admin.post("/classes/national/countries", given | {"country.XS": "yes"})
    assert "pill ok" in admin.get(SATELLITE)


def test_a_range_that_is_none_is_told_beside_its_field(web: Web, admin: Browser) -> None:
    given = {"open": "chosen", "shown": "BY", "prefixes": "Minsk"}
    page = admin.post("/classes/national/countries", given, 422)
    assert "Minsk" in page and 'id="prefixes-error"' in page
    assert service(web).countries == ()


def test_limits_and_kinds_are_changed(web: Web, admin: Browser) -> None:
    page = admin.get("/classes/national/edit")
    assert 'name="allows.mobile" value="yes" checked' in page
    given = {f"allows.{kind}": "yes" for kind in ("internal", "local")}
    admin.post("/classes/national/edit", given | {"max_paid_calls": "7", "max_call_minutes": "0"})
    found = service(web)
    assert found.allows == (DestinationKind.INTERNAL, DestinationKind.LOCAL)
    assert (found.max_paid_calls, found.max_call_minutes) == (7, 0)
    page = admin.post("/classes/national/edit", given | {"max_paid_calls": "many"}, 422)
    assert 'id="max_paid_calls-error"' in page
    admin.get("/classes/nobody/edit", 404)
    admin.get("/classes/nobody/countries", 404)


def test_a_supervisor_sees_and_is_offered_no_change(web: Web, admin: Browser) -> None:
    watcher = web.signed_in(Role.SUPERVISOR)
    page = watcher.get("/classes/")
    assert "The whole country" in page and "/countries" not in page
    assert "/countries" not in watcher.get(MINSK)
    watcher.get("/classes/national/countries", 403)
