"""The sheet of an extension: every value with a button to copy it, the password on demand."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.errors import UserError
from tests.commands.stand_in import StandIn
from tests.webui.conftest import Browser, Web
from tests.webui.office import HOSTILE, furnish, secret_of
from webui.access import Role

PATH = "/extensions/2001/sheet/"
ROWS: list[dict[str, Any]] = [
    {"key": "user", "value": "2001", "account": 1, "is_secret": False},
    {"key": "password", "value": "…", "account": 1, "is_secret": True},
    {"key": "name", "value": HOSTILE, "account": 1, "is_secret": False},
    {"key": "server", "value": "192.168.1.1", "account": 1, "is_secret": False},
    {"key": "newer", "value": "thing", "account": 0, "is_secret": False},
]


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    furnish(web)
    box.answers["phone_sheet"] = {"rows": ROWS}
    return web.signed_in()


def test_each_value_is_there_to_be_copied(box: StandIn, admin: Browser) -> None:
    assert PATH in admin.get("/extensions/2001")
    page = admin.get(PATH)
    assert ("phone_sheet", {"extension": "2001", "host": "localhost"}) in box.asked
    assert 'data-copy="2001"' in page and 'data-copy="192.168.1.1"' in page
    assert "SIP server" in page and "dozvon config export" not in page and HOSTILE not in page
    assert "newer" in page and "data-print" in page
    assert 'data-copy="…"' not in page and 'data-copy="•' not in page, "dots are not copied"


def test_the_password_is_shown_on_demand_and_noted(web: Web, admin: Browser) -> None:
    assert secret_of("2001") not in admin.get(PATH)
    assert f'data-copy="{secret_of("2001")}"' in admin.post(PATH, code=200)
    (entry,) = web.parts.audit.entries(1)
    assert (entry.action, entry.detail) == ("secret_shown", "2001")


def test_a_supervisor_reads_it_without_the_password(web: Web, admin: Browser) -> None:
    supervisor = web.signed_in(Role.SUPERVISOR)
    page = supervisor.get(PATH)
    assert "192.168.1.1" in page and "Show the password" not in page
    supervisor.post(PATH, code=403)


def test_what_stands_in_the_way_is_told(web: Web, box: StandIn, admin: Browser) -> None:
    admin.get("/extensions/2999/sheet/", code=404)
    box.answers["phone_sheet"] = UserError("phone.no_such_extension", extension="2001")
    assert "no extension" in admin.get(PATH)
