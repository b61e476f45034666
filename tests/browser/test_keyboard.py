"""Without a mouse: the wizard, one extension, the menu of a phone; the focus is seen at each stop.

Everything is reached by Tab and done by Enter, Space, arrows and Escape.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import walk
from tests.kit.box import Box
from tests.kit.browser import Look, claim_code, pages_of

#: Stops of Tab before it is said that something cannot be reached.
_MOST_STOPS = 90
_STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const drawn = [here, here.closest(".choice"), here.closest("label")].filter(Boolean);
  const isRing = (each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = here.getBoundingClientRect();
  return {
    what: `${here.tagName} ${here.id || here.name || here.textContent.trim().slice(0, 30)}`,
    hasRing: drawn.some(isRing),
    isInWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@dataclass(frozen=True, slots=True)
class Hands:
    """A person with a keyboard and nothing else."""

    page: Page

    def go_to(self, selector: str) -> None:
        """Tab until the focus is there; each stop on the way must be seen."""
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_STOP)
            if stop is None:
                continue  # the browser's own bar
            assert stop["hasRing"], f"no ring at {stop['what']} of {self.page.url}"
            assert stop["isInWindow"], f"out of sight: {stop['what']} of {self.page.url}"
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab on {self.page.url}")

    def write(self, selector: str, text: str) -> None:
        """Put a text in place of what a field holds."""
        self.go_to(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def press(self, selector: str, key: str = "Enter") -> None:
        """Use what has this selector."""
        self.go_to(selector)
        self.page.keyboard.press(key)


def _claim(hands: Hands, root: str, code: str) -> None:
    hands.page.goto(f"{root}/")
    hands.write("#code", code)
    hands.write("#password", walk.PASSWORD)
    hands.write("#again", walk.PASSWORD)
    hands.page.keyboard.press("Enter")
    hands.page.wait_for_url("**/wizard/office")


def _wizard(hands: Hands) -> None:
    page = hands.page
    hands.write("#name", "Daisy")
    hands.press("input[name=language]:checked", "ArrowDown")
    page.keyboard.press("ArrowUp")
    hands.press("main button.primary")
    page.wait_for_url("**/wizard/dialling")
    hands.press("input[name=profile]:checked", "ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#samples")).to_contain_text("95551525")
    hands.press("#samples summary", "Space")
    expect(page.locator("#samples details[open]")).to_have_count(1)
    hands.press("main button.primary")
    page.wait_for_url("**/wizard/extensions")
    hands.write("#first", "9001")  # the outside prefix forbids it
    hands.write("#last", "9002")
    hands.press("main button.primary")
    expect(page.locator("#first-error")).to_be_visible()
    expect(page.locator("[data-focus]")).to_be_focused()
    hands.write("#first", "2001")
    hands.write("#last", "2003")
    hands.press("main button.primary")
    page.wait_for_url("**/wizard/trunk")
    hands.press("main button[value=skip]")
    page.wait_for_url("**/wizard/summary")
    hands.press("main button.primary")
    page.wait_for_url("**/wizard/done")


def _extension(hands: Hands, root: str) -> None:
    page = hands.page
    page.goto(f"{root}/extensions/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    hands.press("a[href$='/extensions/2002']")
    page.wait_for_url("**/extensions/2002")
    hands.press("a[href$='/extensions/2002/edit']")
    page.wait_for_url("**/edit")
    hands.write("#name", "Анна")
    hands.go_to("#class_of_service")
    page.keyboard.press("ArrowUp")
    hands.press("input[name=is_enabled]", "Space")
    hands.press("summary")
    hands.write("#max_calls", "many")
    hands.press("main button.primary")
    expect(page.locator("[data-focus]")).to_be_focused()
    assert page.locator("#max_calls").get_attribute("aria-describedby") == (
        "max_calls-hint max_calls-error"
    )
    hands.write("#max_calls", "3")
    hands.press("main button.primary")
    page.wait_for_url("**/extensions/2002")
    expect(page.locator("main")).to_contain_text("Анна")


def test_the_wizard_and_an_extension_by_keyboard(browser: Browser, new_box: Box) -> None:
    with pages_of(new_box, browser, Look()) as pages:
        hands = Hands(pages.page)
        _claim(hands, pages.root, claim_code(new_box))
        _wizard(hands)
        _extension(hands, pages.root)
        assert pages.complaints == []
    text = new_box.command("config", "export")
    assert "Анна" in text and "max_calls: 3" in text and "is_enabled: false" in text


def test_enter_saves_though_the_form_can_try_first(browser: Browser, new_box: Box) -> None:
    with pages_of(new_box, browser, Look()) as pages:
        hands = Hands(pages.page)
        _claim(hands, pages.root, claim_code(new_box))
        pages.open("/trunks/new?preset=generic")
        hands.write("#name", "city")
        hands.write("#host", "192.0.2.1")
        hands.write("#username", "box")
        hands.write("#secret", "ninety-nine red balloons")
        pages.page.keyboard.press("Enter")
        pages.page.wait_for_url("**/trunks/")
    assert "name: city" in new_box.command("config", "export")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_menu_of_a_phone_opens_and_closes(browser: Browser, new_box: Box, scheme: str) -> None:
    with pages_of(new_box, browser, Look("ru", 360, 780, scheme)) as pages:
        hands = Hands(pages.page)
        _claim(hands, pages.root, claim_code(new_box))
        pages.open("/account/")
        hands.press("details.menu > summary")
        expect(pages.page.locator(".menu nav")).to_be_visible()
        hands.go_to(".menu nav a[href='/status/']")
        pages.page.keyboard.press("Escape")
        expect(pages.page.locator(".menu nav")).to_be_hidden()
        expect(pages.page.locator("details.menu > summary")).to_be_focused()
        hands.press("details.menu > summary")
        hands.press(".menu nav a[href='/extensions/']")
        pages.page.wait_for_url("**/extensions/")


def test_a_question_returns_to_where_it_was_asked(browser: Browser, new_box: Box) -> None:
    """Removing asks first; whoever says no is where he was, and nothing is gone."""
    with pages_of(new_box, browser, Look()) as pages:
        hands = Hands(pages.page)
        _claim(hands, pages.root, claim_code(new_box))
        _wizard(hands)
        pages.open("/extensions/2003")
        pages.page.on("dialog", lambda dialog: dialog.dismiss())
        hands.press("form[action$='/remove'] button")
        expect(pages.page.locator("form[action$='/remove'] button")).to_be_focused()
        assert pages.page.url.endswith("/extensions/2003")
    assert "2003" in new_box.command("config", "export")
