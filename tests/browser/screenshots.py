"""The pictures of docs/design.md, made fresh: ``python -m tests.browser.screenshots [FOLDER]``.

Starts a box of its own with pages and a provider, walks it as an owner would, and shoots each page
wide and on a phone, light and dark; then the demo with its emulated phones. Without a folder the
chosen few go to docs/screenshots; with one, every page in every look goes there, whole, to be
looked at. A page that does not open, or leads elsewhere, is an error and no picture.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, expect

from appliance.demo.child import ProviderOptions, ProviderProcess
from tests.browser import walk
from tests.kit.box import Box
from tests.kit.browser import Look, Pages, chromium, claim_code, pages_of
from tests.kit.demo import Demo
from tests.kit.office import office
from tests.kit.ports import PortRange, free_port
from tests.kit.processes import KitError, wait_until

_DEMO_MS = 60_000.0
_EXAMINED_MS = 40_000.0
DOCS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
#: What the documentation shows.
CHOSEN = {
    "claim-phone-dark-en",
    "dialling-wide-light-en",
    "dialling-phone-dark-en",
    "extensions-wide-light-en",
    "trunk-phone-dark-en",
    "done-wide-light-en",
    "status-wide-light-en",
    "status-phone-light-ru",
    "journal-wide-dark-ru",
    "try-wide-dark-ru",
    "history-wide-light-en",
    "people-phone-light-ru",
    "lines-wide-light-en",
    "lines-phone-light-ru",
    "doctor-wide-dark-ru",
    "phones-wide-light-en",
    "phone-phone-light-ru",
    "keys-wide-light-en",
    "demo-phones-wide-light-en",
}
WIDE = Look("en", 1280, 860, "light")
WIDE_RUSSIAN = Look("ru", 1280, 860, "dark")
PHONE = Look("ru", 390, 844, "light")
PHONE_DARK = Look("en", 390, 844, "dark")
#: Steps of the wizard that are shot.
WIZARD = {"claim", "office", "dialling", "extensions", "providers", "trunk", "summary", "done"}
#: Pages behind it: path -> name of the picture.
PAGES = {
    "/status/": "status",
    "/extensions/": "extensions-page",
    "/phones/": "phones",
    "/phones/805ec0000001": "phone",
    "/phones/805ec0000001/keys": "keys",
    "/phones/find": "find",
    "/phones/requests": "requests",
    "/phones/new": "phone-new",
    "/phones/805ec0000001/edit": "phone-edit",
    "/extensions/new": "extension-new",
    "/extensions/2001": "extension",
    "/extensions/2001/edit": "extension-edit",
    "/extensions/2001/forwarding": "extension-forwarding",
    "/extensions/2001/messages": "extension-messages",
    "/extensions/2001/sheet/": "phone-sheet",
    "/extensions/2001/softphone/": "softphone",
    "/trunks/": "trunks",
    "/trunks/new": "trunk-new",
    "/trunks/provider/edit": "trunk-edit",
    "/lines/": "lines",
    "/lines/new": "line-kinds",
    "/lines/city/edit": "line",
    "/lines/messages": "messages",
    "/numbers/": "numbers",
    "/numbers/new": "number-new",
    "/numbers/+74950002001/edit": "number-edit",
    "/rules/": "rules",
    "/rules/new": "rule-new",
    "/rules/outside/edit": "rule-edit",
    "/classes/": "classes",
    "/classes/national/edit": "class",
    "/classes/national/countries": "countries",
    "/office/": "office-page",
    "/spending/": "spending",
    "/journal/": "journal",
    "/try/": "try",
    "/history/": "history",
    "/history/1": "revision",
    "/people/": "people",
    "/audit/": "audit",
    "/alerts/": "alerts",
    "/bans/": "bans",
    "/account/": "account",
}


#: What is plugged in behind the wizard: simulated lines, and a desk phone.
PLUGGED_IN = {
    "lines": [
        {"name": "desk", "kind": "fxs", "device": "sim:office", "extension": "2002"},
        {"name": "fax", "kind": "fxs", "device": "sim:office", "port": 1, "extension": "2003"},
        {"name": "city", "kind": "fxo", "device": "sim:office", "port": 2, "extension": "2001"},
        {"name": "old modem", "kind": "fxo", "device": "serial:/dev/no-such-modem"},
    ],
    "phones": [
        {
            "mac": "805ec0000001",
            "label": "Front desk",
            "brand": "yealink",
            "model": "T46U",
            "extensions": ["2001"],
            "keys": [
                {"kind": "line"},
                {"kind": "blf", "value": "2002", "label": "Workshop"},
                {"kind": "none"},
                {"kind": "speed_dial", "value": "112", "label": "112"},
            ],
        }
    ],
}


def main() -> None:
    """Make all of them, or the chosen ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    album = Album(parser.parse_args().folder)
    with chromium() as browser:
        for look in (WIDE, PHONE_DARK):
            _walk(browser, look, album)
        _demo(browser, WIDE, album)


