"""A browser that nobody here wrote (Chromium, headless), and the box's pages in it.

Owns the browser's process. ``Pages`` opens the pages of one running box; it notes whatever a page
complains of: an error of a script, an answer that failed, a policy that was broken.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.kit.processes import KitError, Program, wait_until

_WAIT_MS = 20_000.0


class HasPages(Protocol):
    """A program that serves pages: a box, or the demo."""

    @property
    def web_port(self) -> int: ...

    @property
    def data(self) -> Path: ...

    @property
    def program(self) -> Program: ...

    def log(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at a page. scheme: ``light`` or ``dark``; language: ``ru`` or ``en``."""

    language: str = "en"
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    timezone: str = "Europe/Moscow"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; KitError when this machine has none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise KitError("Chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=_WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Pages:
    """The pages of a box in one browser window. complaints: what went wrong on them."""

    page: Page
    root: str
    look: Look
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page; KitError unless it is there."""
        answer = self.page.goto(self.root + path)
        if answer is None or not answer.ok:
            raise KitError(f"{path}: {answer.status if answer else 'no answer'}")

    def shoot(self, path: Path, *, whole: bool = True) -> None:
        """A picture of the page; whole: beyond the window too."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=path, full_page=whole)

    @property
    def is_too_wide(self) -> bool:
        """Whether the page would have to be pushed sideways."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    def what_is_too_wide(self) -> list[str]:
        """The innermost elements that reach beyond the window."""
        found: list[str] = self.page.evaluate(_BEYOND)
        return found

    def hard_to_hit(self) -> list[str]:
        """Buttons and fields below 44 px of height, and labels that cannot be seen (WCAG 2.5.5)."""
        found: list[str] = self.page.evaluate(_HARD_TO_HIT)
        return found


_BEYOND = """() => {
  const right = document.documentElement.clientWidth + 0.5;
  const is_beyond = (each) => each.getBoundingClientRect().right > right && each.checkVisibility();
  return [...document.querySelectorAll("main *:not(th)")]
    .filter((each) => is_beyond(each) && ![...each.children].some(is_beyond))
    .map((each) => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`);
}"""
_HARD_TO_HIT = """() => {
  const told = (each) => `${each.tagName} ${each.id || each.textContent.trim().slice(0, 30)}`;
  const height = (each) => each.getBoundingClientRect().height;
  const shown = (each) => each.checkVisibility();
  const forms = ".button, select, input:not([type=radio], [type=checkbox], [type=hidden])";
  const touched = ", textarea, .choice, .check label, .copy, .provider, summary, nav a, .back,"
    + " .card-head a, .table td > span > a, .languages button";
  const targets = innerWidth < 720 ? forms + touched : forms;  // a mouse hits smaller ones
  const low = [...document.querySelectorAll(targets)].filter((e) => shown(e) && height(e) < 43.5);
  const labels = [...document.querySelectorAll("label:not(.visually-hidden)")];
  const lost = labels.filter((e) => shown(e) && height(e) < 10);
  return [...low, ...lost].map(told);
}"""


@contextmanager
def pages_of(box: HasPages, browser: Browser, look: Look) -> Iterator[Pages]:
    """A window on the pages of a box that was started ``--with-web``."""
    root = f"http://127.0.0.1:{box.web_port}"
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.scheme == "dark" else "light",
        locale="ru-RU" if look.language == "ru" else "en-US",
        timezone_id=look.timezone,
    )
    page = context.new_page()
    page.set_default_timeout(_WAIT_MS)
    pages = Pages(page, root, look)
    page.on("pageerror", lambda error: pages.complaints.append(f"script: {error}"))
    page.on("console", lambda said: _hear(pages, said.type, said.text))
    try:
        yield pages
    finally:
        context.close()


def claim_code(box: HasPages, timeout_s: float = 20.0) -> str:
    """The code that a new box printed for its owner, once the pages answer."""
    path = box.data / "claim.code"
    box.program.wait_until(path.exists, timeout_s, "the pages begin")
    wait_until(lambda: "Claim code" in box.log(), timeout_s, "the code is printed", box.log)
    return path.read_text().strip()


def _hear(pages: Pages, kind: str, text: str) -> None:
    """Errors but those of forms that were refused on purpose (422)."""
    if kind == "error" and "422" not in text:
        pages.complaints.append(text)
