"""The registrar's bindings on disk, so that phones can be called at once after a restart.

Owns the table ``bindings``. What was measured (round trips) is not kept, nor which stream a phone
used: it is gone with the process.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from appliance.sip.binding import Binding, Change, ChangeKind
from appliance.sip.events import Hop, Transport
from appliance.store.checksum import seal, unseal
from appliance.store.writer import StateWriter

log = logging.getLogger(__name__)
_NAMES = "key, address_of_record, expires_at, detail"
_PUT = f"INSERT OR REPLACE INTO bindings ({_NAMES}) VALUES (?, ?, ?, ?)"
#: What ``detail`` holds beside the hop.
_DETAILS = (
    "contact_uri",
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


def _apply(db: sqlite3.Connection, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.kind is ChangeKind.REMOVED:
            db.execute(_DELETE, (change.binding.key,))
        else:
            db.execute(_PUT, _encode(change.binding))


def _load(db: sqlite3.Connection, now: float) -> list[tuple[Any, ...]]:
    db.execute("DELETE FROM bindings WHERE expires_at <= ?", (now,))
    return db.execute(f"SELECT {_NAMES} FROM bindings ORDER BY expires_at").fetchall()


def _encode(binding: Binding) -> tuple[str, str, float, str]:
    """JSON in ASCII brings back any octets that a phone put into its names (surrogates here)."""
    hop = binding.hop
    detail = {name: getattr(binding, name) for name in _DETAILS}
    detail["hop"] = [hop.transport.value, hop.host, hop.port]
    row = (binding.key, binding.address_of_record, binding.expires_at)
    return *row, seal(json.dumps(detail, separators=(",", ":")), *row)


def _decode_or_none(row: Sequence[Any]) -> Binding | None:
    """A row that rotted is no registration: the phone will come again."""
    try:
        return _decode(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("a registration cannot be read: %s", error)
        return None


def _decode(row: Sequence[Any]) -> Binding:
    key, address_of_record, expires_at, text = row
    values = json.loads(unseal(text, key, address_of_record, expires_at))
    transport, host, port = values.pop("hop")
    values["path"] = tuple(values["path"])
    return Binding(
        key=key,
        address_of_record=address_of_record,
        expires_at=expires_at,
        hop=Hop(Transport(transport), host, port),
        **values,
    )
