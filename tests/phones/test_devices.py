"""Devices: who is remembered, what is kept of an answered request."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import pytest

from appliance.phones.device import MOST_PATHS, device_of
from appliance.phones.devices import MOST, Devices, DeviceTools
from tests.kit.stage import CountingIds

MAC, OTHER = "805ec0a1b2c3", "805ec0000002"


class _Clock:
    def now(self) -> float:
        return 5.0

    def wall(self) -> float:
        return 1e9

    def call_later(self, delay_s: float, callback: Any) -> Any:
        raise AssertionError("nothing waits here")


class NotedPhones:
    """What is to be kept, noted."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.noted: list[Any] = []

    def put(self, mac: str, detail: Any) -> None:
        self.kept[mac] = dict(detail)

    def forget(self, mac: str) -> None:
        del self.kept[mac]

    def note(self, at: float, mac: str, detail: Any) -> None:
        self.noted.append((at, mac, dict(detail)))


def made(configured: Collection[str] = ()) -> tuple[Devices, NotedPhones]:
    store = NotedPhones()
    tools = DeviceTools(
        clock=_Clock(),
        ids=CountingIds(),
        choose=random.Random(1).choice,
        store=store,
        is_configured=lambda mac: mac in configured,
    )
    return Devices(tools), store


def report(**more: Any) -> dict[str, Any]:
    usual = {
        "mac": MAC,
        "seen_mac": MAC,
        "host": "10.0.0.5",
        "verdict": "full",
        "transport": "http",
    }
    return {**usual, "has_secrets": True, "path": f"/{MAC}.cfg", "brand": "yealink", **more}


def test_only_who_is_itself_or_configured_is_remembered() -> None:
    devices, store = made()
    devices.introduce({"mac": MAC, "seen_mac": OTHER}, is_configured=False)
    devices.introduce({"mac": MAC, "seen_mac": ""}, is_configured=False)
    assert not store.kept
    first = devices.introduce({"mac": MAC, "seen_mac": MAC}, is_configured=False)
    assert devices.introduce({"mac": MAC, "seen_mac": OTHER}, is_configured=False) is first
    devices.introduce({"mac": OTHER, "seen_mac": ""}, is_configured=True)
    assert set(store.kept) == {MAC, OTHER}


def test_secrets_are_of_one_device_and_are_kept() -> None:
    devices, store = made()
    one = devices.introduce({"mac": MAC, "seen_mac": MAC}, is_configured=False)
    two = devices.introduce({"mac": OTHER, "seen_mac": OTHER}, is_configured=False)
    for name in ("secret", "admin_password", "guest_password", "guest_number"):
        assert getattr(one, name) and getattr(one, name) != getattr(two, name)
    assert len(one.admin_password) == 12 and one.secret not in repr(one)
    assert device_of(MAC, store.kept[MAC]) == one
    again, _ = made()
    again.restore(store.kept)
    assert again.get(MAC) == one and again.of_guest(one.guest_number) == one
    renewed = devices.renew(MAC)
    assert renewed.secret != one.secret and not renewed.is_delivered


def test_what_was_given_is_noted() -> None:
    devices, store = made()
    devices.introduce({"mac": MAC, "seen_mac": MAC}, is_configured=False)
    devices.windows.open(MAC, 5.0)
    devices.told(report(verdict="plain", has_secrets=False, transport="tftp"))
    device = devices.get(MAC)
    assert device is not None
    assert (device.is_delivered, device.has_spoken_http, device.paths) == (
        False,
        False,
        (f"/{MAC}.cfg",),
    )
    devices.told(report(path="/phonebook-yealink.xml", has_secrets=False))
    devices.told(report())
    device = devices.get(MAC)
    assert device is not None and device.is_delivered and device.has_spoken_http
    assert device.paths == (f"/{MAC}.cfg", "/phonebook-yealink.xml")
    assert devices.windows.registered(MAC), "the window was used"
    assert len(store.noted) == 3


def test_another_who_asks_in_its_name_changes_nothing() -> None:
    devices, _ = made()
    before = devices.introduce({"mac": MAC, "seen_mac": MAC}, is_configured=False)
    assert devices.told(report(seen_mac=OTHER, verdict="mismatch")) is None
    assert devices.get(MAC) == before


