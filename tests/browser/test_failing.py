"""Pages whose server fails for a while: nothing else is sent than was asked for, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browser import walk
from tests.kit.box import Box
from tests.kit.browser import Look, claim_code, pages_of
from tests.kit.office import office, trunk
from tests.kit.processes import wait_until

ROUNDS = 4
_WAIT_S = 20.0
#: Counts refused streams, and the timers of ten seconds that wait.
_COUNT = """
window.refused = 0;
window.EventSource = class extends EventSource {
  constructor(address) {
    super(address);
    this.addEventListener("error", () => { window.refused += 1; });
  }
};
window.waiting = new Set();
const begin = setTimeout, end = clearTimeout;
window.setTimeout = (order, wait_ms) => {
  const timer = begin(() => { window.waiting.delete(timer); order(); }, wait_ms);
  if (wait_ms === 10_000) window.waiting.add(timer);
  return timer;
};
window.clearTimeout = (timer) => { window.waiting.delete(timer); end(timer); };
"""
_HIDE = """is_hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => is_hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    given = office([2001, 2002], trunks=[trunk("first", "127.0.0.1", 5099)])
    with Box(tmp_path / "box", given) as made:
        yield made.start("--with-web")


def sign_in(page: Page, root: str, code: str) -> None:
    """Become the owner of a box that is set up already."""
    page.goto(f"{root}/claim")
    page.fill("#code", code)
    page.fill("#password", walk.PASSWORD)
    page.fill("#again", walk.PASSWORD)
    page.click("button.primary")
    page.wait_for_url(lambda url: "/claim" not in url)


def test_a_trial_that_failed_is_sent_again_as_a_trial(browser: Browser, box: Box) -> None:
    with pages_of(box, browser, Look("en")) as pages:
        sign_in(pages.page, pages.root, claim_code(box))
        pages.open("/trunks/first/edit")
        sent: list[str] = []

        def fail(route: Route, request: Request) -> None:
            if request.method != "POST":
                route.continue_()
                return
            sent.append(request.post_data or "")
            route.fulfill(status=503, body="busy")

        pages.page.route("**/trunks/first/edit", fail)
        with pages.page.expect_navigation():
            pages.page.click("[data-into]")
        assert len(sent) == 2, "the script's own, and the page's"
        assert all("do=try" in form for form in sent)


def test_a_trial_that_nobody_answers_says_so_and_keeps_the_form(browser: Browser, box: Box) -> None:
    with pages_of(box, browser, Look("en")) as pages:
        page = pages.page
        sign_in(page, pages.root, claim_code(box))
        pages.open("/trunks/first/edit")
        page.fill("#host", "typed.example.net")
        page.route("**/trunks/first/edit", lambda route: route.abort())
        page.click("[data-into]")
        expect(page.locator("#trial")).to_contain_text("The box does not answer")
        expect(page.locator("#host")).to_have_value("typed.example.net")


def test_a_page_that_gets_no_stream_has_one_timer(browser: Browser, box: Box) -> None:
    with pages_of(box, browser, Look("en")) as pages:
        page = pages.page
        sign_in(page, pages.root, claim_code(box))
        page.route("**/live", lambda route: route.fulfill(status=503, body="busy"))
        page.add_init_script(_COUNT)
        pages.open("/trunks/")

        def refused(times: int) -> None:
            wait_until(
                lambda: page.evaluate("refused") == times, _WAIT_S, "a stream is refused", box.log
            )

        for n in range(1, ROUNDS):
            refused(n)
            page.evaluate(_HIDE, True)
            assert page.evaluate("waiting.size") == 0, "nobody looks"
            page.evaluate(_HIDE, False)
        refused(ROUNDS)
        assert page.evaluate("waiting.size") == 1
