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
_MOST_AHEAD_S = 60.0  # of a clock that is set back; what is further ahead would not end for years
_AGENT_LENGTH = 200
_MOST_HELD = 100


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
        self._held: dict[str, Session] = {}  # begun while the disk took nothing
        self._ended: set[str] = set()  # ended while it did

    def begin(self, account: Account, address: str, agent: str) -> str:
        """A new session; its token, which only the browser keeps."""
        token, now = new_token(), self._now()
        row = (_hash(token), account.name, now, now, address, agent[:_AGENT_LENGTH])
        try:
            with self._database.connect() as database:
                self._forget_expired(database.execute)
                self._end_on_disk(database)
                database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
        except sqlite3.OperationalError as error:
            log.error("a session is kept in memory alone: %s", error)
            self._hold(Session(*row))
        return token

    def find(self, token: str, *, is_idle: bool = False) -> Session | None:
        """The living session of a token; is_idle: nobody touched a key for this request."""
        now, session_id = self._now(), _hash(token)
        held = self._held.get(session_id)
        if held is not None:
            return None if _is_expired(held.created_at, held.seen_at, now) else held
        if session_id in self._ended:
            return None
        with self._database.connect() as database:
            row = database.execute("SELECT * FROM sessions WHERE id = ?", (session_id,)).fetchone()
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
        held = [s for s in list(self._held.values()) if s.account == account]
        found = (*held, *(Session(*row) for row in rows if row["id"] not in self._ended))
        return tuple(s for s in found if not _is_expired(s.created_at, s.seen_at, now))

    def end(self, session_id: str) -> None:
        """End one; where the disk takes nothing, as long as this process lives."""
        if self._held.pop(session_id, None) is not None:
            return
        try:
            with self._database.connect() as database:
                database.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
        except sqlite3.OperationalError as error:
            log.error("the end of a session is kept in memory alone: %s", error)
            self._ended.add(session_id)

    def end_all(self, account: str, but: str = "") -> int:
        """End all sessions of an account except one; how many ended."""
        ending = [session.id for session in self.of(account) if session.id != but]
        for session_id in ending:
            self.end(session_id)
        return len(ending)

    def form_token(self, token: str) -> str:
        """What a form of this browser must carry."""
        return hmac.new(self._database.key, token.encode(), hashlib.sha256).hexdigest()

    def _end_on_disk(self, database: sqlite3.Connection) -> None:
        """What ended in memory alone would live again with the next process."""
        for session_id in list(self._ended):
            database.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
            self._ended.discard(session_id)

    def _hold(self, session: Session) -> None:
        while len(self._held) >= _MOST_HELD:
            self._held.pop(next(iter(self._held)), None)
        self._held[session.id] = session

    def _note_use(self, database: sqlite3.Connection, session_id: str, now: float) -> None:
        """A full disk must not close the pages that tell of it."""
        try:
            database.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", (now, session_id))
        except sqlite3.OperationalError as error:
            log.warning("last use of a session is not kept: %s", error)

    def _forget_expired(self, execute: Callable[..., object]) -> None:
        now = self._now()
        execute(
            "DELETE FROM sessions WHERE created_at < ? OR seen_at < ?"
            " OR max(created_at, seen_at) > ?",
            (now - LONGEST_S, now - IDLE_S, now + _MOST_AHEAD_S),
        )


def new_token() -> str:
    """256 bits for a cookie."""
    return secrets.token_urlsafe(32)


def _is_expired(created_at: float, seen_at: float, now: float) -> bool:
    is_old = now - created_at > LONGEST_S or now - seen_at > IDLE_S
    return is_old or max(created_at, seen_at) > now + _MOST_AHEAD_S


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