@pytest.mark.parametrize("verdict", ["plain", "challenge", "wrong_proof", "tftp_off", "stranger"])
def test_a_source_that_nobody_has_seen_changes_nothing_before_it_proves_the_secret(
    verdict: str,
) -> None:
    """A forged datagram has no neighbour, and neither has a request by IPv6 or through a router."""
    devices, store = made()
    devices.introduce({"mac": MAC, "seen_mac": MAC}, is_configured=False)
    before = devices.told(report(verdict="plain", has_secrets=False, transport="tftp"))
    assert before is not None and before.is_neighbour
    forged = {"seen_mac": "", "host": "10.0.0.250", "has_secrets": False, "firmware": "9"}
    for number in range(MOST_PATHS):
        other = {"brand": "panasonic", "model": "KX", "path": f"/{number}", "alarms": ["x"]}
        assert devices.told(report(verdict=verdict, **forged, **other)) is None
    assert devices.get(MAC) == before == device_of(MAC, store.kept[MAC])
    assert devices.last_verdict(MAC) == verdict
    proved = devices.told(report(seen_mac="", host="10.0.0.250"))
    assert proved is not None and proved.is_delivered and devices.last_verdict(MAC) == "full"
    assert (proved.host, proved.is_neighbour) == ("10.0.0.250", False)


def test_the_table_has_an_end() -> None:
    devices, store = made()
    for number in range(MOST + 50):
        mac = f"{0x805EC0000000 + number:012x}"
        devices.introduce({"mac": mac, "seen_mac": mac}, is_configured=False)
    assert len(store.kept) == MOST


def test_made_up_devices_push_out_none_of_the_settings_and_none_with_a_window() -> None:
    devices, store = made(configured=(MAC,))
    devices.introduce({"mac": MAC}, is_configured=True)
    devices.introduce({"mac": OTHER, "seen_mac": OTHER}, is_configured=False)
    devices.windows.open(OTHER, 5.0)
    for number in range(MOST + 50):
        mac = f"{0x02000A000000 + number:012x}"
        devices.introduce({"mac": mac, "seen_mac": mac}, is_configured=False)
    assert {MAC, OTHER} <= set(store.kept) and len(store.kept) == MOST
    assert devices.windows.is_open(OTHER, 5.0)


def test_makers_who_count_alike_do_not_share_a_hidden_account() -> None:
    """The lower halves of two addresses are the same; each keeps its number over a restart."""
    alike = ("805ec0a1b2c3", "001565a1b2c3", "0c383ea1b2c3")
    devices, store = made()
    made_ones = [devices.introduce({"mac": m, "seen_mac": m}, is_configured=False) for m in alike]
    numbers = [device.guest_number for device in made_ones]
    assert len(set(numbers)) == 3 and {len(number) for number in numbers} == {11}
    assert devices.forget(alike[0])
    again, _ = made()
    again.restore(store.kept)
    for devices_of_a_run in (devices, again):
        assert devices_of_a_run.of_guest(numbers[0]) is None
        assert [devices_of_a_run.of_guest(n) for n in numbers[1:]] == made_ones[1:]


def test_devices_that_an_earlier_version_kept_have_the_number_that_they_were_told() -> None:
    devices, _ = made()
    devices.restore({"001565a1b2c3": {"secret": "a"}, MAC: {"secret": "b"}})
    numbers = [device.guest_number for device in devices.all()]
    assert numbers == ["99910597059", "99910597060"]
    assert [devices.of_guest(number) for number in numbers] == list(devices.all())


@pytest.mark.parametrize(
    ("mac", "details"),
    [
        ("805ec0a1b2cz", {}),
        ("805ec0", {}),
        (MAC, {"paths": 5}),
        (MAC, {"secret": None}),
        (MAC, {"revision": "1"}),
        (MAC, {"is_delivered": "yes"}),
    ],
)
def test_an_odd_row_is_left_out_and_the_others_are_known(mac: str, details: Any) -> None:
    devices, _ = made()
    devices.restore({mac: details, OTHER: {"secret": "b", "last_seen": 5}})
    assert [device.mac for device in devices.all()] == [OTHER]
