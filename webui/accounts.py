"""Accounts of people: name, password, role and language, in ``web.db``.

Owns the table ``accounts``. The last admin can neither be removed nor become something less.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from webui.access import ROLES, Role
from webui.database import ANY_CASE, WebDatabase
from webui.passwords import hash_password, is_password

#: Part of the statement that changes, so that two admins at once cannot remove each other.
_NOT_LAST = "(role <> 'admin' OR (SELECT count(*) FROM accounts WHERE role = 'admin') > 1)"
_NAME = re.compile(r"[^\W_][\w.@-]{0,39}")


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in; language is ``ru`` or ``en``."""

    name: str
    role: Role
    language: str
    created_at: float


def is_name(name: str) -> bool:
    """Whether a text can be the name of an account: letters, figures, ``. _ - @``, at most 40."""
    return _NAME.fullmatch(name) is not None


class Accounts:
    """Every account of the box."""

    def __init__(self, database: WebDatabase, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def find(self, name: str) -> Account | None:
        """The account of that name, in whatever case it is written."""
        row = self._row(name)
        return _account(row) if row else None

    def all(self) -> tuple[Account, ...]:
        """All of them by name."""
        with self._database.connect() as database:
            rows = database.execute("SELECT * FROM accounts ORDER BY name").fetchall()
        return tuple(_account(row) for row in rows)

    def has_admin(self) -> bool:
        """Whether anybody can set the box up."""
        return any(account.role is Role.ADMIN for account in self.all())

    def check(self, name: str, password: str) -> Account | None:
        """The account when the password is right; as slow for a name that nobody has."""
        row = self._row(name)
        is_right = is_password(password, row["password"] if row else "")
        return _account(row) if row and is_right else None

    def put(self, name: str, password: str, role: Role, language: str) -> Account:
        """Make an account, or give an existing one this password, role and language."""
        stored = hash_password(password)
        known = self.find(name)
        name = known.name if known else name
        with self._database.connect() as database:
            database.execute(
                "INSERT INTO accounts VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " password = excluded.password, role = excluded.role, language = excluded.language",
                (name, stored, role.value, language, self._now()),
            )
        found = self.find(name)
        assert found is not None
        return found

    def set_password(self, name: str, password: str) -> None:
        """Another password."""
        self._set(name, "password", hash_password(password))

    def set_language(self, name: str, language: str) -> None:
        """Another language."""
        self._set(name, "language", language)

    def set_role(self, name: str, role: Role) -> bool:
        """Another role; False when that would leave the box without an admin."""
        query = f"UPDATE accounts SET role = ? WHERE name = ? AND (? = 'admin' OR {_NOT_LAST})"
        with self._database.connect() as database:
            return database.execute(query, (role.value, name, role.value)).rowcount > 0

    def remove(self, name: str) -> bool:
        """Remove an account and its sessions; False for the last admin."""
        with self._database.connect() as database:
            query = f"DELETE FROM accounts WHERE name = ? AND {_NOT_LAST}"
            return database.execute(query, (name,)).rowcount > 0

    def _row(self, name: str) -> sqlite3.Row | None:
        """The account whose name differs in case at most; a file of before may have two such: the
        one that is written just so comes first."""
        query = (
            f"SELECT * FROM accounts WHERE name = ? COLLATE {ANY_CASE}"
            " ORDER BY name = ? DESC, name LIMIT 1"
        )
        with self._database.connect() as database:
            row: sqlite3.Row | None = database.execute(query, (name, name)).fetchone()
        return row

    def _set(self, name: str, column: str, value: str) -> None:
        with self._database.connect() as database:
            database.execute(f"UPDATE accounts SET {column} = ? WHERE name = ?", (value, name))


def _account(row: sqlite3.Row) -> Account:
    known = {role.value: role for role in ROLES}
    role = known.get(row["role"], Role.USER)  # what nobody knows reaches nothing
    return Account(row["name"], role, row["language"], row["created_at"])
