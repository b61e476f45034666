"""The office's own page: what holds for all of it is changed there, and what is wrong is told."""

from __future__ import annotations

import pytest

from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, settings
from webui.views.office import MORE, PLAIN


@pytest.fixture
def admin(web: Web) -> Browser:
    furnish(web)
    return web.signed_in()


def shown(web: Web) -> dict[str, str]:
    """The form as the page gives it."""
    site = settings(web).site
    given = {name: str(getattr(site, name)) for name in (*PLAIN, *MORE)}
    return given | {"local_networks": "\n".join(site.local_networks)}


def test_who_rings_for_unknown_numbers_is_chosen(web: Web, admin: Browser) -> None:
    page = admin.get("/office/")
    assert '<option value="2002" >2002' in page and "nobody: such calls are refused" in page
    admin.post("/office/", shown(web) | {"default_extension": "2002", "ring_time_s": "25"})
    site = settings(web).site
    assert (site.default_extension, site.ring_time_s) == ("2002", 25)
    assert "Saved." in admin.get(admin.location)
    admin.post("/extensions/2002/remove", code=409)
    admin.post("/office/", shown(web) | {"default_extension": ""})
    assert settings(web).site.default_extension == ""


def test_what_is_wrong_stands_beside_its_field(web: Web, admin: Browser) -> None:
    page = admin.post("/office/", shown(web) | {"ring_time_s": "soon"}, 422)
    assert 'id="ring_time_s-error"' in page
    wrong = {"local_networks": "10.0.0.0/8\nhere", "name": "Ромашка"}
    page = admin.post("/office/", shown(web) | wrong, 422)
    assert 'id="local_networks-error"' in page
    assert 'value="Ромашка"' in page and '<details class="more" open>' in page
    assert settings(web).site.name != "Ромашка"
