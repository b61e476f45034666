"""config.db: the revisions of the configuration, their history, and the one way to save.

Owns the file: SQLite, WAL, synchronous FULL; SQLite's write lock keeps writers one at a time. A
revision is never changed: going back saves an old document as a new revision. What cannot be read
costs the newest settings at most, not the telephones: the copy beside it (last_good.py) or the last
sound revision is used, with an alert.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

from appliance import durable
from appliance.config import revisions
from appliance.config.checking import problems_of
from appliance.config.diff import Change, changes
from appliance.config.last_good import copied_revision, copy_path, read_copy, write_copy
from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.config.revisions import Revision
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors, Problem, StoreError, UserError
from appliance.store.readable import is_unreadable
from appliance.store.trouble import CANNOT_OPEN, DAMAGED, StateError, key_of
from appliance.store.wal import has_lost_its_tail

__all__ = ["ConfigStore", "NotOpened", "Revision", "RevisionConflict", "change"]

#: Revisions that are kept; a document of 500 extensions has about 100 KB.
KEPT = 500
_BUSY_S = 5.0
_AGAIN_S = 0.05
_TRIES = 3


class _Connection(sqlite3.Connection):
    """One that is known by its file (device, inode) while it is open."""

    identity = (0, 0)


_OPEN_HERE: WeakSet[_Connection] = WeakSet()
_OPENING = threading.Lock()


class RevisionConflict(UserError):
    """Somebody else saved since the base revision was loaded."""

    def __init__(self, base: int, current: int) -> None:
        super().__init__("config.conflict", base=str(base), current=str(current))


class NotOpened(StoreError):
    """The disk, a lock or the file's owner keeps it from us now; that is no damage."""


