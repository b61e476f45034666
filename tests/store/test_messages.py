"""Short messages in state.db: kept once, newest first, and never more than there is room for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.store import messages as module
from appliance.store.messages import Message, MessageStore
from appliance.store.writer import StateWriter

COMES = Message("gsm", "in", "+79101234567", "привет", "2026-11-27T10:00:00+03:00", 1.0)
GOES = Message("gsm", "out", "+79101234567", "да", "", 2.0, "17")


def test_messages_come_back_newest_first_and_repeats_are_kept_once(tmp_path: Path) -> None:
    async def main() -> None:
        writer = StateWriter(tmp_path / "state.db")
        store = MessageStore(writer)
        for message in (COMES, GOES, replace(COMES, at=3.0), replace(GOES, at=4.0)):
            assert await store.keep(message)
        assert await store.recent(10) == [replace(GOES, at=4.0), GOES, COMES]
        assert await store.recent(1) == [replace(GOES, at=4.0)]
        writer.close()

    asyncio.run(main())


def test_old_ones_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)

    async def main() -> None:
        writer = StateWriter(tmp_path / "state.db")
        store = MessageStore(writer)
        for number in range(6):
            await store.keep(replace(GOES, at=float(number)))
        assert [m.at for m in await store.recent(10)] == [5.0, 4.0, 3.0]
        writer.close()
        assert not await store.keep(COMES)  # nothing can be written any more: it says so

    asyncio.run(main())
