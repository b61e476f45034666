"""The way of an owner through the wizard, as a browser walks it; pictures are taken where asked.

Owns nothing. Every step types what a person would type and looks at what the page says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.kit.browser import Pages

PASSWORD = "correct horse battery"
Shoot = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Provider:
    """Where the trunk leads: a provider that runs beside the test."""

    port: int
    username: str
    secret: str


def no_picture(name: str) -> None:
    """Nobody wants one."""


def claim(pages: Pages, code: str, shoot: Shoot = no_picture) -> None:
    """Become the owner; a wrong code first."""
    page = pages.page
    pages.open("/")
    page.fill("#code", "AAAA-AAAA")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button.primary")
    expect(page.locator("#code-error")).to_be_visible()
    shoot("claim")
    page.fill("#code", code.lower())
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/wizard/office")


def office(pages: Pages, name: str, shoot: Shoot = no_picture) -> None:
    """Name, language and time zone; the zone is the browser's own already."""
    page = pages.page
    expect(page.locator("#timezone")).to_have_value(pages.look.timezone)
    page.fill("#name", name)
    page.check(f"input[name=language][value={pages.look.language}]")
    shoot("office")
    page.click("button.primary")
    page.wait_for_url("**/wizard/dialling")


def dialling(pages: Pages, shoot: Shoot = no_picture) -> None:
    """Profile P9: the samples follow while it is chosen, before anything is saved."""
    page = pages.page
    samples = page.locator("#samples")
    page.check("input[name=profile][value=P0]")
    expect(samples).to_contain_text("05551525")
    page.check("input[name=profile][value=P9]")
    expect(samples).to_contain_text("95551525")
    expect(samples).to_contain_text("+74955551525")
    samples.locator("summary").nth(4).click()
    shoot("dialling")
    page.click("button.primary")
    page.wait_for_url("**/wizard/extensions")


def extensions(pages: Pages, shoot: Shoot = no_picture) -> None:
    """A range that the outside prefix forbids, then one that is right."""
    page = pages.page
    page.fill("#first", "9001")
    page.fill("#last", "9010")
    page.click("button.primary")
    expect(page.locator("#first-error")).to_contain_text("9001")
    shoot("extensions")
    page.fill("#first", "2001")
    page.fill("#last", "2004")
    page.fill("#names", "Anna\nБорис")
    page.click("button.primary")
    page.wait_for_url("**/wizard/trunk")


def trunk(pages: Pages, provider: Provider, shoot: Shoot = no_picture) -> None:
    """A preset, a wrong password that the live test finds, the right one, saved."""
    page = pages.page
    shoot("providers")
    page.click("a.provider[href*=generic]")
    page.fill("#name", "provider")
    page.fill("#host", "127.0.0.1")
    page.fill("#username", provider.username)
    page.fill("#secret", "not the secret at all")
    page.click("details.more > summary")
    page.fill("#port", str(provider.port))
    page.click("button[value=try]")
    expect(page.locator("#trial .notice.bad")).to_be_visible()
    page.fill("#secret", provider.secret)
    page.fill("#numbers", "+74950002001")
    page.click("button[value=try]")
    expect(page.locator("#trial .notice.ok")).to_be_visible()
    page.click("details.more > summary")
    shoot("trunk")
    page.click("button.primary")
    page.wait_for_url("**/wizard/summary")


def finish(pages: Pages, shoot: Shoot = no_picture) -> tuple[str, str]:
    """The summary and the last page; number and password of the first extension as shown there."""
    page = pages.page
    expect(page.locator("main")).to_contain_text("2004")
    shoot("summary")
    page.click("button.primary")
    page.wait_for_url("**/wizard/done")
    shoot("done")
    page.click("[data-reveal]")
    shown = page.locator(".facts .copyable code").all_inner_texts()
    return shown[1], shown[2]