class Album:
    """Where pictures go. folder: for all of them; None: the chosen few, to the documentation."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def shoot(self, pages: Pages, name: str) -> None:
        """The page as it is."""
        look = pages.look
        size = "phone" if look.width < 600 else "wide"
        full_name = f"{name}-{size}-{look.scheme}-{look.language}"
        if self._folder is not None:
            pages.shoot(self._folder / f"{full_name}.png")
        elif full_name in CHOSEN:
            pages.shoot(DOCS / f"{full_name}.png", whole=False)

    def visit(self, pages: Pages, path: str, name: str) -> None:
        """Open a page and shoot it."""
        pages.open(path)
        if urlsplit(pages.page.url).path != path:
            raise KitError(f"{path} leads to {pages.page.url}")
        self.shoot(pages, name)


def _demo(browser: Browser, look: Look, album: Album) -> None:
    """The page Phones of ``./run --demo``, when its first phone has its number."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dozvon-")))
        ports = stack.enter_context(closing(PortRange()))
        demo = Demo(folder, ports, "--with-web", "--with-phones", language=look.language)
        stack.callback(demo.start().kill)
        pages = stack.enter_context(pages_of(demo, browser, look))
        pages.open("/")
        pages.page.fill("#code", claim_code(demo))
        pages.page.fill("#password", walk.PASSWORD)
        pages.page.fill("#again", walk.PASSWORD)
        pages.page.click("button.primary")
        pages.page.wait_for_url(lambda url: "/claim" not in url)
        pages.open("/phones/")
        main = pages.page.locator("main")
        for mark in ("2004", "GRP2614", "D785"):
            expect(main).to_contain_text(mark, timeout=_DEMO_MS)
        expect(main.locator(".pill.ok")).to_have_count(1, timeout=_DEMO_MS)
        album.shoot(pages, "demo-phones")


def _walk(browser: Browser, look: Look, album: Album) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dozvon-")))
        options = ProviderOptions(
            port=0,
            username="74950002000",
            secret="Wm4kq9xT2cVbR7",
            language=look.language,
            control=folder / "provider.sock",
        )
        process = stack.enter_context(ProviderProcess(options))
        provider = walk.Provider(process.port, options.username, options.secret)
        document = office(extensions=(), dialling={"name": "none", "outside_prefix": ""})
        box = stack.enter_context(Box(folder / "box", document))
        box.start("--with-web", "--with-phones", "--phones-port", str(free_port()))
        with pages_of(box, browser, look) as pages:
            _wizard(pages, claim_code(box), provider, album)
        _plug_in(box)
        other = PHONE if look is PHONE_DARK else WIDE_RUSSIAN
        for each in (look, other):
            with pages_of(box, browser, each) as pages:
                _inside(pages, box, album)


def _plug_in(box: Box) -> None:
    document = yaml.safe_load(box.command("config", "export"))
    box.apply(document | PLUGGED_IN)


def _wizard(pages: Pages, code: str, provider: walk.Provider, album: Album) -> None:
    def shoot(name: str) -> None:
        if name in WIZARD:
            album.shoot(pages, name)

    walk.claim(pages, code, shoot)
    walk.office(pages, "Daisy & Sons", shoot)
    walk.dialling(pages, shoot)
    walk.extensions(pages, shoot)
    walk.trunk(pages, provider, shoot)
    walk.finish(pages, shoot)


def _inside(pages: Pages, box: Box, album: Album) -> None:
    pages.open("/login")
    pages.page.fill("#name", "admin")
    pages.page.fill("#password", walk.PASSWORD)
    pages.page.click("button.primary")
    pages.page.wait_for_url(lambda url: "/login" not in url)
    _speak(pages)
    pages.open("/lines/city/doctor")
    with pages.page.expect_navigation() as navigation:
        pages.page.click("main button.primary")
    if not navigation.value.ok:
        raise KitError(f"the line doctor: {navigation.value.status}")
    examination = pages.page.locator("[data-part=examination]")
    expect(examination.locator(".notice.info")).to_have_count(0, timeout=_EXAMINED_MS)
    expect(examination.locator(".card")).to_have_count(2)
    album.shoot(pages, "doctor")
    wait_until(lambda: _rings(box), 20, "the examined line is free")
    for path, name in PAGES.items():
        album.visit(pages, path, name)
    box.command("lines", "hangup", "city")
    box.wait_until_idle()
    album.visit(pages, f"/journal/{box.wait_for_journal(1)[0]['call_ref']}", "call")


def _rings(box: Box) -> bool:
    """Call by the city line; False while it is busy."""
    try:
        box.command("lines", "ring", "city", "84951234567")
    except KitError:
        return False
    return True


def _speak(pages: Pages) -> None:
    menu = pages.page.locator("details.menu > summary")
    if menu.is_visible():
        menu.click()
    pages.page.click(f".languages button[value={pages.look.language}]")


if __name__ == "__main__":
    main()
