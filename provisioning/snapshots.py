"""config.db, read: the revision that the daemon has in force, as a snapshot.

Owns a read-only connection. A revision that cannot be read, or a file that is busy or damaged,
leaves the snapshot that was read last: phones are better told yesterday's settings than none.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from appliance.config import revisions
from appliance.config.model import Snapshot
from appliance.config.presets import factory_document, make_snapshot
from appliance.errors import DozvonError

log = logging.getLogger(__name__)
_BUSY_S = 2.0


class Snapshots:
    """``of(revision)`` gives it; None means the one that was read last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._last = make_snapshot(0, factory_document())

    def of(self, revision: int | None) -> Snapshot:
        """The snapshot of a revision, or the last one that could be read."""
        if revision == self._last.revision or (revision is None and self._last.revision):
            return self._last
        try:
            self._last = self._read(revision)
        except (DozvonError, sqlite3.Error) as error:
            log.warning("config.db, revision %s: %s", revision, error)
            self.close()
        return self._last

    def _read(self, revision: int | None) -> Snapshot:
        if self._database is None:
            uri = f"{self._path.resolve().as_uri()}?mode=ro"
            self._database = sqlite3.connect(uri, uri=True, timeout=_BUSY_S)
        wanted = revision if revision is not None else revisions.newest_number(self._database)
        document = revisions.read_document(self._database, wanted)
        return make_snapshot(wanted, document) if document is not None else self._last

    def close(self) -> None:
        """Let the file go; the next question opens it anew."""
        database, self._database = self._database, None
        if database is not None:
            database.close()
