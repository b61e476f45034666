"""What a newcomer sees of ``./run --demo``: three desk phones come, one has a number, the others
get theirs by a click and by a code, and all can be called."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import walk
from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.browser import Look, claim_code, pages_of
from tests.kit.demo import Demo
from tests.kit.ports import PortRange
from tests.kit.processes import wait_until

YEALINK, GRANDSTREAM, SNOM = "805ec0de4001", "c074adde4002", "000413de4003"
_PHONES_S = 40.0


@pytest.fixture
def other_program() -> Iterator[None]:
    """Holds the usual port of SIP PnP, as another box or a softphone of this machine does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        with contextlib.suppress(OSError):  # then somebody holds it indeed
            holder.bind(("224.0.1.75", 5060))
        yield


@pytest.fixture
def demo(other_program: None, tmp_path: Path) -> Iterator[Demo]:
    ports = PortRange()
    running = Demo(tmp_path / "d", ports, "--with-web", "--with-phones", language="en")
    running.folder.mkdir()
    running.start()
    yield running
    running.program.kill()
    ports.close()


def _state(demo: Demo, mac: str) -> tuple[str, list[str]]:
    """How the box says that a phone stands; empty before it came."""
    rows = demo.ask("phones", folder=demo.data)["phones"]
    row = next((row for row in rows if row["mac"] == mac), None)
    return (row["state"], row["extensions"]) if row else ("", [])


def _wait_for(demo: Demo, mac: str, state: str, number: str = "") -> None:
    wanted = (state, [number] if number else [])
    wait_until(
        lambda: _state(demo, mac) == wanted,
        _PHONES_S,
        f"{mac} is {wanted}",
        lambda: f"{_state(demo, mac)}\n{demo.log()[-3000:]}",
    )


def test_a_newcomer_watches_the_phones_come_and_gives_them_numbers(
    browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    with pages_of(demo, browser, Look("en", 1280, 900)) as pages:
        page = pages.page
        pages.open("/")
        page.fill("#code", claim_code(demo))
        page.fill("#password", walk.PASSWORD)
        page.fill("#again", walk.PASSWORD)
        page.click("button.primary")
        page.wait_for_url(lambda url: "/claim" not in url)
        pages.open("/phones/")
        for mac in (YEALINK, GRANDSTREAM, SNOM):
            card = page.locator(f"#phone-{mac}")
            expect(card).to_contain_text("emulated", timeout=_PHONES_S * 1000)
        yealink = page.locator(f"#phone-{YEALINK}")
        expect(yealink).to_contain_text("2004", timeout=_PHONES_S * 1000)
        expect(yealink.locator(".pill.ok")).to_be_visible(timeout=_PHONES_S * 1000)
        expect(page.locator(f"#phone-{SNOM}")).to_contain_text("without a number")
        pages.shoot(tmp_path / "demo-phones.png")

        page.locator(f"#phone-{GRANDSTREAM}").get_by_role("link", name="Give it a number").click()
        expect(page.locator("main")).to_contain_text("no device stands behind it")
        page.select_option("#extension", "2005")
        page.get_by_role("button", name="Give it this number").click()
        pages.open("/phones/")
        grandstream = page.locator(f"#phone-{GRANDSTREAM}")
        expect(grandstream).to_contain_text("2005", timeout=_PHONES_S * 1000)
        expect(grandstream.locator(".pill.ok")).to_be_visible(timeout=_PHONES_S * 1000)
        assert pages.complaints == []

    code = demo.ask("phones", "code", "2006", folder=demo.data)["code"]
    assert demo.ask("demo", "dial", "snom", code) == {"phone": "snom", "number": code}
    _wait_for(demo, SNOM, "registered", "2006")
    _call_them(demo, tmp_path)


def _call_them(demo: Demo, tmp_path: Path) -> None:
    """A softphone calls the phone that was claimed on the page, and hears its voice."""
    sheet = demo.ask("demo", "show")
    row = sheet["phones"][0]
    options = BaresipOptions(
        user=row["user"],
        secret=row["password"],
        registrar=f"{sheet['server']}:{sheet['sip_port']}",
        tone_hz=440.0,
    )
    with Baresip(tmp_path, options) as softphone:
        softphone.register()
        softphone.dial("2005")
        softphone.wait_for_event("CALL_ESTABLISHED")
        wait_until(
            lambda: softphone.heard().heard().duration_ms > 1000, 10.0, "a voice", softphone.tell
        )
        softphone.hang_up()
        demo.ask("demo", "dial", "yealink", "2001")
        assert "2004" in softphone.wait_for_event("CALL_INCOMING")["peeruri"]
        softphone.answer()
        softphone.wait_for_event("CALL_ESTABLISHED")
        softphone.hang_up()


def test_phones_that_were_switched_off_come_back_with_their_numbers(demo: Demo) -> None:
    _wait_for(demo, YEALINK, "registered", "2004")
    asked = len(demo.ask("phones", "requests", YEALINK, folder=demo.data)["requests"])
    assert demo.program.stop() == 0
    demo.start()

    def has_booted() -> bool:
        rows = demo.ask("phones", "requests", YEALINK, folder=demo.data)["requests"]
        own = [row for row in rows[: len(rows) - asked] if row["path"].endswith(".cfg")]
        return bool(own) and own[0]["verdict"] == "full"

    wait_until(has_booted, _PHONES_S, "it fetches by its own secret", demo.log)
    _wait_for(demo, YEALINK, "registered", "2004")
    states = demo.ask("demo", "phones")["phones"]
    assert [row["number"] for row in states if row["mac"] == YEALINK] == ["2004"]
    assert not re.search(r"\b(ERROR|Traceback)\b", demo.log())
