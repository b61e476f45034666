"""Room for streams: strangers have a small part of it, and crowds give way."""

from __future__ import annotations

import pytest

from appliance.net.connection import StreamConnection
from appliance.net.stream_room import Room, StreamLimits
from appliance.sip.events import Hop, Transport

LAN = "192.168.1."
LIMITS = StreamLimits(connections=12, connections_per_source=4, strangers=6, strangers_per_source=3)


class Door:
    """The LAN is known, and whoever has proved himself."""

    def __init__(self) -> None:
        self.proved: set[str] = set()
        self.banned: set[str] = set()

    def admits_connection(self, host: str, now: float) -> bool:
        return host not in self.banned

    def is_stranger(self, host: str, now: float) -> bool:
        return not host.startswith(LAN) and host not in self.proved


class Owner:
    largest_unsent_octets = 0

    def __init__(self, house: House) -> None:
        self._house = house

    def now(self) -> float:
        return self._house.now

    def connection_made(self, connection: StreamConnection) -> bool:
        return True

    def messages_received(self, connection: StreamConnection, messages: list[bytes]) -> None: ...
    def connection_gone(self, connection: StreamConnection, why: str) -> None: ...


class House:
    def __init__(self) -> None:
        self.now = 100.0
        self.door = Door()
        self.room = Room(LIMITS, self.door)
        self.inside: list[int] = []
        self._last = 0

    def come(self, host: str, *, is_ours: bool = False, has_served: bool = False) -> int:
        """The newcomer's number when he got in, else 0; who gave way has left."""
        is_admitted, leaving = self.room.find(host, self.now)
        if leaving is not None:
            self.room.leave(leaving)
            self.inside.remove(leaving.number)
        if not is_admitted:
            return 0
        self._last += 1
        connection = self.guest(host, is_ours=is_ours, has_served=has_served)
        self.room.enter(connection)
        self.inside.append(connection.number)
        return connection.number

    def guest(
        self, host: str, *, is_ours: bool = False, has_served: bool = False
    ) -> StreamConnection:
        made = StreamConnection(self._last, Owner(self))
        made.hop = Hop(Transport.TCP, host, 5060, self._last)
        made.is_ours, made.has_served = is_ours, has_served
        return made


@pytest.fixture
def house() -> House:
    return House()


def test_strangers_never_take_the_room_of_phones(house: House) -> None:
    for host in range(40):
        assert house.come(f"203.0.113.{host}")
    assert len(house.inside) == LIMITS.strangers
    phones = [house.come(f"{LAN}{n}", has_served=True) for n in range(6)]
    assert all(phones)
    for host in range(40):
        house.come(f"198.51.100.{host}")
    assert set(phones) <= set(house.inside)
    assert len(house.inside) == LIMITS.connections


def test_a_newcomer_drives_out_the_largest_crowd(house: House) -> None:
    crowd = [house.come("203.0.113.1") for _ in range(3)]
    lone = [house.come(f"198.51.100.{n}") for n in range(3)]
    newcomer = house.come("192.0.2.1", has_served=True)
    assert house.inside == [*crowd[1:], *lone, newcomer]
    house.come("192.0.2.2")
    assert crowd[1] not in house.inside
    assert newcomer in house.inside


def test_a_stranger_s_own_crowd_makes_room_first(house: House) -> None:
    crowd = [house.come("203.0.113.1", has_served=True) for _ in range(3)]
    more = house.come("203.0.113.1")
    assert house.inside == [*crowd[1:], more]


def test_who_has_proved_himself_is_no_stranger_any_more(house: House) -> None:
    remote = house.come("203.0.113.1", has_served=True)
    house.door.proved.add("203.0.113.1")
    for n in range(30):
        house.come(f"198.51.100.{n}")
    assert remote in house.inside


def test_all_addresses_of_one_network_are_one_source(house: House) -> None:
    for n in range(10):
        house.come(f"2001:db8::{n + 1:x}")
    assert len(house.inside) == LIMITS.strangers_per_source


def test_a_known_source_keeps_those_who_serve(house: House) -> None:
    served = [house.come(f"{LAN}7", has_served=True) for _ in range(3)]
    silent = house.come(f"{LAN}7")
    assert house.come(f"{LAN}7", has_served=True)
    assert silent not in house.inside
    assert set(served) <= set(house.inside)
    assert house.come(f"{LAN}7") == 0


def test_our_own_connections_never_give_way(house: House) -> None:
    ours = [house.come("203.0.113.1", is_ours=True) for _ in range(3)]
    assert house.come("203.0.113.1") == 0
    for n in range(9):
        house.come(f"198.51.100.{n}")
    assert set(ours) <= set(house.inside)


def test_the_banned_do_not_get_in(house: House) -> None:
    house.door.banned.add("203.0.113.1")
    assert house.come("203.0.113.1") == 0


# ---- who has been here too long


def why(house: House, connection: StreamConnection, after_s: float) -> str:
    return house.room.overdue(connection, house.now + after_s)


def test_a_first_message_is_waited_for(house: House) -> None:
    silent = house.guest(f"{LAN}1")
    assert not why(house, silent, 15.0)
    assert why(house, silent, 15.1) == "no message"
    silent.served_at += 14  # by pings
    assert why(house, silent, 15.1) == "no message"


def test_crumbs_are_not_waited_for(house: House) -> None:
    crumbs = house.guest(f"{LAN}1", has_served=True)
    crumbs.starved_at = house.now + 100
    assert not why(house, crumbs, 114)
    assert why(house, crumbs, 116) == "a message that does not end"


def test_a_stranger_may_not_stay_and_a_phone_may(house: House) -> None:
    stranger = house.guest("203.0.113.1", has_served=True)
    phone = house.guest(f"{LAN}1", has_served=True)
    assert not why(house, stranger, 32)
    stranger.served_at += 32  # by messages
    assert why(house, stranger, 33) == "nobody has proved himself"
    house.door.proved.add("203.0.113.1")
    assert not why(house, stranger, 3900)
    assert not why(house, phone, 3900)
    assert why(house, phone, 4001) == "idle"


def test_our_own_connection_needs_no_first_message(house: House) -> None:
    ours = house.guest("203.0.113.1", is_ours=True)
    assert not why(house, ours, 3900)
    assert why(house, ours, 4001) == "idle"
