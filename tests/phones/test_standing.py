"""Why a desk phone is not registered: the first thing that stands in its way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.phones.devices import Devices
from appliance.phones.standing import LINK_DOWN_S, PhoneStandings, StandingTools
from provisioning.brand_book import BrandBook
from provisioning.catalogue import shipped
from tests.kit.stage import Stage
from tests.kit.stage_watcher import Watcher
from tests.kit.virtual_loop import run_virtually
from tests.phones.test_devices import made, report

MAC, OTHER = "805ec0a1b2c3", "805ec0000002"
HOST = "192.168.1.77"
SECRET = "Secret-of-the-phone"


class Room:
    """One phone that has 2001, on a stage. banned: addresses; guests: who registered as such."""

    def __init__(self, **phone: Any) -> None:
        extensions = [{"number": "2001", "secret": SECRET}]
        phones = [{"mac": MAC, "extensions": ["2001"], **phone}]
        self.stage = Stage({"extensions": extensions, "phones": phones})
        self.devices: Devices = made()[0]
        self.banned: set[str] = set()
        self.guests: set[str] = set()
        exchange = self.stage.exchange
        self.is_waiting_for_key = False
        self.standings = PhoneStandings(
            StandingTools(
                clock=exchange.parts.clock,
                snapshot=exchange.parts.snapshot,
                devices=self.devices,
                waits_for_key=lambda mac: self.is_waiting_for_key,
                brands=lambda: BrandBook(shipped),
                registrations=exchange.registrations,
                is_banned=self.banned.__contains__,
                is_guest_here=self.guests.__contains__,
                is_waiting=lambda mac: False,
                lamps=exchange.notifier.count_of,
                is_emulated=lambda host: host.startswith("127."),
            )
        )

    def asked(self, mac: str = MAC, **more: Any) -> None:
        """The phone has asked for its settings just now, and was told all of them."""
        self.devices.introduce({"mac": mac, "seen_mac": mac}, is_configured=False)
        self.devices.told(report(**{"mac": mac, "seen_mac": mac, "host": HOST, **more}))
        device = self.devices.get(mac)
        assert device is not None
        now = self.stage.exchange.parts.clock.wall()
        self.devices.keep(replace(device, last_seen=now))

    def marked(self, host: str) -> bool:
        """Whether a phone that asked from there is called emulated."""
        self.devices.told(report(mac=MAC, seen_mac=MAC, host=host))
        return bool(self.standings.rows()[0]["is_emulated"])

    def hosts(self) -> list[str]:
        """Where the first phone's registrations come from."""
        (phone,) = self.stage.exchange.parts.snapshot().document.phones
        bindings = self.standings.bindings(phone, self.devices.get(phone.mac))
        return [binding.hop.host for binding in bindings]

    def first(self) -> tuple[str, str]:
        row = self.standings.rows()[0]
        return row["state"], row["why"]


def test_the_first_thing_that_stands_in_the_way() -> None:
    async def play() -> None:
        room = Room()
        assert room.first() == ("unregistered", "never_seen")
        room.asked(verdict="plain", has_secrets=False)
        assert room.first() == ("unregistered", "needs_window")
        room.is_waiting_for_key = True
        room.asked(verdict="guest", has_secrets=False)
        assert room.first() == ("unregistered", "waits_for_key")
        room.is_waiting_for_key = False
        room.asked(verdict="mismatch")
        assert room.first() == ("unregistered", "wrong_address")
        room.asked()
        assert room.first() == ("unregistered", "not_yet")
        room.asked(verdict="wrong_proof")
        assert room.first() == ("unregistered", "needs_window")
        room.asked()
        room.banned.add(HOST)
        assert room.first() == ("unregistered", "banned")
        room.banned.clear()
        await room.stage.phone("2001", HOST)
        assert room.first() == ("registered", "")

    run_virtually(play())


def test_another_who_asks_in_the_name_of_a_phone_is_the_reason_until_it_asks_itself() -> None:
    """Before the phone ever asked, and afterwards; nothing else of it changes."""

    async def play() -> None:
        room = Room()
        room.devices.introduce({"mac": MAC}, is_configured=True)
        for _ in range(2):
            before = room.devices.get(MAC)
            room.devices.told(report(mac=MAC, seen_mac=OTHER, verdict="mismatch"))
            assert room.first() == ("unregistered", "wrong_address")
            assert room.standings.rows()[0]["last_verdict"] == "mismatch"
            assert room.devices.get(MAC) == before
            room.asked()
            assert room.first() == ("unregistered", "not_yet")

    run_virtually(play())


def test_a_softphone_of_the_same_number_is_not_the_phone() -> None:
    """It is taken for it only as long as nobody has seen where the phone itself is."""

    async def play() -> None:
        room = Room()
        await room.stage.phone("2001", "192.168.1.99")
        assert room.first() == ("registered", ""), "nobody knows better"
        room.asked(seen_mac="")
        assert room.first() == ("registered", ""), "a router may stand between"
        room.asked()
        assert room.first() == ("unregistered", "not_yet")
        await room.stage.phone("2001", HOST)
        assert room.first() == ("registered", "")
        assert room.hosts() == [HOST]

    run_virtually(play())


def test_a_phone_that_asks_no_more_has_lost_its_link() -> None:
    async def play() -> None:
        room = Room()
        room.asked()
        device = room.devices.get(MAC)
        assert device is not None
        room.devices.keep(replace(device, last_seen=device.last_seen - LINK_DOWN_S - 1))
        assert room.first() == ("unregistered", "link_down")

    run_virtually(play())


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ({"is_enabled": False}, ("disabled", "")),
        ({"extensions": []}, ("unclaimed", "not_seen_by_sip")),
    ],
)
def test_phones_that_are_not_expected(phone: dict[str, Any], expected: tuple[str, str]) -> None:
    async def play() -> None:
        room = Room(**phone)
        room.asked()
        assert room.first() == expected
        room.guests.add(MAC)
        assert room.first()[1] == ""

    run_virtually(play())


def test_phones_of_the_settings_come_first() -> None:
    async def play() -> None:
        room = Room()
        room.asked(OTHER)
        rows = room.standings.rows()
        assert [(r["mac"], r["is_configured"]) for r in rows] == [(MAC, True), (OTHER, False)]
        assert rows[1]["state"] == "unclaimed"

    run_virtually(play())


def test_a_phone_of_this_very_machine_is_called_emulated() -> None:
    async def play() -> None:
        room = Room()
        room.asked()
        assert not room.marked(HOST)
        assert room.marked("127.0.0.11")

    run_virtually(play())


def test_lamps_are_counted_at_the_phone_that_has_them() -> None:
    """Another phone of the same number has its own."""

    async def play() -> None:
        room = Room()
        room.asked()
        await room.stage.settle()
        for host in (HOST, "192.168.1.99"):
            watcher = Watcher(room.stage, "2001", host, SECRET)
            await watcher.watch("2001", "presence")
        await watcher.watch("2001")
        assert room.stage.exchange.notifier.count_of("2001") == 3
        assert room.standings.rows()[0]["lamps"] == 1

    run_virtually(play())
