"""The SIP dialogs of calls that stand, and the INVITEs of those that ring, on disk: the next run
can end them.

Owns the table ``dialogs``; what a row says is dialog_codec.py's. The row of the answered call takes
the place of its INVITE's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from appliance.store.dialog_codec import Kept, decode_kept, encode_kept
from appliance.store.transaction import Piece
from appliance.store.writer import StateWriter

_PUT = "INSERT OR REPLACE INTO dialogs (key, detail) VALUES (?, ?)"
_DELETE = "DELETE FROM dialogs WHERE key = ?"


class DialogStore:
    """Keeps what legs.standing tells; nobody waits for it."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer

    def apply(self, kept: Sequence[Kept], gone: Sequence[str]) -> Piece:
        """Keep some as they are now, and forget others by their keys, all together."""
        rows = [(k.key, encode_kept(k)) for k in kept]
        keys = [(key,) for key in gone]

        def work(db: sqlite3.Connection) -> None:
            db.executemany(_DELETE, keys)
            db.executemany(_PUT, rows)

        return self._writer.post(work, "dialogs of calls")

    async def load(self) -> list[Kept]:
        """What an earlier run left; what cannot be read is passed over."""
        rows = await self._writer.run(
            lambda db: db.execute("SELECT key, detail FROM dialogs").fetchall()
        )
        return [kept for row in rows if (kept := decode_kept(*row)) is not None]
