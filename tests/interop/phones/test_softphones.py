"""A softphone that nobody here wrote, from the QR code's link to a call: linphone and the box."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.linphone import Linphone, LinphoneOptions
from tests.kit.office import extension, office, secret_of
from tests.kit.ports import PortRange
from tests.kit.processes import wait_until

NAME = "Пётр & «Сын» <x>"
_TOKEN = re.compile(r"/s/([0-9A-Za-z_-]{16,})/")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    document = office([extension(2001, name=NAME), extension(2002, name=NAME)])
    ports = PortRange()
    with Box(tmp_path / "box", document, bind=("127.0.0.1",)) as made:
        made.start("--with-phones", "--phones-port", str(ports.one()))
        wait_until(lambda: made.control("phones")["ports"], 15, "the server of phones lives")
        yield made
    ports.close()


def curl(url: str, *arguments: str) -> tuple[int, str]:
    """(status, body), as a browser asks."""
    argv = ["curl", "-s", "-k", "-A", "Mozilla/5.0", "-w", "\n%{http_code}", *arguments, url]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=15, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_linphone_comes_up_by_its_link_and_calls(box: Box, tmp_path: Path) -> None:
    """Fetched once, registered, called by the next; a second use says so; logs know no token."""
    link = box.control("softphone_link", extension="2001", app="linphone", host="localhost")
    assert link["url"] == link["code"] and link["left_s"] == 300
    status, page = curl(link["url"])
    assert status == 200 and "Linphone" in page and secret_of("2001") not in page
    other = box.control("softphone_link", extension="2002", app="linphone")
    with (
        Linphone(tmp_path, LinphoneOptions(config_uri=link["url"], answers=True)) as called,
        Linphone(tmp_path, LinphoneOptions(config_uri=other["url"], tone_hz=700)) as caller,
    ):
        (row,) = box.wait_for_registrations("2001")
        assert row["extension"] == "2001"
        box.wait_for_registrations("2002")
        caller.dial(f"sip:2001@127.0.0.1:{box.sip_port}")
        box.program.wait_until(lambda: box.control("calls")["calls"], 5, "they talk")
        caller.hang_up()
        kept = called.folder / "linphonerc"  # written when it finds the time
        wait_until(lambda: link["url"] not in kept.read_text(), 15, "it will not ask again")
    (call,) = box.wait_for_journal(1)
    assert (call["cause"], call["answered_by"]) == ("normal", "2001")
    status, said = curl(link["url"], "-A", "Linphone/5.0 (belle-sip/5.0)")
    assert status == 410 and "This link was used already" in said
    told = repr(box.control("phone_requests")["requests"]) + box.log()
    for url in (link["url"], other["url"]):
        found = _TOKEN.search(url)
        assert found is not None and found[1] not in told
    assert secret_of("2001") not in told and "'verdict': 'link'" in told


def test_groundwires_link_is_https_and_serves_once(box: Box) -> None:
    """Their own scheme stands for HTTPS; what it fetches is the account in their own format."""
    link = box.control("softphone_link", extension="2001", app="acrobits")
    assert link["code"] == link["url"].replace("https://", "provlinkbs://")
    agent = ("-A", "Groundwire/25.1 CFNetwork")
    status, body = curl(link["url"], *agent)
    assert status == 200 and f"<password>{secret_of('2001')}</password>" in body
    assert curl(link["url"], *agent)[0] == 410


def test_sipnetics_line_is_shown_in_a_browser_once(box: Box) -> None:
    link = box.control("softphone_link", extension="2002", app="sipnetic")
    status, page = curl(link["url"])
    assert status == 200 and secret_of("2002") not in page
    (shown,) = re.findall(r'href="([^"]+)"', page)
    target = link["url"].rpartition("/")[0] + "/" + shown
    status, line = curl(target)
    assert status == 200 and f"p={secret_of('2002')};" in line
    assert curl(target)[0] == 410


def test_what_cannot_be_linked_says_why(box: Box) -> None:
    from appliance.errors import UserError

    for given, key in (
        ({"extension": "2999", "app": "linphone"}, "phone.no_such_extension"),
        ({"extension": "2001", "app": "yealink"}, "phone.no_such_app"),
    ):
        with pytest.raises(UserError) as refused:
            box.control("softphone_link", **given)
        assert refused.value.key == key
