"""A voice message in a browser that nobody here wrote: it plays, and then it is heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.every_page import MESSAGE, leave_messages
from tests.browser.test_keys import sign_in
from tests.kit.box import Box
from tests.kit.browser import Look, claim_code, pages_of
from tests.kit.office import extension, office

PATH = "/extensions/2001/messages"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path / "box", office([extension(2001, voicemail=True), 2002])) as made:
        leave_messages(made)
        yield made.start("--with-web")


def test_a_message_plays_and_is_heard_then(browser: Browser, box: Box) -> None:
    with pages_of(box, browser, Look("en", 1280)) as pages:
        sign_in(pages, claim_code(box))
        pages.open(PATH)
        page = pages.page
        expect(page.locator("tr .pill.busy")).to_have_count(2)
        player = f'audio[src$="{MESSAGE.ident}.wav"]'
        length = page.evaluate(
            """async (which) => {
              const player = document.querySelector(which);
              player.muted = true;
              const ended = new Promise((done) => player.addEventListener("ended", done));
              await player.play();
              await ended;
              return player.duration;
            }""",
            player,
        )
        assert length == pytest.approx(MESSAGE.seconds, abs=0.05)  # G.711 A-law, as it is
        expect(page.locator("tr .pill.busy")).to_have_count(1)
        pages.open(PATH)
        expect(page.locator("tr .pill.busy")).to_have_count(1)
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator("tr", has=page.locator(player)).locator("button.danger").click()
        expect(page.locator("audio")).to_have_count(1)
        assert not list((box.data / "voicemail" / "2001").glob(f"{MESSAGE.ident}*"))
        pages.open("/audit/")
        expect(page.locator("main")).to_contain_text("Listened to a voice message")
        expect(page.locator("main")).to_contain_text("Deleted a voice message")
    assert pages.complaints == []
