"""Short messages that lines brought and that were sent by them, in state.db.

Owns the table ``messages``. A message that the network or a SIM gives twice is kept once: a line
lets go of the SIM's copy only after ours is durable, and may be cut off in between.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from dataclasses import dataclass

from appliance.errors import StoreError
from appliance.store.checksum import checksum_of, is_sound
from appliance.store.writer import StateWriter

log = logging.getLogger(__name__)
#: Messages that are kept; older ones make room.
KEPT = 5000
_COLUMNS = "line, direction, number, text, sent_at, at, reference"
_PUT = f"INSERT OR IGNORE INTO messages (key, {_COLUMNS}, checksum) VALUES (?{', ?' * 8})"
_TRIM = "DELETE FROM messages WHERE id <= (SELECT max(id) FROM messages) - ?"
_READ = f"SELECT key, {_COLUMNS}, checksum FROM messages ORDER BY id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. direction: ``in`` or ``out``; number: the other party; sent_at: ISO 8601 of the
    network, or empty; at: epoch seconds when we had it; reference: the network's, of a sent one."""

    line: str
    direction: str
    number: str
    text: str
    sent_at: str
    at: float
    reference: str = ""


class MessageStore:
    """Keeps messages; whoever keeps one waits until the disk has it."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer

    async def keep(self, message: Message) -> bool:
        """True once it is durable; False (and logged) where the disk takes nothing."""
        row = (
            _key(message),
            message.line,
            message.direction,
            message.number,
            message.text,
            message.sent_at,
            message.at,
            message.reference,
        )

        def work(db: sqlite3.Connection) -> None:
            db.execute(_PUT, (*row, checksum_of(row)))
            db.execute(_TRIM, (KEPT,))

        try:
            await self._writer.run(work)
        except StoreError as error:
            log.error("a message of line %s was not kept: %s", message.line, error)
            return False
        return True

    async def recent(self, limit: int) -> list[Message]:
        """The newest first; what rotted is passed over."""
        return await self._writer.run(lambda db: _recent(db, limit))


def _recent(db: sqlite3.Connection, limit: int) -> list[Message]:
    rows = db.execute(_READ, (limit,))
    return [Message(*row[1:-1]) for row in rows if is_sound(row[:-1], row[-1])]


def _key(message: Message) -> str:
    """What makes a message the same one; one of ours is never another's."""
    when = message.sent_at if message.direction == "in" else f"{message.at:.6f}"
    seen = "\0".join((message.line, message.direction, message.number, when, message.text))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()
