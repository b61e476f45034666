"""Check-sync in virtual time: who is told of a change, once, and what the others cost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from appliance.config.model import Document, Phone, PhoneKey, Snapshot
from appliance.config.presets.loader import make_snapshot
from appliance.phones.resync import Account, Resync, ResyncTools
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, parse_message
from provisioning.api import Identity, NeutralSettings, Rendered
from provisioning.brand_book import BrandBook
from provisioning.catalogue import shipped
from tests.config.offices import office
from tests.kit.stage import Stage
from tests.kit.virtual_loop import run_virtually
from tests.phones.test_devices import made, report

FIRST, SECOND = "805ec0a1b2c3", "805ec0000002"
HOST = "192.168.1.77"


class CountingBook(BrandBook):
    """Notes for whom it renders."""

    def __init__(self) -> None:
        super().__init__(shipped)
        self.rendered: list[str] = []

    def render(self, identity: Identity, settings: NeutralSettings, path: str) -> Rendered | None:
        self.rendered.append(identity.mac)
        return super().render(identity, settings, path)


class Room:
    """Two phones that were given their files; what reaches them is noted by Call-ID."""

    def __init__(self, brand: str = "yealink", path: str = "") -> None:
        self.stage = Stage({"extensions": []})
        self.stage.on_wire = self._on_wire
        self.told: dict[str, str] = {}
        self.talking: set[str] = set()
        self.devices, _ = made()
        for mac in (FIRST, SECOND):
            self.devices.introduce({"mac": mac}, is_configured=True)
            model = {"yealink": "T46U", "panasonic": "KX-HDV230"}[brand]
            asked = {"mac": mac, "seen_mac": mac, "brand": brand, "model": model}
            self.devices.told(report(**asked, path=path or f"/{mac}.cfg"))
        self.book = CountingBook()
        parts = self.stage.exchange.parts
        tools = ResyncTools(
            clock=parts.clock,
            devices=self.devices,
            brands=lambda: self.book,
            requests=self.stage.exchange.requests,
            addresses=parts.addresses,
            accounts=self._accounts,
            is_talking=lambda number: number in self.talking,
        )
        self.resync = Resync(tools)

    def _accounts(self, mac: str) -> list[Account]:
        hop = Hop(Transport.UDP, HOST, 5060)
        return [Account(mac, "", f"sip:{mac}@{HOST}", hop)]

    def _on_wire(self, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        message = parse_message(data)
        if target[0] == HOST and isinstance(message, Request):
            self.told[message.call_id] = message.uri

    def who(self) -> list[str]:
        return [uri.removeprefix("sip:").partition("@")[0] for uri in self.told.values()]


def before_and_after(**first: Any) -> tuple[Snapshot, Snapshot]:
    """The office with both phones, and with the first one changed."""

    def document(**more: Any) -> Document:
        phones = (Phone(mac=FIRST, extensions=("2001",), **more), Phone(mac=SECOND))
        return replace(office(), phones=phones)

    return make_snapshot(1, document()), make_snapshot(2, document(**first))


def test_a_change_is_told_to_the_phone_that_it_touches() -> None:
    async def play() -> None:
        room = Room()
        changed = before_and_after(keys=(PhoneKey(kind="blf", value="2002"),))
        assert await room.resync.changed(*changed) == [FIRST]
        await room.stage.wait(1)
        assert room.who() == [FIRST]
        assert set(room.book.rendered) == {FIRST}, "no file is made where no setting differs"
        room.resync.close()

    run_virtually(play())


@pytest.mark.parametrize(("brand", "is_told"), [("panasonic", False), ("yealink", True)])
def test_a_label_is_not_worth_a_reboot(brand: str, is_told: bool) -> None:
    """Where a brand knows no other form it waits for a change that is more, and comes with it."""

    async def play() -> None:
        room = Room(brand, path=f"/Config{FIRST.upper()}.cfg" if brand == "panasonic" else "")
        plain, label, more = (
            before_and_after(keys=(PhoneKey(kind="blf", value=value, label=text),))[1]
            for value, text in (("2002", "Shop"), ("2002", "Store"), ("2003", "Store"))
        )
        assert await room.resync.changed(plain, label) == [FIRST] * is_told
        assert await room.resync.changed(label, more) == [FIRST]
        await room.stage.wait(1)
        room.resync.close()

    run_virtually(play())


def test_a_new_revision_with_the_same_settings_is_told_to_nobody() -> None:
    async def play() -> None:
        room = Room()
        assert await room.resync.changed(*before_and_after()) == []
        await room.stage.wait(1)
        assert not room.who() and not room.book.rendered

    run_virtually(play())


def test_a_phone_whose_files_break_keeps_no_other_from_being_told() -> None:
    class Breaking(CountingBook):
        def render(
            self, identity: Identity, settings: NeutralSettings, path: str
        ) -> Rendered | None:
            if identity.mac == FIRST:
                raise AttributeError("a table did that")
            return super().render(identity, settings, path)

    async def play() -> None:
        room = Room()
        room.book = Breaking()
        before, after = before_and_after()
        site = replace(after.document.site, timezone="Asia/Tokyo")
        phones = tuple(replace(phone, extensions=("2001",)) for phone in after.document.phones)
        told = replace(after.document, site=site, phones=phones)
        assert await room.resync.changed(before, replace(after, document=told)) == [FIRST, SECOND]
        await room.stage.wait(1)
        assert sorted(room.who()) == sorted((FIRST, SECOND))
        room.resync.close()

    run_virtually(play())


def test_calls_have_turns_while_phones_are_compared() -> None:
    """Whoever is asked meanwhile, by a claim, is not asked again; who was asked before, is."""

    async def play() -> None:
        room = Room()
        before, after = before_and_after()
        site = replace(
            after.document.site, language="ru" if office().site.language == "en" else "en"
        )
        after = replace(after, document=replace(after.document, site=site))
        comparing = asyncio.ensure_future(room.resync.changed(before, after))
        room.resync.ask(SECOND)
        assert await comparing == [FIRST, SECOND]
        await room.stage.wait(1)
        assert sorted(room.who()) == sorted((FIRST, SECOND))
        await room.resync.changed(before, after)
        await room.stage.wait(1)
        assert sorted(room.who()) == sorted((FIRST, SECOND) * 2)
        room.resync.close()

    run_virtually(play())


def test_nobody_is_told_during_a_call() -> None:
    async def play() -> None:
        room = Room()
        room.talking.add(FIRST)
        room.resync.ask(FIRST)
        await room.stage.wait(60)
        assert not room.who() and room.resync.is_waiting(FIRST)
        room.talking.clear()
        await room.stage.wait(2)
        assert room.who() == [FIRST]
        room.resync.close()

    run_virtually(play())
