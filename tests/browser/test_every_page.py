"""Every page of the route table on the smallest phones, in both languages, light and dark: nothing
is pushed sideways, every target is large enough, and axe-core (Deque) finds nothing to complain of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.every_page import (
    addresses,
    become_owner,
    furnished,
    leave_messages,
    make_a_call,
)
from tests.kit.box import Box
from tests.kit.browser import Look, Pages, pages_of
from tests.kit.ports import free_port

LOOKS = [
    pytest.param(Look("ru", 360, 780, scheme="light"), id="ru-light"),
    pytest.param(Look("en", 360, 780, scheme="dark"), id="en-dark"),
]
#: WCAG 2.2 A and AA, and what the makers of axe-core call good practice.
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

#: How many lines the first text of each element takes.
_LINES = """all => all.map((each) => {
  const range = document.createRange();
  range.selectNodeContents(each.firstChild);
  return new Set([...range.getClientRects()].map((box) => box.top)).size;
})"""


@pytest.fixture
def furnished_box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path / "box", furnished()) as box:
        leave_messages(box)
        yield box.start("--with-web", "--with-phones", "--phones-port", str(free_port()))


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_on_a_small_phone(
    browser: Browser, furnished_box: Box, look: Look, tmp_path: Path
) -> None:
    make_a_call(furnished_box)
    faults: list[str] = []
    with pages_of(furnished_box, browser, look) as pages:
        become_owner(pages, furnished_box)
        for name, path in addresses(furnished_box, tmp_path / "table").items():
            answer = pages.page.goto(pages.root + path)
            assert answer is not None
            assert answer.status == (404 if name == "error" else 200), path
            faults += [f"{path}: {fault}" for fault in _faults(pages)]
        complaints = [text for text in pages.complaints if "404" not in text]
    assert not faults, "\n".join(faults)
    assert complaints == []


def test_what_is_read_in_one_piece_stands_in_one_line(browser: Browser, furnished_box: Box) -> None:
    """An address that is typed elsewhere, and a big figure, at 360 px."""
    with pages_of(furnished_box, browser, Look("ru", 360, 780)) as pages:
        become_owner(pages, furnished_box)
        for path, pieces in (
            ("/extensions/2001", ".facts .copyable code"),
            ("/status/", ".stat dd"),
        ):
            pages.open(path)
            lines: list[int] = pages.page.eval_on_selector_all(pieces, _LINES)
            assert lines and set(lines) == {1}, f"{path}: {lines}"


def _faults(pages: Pages) -> Iterator[str]:
    for width in (360, 320):
        pages.page.set_viewport_size({"width": width, "height": 780})
        if pages.is_too_wide:
            yield f"wider than {width}: {pages.what_is_too_wide()}"
    yield from (f"hard to hit: {each}" for each in pages.hard_to_hit())
    pages.page.set_viewport_size({"width": 360, "height": 780})
    for found in _axe(pages):
        places = [" ".join(node["target"]) for node in found["nodes"]][:3]
        yield f"{found['id']} ({found['help']}): {places}"


def _axe(pages: Pages) -> list[dict[str, Any]]:
    results = Axe().run(pages.page, options=_RULES)
    found: list[dict[str, Any]] = results.response["violations"]
    return found
