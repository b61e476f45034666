"""Rows of voice messages: kept as they are, read beside the daemon, never believed when rotten."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import StoreError
from appliance.store.voice_messages import VoiceMessageStore, messages_of
from appliance.store.writer import StateWriter
from tests.store.test_voice_files import MESSAGE

LATER = replace(MESSAGE, ident="20261128T030000-00000002", at=1.8e9, seconds=2.5)
OTHER = replace(MESSAGE, ident="20261128T040000-00000003", extension="2003")


def test_messages_are_kept_changed_and_dropped(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    async def main() -> None:
        writer = StateWriter(path)
        store = VoiceMessageStore(writer)
        for message in (MESSAGE, LATER, OTHER):
            await store.put(message)
        assert messages_of(path, "2002") == [LATER, MESSAGE]
        heard = replace(MESSAGE, is_heard=True)
        await store.put(heard)
        assert set(await store.load()) == {heard, LATER, OTHER}
        await store.drop(LATER.ident)
        await store.drop("nobody")
        assert messages_of(path, "2002") == [heard]
        writer.close()
        with pytest.raises(StoreError):
            await store.put(MESSAGE)

    asyncio.run(main())


def test_a_row_that_rotted_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    async def main() -> None:
        writer = StateWriter(path)
        store = VoiceMessageStore(writer)
        await store.put(MESSAGE)
        await store.put(LATER)
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("UPDATE voice_messages SET caller = '1' WHERE ident = ?", (MESSAGE.ident,))
        assert await store.load() == [LATER]
        writer.close()

    asyncio.run(main())


def test_without_a_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        messages_of(tmp_path / "state.db", "2002")
