"""The page of an extension's forwarding, and what its own page tells of it."""

from __future__ import annotations

import pytest

from tests.commands.stand_in import StandIn
from tests.kit.office import extension
from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, settings
from tests.webui.test_extensions import base
from webui.access import Role

PATH = "/extensions/2001/forwarding"
EMPTY = {
    "forward_always": "",
    "forward_busy": "",
    "forward_no_answer": "",
    "forward_no_answer_s": "20",
    "forward_offline": "",
}


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web)
    return web.signed_in()


def save(browser: Browser, code: int = 302, **fields: str) -> str:
    browser.get(PATH)
    return browser.post(PATH, EMPTY | fields | {"base": base(browser)}, code=code)


def test_each_condition_is_set_and_shown(web: Web, admin: Browser) -> None:
    assert "Calls ring here" in admin.get("/extensions/2001")
    save(
        admin,
        forward_always="2002",
        forward_busy="2003",
        forward_no_answer="+79031234567",
        forward_no_answer_s="12",
        forward_offline="2003",
    )
    found = settings(web).extension_by_number["2001"]
    assert (found.forward_always, found.forward_busy) == ("2002", "2003")
    assert (found.forward_no_answer, found.forward_no_answer_s) == ("+79031234567", 12)
    assert found.forward_offline == "2003"
    page = admin.get("/extensions/2001")
    assert "Forward always" in page and "2002 Ext 2002" in page
    assert "+79031234567" in page and "after 12 s" in page
    assert 'value="+79031234567"' in admin.get(PATH)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9 8 (903) 123-45-67", "+79031234567"),
        ("8 903 123 45 67", "+79031234567"),
        ("+7 903 123-45-67", "+79031234567"),
        (" 2002 ", "2002"),
    ],
)
def test_a_number_may_be_written_as_people_write_it(
    web: Web, admin: Browser, typed: str, kept: str
) -> None:
    save(admin, forward_always=typed)
    assert settings(web).extension_by_number["2001"].forward_always == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2001", "forwards to itself"),
        ("+74951234567", "forwards to itself"),  # the outside number that rings here
        ("2099", "no extension 2099"),
        ("112", "no extension 112"),
        ("*43", "neither an extension nor an outside number"),
        ("<script>", "neither an extension nor an outside number"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_saved(
    web: Web, admin: Browser, typed: str, said: str
) -> None:
    page = save(admin, 422, forward_busy=typed, forward_always="2002")
    assert 'id="forward_busy-error"' in page and said in page and "<script>" not in page
    assert 'value="2002"' in page
    assert settings(web).extension_by_number["2001"].forward_always == ""


def test_a_circle_is_refused(web: Web, admin: Browser) -> None:
    save(admin, forward_always="2002")
    admin.get("/extensions/2002/forwarding")
    form = EMPTY | {"forward_always": "2001", "base": base(admin)}
    page = admin.post("/extensions/2002/forwarding", form, code=422)
    assert 'id="forward_always-error"' in page and "2002 → 2001 → 2002" in page


def test_forwarding_is_ended_by_one_button(web: Web, admin: Browser) -> None:
    save(admin, forward_always="2002", forward_offline="2003", forward_no_answer_s="12")
    assert "/2001/forwarding/end" in admin.get("/extensions/2001")
    admin.post("/extensions/2001/forwarding/end")
    found = settings(web).extension_by_number["2001"]
    assert (found.forward_always, found.forward_offline) == ("", "")
    assert found.forward_no_answer_s == 12
    assert "/2001/forwarding/end" not in admin.get("/extensions/2001")


def test_a_target_that_the_class_does_not_allow_is_told(web: Web, box: StandIn) -> None:
    furnish(web, extensions=[extension("2001", class_of_service="internal"), 2002])
    admin = web.signed_in()
    save(admin, forward_always="+79031234567")
    assert "does not allow" in admin.get("/extensions/2001")
    save(admin, forward_always="2002")
    assert "does not allow" not in admin.get("/extensions/2001")


def test_whom_others_forward_to_is_not_removed(web: Web, admin: Browser) -> None:
    save(admin, forward_no_answer="2003")
    page = admin.post("/extensions/2003/remove", code=409)
    assert "Calls of 2001 are forwarded here" in page
    assert "2003" in settings(web).extension_by_number


def test_in_russian(web: Web, admin: Browser) -> None:
    save(admin, forward_always="2002")
    browser = web.signed_in(language="ru")
    assert "Переадресация всегда" in browser.get("/extensions/2001")
    page = browser.get(PATH)
    assert "Переадресация, если не отвечают" in page and "Forward" not in page


def test_a_supervisor_sees_it_and_changes_nothing(web: Web, admin: Browser) -> None:
    save(admin, forward_always="2002")
    browser = web.signed_in(Role.SUPERVISOR)
    page = browser.get("/extensions/2001")
    assert "Forward always" in page and "/forwarding" not in page
    browser.get(PATH, code=403)
    browser.post("/extensions/2001/forwarding/end", code=403)


def test_nobody_forwards_for_an_extension_that_does_not_exist(admin: Browser) -> None:
    admin.get("/extensions/2099/forwarding", code=404)
    admin.post("/extensions/2099/forwarding/end", code=404)


def test_the_page_tells_the_codes_that_do_the_same(web: Web, admin: Browser) -> None:
    page = admin.get(PATH)
    assert "*72 number" in page and "*94 number" in page and "*73" in page
    furnish(web, dialling={"forward_always_code": "", "forward_end_code": "*79"})
    page = admin.get(PATH)
    assert "*72" not in page and "*79" in page
