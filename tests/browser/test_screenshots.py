"""The pictures of the documentation: no page is forgotten, and an error is no picture."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from werkzeug.routing import Rule

from tests.browser.screenshots import CHOSEN, DOCS, PAGES
from tests.kit.box import Box
from tests.kit.browser import Look, claim_code, pages_of
from tests.kit.processes import KitError, run
from webui.app import create_app
from webui.settings import WebSettings

#: Pages that a way shows (the way in, a line's doctor, a call), and what is no page of its own.
_ELSEWHERE = re.compile(
    r"/|/login|/claim|/wizard/.*|/lines/<path:name>/doctor|/journal/<call_ref>"
    r"|/sheet/.*|/static/.*|.*/live|.*\.csv|.*\.wav"
)


def _is_page(rule: Rule) -> bool:
    return "GET" in (rule.methods or ()) and not _ELSEWHERE.fullmatch(rule.rule)


def test_every_page_is_shot(tmp_path: Path) -> None:
    app = create_app(WebSettings(data=tmp_path))
    shapes = [re.sub(r"<[^>]+>", "[^/]+", r.rule) for r in app.url_map.iter_rules() if _is_page(r)]
    missing = [s for s in shapes if not any(re.fullmatch(s, path) for path in PAGES)]
    assert not missing
    assert len(set(PAGES.values())) == len(PAGES)


def test_the_documentation_has_the_chosen_pictures_and_no_others() -> None:
    assert {path.stem for path in DOCS.glob("*.png")} == CHOSEN
    text = DOCS.with_name("design.md").read_text("utf-8")
    shown = set(re.findall(r"screenshots/([\w-]+)\.png", text))
    assert shown == CHOSEN


def test_the_pictures_can_be_made(tmp_path: Path) -> None:
    """Every page opens as an owner comes to it, in each look; a minute."""
    run([sys.executable, "-m", "tests.browser.screenshots", str(tmp_path)], timeout_s=600)
    assert {path.stem for path in tmp_path.glob("*.png")} >= CHOSEN


def test_a_page_that_does_not_open_is_an_error(browser: Browser, new_box: Box) -> None:
    with pages_of(new_box, browser, Look()) as pages:
        assert claim_code(new_box)  # the pages answer
        pages.open("/claim")
        with pytest.raises(KitError, match="404"):
            pages.open("/nowhere")
