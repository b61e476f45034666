"""The pages of rules: what they carry, by which trunks, in which order."""

from __future__ import annotations

import pytest

from appliance.config.model import DestinationKind
from tests.kit.office import trunk
from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, settings


@pytest.fixture
def admin(web: Web) -> Browser:
    trunks = [trunk("first", "sip.example.net", 5060), trunk("second", "sip.example.org", 5060)]
    furnish(web, trunks=trunks)
    return web.signed_in()


def test_add_change_raise_remove(web: Web, admin: Browser) -> None:
    assert "first → second" in admin.get("/rules/")
    given = {"name": "Питер", "kinds.national": "yes", "prefix": "7812", "is_enabled": "yes"}
    admin.post("/rules/new", given | {"ways": "second\nfirst"})
    rule = settings(web).rules[-1]
    assert (rule.name, rule.ways) == ("Питер", ("second", "first"))
    assert rule.kinds == (DestinationKind.NATIONAL,)
    admin.post("/rules/Питер/up")
    assert [r.name for r in settings(web).rules] == ["Питер", "outside"]
    assert 'name="kinds.national" value="yes" checked' in admin.get("/rules/Питер/edit")
    admin.post("/rules/Питер/edit", given | {"kinds.mobile": "yes", "ways": "first"})
    assert len(settings(web).rules[0].kinds) == 2
    admin.post("/rules/Питер/remove")
    assert [r.name for r in settings(web).rules] == ["outside"]


def test_mistakes_stand_beside_their_fields(web: Web, admin: Browser) -> None:
    page = admin.post("/rules/new", {"name": "x", "ways": "nowhere", "prefix": "a"}, code=422)
    for name in ("kinds", "ways", "prefix"):
        assert f'id="{name}-error"' in page, name
    assert "nowhere" in page and len(settings(web).rules) == 1
    admin.get("/rules/none/edit", code=404)
