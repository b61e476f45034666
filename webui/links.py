"""One-time links: an address that shows one thing once, to whoever holds it, for five minutes,
as every window of the house.

Owns the table ``links``: the hash of each token, never the token. For the QR code that a phone
scans: what it shows is an extension's account.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from webui.database import WebDatabase

LIFE_S = 300.0


class Links:
    """Every link that was made and not used yet."""

    def __init__(self, database: WebDatabase, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def make(self, extension: str, author: str) -> str:
        """A token for an extension's account; links of this extension made before are dead."""
        token = secrets.token_urlsafe(24)
        row = (_hash(token), extension, author, self._now() + LIFE_S)
        with self._database.connect() as database:
            database.execute("DELETE FROM links WHERE extension = ?", (extension,))
            database.execute("DELETE FROM links WHERE ends_at <= ?", (self._now(),))
            database.execute("INSERT INTO links VALUES (?, ?, ?, ?)", row)
        return token

    def is_alive(self, token: str) -> bool:
        """Whether this link would still show something; looking uses nothing up."""
        query = "SELECT ends_at FROM links WHERE id = ?"
        with self._database.connect() as database:
            row = database.execute(query, (_hash(token),)).fetchone()
        return row is not None and self._is_in_time(row["ends_at"])

    def use(self, token: str) -> tuple[str, str] | None:
        """(extension, who made the link), once; None ever after."""
        query = "DELETE FROM links WHERE id = ? RETURNING extension, author, ends_at"
        with self._database.connect() as database:
            row = database.execute(query, (_hash(token),)).fetchone()
        if row is None or not self._is_in_time(row["ends_at"]):
            return None
        return str(row["extension"]), str(row["author"])

    def _is_in_time(self, ends_at: float) -> bool:
        """One made while the clock was ahead would otherwise live until that time comes."""
        return 0 < ends_at - self._now() <= LIFE_S


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
