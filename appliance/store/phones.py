"""Desk phones on disk: their own secrets, what they asked for, and the codes that claim a number.

Owns the tables ``phones``, ``phone_requests`` and ``claim_codes``. A phone is a JSON object that
appliance/phones reads; the log keeps the newest KEPT requests.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.store.checksum import checksum_of, is_sound, seal, unseal
from appliance.store.writer import StateWriter

log = logging.getLogger(__name__)
KEPT = 5000
_PUT = "INSERT OR REPLACE INTO phones (mac, detail) VALUES (?, ?)"
_NOTE = "INSERT INTO phone_requests (at, mac, detail) VALUES (?, ?, ?)"
_TRIM = "DELETE FROM phone_requests WHERE id <= ?"
_CODE = "extension, code, expires_at, checksum"
_PUT_CODE = f"INSERT OR REPLACE INTO claim_codes ({_CODE}) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class ClaimCode:
    """expires_at: epoch seconds."""

    extension: str
    code: str
    expires_at: float


class PhoneStore:
    """Keeps what appliance/phones tells; nobody waits but who reads."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer

    async def load(self, now: float) -> tuple[dict[str, dict[str, Any]], list[ClaimCode]]:
        """Every phone by its hardware address, and the codes that still hold."""
        return await self._writer.run(lambda db: _load(db, now))

    def put(self, mac: str, detail: Mapping[str, Any]) -> None:
        """Keep a phone as it is now."""
        text = seal(json.dumps(dict(detail), separators=(",", ":")), mac)
        self._writer.post(lambda db: _do(db, _PUT, (mac, text)), "a phone")

    def forget(self, mac: str) -> None:
        """Forget a phone with its secrets."""
        self._writer.post(lambda db: _do(db, "DELETE FROM phones WHERE mac = ?", (mac,)), "a phone")

    def note(self, at: float, mac: str, detail: Mapping[str, Any]) -> None:
        """A request for the log."""
        text = seal(json.dumps(dict(detail), separators=(",", ":")), at, mac)
        self._writer.post(lambda db: _note(db, at, mac, text), "a phone's request")

    async def requests(self, mac: str, limit: int) -> list[dict[str, Any]]:
        """The newest requests first; of one phone, or of all."""
        return await self._writer.run(lambda db: _requests(db, mac, limit))

    def put_code(self, code: ClaimCode) -> None:
        """Keep a claim code; an extension has one."""
        row = (code.extension, code.code, code.expires_at)
        self._writer.post(lambda db: _do(db, _PUT_CODE, (*row, checksum_of(row))), "a claim code")

    def drop_code(self, extension: str) -> None:
        """The code was used."""
        self._writer.post(
            lambda db: _do(db, "DELETE FROM claim_codes WHERE extension = ?", (extension,)),
            "a claim code",
        )


def _do(db: sqlite3.Connection, statement: str, row: tuple[Any, ...]) -> None:
    db.execute(statement, row)


def _load(db: sqlite3.Connection, now: float) -> tuple[dict[str, dict[str, Any]], list[ClaimCode]]:
    db.execute("DELETE FROM claim_codes WHERE expires_at <= ?", (now,))
    phones = {}
    for mac, text in db.execute("SELECT mac, detail FROM phones ORDER BY mac"):
        try:
            phones[str(mac)] = dict(json.loads(unseal(text, mac)))
        except (ValueError, TypeError) as error:
            log.warning("phone %s cannot be read: %s", mac, error)
    codes = db.execute(f"SELECT {_CODE} FROM claim_codes ORDER BY extension")
    return phones, [ClaimCode(*row[:-1]) for row in codes if is_sound(row[:-1], row[-1])]


def _note(db: sqlite3.Connection, at: float, mac: str, text: str) -> None:
    number = db.execute(_NOTE, (at, mac, text)).lastrowid or 0
    if number % 100 == 0:
        db.execute(_TRIM, (number - KEPT,))


def _requests(db: sqlite3.Connection, mac: str, limit: int) -> list[dict[str, Any]]:
    where, row = ("WHERE mac = ?", (mac, limit)) if mac else ("", (limit,))
    query = f"SELECT at, mac, detail FROM phone_requests {where} ORDER BY id DESC LIMIT ?"
    found = []
    for at, of, text in db.execute(query, row):
        try:
            found.append({**json.loads(unseal(text, at, of)), "at": at, "mac": of})
        except (ValueError, TypeError):
            continue
    return found
