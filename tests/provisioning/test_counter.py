"""The counter between phones and their files, with the real tables and a scripted daemon."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from appliance.config.model import Document, Phone, PhoneKey, Site, Snapshot
from appliance.config.presets import make_snapshot
from provisioning.api import Identity, NeutralSettings, Rendered, Request, Transport
from provisioning.brand_book import BrandBook
from provisioning.catalogue import shipped
from provisioning.counter import Counter
from provisioning.counter_parts import CounterParts
from provisioning.daemon_link import DaemonGone
from provisioning.disclosure import Verdict
from tests.config.offices import SECRET, office

MAC = "805ec0a1b2c3"
HOST = "192.168.1.77"
BOX = ("192.168.1.1", "http://192.168.1.1:8088/")
OWN_SECRET = "0123456789abcdef0123456789abcdef"
AGENT = "Yealink SIP-T46U 108.86.0.20 80:5e:c0:a1:b2:c3"


class ScriptedDaemon:
    """Answers phone_facts by what the test says, and notes phone_asked."""

    def __init__(self, **facts: Any) -> None:
        self.facts = {
            "revision": 1,
            "sip_port": 5060,
            "has_window": False,
            "is_delivered": False,
            "has_spoken_http": False,
            "secret": OWN_SECRET,
            "admin_password": "Web2web2web2",
            "guest": None,
            **facts,
        }
        self.asked: list[dict[str, Any]] = []
        self.is_gone = False

    async def ask(self, op: str, args: dict[str, Any]) -> dict[str, Any]:
        if self.is_gone:
            raise DaemonGone("gone")
        if op == "phone_asked":
            self.asked.append(args)
            return {}
        assert op == "phone_facts"
        return self.facts


PHONES = (Phone(mac=MAC, extensions=("2001",)),)


def _snapshot(
    phones: tuple[Phone, ...] = PHONES, site: Site | None = None, **provisioning: Any
) -> Snapshot:
    document: Document = replace(office(), phones=phones, site=site or office().site)
    settings = replace(document.provisioning, **provisioning)
    return make_snapshot(1, replace(document, provisioning=settings))


def test_the_report_names_the_settings_that_the_answer_was_made_from() -> None:
    """The daemon may have newer ones by then."""
    daemon = ScriptedDaemon(has_window=True, revision=2)
    assert ask(counter(daemon))[0] is Verdict.FULL
    assert ask(counter(daemon), "/unheard.of")[0] is Verdict.UNKNOWN
    assert [report["revision"] for report in daemon.asked] == [1, None]


def counter(
    daemon: ScriptedDaemon,
    seen: str = MAC,
    brands: BrandBook | None = None,
    **provisioning: Any,
) -> Counter:
    async def neighbour(host: str) -> str:
        return seen

    snapshot = _snapshot(**provisioning)
    return Counter(
        CounterParts(
            brands=brands or BrandBook(shipped),
            daemon=daemon,
            neighbour=neighbour,
            snapshot=lambda revision: snapshot,
            now=lambda: 1000.0,
            key=b"k" * 32,
        )
    )


def ask(where: Counter, path: str = f"/{MAC}.cfg", **more: Any) -> tuple[Verdict, bytes]:
    request = Request(path=path, **{"source_host": HOST, **more})
    given = asyncio.run(where.serve(request, BOX))
    return given.verdict, given.rendered.body if given.rendered else b""


def test_a_windowed_phone_gets_all_and_its_way_back() -> None:
    daemon = ScriptedDaemon(has_window=True)
    verdict, body = ask(counter(daemon))
    assert verdict is Verdict.FULL
    assert SECRET.encode() in body and b"Web2web2web2" in body
    assert f"http://192.168.1.1:8088/p/{OWN_SECRET}/".encode() in body
    assert daemon.asked[0]["verdict"] == "full" and daemon.asked[0]["has_secrets"] is True
    assert OWN_SECRET not in repr(daemon.asked) and SECRET not in repr(daemon.asked)


def test_without_a_window_no_secret_is_in_it() -> None:
    verdict, body = ask(counter(ScriptedDaemon()))
    assert verdict is Verdict.PLAIN and b"2001" in body
    for secret in (SECRET, OWN_SECRET, "Web2web2web2"):
        assert secret.encode() not in body


def test_the_secret_of_the_url_is_enough_and_another_is_not() -> None:
    known = ScriptedDaemon(is_delivered=True)
    assert ask(counter(known), url_secret=OWN_SECRET)[0] is Verdict.FULL
    assert ask(counter(known), url_secret="f" * 32)[0] is Verdict.WRONG_PROOF
    assert ask(counter(known)) == (Verdict.CHALLENGE, b"")
    assert known.asked[-1]["has_secrets"] is False and known.asked[-1]["octets"] == 0
    assert ask(counter(known), "/phonebook-yealink.xml", user_agent=AGENT)[0] is Verdict.PLAIN


def test_a_file_without_secrets_is_worth_no_question() -> None:
    known = ScriptedDaemon(is_delivered=True)
    verdict, body = ask(counter(known), "/y000000000108.cfg", user_agent=AGENT)
    assert verdict is Verdict.PLAIN and SECRET.encode() not in body


def test_65536_names_of_one_maker_give_nothing_and_are_stopped() -> None:
    """From a host that is no such phone: no secret, twenty answers, and then none at all."""
    daemon = ScriptedDaemon(has_window=True)
    where = counter(daemon, seen="00a0ded0dead")
    verdicts = []

    async def sweep() -> None:
        for number in range(65536):
            path = f"/805ec0a1{number:04x}.cfg"
            given = await where.serve(Request(path=path, source_host=HOST), BOX)
            assert given.rendered is None
            verdicts.append(given.verdict)

    asyncio.run(sweep())
    assert set(verdicts[:20]) == {Verdict.MISMATCH}
    assert set(verdicts[20:]) == {Verdict.THROTTLED}
    assert len(daemon.asked) == 20 and daemon.asked[-1]["is_throttled"] is True


def test_another_network_learns_nothing() -> None:
    daemon = ScriptedDaemon(has_window=True)
    assert ask(counter(daemon), source_host="8.8.8.8") == (Verdict.OUTSIDE, b"")
    assert ask(counter(daemon), source_host="2001:db8::1") == (Verdict.OUTSIDE, b"")
    assert daemon.asked == []


def test_tftp_is_for_models_that_need_it() -> None:
    daemon = ScriptedDaemon(has_window=True)
    tftp = {"transport": Transport.TFTP}
    assert ask(counter(daemon), **tftp)[0] is Verdict.TFTP_OFF
    assert ask(counter(daemon, tftp="all"), **tftp)[0] is Verdict.FULL
    assert ask(counter(daemon, tftp="off"), "/spa508G.cfg", **tftp)[0] is Verdict.TFTP_OFF
    assert ask(counter(daemon), "/spa508G.cfg", **tftp)[0] is not Verdict.TFTP_OFF


@pytest.mark.parametrize("seen", ["00a0ded0dead", ""])
def test_names_are_not_tried_by_tftp_either_where_that_is_off(seen: str) -> None:
    daemon = ScriptedDaemon()
    where = counter(daemon, seen=seen)
    verdicts = [ask(where, f"/805ec0{n:06x}.cfg", transport=Transport.TFTP)[0] for n in range(100)]
    assert not set(verdicts[:20]) & {Verdict.THROTTLED, Verdict.TFTP_OFF}
    assert set(verdicts[20:]) == {Verdict.THROTTLED}
    assert daemon.asked[-1]["is_throttled"] is True


def test_without_a_daemon_phones_are_asked_to_come_again() -> None:
    daemon = ScriptedDaemon()
    daemon.is_gone = True
    assert ask(counter(daemon)) == (Verdict.UNAVAILABLE, b"")


def test_a_head_tells_nothing_and_uses_nothing_up() -> None:
    """The phone has its passwords when it was sent them, not when it asked how long the file is."""
    daemon = ScriptedDaemon(has_window=True)
    where = counter(daemon)
    assert ask(where, method="HEAD")[0] is Verdict.FULL
    assert not daemon.asked[-1]["has_secrets"] and daemon.asked[-1]["octets"] == 0
    assert ask(where)[0] is Verdict.FULL
    assert daemon.asked[-1]["has_secrets"] and daemon.asked[-1]["octets"] > 0


def test_names_are_not_tried_from_ever_new_addresses_of_ipv6() -> None:
    daemon = ScriptedDaemon()
    where = counter(daemon, seen="", gives_guests=False)
    given = [
        ask(where, f"/805ec0{n:06x}.cfg", source_host=f"fd00::{n:x}")[0] for n in range(1, 302)
    ]
    assert given[:200] == [Verdict.STRANGER] * 200
    assert given[200:] == [Verdict.THROTTLED] * 101
    assert daemon.asked[-1]["is_throttled"], "the owner hears of it"
    assert ask(where, source_host=HOST)[0] is Verdict.PLAIN, "IPv4 is another matter"


def test_what_breaks_at_the_counter_is_answered_by_nothing_and_noted() -> None:
    class Breaking(BrandBook):
        def render(
            self, identity: Identity, settings: NeutralSettings, path: str
        ) -> Rendered | None:
            raise AttributeError("a table did that")

    daemon = ScriptedDaemon(has_window=True)
    where = counter(daemon, brands=Breaking(shipped))
    assert ask(where) == (Verdict.UNAVAILABLE, b"")
    assert daemon.asked[-1]["verdict"] == "unavailable" and daemon.asked[-1]["octets"] == 0


def test_a_value_that_cannot_be_written_has_a_verdict_of_its_own() -> None:
    wrong = PhoneKey(kind="speed_dial", value="2002", label="%NULL%")
    phones = (Phone(mac=MAC, extensions=("2001",), keys=(PhoneKey(), wrong)),)
    daemon = ScriptedDaemon(has_window=True)
    assert ask(counter(daemon, phones=phones)) == (Verdict.UNWRITABLE, b"")
    row = daemon.asked[-1]
    assert (row["verdict"], row["octets"], row["has_secrets"]) == ("unwritable", 0, False)
    assert "phone.value.reserved" in row["refused"] and "%NULL%" not in row["refused"]
    assert ask(counter(daemon))[0] is Verdict.FULL and daemon.asked[-1]["refused"] == ""


def test_a_phone_that_nobody_can_name_is_told_the_offices_time_and_language_alone() -> None:
    """From behind a router its common file has no hardware address in it, and no secrets either."""
    site = replace(office().site, timezone="America/New_York", language="en", country="US")
    where = counter(ScriptedDaemon(), seen="", site=site)
    verdict, body = ask(where, "/y000000000108.cfg", user_agent="Yealink SIP-T46U 108.86.0.20")
    lines = body.decode().splitlines()
    assert verdict is Verdict.PUBLIC
    assert {"local_time.time_zone = -5", "lang.gui = English"} <= set(lines)
    for secret in (SECRET, OWN_SECRET, "Web2web2web2"):
        assert secret.encode() not in body
    verdict, book = ask(where, "/phonebook-yealink.xml", user_agent="Yealink SIP-T46U 108.86.0.20")
    assert verdict is Verdict.PUBLIC and b"2001" not in book, "nor the directory"
