"""The whole way, in both languages: wizard, two softphones by what the pages say, a call seen live,
its row in the journal with the reasons.

Pictures of each stop go to the test's folder (``pytest --basetemp=FOLDER`` keeps them).
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import walk
from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.browser import Look, Pages, claim_code, pages_of

LOOKS = [
    pytest.param(Look("ru", 1280, scheme="light"), id="ru-wide"),
    pytest.param(Look("en", 390, 844, scheme="dark"), id="en-phone"),
]
_PATIENCE_MS = 20_000.0
WORDS = {
    "ru": {"reachable": "да", "talking": "разговор", "phones": "телефон"},
    "en": {"reachable": "yes", "talking": "talking", "phones": "phone"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_from_the_wizard_to_the_journal(
    browser: Browser, new_box: Box, provider: walk.Provider, look: Look, tmp_path: Path
) -> None:
    words = WORDS[look.language]
    with ExitStack() as stack:
        pages = stack.enter_context(pages_of(new_box, browser, look))
        shoot = _shooter(pages, tmp_path)
        _set_up(pages, new_box, provider)
        first = _secret_on_demand(pages, "2001", shoot)
        second = _secret_by_link(pages, new_box, browser, "2002", shoot)
        caller, called = (
            stack.enter_context(_phone(new_box, tmp_path, number, secret))
            for number, secret in (("2001", first), ("2002", second))
        )
        _wait_for_both(pages, words["reachable"], shoot)
        pages.open("/status/")
        caller.dial("2002")
        called.wait_for_event("CALL_INCOMING")
        called.answer()
        live = pages.page.locator("[data-part=calls] tbody")
        expect(live).to_contain_text(words["talking"], timeout=_PATIENCE_MS)
        expect(live).to_contain_text("2001")
        shoot("status")
        caller.wait_to_hear(called.options.tone_hz)
        caller.hang_up()
        expect(live).to_have_count(0, timeout=_PATIENCE_MS)
        _look_at_the_journal(pages, shoot)
        assert pages.complaints == []
    (row,) = new_box.wait_for_journal(1)
    assert (row["caller"], row["number"], row["answered_by"]) == ("2001", "2002", "2002")


def _set_up(pages: Pages, box: Box, provider: walk.Provider) -> None:
    walk.claim(pages, claim_code(box))
    walk.office(pages, "Ромашка" if pages.look.language == "ru" else "Daisy")
    walk.dialling(pages)
    walk.extensions(pages)
    walk.trunk(pages, provider)
    walk.finish(pages)


def _secret_on_demand(pages: Pages, number: str, shoot: walk.Shoot) -> str:
    """The password as its page shows it to who asks."""
    page = pages.page
    pages.open("/extensions/")
    page.click(f"a[href$='/extensions/{number}']")
    page.click("form[action$='/secret'] button")
    expect(page.locator(".facts .copyable code")).to_have_count(3)
    shoot("extension")
    return page.locator(".facts .copyable code").all_inner_texts()[2]


def _secret_by_link(
    pages: Pages, box: Box, browser: Browser, number: str, shoot: walk.Shoot
) -> str:
    """The password as the QR code's link shows it on another device, once."""
    pages.open(f"/extensions/{number}")
    pages.page.click("a[href$='/softphone/']")
    pages.page.check("input[value='other']")
    pages.page.click("button.primary")
    expect(pages.page.locator(".qr-frame")).to_be_visible()
    shoot("link")
    href = pages.page.locator(".copyable code").inner_text()
    with pages_of(box, browser, Look(pages.look.language, 390, 844)) as phone:
        phone.page.goto(href)
        phone.page.click("button.primary")
        found = phone.page.locator(".facts .copyable code")
        expect(found.nth(1)).to_have_text(number)
        secret = found.all_inner_texts()[2]
        _shooter(phone, box.folder.parent)("sheet")
        answer = phone.page.goto(href)
        assert answer is not None and answer.status == 410
    return secret


def _phone(box: Box, folder: Path, number: str, secret: str) -> Baresip:
    options = BaresipOptions(
        user=number,
        registrar=f"{box.host}:{box.sip_port}",
        secret=secret,
        tone_hz=440 if number == "2001" else 1000,
    )
    phone = Baresip(folder, options)
    phone.register()
    return phone


def _wait_for_both(pages: Pages, reachable: str, shoot: walk.Shoot) -> None:
    """The list of extensions says by itself that both can be called."""
    pages.open("/extensions/")
    pill = pages.page.locator(".pill.ok", has_text=re.compile(f"^{reachable}$"))
    expect(pill).to_have_count(2, timeout=_PATIENCE_MS)
    shoot("extensions")


def _look_at_the_journal(pages: Pages, shoot: walk.Shoot) -> None:
    """One row; opened, it has both legs and the reasons in the reader's language."""
    page = pages.page
    pages.open("/journal/")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("2002")
    shoot("journal")
    row.locator("a").first.click()
    reasons = page.locator(".reasons")
    expect(reasons).to_contain_text(WORDS[pages.look.language]["phones"])
    shoot("call")


def _shooter(pages: Pages, folder: Path) -> walk.Shoot:
    def shoot(name: str) -> None:
        assert not pages.is_too_wide, f"{name} is wider than {pages.look.width}"
        pages.shoot(folder / "pictures" / f"{name}.png")

    return shoot
