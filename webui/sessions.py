"""Sessions on our side: the browser holds a random token, ``web.db`` its hash.

Owns the table ``sessions``. A session ends after IDLE_S without a page, LONGEST_S after the login
at the latest, at logout, and with its account. The forms' token is derived from the session's, so
that it changes with it (OWASP: synchroniser tokens, session fixation).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from webui.accounts import Account
from webui.database import WebDatabase

log = logging.getLogger(__name__)
IDLE_S = 2 * 3600.0
LONGEST_S = 12 * 3600.0
_NOTED_EVERY_S = 60.0  # how fine "last seen" is: a page need not cost a write
_AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in; id is the hash of its token."""

    id: str
    account: str
    created_at: float
    seen_at: float
    address: str
    agent: str


class Sessions:
    """Every browser that is signed in."""

    def __init__(self, database: WebDatabase, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def begin(self, account: Account, address: str, agent: str) -> str:
        """A new session; its token, which only the browser keeps."""
        token, now = new_token(), self._now()
        row = (_hash(token), account.name, now, now, address, agent[:_AGENT_LENGTH])
        with self._database.connect() as database:
            self._forget_expired(database.execute)
            database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
        return token

    def find(self, token: str, *, is_idle: bool = False) -> Session | None:
        """The living session of a token; is_idle: nobody touched a key for this request."""
        now = self._now()
        with self._database.connect() as database:
            row = database.execute(
                "SELECT * FROM sessions WHERE id = ?", (_hash(token),)
            ).fetchone()
            if row is None or _is_expired(row["created_at"], row["seen_at"], now):
                return None
            if not is_idle and not 0 <= now - row["seen_at"] < _NOTED_EVERY_S:
                self._note_use(database, row["id"], now)
        return Session(*row)

    def of(self, account: str) -> tuple[Session, ...]:
        """Living sessions of an account, the latest used first."""
        query = "SELECT * FROM sessions WHERE account = ? ORDER BY seen_at DESC"
        with self._database.connect() as database:
            rows = database.execute(query, (account,)).fetchall()
        now = self._now()
        found = (Session(*row) for row in rows)
        return tuple(s for s in found if not _is_expired(s.created_at, s.seen_at, now))

    def end(self, session_id: str) -> None:
        """End one."""
        with self._database.connect() as database:
            database.execute("DELETE FROM sessions WHERE id = ?", (session_id,))

    def end_all(self, account: str, but: str = "") -> int:
        """End all sessions of an account except one; how many ended."""
        with self._database.connect() as database:
            query = "DELETE FROM sessions WHERE account = ? AND id <> ?"
            return database.execute(query, (account, but)).rowcount

    def form_token(self, token: str) -> str:
        """What a form of this browser must carry."""
        return hmac.new(self._database.key, token.encode(), hashlib.sha256).hexdigest()

    def _note_use(self, database: sqlite3.Connection, session_id: str, now: float) -> None:
        """A full disk must not close the pages that tell of it."""
        try:
            database.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", (now, session_id))
        except sqlite3.OperationalError as error:
            log.warning("last use of a session is not kept: %s", error)

    def _forget_expired(self, execute: Callable[..., object]) -> None:
        now = self._now()
        execute(
            "DELETE FROM sessions WHERE created_at < ? OR seen_at < ?",
            (now - LONGEST_S, now - IDLE_S),
        )


def new_token() -> str:
    """256 bits for a cookie."""
    return secrets.token_urlsafe(32)


def _is_expired(created_at: float, seen_at: float, now: float) -> bool:
    return now - created_at > LONGEST_S or now - seen_at > IDLE_S


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
