"""The SIP dialogs of calls that stand, on disk, so that the next run can say BYE to both parties.

Owns the table ``dialogs``. A row is whatever a BYE needs (RFC 3261 §12.2.1.1), as it was when it
was written; our own later requests are accounted for by a leap of the sequence number, which may be
any that is higher than the last.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields
from typing import Any

from appliance.sip.dialog import Dialog
from appliance.sip.events import Hop, Transport
from appliance.store.writer import StateWriter

log = logging.getLogger(__name__)
_PUT = "INSERT OR REPLACE INTO dialogs (key, detail) VALUES (?, ?)"
_DELETE = "DELETE FROM dialogs WHERE key = ?"
_FIELDS = tuple(f.name for f in fields(Dialog) if f.name != "hop")
#: More requests of ours than a dialog sees between two looks at it, and few enough for 2**31.
_LEAP = 10_000


@dataclass(frozen=True, slots=True)
class KeptDialog:
    """A dialog as it stood. trunk: whose credentials answer a challenge, or empty; party: its
    name in logs."""

    key: str
    dialog: Dialog
    party: str
    trunk: str = ""


class DialogStore:
    """Keeps what legs.standing tells; nobody waits for it."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer

    def apply(self, kept: Sequence[KeptDialog], gone: Sequence[str]) -> Future[None]:
        """Keep some as they are now, and forget others by their keys, all together."""
        rows = [(k.key, _encode(k)) for k in kept]
        keys = [(key,) for key in gone]

        def work(db: sqlite3.Connection) -> None:
            db.executemany(_DELETE, keys)
            db.executemany(_PUT, rows)

        return self._writer.post(work, "dialogs of calls")

    async def load(self) -> list[KeptDialog]:
        """What an earlier run left; what cannot be read is passed over."""
        rows = await self._writer.run(
            lambda db: db.execute("SELECT key, detail FROM dialogs").fetchall()
        )
        return [kept for row in rows if (kept := _decode(*row)) is not None]


def _encode(kept: KeptDialog) -> str:
    """JSON in ASCII brings back any octets of a header (surrogates here)."""
    dialog = kept.dialog
    hop = dialog.hop
    values = {name: getattr(dialog, name) for name in _FIELDS}
    values["hop"] = [hop.transport.value, hop.host, hop.port]
    values |= {"party": kept.party, "trunk": kept.trunk}
    return json.dumps(values, separators=(",", ":"))


def _decode(key: str, text: str) -> KeptDialog | None:
    """Its stream is gone with the process: any stream to that address serves."""
    try:
        values: dict[str, Any] = json.loads(text)
        party, trunk = str(values.pop("party")), str(values.pop("trunk"))
        transport, host, port = values.pop("hop")
        values["route_set"] = tuple(values["route_set"])
        values["local_cseq"] = int(values["local_cseq"]) + _LEAP
        dialog = Dialog(hop=Hop(Transport(transport), host, int(port)), **values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("a kept dialog cannot be read: %s", error)
        return None
    return KeptDialog(key, dialog, party, trunk)
