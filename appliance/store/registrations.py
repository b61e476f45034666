"""The registrar's bindings on disk, so that phones can be called at once after a restart.

Owns the table ``bindings``. What was measured (round trips) is not kept, nor which stream a phone
used: it is gone with the process.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from appliance.sip.binding import Binding, Change, ChangeKind
from appliance.sip.events import Hop, Transport
from appliance.store.writer import StateWriter

_COLUMNS = (
    "key",
    "address_of_record",
    "expires_at",
    "contact_uri",
    "transport",
    "host",
    "port",
    "call_id",
    "cseq",
    "q",
    "user_agent",
    "instance",
    "reg_id",
    "path",
    "is_behind_nat",
    "is_reachable",
    "why",
)
_NAMES = ", ".join(_COLUMNS)
_PUT = f"INSERT OR REPLACE INTO bindings ({_NAMES}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_DELETE = "DELETE FROM bindings WHERE key = ?"


class RegistrationStore:
    """Keeps what the registrar tells (legs.registrations.BindingStore)."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer
        self._known: dict[str, bool] = {}  # key -> reachability as it was last kept

    def apply(self, changes: tuple[Change, ...]) -> Future[None] | None:
        """Keep changes, in order and all together; nobody has to wait for it.

        A round trip alone is not worth a write: returns None when there is nothing to keep.
        """
        telling = [c for c in changes if self._is_news(c)]
        if not telling:
            return None
        return self._writer.post(lambda db: _apply(db, telling), "registrations")

    async def load(self, now: float) -> list[Binding]:
        """All bindings that have not expired (epoch seconds); the others are thrown away."""
        rows = await self._writer.run(lambda db: _load(db, now))
        bindings = [_decode(row) for row in rows]
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
    return [_decode(row) for row in rows]


def _apply(db: sqlite3.Connection, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.kind is ChangeKind.REMOVED:
            db.execute(_DELETE, (change.binding.key,))
        else:
            db.execute(_PUT, _encode(change.binding))


def _load(db: sqlite3.Connection, now: float) -> list[tuple[Any, ...]]:
    db.execute("DELETE FROM bindings WHERE expires_at <= ?", (now,))
    return db.execute(f"SELECT {_NAMES} FROM bindings ORDER BY expires_at").fetchall()


def _encode(b: Binding) -> tuple[Any, ...]:
    texts = (b.call_id, b.cseq, b.q, b.user_agent, b.instance, b.reg_id, json.dumps(b.path))
    return (
        b.key,
        b.address_of_record,
        b.expires_at,
        b.contact_uri,
        b.hop.transport.value,
        b.hop.host,
        b.hop.port,
        *(t.encode("utf-8", "replace").decode() if isinstance(t, str) else t for t in texts),
        b.is_behind_nat,
        b.is_reachable,
        b.why,
    )


def _decode(row: Sequence[Any]) -> Binding:
    values = dict(zip(_COLUMNS, row, strict=True))
    hop = Hop(Transport(values.pop("transport")), values.pop("host"), values.pop("port"))
    values["path"] = tuple(json.loads(values["path"]))
    for name in ("is_behind_nat", "is_reachable"):
        values[name] = bool(values[name])
    return Binding(hop=hop, **values)
