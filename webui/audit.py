"""The audit log: who did what, when, from where, and between which revisions of the settings.

Owns the table ``audit``. Actions are stable keys; ACTIONS has their names. No entry ever holds a
password, a code or a token.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webui.database import ANY_CASE, WebDatabase
from webui.words import N_

log = logging.getLogger(__name__)
KEPT = 20_000
MOST_HELD = 1000
_INSERT = (
    "INSERT INTO audit (at, account, address, action, detail, before, after)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)

ACTIONS: Mapping[str, str] = {
    "claimed": N_("Claimed the box"),
    "signed_in": N_("Signed in"),
    "login_failed": N_("Failed to sign in"),
    "claim_failed": N_("Wrong claim code"),
    "signed_out": N_("Signed out"),
    "sessions_ended": N_("Ended other sessions"),
    "password_changed": N_("Changed the password"),
    "account_added": N_("Added an account"),
    "account_changed": N_("Changed an account"),
    "account_removed": N_("Removed an account"),
    "settings_saved": N_("Saved the settings"),
    "settings_reverted": N_("Went back to earlier settings"),
    "call_ended": N_("Ended a call"),
    "secret_shown": N_("Looked at a password"),
    "voice_message_played": N_("Listened to a voice message"),
    "voice_message_deleted": N_("Deleted a voice message"),
    "link_made": N_("Made a one-time link"),
    "link_opened": N_("A one-time link was opened"),
    "phone_window": N_("Let a phone have its passwords"),
    "phone_claimed": N_("Gave a phone its number"),
    "phone_renewed": N_("Gave a phone new secrets"),
    "phone_forgotten": N_("Forgot a phone"),
    "phone_login_shown": N_("Looked at a phone's own password"),
    "sms_sent": N_("Sent a short message"),
    "ban_lifted": N_("Let somebody in again"),
    "trunk_tried": N_("Tried a trunk"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; at: seconds since 1970; before and after: revisions of the settings, or None."""

    id: int
    at: float
    account: str
    address: str
    action: str
    detail: str
    before: int | None
    after: int | None


_BEYOND = 1 << 60  # no id comes so far


class Audit:
    """The log; entries beyond KEPT are forgotten, the oldest first."""

    def __init__(self, database: WebDatabase, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._held: deque[tuple[object, ...]] = deque(maxlen=MOST_HELD)
        self._lock = threading.Lock()

    def note(
        self,
        action: str,
        *,
        account: str,
        address: str,
        detail: str = "",
        revisions: tuple[int, int] | None = None,
    ) -> None:
        """Write an entry; on a disk that takes nothing it waits in memory for the next one: what is
        told of is done already."""
        before, after = revisions or (None, None)
        row = (self._now(), account[:80], address, action, detail[:500], before, after)
        with self._lock:
            self._held.append(tuple(_clean(v) if isinstance(v, str) else v for v in row))
            try:
                self._write_held()
            except sqlite3.OperationalError as error:
                if len(self._held) == 1:  # once is enough
                    log.error("the audit log takes nothing, what happens waits: %s", error)

    def _write_held(self) -> None:
        last = 0
        with self._database.connect() as database:
            database.execute("BEGIN IMMEDIATE")
            for row in self._held:
                last = database.execute(_INSERT, row).lastrowid or 0
            database.execute("DELETE FROM audit WHERE id <= ?", (last - KEPT,))
            database.execute("COMMIT")
        self._held.clear()

    def entries(self, limit: int = 100, before: int | None = None) -> tuple[Entry, ...]:
        """The newest first; before: the id of the last entry of the page before this one."""
        query = "SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?"
        below = _BEYOND if before is None else min(max(before, 0), _BEYOND)
        with self._database.connect() as database:
            rows = database.execute(query, (below, limit)).fetchall()
        return tuple(Entry(*row) for row in rows)

    def has_signed_in(self, account: str, address: str, since: float) -> bool:
        """Whether this account signed in from this address since then."""
        query = (
            "SELECT 1 FROM audit WHERE action IN ('signed_in', 'claimed') AND at >= ?"
            f" AND account = ? COLLATE {ANY_CASE} AND address = ? LIMIT 1"
        )
        with self._database.connect() as database:
            return database.execute(query, (since, account, address)).fetchone() is not None

    def has_lately(self, action: str, *, account: str, detail: str, within_s: float) -> bool:
        """Whether this account did that not longer ago."""
        query = (
            "SELECT 1 FROM audit WHERE action = ? AND at >= ?"
            " AND account = ? AND detail = ? LIMIT 1"
        )
        wanted = (action, self._now() - within_s, account[:80], detail[:500])
        with self._database.connect() as database:
            return database.execute(query, wanted).fetchone() is not None


def _clean(text: str) -> str:
    """Text that SQLite can hold: no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()