class ConfigStore:
    """The configuration as stored in one file.

    alerts: what was found damaged when opening or loading, as problems with texts. now: seconds
    since 1970 for the history. A damaged file is read as far as it goes (in the end that is the
    factory document) and not written to before ``set_aside`` was called.

    looks_through: whether the whole file is checked, which takes the longer the more revisions are
    kept; without it each row is still checked as it is read. For whoever opens it often, to read.
    """

    def __init__(
        self, path: Path, now: Callable[[], float] = time.time, *, looks_through: bool = True
    ) -> None:
        self.path = path
        self.alerts: tuple[Problem, ...] = ()
        self.is_damaged = False
        self._is_unreadable = False  # for now: the disk or its owner may change that
        self._now = now
        self._looks_through = looks_through
        self._why_not_open = "is damaged or closed"
        self._loaded = 0  # what ``load`` gave last
        self._unread = ""  # why the disk did not give a row, at the last look
        self._database: _Connection | None = None
        self._open()

    def load(self, revision: int | None = None) -> tuple[int, Document]:
        """A revision, or the newest that is sound; (0, factory document) when there is none.

        UserError ``config.unknown_revision``; StoreError when the revision asked for is damaged.
        """
        if self.is_damaged or self._is_unreadable:
            self.close()  # somebody may have set it aside, or the disk works again
            self._open()
        if revision is None:
            found = self._load_newest()
            self._loaded = found[0]
            return found
        with _as_store_errors(self.path):
            document = revisions.read_document(self._connected(), revision)
        if document is None:
            raise UserError("config.unknown_revision", revision=str(revision))
        return revision, document

    def newest_revision(self) -> int:
        """The number of the newest revision, sound or not; 0 before the first."""
        with _as_store_errors(self.path):
            return revisions.newest_number(self._connected())

    def save(self, document: Document, base_revision: int, author: str, note: str = "") -> int:
        """Save as a new revision and give its number; unchanged settings keep the old number.

        base_revision: what ``load`` gave. Raises ConfigErrors when a check refuses the document,
        RevisionConflict when somebody saved since, UserError ``config.busy`` when the write lock
        is not free in 5 s, StoreError when the file cannot be written.
        """
        problems = problems_of(document)
        if refusals(problems):
            raise ConfigErrors(problems)
        with self._writing() as database:
            newest = revisions.newest_number(database)
            used, current = self._load_newest()
            if base_revision not in (newest, used):
                raise RevisionConflict(base_revision, newest)
            if used == newest > 0 and current == document:
                return newest
            found = changes(current, document)
            entry = Revision(max(newest, used) + 1, author, note, self._now(), found)
            revisions.insert(database, entry, document)
            revisions.delete_before(database, entry.revision + 1 - KEPT)
        self._copy(entry.revision, document)
        return entry.revision

    def preview(self, document: Document) -> tuple[Change, ...]:
        """What saving this document would change."""
        return changes(self._load_newest()[1], document)

    def history(self, limit: int = KEPT, before: int | None = None) -> tuple[Revision, ...]:
        """The newest revisions first; before: only those below this number."""
        with _as_store_errors(self.path):
            return tuple(revisions.read_history(self._connected(), limit, before))

    def revert(self, revision: int, author: str, note: str = "") -> int:
        """Save the document of an old revision as a new one and give its number."""
        base = self.newest_revision()
        _, document = self.load(revision)
        return self.save(document, base, author, note or f"revert {revision}")

    def set_aside(self) -> Path | None:
        """Start a new file with what a damaged one still gives; where the damaged one is now."""
        if not self.is_damaged:
            return None
        document = self._load_newest()[1]
        alerts = self.alerts
        self.close()
        aside = durable.set_aside(self.path)
        self._open()
        self.alerts = alerts
        self.save(document, 0, "repair", f"what {aside.name} still gave")
        return aside

    def _copy(self, revision: int, document: Document) -> None:
        """Keep the copy up to date: what is saved is saved, with or without it.

        Under the write lock: of two that were saved at once the older is never written last.
        """
        try:
            with self._writing() as database:
                if revisions.newest_number(database) == revision:
                    write_copy(copy_path(self.path), revision, document)
        except OSError as error:
            self._alert("config.not_copied", reason=error.strerror or str(error))
        except (StoreError, UserError) as error:
            self._alert("config.not_copied", reason=str(error))

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            with _OPENING:
                _OPEN_HERE.discard(self._database)
                self._database.close()
            self._database = None

    def _open(self) -> None:
        self.is_damaged = self._is_unreadable = False
        has_rotten_log = not copied_revision(copy_path(self.path)) and has_lost_its_tail(
            self.path.with_name(f"{self.path.name}-wal")
        )
        if has_rotten_log:  # with a copy nothing is lost by that
            self._alert("config.database_damaged", reason="the newest changes are lost")
        try:
            with _OPENING:
                self._database, verdict = _connect_patiently(
                    self.path, looks_through=self._looks_through
                )
        except (sqlite3.DatabaseError, OSError) as error:
            self._database, verdict = None, str(error)
            if not _is_damage(error, self.path):
                self._stand_in(verdict, error)
                return
        if verdict and is_unreadable(self.path):
            self._stand_in(verdict, None)
        elif verdict:
            self.is_damaged = True
            self._alert("config.database_damaged", reason=verdict)

    def _stand_in(self, why: str, error: Exception | None) -> None:
        """The copy serves until the disk gives the file; StoreError where there is none."""
        self.close()
        if not copied_revision(copy_path(self.path)):
            raise NotOpened(f"{self.path}: {why}") from error
        self._is_unreadable, self._why_not_open = True, why
        self._alert("config.database_unreadable", reason=why)

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            kind = NotOpened if self._is_unreadable else StoreError
            raise kind(f"{self.path}: {self._why_not_open}")
        return self._database

    def _load_newest(self) -> tuple[int, Document]:
        """The newest sound revision, or the copy where the database has lost it.

        Every damaged one above it is an alert. StoreError where the disk gives none of the rows
        that are there (the factory's settings are not what the owner has), or only older ones than
        it gave before.
        """
        copy = copy_path(self.path)
        copied_before = copied_revision(copy)  # somebody may save and copy while we read
        damaged, found = self._newest_in_database()
        if found[0] < copied_before:
            copied = read_copy(copy)
            if copied is not None and copied[0] > found[0]:
                self._alert("config.copy_used", revision=str(copied[0]))
                found = copied
        why = self._unread or ("it cannot be read" if self._is_unreadable else "")
        if why and (found[0] < self._loaded or not found[0]):
            raise StoreError(f"{self.path}: {why}")
        for number in damaged:
            self._alert("config.revision_damaged", revision=str(number), used=str(found[0]))
        return found

    def _newest_in_database(self) -> tuple[list[int], tuple[int, Document]]:
        """Revisions that are damaged, and the newest that is not; 0 is the factory's."""
        damaged: list[int] = []
        self._unread = ""
        for number in self._numbers():
            document = self._read_sound(number)
            if document is not None:
                return damaged, (number, document)
            damaged.append(number)
        return damaged, (0, factory_document())

    def _numbers(self) -> list[int]:
        if self._database is None:
            return []
        try:
            return revisions.numbers(self._database)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error, self.path) and not self.is_damaged:
                raise StoreError(f"{self.path}: the disk does not give it: {error}") from error
            self.is_damaged = True
            self._alert("config.database_damaged", reason=str(error))
            return []

    def _read_sound(self, number: int) -> Document | None:
        try:
            return revisions.read_document(self._connected(), number)
        except (StoreError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.Error) and not _is_damage(error, self.path):
                self._unread = f"the disk does not give revision {number}: {error}"
            return None

    def _alert(self, key: str, **params: str) -> None:
        problem = Problem(key, "", params, is_warning=True)
        if problem not in self.alerts:
            self.alerts = (*self.alerts, problem)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock from its first statement."""
        database = self._connected()
        if self.is_damaged:
            raise StoreError(f"{self.path} is damaged: set it aside before saving")
        with _as_store_errors(self.path):
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise


@contextmanager
def _as_store_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as ours: a lock held by another is ``config.busy``, others StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        if _is_busy(error):
            raise UserError("config.busy") from error
        key = key_of(error)
        if key == DAMAGED and is_unreadable(path):
            key = CANNOT_OPEN
        said = f"config.db: {error}"
        raise (StateError(key, said) if key else StoreError(said)) from error


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _is_damage(error: Exception, path: Path) -> bool:
    """Whether the file itself is broken, rather than locked, full, not ours to open or given by the
    disk."""
    is_said = isinstance(error, revisions.Rotten) or key_of(error) == DAMAGED
    return is_said and not is_unreadable(path)


def change(path: Path, edit: Callable[[Document], Document], author: str, note: str) -> int:
    """Load, edit and save, anew when somebody saved meanwhile; the revision. Raises as ``save``.

    It waits for the disk: for a thread of its own.
    """
    store = ConfigStore(path)
    try:
        for left in reversed(range(_TRIES)):
            base, document = store.load()
            try:
                return store.save(edit(document), base, author, note)
            except RevisionConflict:
                if not left:
                    raise
        raise AssertionError("unreachable")
    finally:
        store.close()


def _check_header(path: Path) -> None:
    """A file version that SQLite does not know would make it read-only without a word; Rotten.

    Only the first of this process looks: closing a file takes away every lock that the process has
    on it (fcntl(2)), and whoever closes the database elsewhere would then believe himself the last
    and delete the log that we still write to.
    """
    if any(connection.identity == _identity(path) for connection in _OPEN_HERE):
        return
    with path.open("rb") as file:
        versions = file.read(20)[18:20]
    if versions and not set(versions) <= {1, 2}:
        raise revisions.Rotten(f"file versions {list(versions)}")


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _connect_patiently(path: Path, *, looks_through: bool) -> tuple[_Connection, str]:
    """``_connect``, again while another begins the file: to make it WAL SQLite waits for nobody."""
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            return _connect(path, looks_through=looks_through)
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= until:
                raise
        time.sleep(_AGAIN_S)


def _connect(path: Path, *, looks_through: bool) -> tuple[_Connection, str]:
    """The database and what is wrong with it (empty = sound); sqlite3.DatabaseError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.make_private(path)  # secrets inside: nobody else reads them
    path.touch()
    _check_header(path)
    database = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, factory=_Connection)
    database.text_factory = lambda octets: octets.decode("utf-8", "replace")
    try:
        if database.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        verdict = "ok"
        if looks_through:
            (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict == "ok":
            revisions.create_schema(database)
    except BaseException:
        database.close()
        raise
    database.identity = _identity(path)
    _OPEN_HERE.add(database)
    return database, "" if verdict == "ok" else str(verdict)
