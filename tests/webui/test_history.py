"""The history's pages: what a save changed, what going back would change, and going back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.commands.stand_in import StandIn
from tests.webui.conftest import Web
from webui.access import Role


@pytest.fixture
def changed(web: Web) -> Web:
    """Two revisions: the second gave the office another name."""
    store = web.store()
    document = store.load()[1]
    store.save(replace(document, site=replace(document.site, name="First")), 0, "anna", "begin")
    document = store.load()[1]
    store.save(replace(document, site=replace(document.site, name="Second")), 1, "boris", "rename")
    store.close()
    return web


def name_of(web: Web) -> tuple[int, str]:
    store = web.store()
    revision, document = store.load()
    store.close()
    return revision, document.site.name


def test_the_list_tells_who_changed_what(changed: Web) -> None:
    page = changed.signed_in().get("/history/")
    assert "boris" in page and "rename" in page and "First" in page and "Second" in page
    assert page.count("in force") == 1


def test_a_box_without_changes_says_so(web: Web) -> None:
    assert "Nothing was changed yet" in web.signed_in().get("/history/")


def test_going_back_is_shown_before_it_is_done(changed: Web, box: StandIn) -> None:
    box.answers["reload"] = {"applied": 3}
    browser = changed.signed_in(Role.INSTALLER)
    page = browser.get("/history/1")
    assert "This would change" in page and "Second" in page
    assert name_of(changed) == (2, "Second")
    browser.post("/history/1/revert", {"base": "2"})
    assert name_of(changed) == (3, "First")
    assert browser.location == "/history/3"
    assert ("reload", {"revision": 3}) in box.asked
    entry = changed.parts.audit.entries(1)[0]
    assert (entry.action, entry.before, entry.after) == ("settings_reverted", 2, 3)
    assert "Back to revision 1" in browser.get("/history/")


def test_what_somebody_saved_meanwhile_is_not_overwritten(changed: Web) -> None:
    page = changed.signed_in().post("/history/1/revert", {"base": "1"}, code=409)
    assert "Somebody saved" in page and name_of(changed) == (2, "Second")


def test_settings_that_are_kept_but_not_used_yet_are_told(changed: Web) -> None:
    browser = changed.signed_in()
    browser.post("/history/1/revert", {"base": "2"})
    assert "does not use these settings yet" in browser.get(browser.location)


def test_a_revision_that_never_was(changed: Web) -> None:
    browser = changed.signed_in()
    browser.get("/history/99", 404)
    browser.post("/history/99/revert", {"base": "2"}, code=404)


@pytest.mark.parametrize("base", ["²", "9" * 5000, "9" * 30, ""])
def test_what_is_no_revision_goes_back_nowhere(changed: Web, base: str) -> None:
    changed.signed_in().post("/history/1/revert", {"base": base}, code=409)
    assert name_of(changed) == (2, "Second")


@pytest.mark.parametrize("page", ["history", "audit"])
@pytest.mark.parametrize("before", ["-" + "9" * 23, "9" * 23, "9" * 5000, "0"])
def test_a_page_before_any_number_opens(changed: Web, page: str, before: str) -> None:
    changed.signed_in().get(f"/{page}/?before={before}")


def test_a_supervisor_does_not_change_settings(changed: Web) -> None:
    changed.signed_in(Role.SUPERVISOR).post("/history/1/revert", {"base": "2"}, code=403)
    assert name_of(changed) == (2, "Second")
