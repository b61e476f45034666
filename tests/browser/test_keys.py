"""The keys of a desk phone in a browser: edited, drawn as they are typed, saved, found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walk
from tests.kit.box import Box
from tests.kit.browser import Look, Pages, claim_code, pages_of
from tests.kit.office import office

WIDE, SMALL = "805ec0000001", "805ec0000002"
LABEL = "Мастер & <b>Ко</b>"
LOOKS = [
    pytest.param(Look("en", 1280, scheme="light"), id="en-wide"),
    pytest.param(Look("ru", 390, 844, scheme="dark"), id="ru-phone"),
]


def phone(mac: str, model: str, keys: int) -> dict[str, Any]:
    kept = [{"kind": "speed_dial", "value": f"200{n}"} for n in range(1, keys + 1)]
    row = {"mac": mac, "brand": "yealink", "model": model, "extensions": ["2001"]}
    return {**row, "label": f"Desk {model}", "keys": kept}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    phones = [phone(WIDE, "T46U", 1)]
    with Box(tmp_path / "box", {**office([2001, 2002, 2003, 2004]), "phones": phones}) as made:
        yield made.start("--with-web")


def sign_in(pages: Pages, code: str) -> None:
    """Become the owner of a box that is set up already."""
    page = pages.page
    pages.open("/claim")
    page.fill("#code", code)
    page.fill("#password", walk.PASSWORD)
    page.fill("#again", walk.PASSWORD)
    page.click("button.primary")
    page.wait_for_url(lambda url: "/claim" not in url)


def drawn(page: Page, place: int) -> Any:
    return page.locator(f'[data-key="{place}"]')


def field(page: Page, name: str, place: int) -> Any:
    return page.locator(f'[name="{name}.{place}"]')


@pytest.mark.parametrize("look", LOOKS)
def test_keys_are_drawn_as_they_are_typed_and_kept(browser: Browser, box: Box, look: Look) -> None:
    with pages_of(box, browser, look) as pages:
        sign_in(pages, claim_code(box))
        page = pages.page
        pages.open(f"/phones/{WIDE}/keys")
        expect(drawn(page, 0)).to_have_text("2001")
        expect(drawn(page, 2)).to_have_class("none")
        field(page, "kind", 2).select_option("blf")
        expect(drawn(page, 2)).to_have_class("blf")
        field(page, "value", 2).press_sequentially("2002")
        expect(drawn(page, 2)).to_have_text("2002")
        field(page, "label", 2).fill(LABEL)
        expect(drawn(page, 2)).to_have_text(LABEL)
        field(page, "label", 2).fill("")
        expect(drawn(page, 2)).to_have_text("2002"), "without a label its value stands there"
        field(page, "label", 2).fill(LABEL)
        field(page, "kind", 0).select_option("none")
        expect(drawn(page, 0)).to_have_class("none")
        assert not pages.is_too_wide and pages.hard_to_hit() == []
        page.click("main form button.primary")
        page.wait_for_url(f"**/phones/{WIDE}")
        pages.open(f"/phones/{WIDE}/keys")
        expect(drawn(page, 2)).to_have_text(LABEL)
        expect(drawn(page, 2)).to_have_class("blf")
        expect(field(page, "value", 2)).to_have_value("2002")
        expect(field(page, "kind", 0)).to_have_value("none")
        assert pages.complaints == []
    text = box.command("config", "export")
    assert LABEL in text and "2002" in text


def test_a_mistake_keeps_what_was_typed_and_its_drawing(browser: Browser, box: Box) -> None:
    with pages_of(box, browser, Look("en")) as pages:
        sign_in(pages, claim_code(box))
        page = pages.page
        pages.open(f"/phones/{WIDE}/keys")
        field(page, "kind", 1).select_option("blf")
        field(page, "label", 1).fill("Nobody")
        page.click("main form button.primary")
        expect(page.locator("[id='value.1-error']")).to_be_visible()
        expect(drawn(page, 1)).to_have_text("Nobody")
        field(page, "label", 1).fill("Somebody")
        expect(drawn(page, 1)).to_have_text("Somebody")
        assert pages.complaints == []


def test_keys_that_a_phone_has_no_place_for_are_told(browser: Browser, box: Box) -> None:
    """On both pages and in the log; they stand there crossed out, and can be moved forward."""
    box.apply({**office([2001, 2002]), "phones": [phone(SMALL, "T31P", 4)]})
    with pages_of(box, browser, Look("en", 390, 844)) as pages:
        sign_in(pages, claim_code(box))
        page = pages.page
        pages.open(f"/phones/{SMALL}")
        told = page.locator(".notice.warn", has_text="2 more are kept here")
        expect(told).to_be_visible()
        pages.open(f"/phones/{SMALL}/keys")
        expect(told).to_be_visible()
        expect(page.locator("[data-beyond]")).to_have_count(2)
        expect(page.locator("[data-key]")).to_have_count(4)
        for place in (2, 3):
            field(page, "kind", place).select_option("none")
        page.click("main form button.primary")
        page.wait_for_url(f"**/phones/{SMALL}")
        expect(page.locator("main")).to_be_visible()
        expect(told).to_have_count(0)
        assert pages.complaints == []
    assert f"phone {SMALL} (T31P) has 2 keys: 2 of the settings stand behind them" in box.log()
