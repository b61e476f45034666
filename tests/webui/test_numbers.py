"""The pages of outside numbers."""

from __future__ import annotations

import pytest

from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, settings
from webui.access import Role


@pytest.fixture
def admin(web: Web) -> Browser:
    furnish(web)
    return web.signed_in()


def form(**changed: str) -> dict[str, str]:
    given = {"number": "+74951234500", "trunk": "first", "extension": "2002", "is_enabled": "yes"}
    return given | changed


def test_list_add_change_remove(web: Web, admin: Browser) -> None:
    assert "+74951234567" in admin.get("/numbers/")
    assert '<option value="2003"' in admin.get("/numbers/new")
    admin.post("/numbers/new", form())
    assert settings(web).did_by_number["+74951234500"].extension == "2002"
    admin.post("/numbers/+74951234500/edit", form(extension="2003", is_enabled=""))
    did = settings(web).did_by_number["+74951234500"]
    assert (did.extension, did.is_enabled) == ("2003", False)
    admin.post("/numbers/+74951234500/remove")
    assert "+74951234500" not in settings(web).did_by_number


def test_a_number_comes_by_a_line_where_there_is_no_trunk(web: Web) -> None:
    furnish(web, trunks=[], dids=[], rules=[])
    assert "add one first" in web.signed_in().get("/numbers/")
    city = {"name": "city", "kind": "fxo", "device": "sim:office", "extension": "2001"}
    furnish(web, trunks=[], dids=[], rules=[], lines=[city])
    admin = web.signed_in()
    assert "/numbers/new" in admin.get("/numbers/")
    admin.post("/numbers/new", form(trunk="city"))
    assert settings(web).did_by_number["+74951234500"].trunk == "city"


def test_mistakes_stand_beside_their_fields(web: Web, admin: Browser) -> None:
    page = admin.post("/numbers/new", form(number="12", extension="2999"), code=422)
    assert 'id="number-error"' in page and 'id="extension-error"' in page
    page = admin.post("/numbers/new", form(number="+74951234567"), code=422)
    assert 'id="number-error"' in page and len(settings(web).dids) == 1


def test_who_may_and_what_is_not_there(web: Web, admin: Browser) -> None:
    admin.get("/numbers/+74950000000/edit", code=404)
    browser = web.signed_in(Role.SUPERVISOR)
    assert "/edit" not in browser.get("/numbers/")
    browser.post("/numbers/+74951234567/remove", code=403)


def test_a_number_is_taken_as_it_is_written_in_a_contract(web: Web, admin: Browser) -> None:
    admin.post("/numbers/new", form(number="+7 (495) 123-45-00"))
    assert settings(web).did_by_number["+74951234500"].trunk == "first"
    page = admin.post("/numbers/new", form(number="+7 (495) 123-45-00"), code=422)
    assert 'id="number-error"' in page, "of the number that it means, beside its field"
