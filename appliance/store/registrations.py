"""The registrar's bindings on disk, so that phones can be called at once after a restart.

Owns the table ``bindings``; a row's text is binding_codec.py's.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from typing import Any

from appliance.sip.binding import Binding, Change, ChangeKind
from appliance.store.binding_codec import COLUMNS, decode_binding, encode_binding
from appliance.store.writer import StateWriter

log = logging.getLogger(__name__)
_NAMES = ", ".join(COLUMNS)
_PUT = f"INSERT OR REPLACE INTO bindings ({_NAMES}) VALUES (?, ?, ?, ?)"
_DELETE = "DELETE FROM bindings WHERE key = ?"
_Waiting = dict[str, Binding | None]  # by key; None: it is gone


class RegistrationStore:
    """Keeps what the registrar tells (legs.registrations.BindingStore).

    What waits to be written is a table by the binding's key, so that many changes of a moment make
    one piece of work, and of two changes of a phone the later one is written.
    """

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer
        self._known: dict[str, bool] = {}  # key -> reachability as it was last kept
        self._waiting: _Waiting = {}
        self._is_posted = False

    def apply(self, changes: tuple[Change, ...]) -> bool:
        """Keep changes soon, all together; nobody has to wait for it.

        A round trip alone is not worth a write: False when there is nothing to keep.
        """
        is_news = False
        for change in changes:
            if self._is_news(change):
                is_news = True
                binding = change.binding
                is_gone = change.kind is ChangeKind.REMOVED
                self._waiting[binding.key] = None if is_gone else binding
        if is_news and not self._is_posted:
            self._is_posted = True
            batches: list[_Waiting] = []
            self._writer.post(lambda db: _apply(db, self._taken(batches)), "registrations")
        return is_news

    def _taken(self, batches: list[_Waiting]) -> _Waiting:
        """In the writer's thread, and again when another's work failed: what came meanwhile is the
        work of a later piece then, or an older binding would follow a newer one."""
        if not batches:
            self._is_posted = False  # from here on another piece is needed
            batches.append({})
            while self._waiting:
                key, binding = self._waiting.popitem()
                batches[0][key] = binding
        return batches[0]

    async def load(self, now: float) -> list[Binding]:
        """All bindings that have not expired (epoch seconds); the others are thrown away."""
        rows = await self._writer.run(lambda db: _load(db, now))
        bindings = [binding for row in rows if (binding := _decode_or_none(row)) is not None]
        self._known = {b.key: b.is_reachable for b in bindings}
        return bindings

    def _is_news(self, change: Change) -> bool:
        binding = change.binding
        if change.kind is ChangeKind.REMOVED:
            self._known.pop(binding.key, None)
            return True
        is_news = change.kind is not ChangeKind.QUALIFIED or (
            self._known.get(binding.key) is not binding.is_reachable
        )
        self._known[binding.key] = binding.is_reachable
        return is_news


def read_all(connection: sqlite3.Connection) -> list[Binding]:
    """Every binding as the file has it, for readers beside the daemon."""
    rows = connection.execute(f"SELECT {_NAMES} FROM bindings ORDER BY address_of_record, key")
    return [binding for row in rows if (binding := _decode_or_none(row)) is not None]


def _apply(db: sqlite3.Connection, bindings: _Waiting) -> None:
    db.executemany(_DELETE, [(key,) for key, binding in bindings.items() if binding is None])
    db.executemany(_PUT, [encode_binding(b) for b in bindings.values() if b is not None])


def _load(db: sqlite3.Connection, now: float) -> list[tuple[Any, ...]]:
    db.execute("DELETE FROM bindings WHERE expires_at <= ?", (now,))
    return db.execute(f"SELECT {_NAMES} FROM bindings ORDER BY expires_at").fetchall()


def _decode_or_none(row: Sequence[Any]) -> Binding | None:
    """A row that rotted is no registration: the phone will come again."""
    try:
        return decode_binding(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("a registration cannot be read: %s", error)
        return None
