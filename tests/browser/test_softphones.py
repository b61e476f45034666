"""Connecting a softphone and the sheet of values in a browser: code, copying, what comes up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_keys import sign_in
from tests.kit.box import Box
from tests.kit.browser import Look, claim_code, pages_of
from tests.kit.office import office, secret_of
from tests.kit.ports import free_port
from tests.kit.processes import wait_until
from tests.kit.responder import Responder


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path / "box", office()) as made:
        made.start("--with-web", "--with-phones", "--phones-port", str(free_port()))
        wait_until(lambda: made.control("phones")["ports"], 20, "the server of phones lives")
        yield made


@pytest.mark.parametrize("look", [Look("en", 390, 844, "dark"), Look("ru", 1280)])
def test_a_code_is_shown_and_the_phone_is_seen_to_come_up(
    browser: Browser, box: Box, look: Look
) -> None:
    with pages_of(box, browser, look) as pages:
        sign_in(pages, claim_code(box))
        page = pages.page
        pages.open("/extensions/2001/softphone/")
        expect(page.locator("input[value='linphone']")).to_be_checked()
        page.click("main form button.primary")
        expect(page.locator(".qr-frame svg")).to_be_visible()
        expect(page.locator(".copyable code")).to_have_text(re.compile(r"/s/\w{20,}/linphone.xml"))
        assert not pages.is_too_wide and pages.hard_to_hit() == []
        state = page.locator("[data-part='softphone'] .pill")
        expect(state).to_have_class(re.compile("busy"))
        with Responder().register((box.host, box.sip_port), "2001", secret_of("2001")) as phone:
            phone.start()
            expect(state).to_have_class(re.compile("ok"))
        assert pages.complaints == []


def test_the_sheet_hides_the_password_until_it_is_asked_for(browser: Browser, box: Box) -> None:
    with pages_of(box, browser, Look("en", 390, 844)) as pages:
        sign_in(pages, claim_code(box))
        page = pages.page
        pages.open("/extensions/2001/sheet/")
        expect(page.locator(".facts")).not_to_contain_text(secret_of("2001"))
        page.click("main form.inline button")
        expect(page.locator(".facts")).to_contain_text(secret_of("2001"))
        assert not pages.is_too_wide and pages.hard_to_hit() == []
        page.emulate_media(media="print")
        expect(page.locator(".copy").first).to_be_hidden()
        expect(page.locator(".facts")).to_be_visible()
        assert pages.complaints == []
