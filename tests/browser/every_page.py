"""Every page that a person can open, as addresses of one office that has something of everything.

Owns nothing. The route table (webui/access.py) names the pages; what stands in an address for
``<name>`` is here. Names are long and Cyrillic, because real ones are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page

from appliance.call.record import VoiceMessage
from appliance.store.voice_files import FOLDER, header_of, path_of
from tests.browser import walk
from tests.browser.screenshots import PLUGGED_IN
from tests.kit.box import Box
from tests.kit.browser import Pages, claim_code
from tests.kit.office import Document, extension, office, trunk
from tests.kit.tone import sine, to_alaw
from webui.app import create_app
from webui.settings import WebSettings

MAC = "805ec0000001"
LONG = "Отдел-материально-технического-снабжения Константинопольский"
#: What stands in an address, by blueprint and name of the argument.
_ARGUMENTS: Mapping[tuple[str, str], str] = {
    ("trunks", "name"): "provider",
    ("lines", "name"): "city",
    ("rules", "name"): "outside",
    ("classes", "name"): "neighbours",
    ("numbers", "number"): "+74950002001",
    ("", "number"): "2001",
    ("", "mac"): MAC,
    ("", "revision"): "1",
}
#: What somebody left for 2001.
MESSAGE = VoiceMessage("20261128T024107-9f3a2c10", "2001", "+74951234567", LONG, 1.7e9, 2.0)
#: Not pages: parts of one, files, what is asked by scripts, and the link that is made on a page.
_NO_PAGES = (
    "static",
    "journal.export",
    "voicemail.sound",
    "sheet.open",
    "claim.claim",
    "session.login",
    "home.index",
)


def furnished() -> Document:
    """An office with extensions, a trunk that is down, lines, phones, rules and outside numbers."""
    ways = [trunk("provider", "127.0.0.1", 9)]
    people = [
        extension(2001, name=LONG),
        extension(2002, name="Анна"),
        extension(2003, name=""),
    ]
    dids = [{"number": "+74950002001", "trunk": "provider", "extension": "2001"}]
    document = office(people, ways, dids=dids, site={"name": LONG[:60]})
    return document | PLUGGED_IN


def leave_messages(box: Box) -> None:
    """Two new messages at 2001, as a box finds them at its start."""
    for ident, name in ((MESSAGE.ident, LONG), (f"{MESSAGE.ident[:-1]}1", "")):
        message = replace(MESSAGE, ident=ident, caller_name=name)
        path = path_of(box.data / FOLDER, message.extension, ident)
        path.parent.mkdir(parents=True, exist_ok=True)
        sound = to_alaw(sine(1000.0, MESSAGE.seconds))
        path.write_bytes(header_of(message, len(sound)) + sound)


def addresses(box: Box, folder: Path) -> dict[str, str]:
    """Endpoint -> the address of its page; the wizard's trunk form and a tried number besides."""
    app = create_app(WebSettings(data=folder))
    found = _from_table(app, box.journal()[0]["call_ref"])
    found["trunks.new?"] = "/trunks/new?preset=generic"
    found["wizard.trunk?"] = "/wizard/trunk?preset=generic"
    found["lines.new?"] = "/lines/new?kind=fxs"
    found["try_number.index?"] = "/try/?number=9810375171234567&who=2001"
    found["classes.countries?"] = "/classes/neighbours/countries?q=белар"
    found["error"] = "/no/such/page"
    return found


def _from_table(app: Flask, call_ref: str) -> dict[str, str]:
    found = {}
    for rule in app.url_map.iter_rules():
        is_page = "GET" in (rule.methods or ()) and not rule.rule.endswith("/live")
        if not is_page or rule.endpoint in _NO_PAGES:
            continue
        path, noun = rule.rule, rule.endpoint.partition(".")[0]
        for name in rule.arguments:
            value = call_ref if name == "call_ref" else _argument(noun, name)
            start = path.rindex("<", 0, path.index(f"{name}>"))
            path = path[:start] + value + path[path.index(">", start) + 1 :]
        found[rule.endpoint] = path
    return found


def _argument(noun: str, name: str) -> str:
    return _ARGUMENTS.get((noun, name)) or _ARGUMENTS["", name]


def make_a_call(box: Box) -> None:
    """A call from the city that nobody takes, for the journal."""
    box.command("lines", "ring", "city", "84951234567")
    box.wait_for_journal(1, 30)
    box.command("lines", "hangup", "city")


def become_owner(pages: Pages, box: Box) -> None:
    """Claim the box as its administrator and speak the language of the look."""
    page: Page = pages.page
    pages.open("/claim")
    page.fill("#code", claim_code(box))
    page.fill("#password", walk.PASSWORD)
    page.fill("#again", walk.PASSWORD)
    page.click("button.primary")
    page.wait_for_url(lambda url: "/claim" not in url)
    pages.open("/account/")
    menu = page.locator("details.menu > summary")
    if menu.is_visible():
        menu.click()
    page.click(f".languages button[value={pages.look.language}]")
    page.wait_for_load_state()
