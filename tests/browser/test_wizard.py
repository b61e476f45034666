"""From the claim code to the first phone's password, in both languages, wide and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import walk
from tests.kit.box import Box
from tests.kit.browser import Look, claim_code, pages_of

INSIDE = ["/status/", "/extensions/", "/trunks/", "/journal/", "/history/", "/people/", "/account/"]
LOOKS = [
    pytest.param(Look("ru", 1280, scheme="light", timezone="Asia/Yekaterinburg"), id="ru-wide"),
    pytest.param(Look("en", 390, 844, scheme="dark", timezone="Europe/Samara"), id="en-phone"),
]


@pytest.mark.parametrize("look", LOOKS)
def test_from_the_claim_code_to_the_first_phone(
    browser: Browser, new_box: Box, provider: walk.Provider, look: Look
) -> None:
    with pages_of(new_box, browser, look) as pages:

        def look_at(name: str) -> None:
            assert not pages.is_too_wide, f"{name} is wider than {look.width}"
            assert pages.hard_to_hit() == [], name
            assert pages.page.locator("html").get_attribute("lang") == look.language

        walk.claim(pages, claim_code(new_box), look_at)
        walk.office(pages, "Ромашка" if look.language == "ru" else "Daisy", look_at)
        walk.dialling(pages, look_at)
        walk.extensions(pages, look_at)
        walk.trunk(pages, provider, look_at)
        number, secret = walk.finish(pages, look_at)
        assert number == "2001"
        assert len(secret) >= 12
        for path in INSIDE:
            pages.open(path)
            look_at(path)
        pages.open("/status/")
        expect(pages.page.locator("main")).to_contain_text("4")
        assert pages.complaints == []
    status = new_box.control("status")
    assert status["extensions"] == 4
    assert status["language"] == look.language
    assert [t["state"] for t in status["trunks"]] in (["up"], ["registering"])
    assert not (new_box.data / "claim.code").exists()


def test_the_wizard_goes_on_where_it_was_left(browser: Browser, new_box: Box) -> None:
    code = claim_code(new_box)
    with pages_of(new_box, browser, Look()) as pages:
        walk.claim(pages, code)
        walk.office(pages, "Daisy")
        walk.dialling(pages)
    with pages_of(new_box, browser, Look()) as pages:
        pages.open("/")
        pages.page.fill("#name", "admin")
        pages.page.fill("#password", walk.PASSWORD)
        pages.page.click("button.primary")
        pages.page.wait_for_url("**/wizard/extensions")


def test_everything_works_without_scripts(
    browser: Browser, new_box: Box, provider: walk.Provider
) -> None:
    """Claim, samples by a button, the trunk's test by a form: only live parts need a script."""
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{new_box.web_port}/")
    page.fill("#code", claim_code(new_box))
    page.fill("#password", walk.PASSWORD)
    page.fill("#again", walk.PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/wizard/office")
    page.fill("#name", "Daisy")
    page.click("button.primary")
    page.wait_for_url("**/wizard/dialling")
    page.check("input[name=profile][value=P0]")
    page.click("noscript button")
    expect(page.locator("#samples")).to_contain_text("05551525")
    page.click("button.primary")
    page.wait_for_url("**/wizard/extensions")
    page.click("button.primary")
    page.wait_for_url("**/wizard/trunk")
    page.goto(f"http://127.0.0.1:{new_box.web_port}/wizard/trunk?preset=generic")
    page.fill("#name", "provider")
    page.fill("#host", "127.0.0.1")
    page.fill("#username", provider.username)
    page.fill("#secret", provider.secret)
    page.click("details.more > summary")
    page.fill("#port", str(provider.port))
    page.click("button[value=try]")
    expect(page.locator("#trial .notice.ok")).to_be_visible()
    page.click("button.primary")
    expect(page.locator("main")).to_contain_text("2001")
    context.close()
