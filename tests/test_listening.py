"""Tests of appliance/listening.py: sockets that follow the addresses they were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from appliance.alerts import Alerts
from appliance.errors import UserError
from appliance.listening import Listening, ListeningParts
from appliance.net.netlink import InterfaceAddress
from appliance.net.own_address import OwnAddresses

PORT = 5060
CABLE, OTHER = 2, 3


class Machine:
    """Addresses that come and go, and what was opened on them."""

    def __init__(self) -> None:
        self.addresses = [
            InterfaceAddress(CABLE, "192.168.1.5", 0),
            InterfaceAddress(CABLE, "fe80::5", 253),
            InterfaceAddress(OTHER, "10.0.0.1", 0),
        ]
        self.opened: list[str] = []
        self.is_busy = self.is_silent = False
        self.alerts = Alerts(lambda: 0.0)
        self.listening = Listening(
            ListeningParts(self, OwnAddresses(lambda: 0.0), self.alerts, self.told_by_kernel)
        )

    def told_by_kernel(self) -> list[InterfaceAddress]:
        if self.is_silent:
            raise OSError("no netlink here")
        return self.addresses

    async def open(self, host: str, port: int) -> int:
        if self.is_busy:
            raise UserError("net.address_in_use", address=host, port=port)
        self.opened.append(host)
        return port

    def leave(self, host: str) -> None:
        self.opened.remove(host)

    def lose(self, host: str) -> None:
        self.addresses = [a for a in self.addresses if a.host != host]

    def gain(self, host: str, interface: int = CABLE) -> None:
        self.addresses.append(InterfaceAddress(interface, host, 0))

    def told(self) -> list[tuple[object, object]]:
        return [(alert["key"], alert["detail"]) for alert in self.alerts.listed()]


def play(script: Callable[[Machine], Coroutine[Any, Any, None]], *hosts: str) -> None:
    async def main() -> None:
        machine = Machine()
        await machine.listening.open(hosts, PORT)
        await script(machine)

    asyncio.run(main())


def test_a_new_lease_is_followed_at_the_same_port() -> None:
    async def script(machine: Machine) -> None:
        machine.lose("192.168.1.5")
        machine.gain("192.168.1.9")
        await machine.listening.follow()
        assert machine.opened == ["192.168.1.9"]
        assert machine.listening.listeners() == [
            ("udp", "192.168.1.9", PORT),
            ("tcp", "192.168.1.9", PORT),
        ]
        assert machine.told() == [("address_changed", "192.168.1.5 → 192.168.1.9")]

    play(script, "192.168.1.5")


def test_an_address_that_went_is_waited_for_and_others_are_left_alone() -> None:
    async def script(machine: Machine) -> None:
        machine.lose("192.168.1.5")
        await machine.listening.follow()
        await machine.listening.follow()
        assert machine.told() == [("address_gone", "192.168.1.5")]
        assert machine.listening.present() == [("10.0.0.1", PORT)]
        machine.gain("192.168.1.5")
        await machine.listening.follow()
        assert machine.opened == ["192.168.1.5", "10.0.0.1"], "its sockets were kept"
        assert len(machine.listening.present()) == 2

    play(script, "192.168.1.5", "10.0.0.1")


def test_the_gone_one_comes_back_under_another_name() -> None:
    async def script(machine: Machine) -> None:
        machine.lose("192.168.1.5")
        await machine.listening.follow()
        machine.gain("192.168.1.9")
        await machine.listening.follow()
        assert machine.listening.present() == [("192.168.1.9", PORT)]

    play(script, "192.168.1.5")


@pytest.mark.parametrize("host", ["172.16.0.1", "fd00::9"])
def test_no_other_interface_and_no_other_family_takes_its_place(host: str) -> None:
    """Who asked for the office's side must not be put on the side of the internet."""

    async def script(machine: Machine) -> None:
        machine.lose("192.168.1.5")
        machine.gain(host, CABLE if ":" in host else OTHER)
        await machine.listening.follow()
        assert machine.opened == ["192.168.1.5"]

    play(script, "192.168.1.5")


def test_a_port_that_is_taken_there_leaves_all_as_it_was() -> None:
    async def script(machine: Machine) -> None:
        machine.lose("192.168.1.5")
        machine.gain("192.168.1.9")
        machine.is_busy = True
        await machine.listening.follow()
        assert machine.opened == ["192.168.1.5"]

    play(script, "192.168.1.5")


def test_where_the_kernel_tells_nothing_every_address_is_believed_to_be_there() -> None:
    async def script(machine: Machine) -> None:
        machine.is_silent = True
        await machine.listening.follow()
        assert machine.listening.present() == [("192.168.1.5", PORT)]
        assert machine.told() == []

    play(script, "192.168.1.5")


def test_a_wildcard_needs_nothing() -> None:
    async def script(machine: Machine) -> None:
        machine.addresses.clear()
        await machine.listening.follow()
        assert (machine.opened, machine.told()) == (["0.0.0.0"], [])

    play(script, "0.0.0.0")
