"""What lines saw of busy tones that nobody knows, in state.db: the last one, and how often.

Owns the table ``busy_sightings``. A row is small and worth little: one that cannot be kept costs a
line one hang-up more until it has learned.
"""

from __future__ import annotations

import sqlite3

from appliance.store.checksum import seal, unseal
from appliance.store.writer import StateWriter

_PUT = "INSERT OR REPLACE INTO busy_sightings (line, tone, times) VALUES (?, ?, ?)"
_READ = "SELECT line, tone, times FROM busy_sightings"


class SightingStore:
    """Keeps them; nobody waits but who reads."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer

    async def load(self) -> dict[str, tuple[str, int]]:
        """Tone as a line's setting writes it, and how often, by the line's name."""
        rows = await self._writer.run(lambda db: db.execute(_READ).fetchall())
        found = {}
        for line, tone, times in rows:
            try:
                found[line] = (unseal(tone, line, times), times)
            except ValueError:
                continue  # it rotted
        return found

    def put(self, line: str, tone: str, times: int) -> None:
        """As it is now."""

        row = (line, seal(tone, line, times), times)

        def work(db: sqlite3.Connection) -> None:
            db.execute(_PUT, row)

        self._writer.post(work, "a busy tone that was seen")
