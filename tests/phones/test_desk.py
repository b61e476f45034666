"""What provisioning reports of an answered request, and what the desk makes of it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from appliance.phones.desk import PhoneDesk, PhoneDeskTools
from tests.phones.test_devices import MAC, made, report

IN_FORCE = 7


class _Resync:
    """Who has fetched, noted."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def fetched(self, mac: str) -> None:
        self.seen.append(mac)


def test_a_change_that_was_saved_while_a_phone_fetched_is_told_to_it_yet() -> None:
    """Its file was made from the settings before: it has not read the newest ones."""
    devices, _ = made()
    devices.introduce({"mac": MAC}, is_configured=True)
    resync = _Resync()
    tools = SimpleNamespace(
        devices=devices, resync=resync, snapshot=lambda: SimpleNamespace(revision=IN_FORCE)
    )
    desk = PhoneDesk(cast(PhoneDeskTools, tools))

    def revision_after(**more: Any) -> int:
        asyncio.run(desk.operations["phone_asked"](report(**more)))
        device = devices.get(MAC)
        assert device is not None and device.is_delivered
        return device.revision

    assert revision_after(revision=IN_FORCE - 1) == 0 and resync.seen == []
    assert revision_after(revision=IN_FORCE) == IN_FORCE and resync.seen == [MAC]
