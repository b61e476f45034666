"""What provisioning reports of an answered request: what the desk makes of it, and what people are
told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from appliance.phones.desk import PhoneDesk, PhoneDeskTools
from appliance.phones.devices import Devices
from tests.phones.test_devices import MAC, made, report

IN_FORCE = 7


class Room:
    """A desk with the tools that a report needs."""

    def __init__(self) -> None:
        self.devices: Devices = made()[0]
        self.fetched: list[str] = []
        self.alerts: list[tuple[str, str]] = []
        tools = SimpleNamespace(
            devices=self.devices,
            resync=SimpleNamespace(fetched=self.fetched.append),
            raise_alert=lambda key, text: self.alerts.append((key, text)),
            snapshot=lambda: SimpleNamespace(revision=IN_FORCE),
        )
        self.desk = PhoneDesk(cast(PhoneDeskTools, tools))

    def hear(self, **more: Any) -> list[tuple[str, str]]:
        """The alerts after such a report."""
        self.alerts.clear()
        asyncio.run(cast(Any, self.desk.operations["phone_asked"])(report(**more)))
        return self.alerts


def test_a_change_that_was_saved_while_a_phone_fetched_is_told_to_it_yet() -> None:
    """Its file was made from the settings before: it has not read the newest ones."""
    room = Room()
    room.devices.introduce({"mac": MAC}, is_configured=True)
    for revision, noted, fetched in ((IN_FORCE - 1, 0, []), (IN_FORCE, IN_FORCE, [MAC])):
        assert room.hear(revision=revision) == []
        device = room.devices.get(MAC)
        assert device is not None and device.is_delivered
        assert (device.revision, room.fetched) == (noted, fetched)


def test_a_file_that_cannot_be_written_is_told_with_its_place_and_why() -> None:
    wrong = "linekey.2.label: phone.value.reserved"
    alerts = Room().hear(verdict="unwritable", has_secrets=False, refused=wrong)
    assert alerts == [("phone_unwritable", f"{MAC} /{MAC}.cfg {wrong}")]


def test_of_a_softphone_its_address_is_told() -> None:
    more = {"mac": "", "path": "/s/…/sipnetic.txt", "refused": "p: phone.value.forbidden"}
    ((key, text),) = Room().hear(verdict="unwritable", has_secrets=False, **more)
    assert (key, text) == (
        "phone_unwritable",
        "10.0.0.5 /s/…/sipnetic.txt p: phone.value.forbidden",
    )


def test_one_who_names_another_is_told() -> None:
    ((key, _),) = Room().hear(verdict="mismatch", has_secrets=False, seen_mac="00a0ded0dead")
    assert key == "phone_mismatch"
