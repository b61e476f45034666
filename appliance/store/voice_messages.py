"""What lies in mailboxes, in state.db: a row for each file of voice_files.py.

Owns the table ``voice_messages``. A row that rotted, or that the disk did not take, is made anew of
its file at the next start (appliance/voicemail.py): the file is the message.
"""

from __future__ import annotations

import sqlite3
from dataclasses import astuple
from pathlib import Path

from appliance.call.record import VoiceMessage
from appliance.store.checksum import checksum_of, is_sound
from appliance.store.database import reading
from appliance.store.writer import StateWriter

_COLUMNS = "ident, extension, caller, caller_name, at, seconds, is_heard"
_PUT = f"INSERT OR REPLACE INTO voice_messages ({_COLUMNS}, checksum) VALUES (?{', ?' * 7})"
_DROP = "DELETE FROM voice_messages WHERE ident = ?"
_READ = f"SELECT {_COLUMNS}, checksum FROM voice_messages"


class VoiceMessageStore:
    """Keeps and forgets; whoever waits knows that the disk has it. All raise StoreError."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer

    async def load(self) -> list[VoiceMessage]:
        """Every row that is sound."""
        return await self._writer.run(lambda db: _messages(db, _READ, ()))

    async def put(self, message: VoiceMessage) -> None:
        """Keep a message as it is now."""
        row = _row(message)
        await self._writer.run(lambda db: _do(db, _PUT, (*row, checksum_of(row))))

    async def drop(self, ident: str) -> None:
        """Its file is gone."""
        await self._writer.run(lambda db: _do(db, _DROP, (ident,)))


def messages_of(path: Path, extension: str) -> list[VoiceMessage]:
    """A mailbox, the newest first, read beside the daemon; raises StateError."""
    with reading(path) as db:
        return _messages(db, f"{_READ} WHERE extension = ? ORDER BY at DESC", (extension,))


def _row(message: VoiceMessage) -> tuple[object, ...]:
    *values, is_heard = astuple(message)
    return (*values, int(is_heard))


def _do(db: sqlite3.Connection, statement: str, row: tuple[object, ...]) -> None:
    db.execute(statement, row)


def _messages(db: sqlite3.Connection, query: str, values: tuple[object, ...]) -> list[VoiceMessage]:
    rows = db.execute(query, values).fetchall()
    return [_message(*row[:-1]) for row in rows if is_sound(row[:-1], row[-1])]


def _message(
    ident: str, extension: str, caller: str, name: str, at: float, seconds: float, heard: int
) -> VoiceMessage:
    return VoiceMessage(ident, extension, caller, name, at, seconds, bool(heard))
