"""Claiming with real settings on disk: a code is used up by what is saved, by nothing else."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest

from appliance.config import store as config_store
from appliance.config.presets.loader import make_snapshot
from appliance.config.store import ConfigStore
from appliance.phones.claiming import Claiming, ClaimingTools
from appliance.phones.claims import MOST_RESTS, MOST_WRONG_OF_ALL, Claims
from appliance.phones.resync import Resync
from appliance.routing.claim import KEY_CODE
from appliance.store.phones import PhoneStore
from tests.config.offices import office
from tests.phones.test_devices import _Clock, made

MAC = "805ec0a1b2c3"


class _Codes:
    """What is kept of codes, noted."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    def put_code(self, code: Any) -> None: ...

    def drop_code(self, extension: str) -> None:
        self.dropped.append(extension)


class _SetClock(_Clock):
    """Goes on when the test says so."""

    at = 5.0

    def now(self) -> float:
        return self.at


class _Told:
    def ask(self, mac: str) -> None: ...


class Room:
    """A phone without a number, and an office whose settings are on disk."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.db"
        self.store = ConfigStore(self.path)
        self.store.save(office(), 0, "test")
        self.devices, _ = made()
        self.device = self.devices.introduce({"mac": MAC, "seen_mac": MAC}, is_configured=False)
        self.codes = _Codes()
        self.clock = _SetClock()
        self.alerts: list[str] = []
        self.waiting = ""

        async def reload(revision: int | None) -> int:
            return revision or 0

        tools = ClaimingTools(
            config=self.path,
            clock=self.clock,
            snapshot=lambda: make_snapshot(1, office()),
            reload=reload,
            devices=self.devices,
            waits_for_key=lambda mac: mac == self.waiting,
            claims=Claims(random.Random(7).choice),
            resync=cast(Resync, _Told()),
            store=cast(PhoneStore, self.codes),
            is_registered=lambda phone: False,
            raise_alert=lambda key, detail: self.alerts.append(key),
        )
        self.claiming = Claiming(tools)

    def dial(self, code: str, guest_number: str = "") -> str:
        number = guest_number or self.device.guest_number
        return asyncio.run(self.claiming.dialled(number, code))


def test_a_code_outlives_a_disk_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the settings' lock: the caller hears "later", and the code serves then."""
    room = Room(tmp_path)
    monkeypatch.setattr(config_store, "_BUSY_S", 0.05)
    code = room.claiming.code_of("2001").code
    holder = sqlite3.connect(room.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert room.dial(code) == "claim_later"
    assert room.codes.dropped == [] and not room.devices.windows.is_open(MAC, 5.0)
    holder.execute("ROLLBACK")
    holder.close()
    assert room.dial(code) == "claimed"
    assert room.codes.dropped == ["2001"] and room.devices.windows.is_open(MAC, 5.0)
    (phone,) = room.store.load()[1].phones
    assert (phone.mac, phone.extensions) == (MAC, ("2001",))
    assert room.dial(code) == "claim_wrong", "a code serves once"
    room.store.close()


def test_the_key_opens_the_window_of_a_phone_that_waits_for_it_and_of_no_other(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    assert room.dial(KEY_CODE) == "claim_wrong" and not room.devices.windows.is_open(MAC, 5.0)
    room.waiting = MAC
    assert room.dial(KEY_CODE) == "claimed" and room.devices.windows.is_open(MAC, 5.0)
    assert room.devices.windows.open_ones() == (MAC,)
    assert room.store.load()[1].phones == (), "nothing of the settings changes"
    room.store.close()


def test_codes_that_are_guessed_serve_no_more_and_raise_an_alert(tmp_path: Path) -> None:
    room = Room(tmp_path)
    code = room.claiming.code_of("2001").code
    wrong = next(f"{n:04}" for n in range(10000) if f"{n:04}" != code)
    said = set()
    for number in range(MOST_RESTS * MOST_WRONG_OF_ALL):
        mac = f"{0x805EC0000100 + number:012x}"
        device = room.devices.introduce({"mac": mac, "seen_mac": mac}, is_configured=False)
        said.add(room.dial(wrong, device.guest_number))
        room.clock.at += 2000.0  # longer than the first two rests
    assert said == {"claim_wrong"}
    assert room.codes.dropped == ["2001"] and room.alerts == ["phone_claims_guessed"]
    assert room.claiming.code_of("2001").code != code
    room.store.close()
