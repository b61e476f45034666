"""What strangers write is text on every page, those with a name in their address too; every POST
wants its token; every answer carries the policy, errors and refusals too."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.routing import Rule

from appliance.config.codec import from_data, to_data
from tests.commands.stand_in import StandIn
from tests.store.records import make_record
from tests.webui import test_lines, test_phones, test_voicemail
from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish, settings
from tests.webui.test_journal import keep
from tests.webui.test_shown import HOSTILE, _poisoned
from webui.access import Role
from webui.gate import HEADERS

MAC = test_phones.MAC
_ARGUMENTS = {
    ("lines", "name"): "city",
    ("rules", "name"): "outside",
    ("classes", "name"): "national",
    ("numbers", "number"): "+74951234567",
    ("trunks", "name"): "first",
    ("", "name"): "admin",
    ("", "number"): "2001",
    ("", "mac"): MAC,
    ("", "call_ref"): "a1",
    ("", "ident"): test_voicemail.NEW.ident,
    ("", "revision"): "2",
    ("", "token"): "nothing",
    ("", "filename"): "dozvon.css",
}
SHEET = [{"key": "server", "value": "192.0.2.1", "account": "2001", "is_secret": False}]
MESSAGE = {
    "line": "sim",
    "direction": "in",
    "number": "+79031234567",
    "text": "Привет",
    "sent_at": "",
    "at": 1772440000.0,
    "reference": "1",
}


def path_of(rule: Rule) -> str:
    """A page that exists, where its address has a name in it."""
    path, noun = rule.rule, rule.endpoint.partition(".")[0]
    for name in rule.arguments:
        value = _ARGUMENTS.get((noun, name)) or _ARGUMENTS["", name]
        path = re.sub(rf"<(\w+:)?{name}>", lambda _: value, path)  # noqa: B023
    return path


def rules_of(web: Web, method: str) -> Iterator[Rule]:
    """Every route that takes this method."""
    return (rule for rule in web.app.url_map.iter_rules() if method in (rule.methods or ()))


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    """An office with something of everything, and a daemon that tells of it."""
    document = furnish(web, lines=test_lines.LINES, phones=test_phones.PHONES)
    data = to_data(document)
    data["site"]["name"] = "Another"
    data.pop("format", None)
    store = web.store()
    store.save(from_data(data), 1, "anna", "another name")
    store.close()
    names = ("desk", "city", "sim")
    lines = [test_lines.ROW | {"name": name, "caller": "+7", "operator": "op"} for name in names]
    box.answers |= {
        "lines": {"lines": lines},
        "line_devices": {"devices": [{"device": "serial:/dev/ttyUSB2", "lines": ["sim"]}]},
        "sms": {"messages": [MESSAGE]},
        "phones": {"phones": [test_phones.ROW, test_phones.NEW], "ports": {"http": 8080}},
        "phone_requests": {"requests": [test_phones.ASKED]},
        "phone_files": {"files": [test_phones.FILE]},
        "phone_sheet": {"rows": SHEET},
        "dhcp_options": {"options": test_phones.OPTIONS, "is_served": True},
    }
    return web.signed_in()


@pytest.mark.parametrize("text", [t for t in HOSTILE if "\ud83d" not in t])
def test_hostile_text_is_text_on_every_page(
    web: Web, box: StandIn, admin: Browser, text: str
) -> None:
    names = {"name", "mac", "extension", "extensions", "verdict", "model_key", "device"}
    clean = copy.deepcopy(box.answers)
    for operation, answer in _poisoned(clean, text).items():
        box.answers[operation] = _restored(answer, clean[operation], names)
    hostile = {"caller": text, "caller_name": text, "dialled": text, "number": text}
    keep(web.folder, [make_record("a1", **hostile)])
    test_voicemail.list_only(web, replace(test_voicemail.NEW, caller=text, caller_name=text))
    seen = 0
    for rule in rules_of(web, "GET"):
        path = path_of(rule)
        query = {"once": "1"} if path.endswith("/live") else {}
        page = admin.get(path, code=0, query_string=query)
        assert admin.response is not None
        assert admin.response.status_code < 500, f"{path}\n{page}"
        if admin.response.mimetype != "text/html":
            continue
        seen += "⟨" in page or "&lt;" in page or "&#39;" in page
        for harm in ("<script>", "<img", "onmouseover='", "\u202e", "\x00", 'href="javascript:'):
            assert harm not in page, path
    assert seen > 5 or text.isprintable()


def _restored(value: Any, clean: Any, names: set[str]) -> Any:
    """What selects something is as it was: a page that does not exist would prove nothing."""
    if isinstance(value, dict):
        return {
            k: clean[k] if k in names else _restored(v, clean[k], names) for k, v in value.items()
        }
    if isinstance(value, list):
        return [_restored(v, c, names) for v, c in zip(value, clean, strict=True)]
    return value


def test_every_form_wants_its_token(web: Web, box: StandIn, admin: Browser) -> None:
    """Without it, or with that of somebody else, nothing is done, asked, saved or noted."""
    stranger = web.signed_in(Role.INSTALLER).token
    before, asked = settings(web), len(box.asked)
    entries = web.parts.audit.entries()
    for rule in rules_of(web, "POST"):
        for data in ({}, {"token": ""}, {"token": stranger}, {"token": "0" * 64}):
            answer = admin.client.post(path_of(rule), data=data)
            assert answer.status_code == 403, rule
    assert settings(web) == before
    assert len(box.asked) == asked
    assert web.parts.audit.entries() == entries


def test_every_form_wants_to_come_from_here(web: Web, box: StandIn, admin: Browser) -> None:
    asked = len(box.asked)
    for rule in rules_of(web, "POST"):
        data = {"token": admin.token}
        headers = {"Origin": "http://evil.example"}
        assert admin.client.post(path_of(rule), data=data, headers=headers).status_code == 403
    assert len(box.asked) == asked


def _complaints(answer: Any) -> list[str]:
    return [name for name, value in HEADERS.items() if answer.headers.get(name) != value]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.USER, Role.ANONYMOUS])
def test_every_answer_carries_the_policy(web: Web, admin: Browser, role: Role) -> None:
    browser = web.anonymous() if role is Role.ANONYMOUS else web.signed_in(role)
    for rule in web.app.url_map.iter_rules():
        path = path_of(rule) + ("?once=1" if rule.rule.endswith("/live") else "")
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = browser.client.open(path, method=method)
            answer.close()
            assert _complaints(answer) == [], f"{method} {path} {answer.status_code}"


def test_refusals_and_defects_carry_the_policy_too(web: Web, admin: Browser) -> None:
    def broken() -> str:
        raise RuntimeError("a defect")

    web.app.view_functions["account.index"] = broken
    large = {"token": admin.token, "name": "x" * 300_000}
    answers = {
        421: admin.client.get("/status/", headers={"Host": "evil.example"}),
        404: admin.client.get("/%00%ff/../nowhere"),
        500: admin.client.get("/account/"),
        413: admin.client.post("/people/add", data=large),
        401: web.anonymous().client.get("/status/live"),
    }
    for code, answer in answers.items():
        assert answer.status_code == code
        assert _complaints(answer) == [], code
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_last_live_places_are_refused_with_the_policy(web: Web, admin: Browser) -> None:
    for _ in range(web.parts.settings.most_listeners):
        assert web.parts.broker.join(("status",))
    answer = admin.client.get("/status/live")
    assert answer.status_code == 503 and _complaints(answer) == []
    for _ in range(web.parts.settings.most_listeners):
        web.parts.broker.leave(("status",))
