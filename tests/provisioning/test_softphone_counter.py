"""The counter and softphones with their links, with the real tables and a scripted daemon."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from appliance.config.presets import make_snapshot
from provisioning.api import Request, Transport
from provisioning.brand_book import BrandBook
from provisioning.catalogue import shipped
from provisioning.counter import Counter
from provisioning.counter_parts import CounterParts, Given
from provisioning.disclosure import Verdict
from tests.config.offices import SECRET, office

TOKEN = "0123456789abcdef0123456789abcdef01234567"
HOST, BOX = "192.168.1.77", ("192.168.1.1", "http://192.168.1.1:8088/")
LINPHONE = "Linphone-Desktop/5.2.4"
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
FILES = {"linphone": "/linphone.xml", "acrobits": "/acrobits.xml", "sipnetic": "/sipnetic.txt"}


class _Daemon:
    """One link, as appliance/phones/softphone_desk.py would keep it."""

    def __init__(self, app: str) -> None:
        self.link = {"state": "open", "app": app, "extension": "2001"}
        self.asked: list[dict[str, Any]] = []

    async def ask(self, op: str, args: dict[str, Any]) -> dict[str, Any]:
        if op == "phone_asked":
            self.asked.append(args)
            return {}
        is_known = args["token"] == TOKEN
        if op == "softphone_used":
            is_first = is_known and self.link["state"] == "open"
            self.link["state"] = "used"
            return {"is_first": is_first}
        assert op == "softphone_facts"
        link = self.link if is_known else {"state": "wrong", "app": "", "extension": ""}
        return {**link, "revision": 1, "sip_port": 5070}


class Room:
    def __init__(self, app: str = "linphone") -> None:
        self.daemon = _Daemon(app)
        self.app = app

        async def neighbour(host: str) -> str:
            return "0a0000000001"  # a made-up one, as mobile phones have them

        self.snapshot = make_snapshot(1, replace(office(), phones=()))
        parts = CounterParts(
            brands=BrandBook(shipped),
            daemon=self.daemon,
            neighbour=neighbour,
            snapshot=lambda revision: self.snapshot,
            now=lambda: 1000.0,
            key=b"k" * 32,
        )
        self.counter = Counter(parts)

    def ask(self, path: str = "", agent: str = LINPHONE, **more: Any) -> Given:
        request = Request(
            path=path or FILES[self.app],
            user_agent=agent,
            **{"source_host": HOST, "link": TOKEN, **more},
        )
        return asyncio.run(self.counter.serve(request, BOX))


def body(given: Given) -> str:
    return given.rendered.body.decode() if given.rendered else ""


@pytest.mark.parametrize(("app", "agent"), [("linphone", LINPHONE), ("acrobits", "Groundwire/25")])
def test_a_program_gets_its_account_once(app: str, agent: str) -> None:
    room = Room(app)
    given = room.ask(agent=agent)
    assert given.verdict is Verdict.LINK
    assert SECRET in body(given) and "2001" in body(given) and "192.168.1.1:5070" in body(given)
    again = room.ask(agent=agent)
    assert again.verdict is Verdict.LINK_USED and body(again) == ""
    assert "ссылка уже использована" in again.said.decode()
    assert [asked["verdict"] for asked in room.daemon.asked] == ["link", "link_used"]
    assert room.daemon.asked[0]["path"] == f"/s/…{FILES[app]}"
    assert room.daemon.asked[0]["has_secrets"] is True
    assert TOKEN not in repr(room.daemon.asked) and SECRET not in repr(room.daemon.asked)


def test_linphone_is_told_to_forget_the_link() -> None:
    assert '"transient_provisioning" overwrite="true">1<' in body(Room().ask())


def test_a_browser_and_a_head_use_nothing_up() -> None:
    room = Room()
    for more in ({"agent": BROWSER}, {"method": "HEAD"}):
        given = room.ask(**more)
        assert given.verdict is Verdict.LINK_SHOWN and SECRET not in body(given)
        assert "Linphone" in body(given)
    assert room.ask().verdict is Verdict.LINK


def test_sipnetic_is_set_up_by_a_person_who_copies() -> None:
    room = Room("sipnetic")
    page = room.ask(agent=BROWSER)
    assert page.verdict is Verdict.LINK_SHOWN and 'href="open/sipnetic.txt"' in body(page)
    assert SECRET not in body(page)
    given = room.ask("/open/sipnetic.txt", agent=BROWSER)
    assert given.verdict is Verdict.LINK and f"p={SECRET};" in body(given)
    assert room.ask("/open/sipnetic.txt", agent=BROWSER).verdict is Verdict.LINK_USED


def test_two_at_once_are_one() -> None:
    room = Room()

    async def both() -> list[Given]:
        requests = [
            Request(path="/linphone.xml", source_host=HOST, link=TOKEN, user_agent=LINPHONE)
            for _ in range(2)
        ]
        return list(await asyncio.gather(*(room.counter.serve(r, BOX) for r in requests)))

    verdicts = sorted(given.verdict.value for given in asyncio.run(both()))
    assert verdicts == ["link", "link_used"]


def test_strangers_get_nothing() -> None:
    """Not from another network, not by TFTP, not another file, not without the token."""
    room = Room()
    assert room.ask(source_host="8.8.8.8").verdict is Verdict.OUTSIDE
    assert room.ask(transport=Transport.TFTP).verdict is Verdict.LINK_WRONG
    assert room.ask("/acrobits.xml").verdict is Verdict.UNKNOWN
    assert room.ask(link="f" * 40).verdict is Verdict.LINK_WRONG
    assert room.ask(link="").verdict is Verdict.UNKNOWN, "no program has a number by its name"
    assert room.daemon.asked[-1]["hint"] == "identify.only_by_link"
    room.daemon.link["state"] = "late"
    assert room.ask().verdict is Verdict.LINK_LATE


def test_who_makes_links_up_is_stopped() -> None:
    room = Room()
    verdicts = [room.ask(link=f"{number:040x}").verdict for number in range(30)]
    assert set(verdicts[:20]) == {Verdict.LINK_WRONG} and set(verdicts[20:]) == {Verdict.THROTTLED}
    assert room.daemon.asked[-1]["is_throttled"] is True
    assert room.ask().verdict is Verdict.THROTTLED


def test_an_extension_that_is_gone_gives_nothing() -> None:
    room = Room()
    room.daemon.link["extension"] = "2999"
    given = room.ask()
    assert given.verdict is Verdict.UNKNOWN and body(given) == ""
    assert room.daemon.link["state"] == "open", "nothing left, nothing is used up"


def test_a_password_that_the_program_cannot_be_told_leaves_the_link_open() -> None:
    room = Room("sipnetic")
    people = tuple(replace(e, secret="correct;horse;battery") for e in office().extensions)
    room.snapshot = make_snapshot(1, replace(office(), phones=(), extensions=people))
    given = room.ask(agent="Sipnetic/1.0")
    assert given.verdict is Verdict.UNWRITABLE and body(given) == ""
    assert room.daemon.link["state"] == "open"
    assert "phone.value.forbidden" in room.daemon.asked[-1]["refused"]
