"""Does the disk give a file of SQLite's at all? SQLite says "malformed" where a read fails.

Owns nothing; reads the file and its log to their ends. SQLite turns EIO of a read into
SQLITE_CORRUPT, so that a loose cable looks like a file that rotted: one that the disk does not give
now is not to be set aside, nor to be replaced by anything.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_AT_ONCE = 1 << 20


def is_unreadable(database: Path) -> bool:
    """Whether reading the database or its log fails; one that is not there is no such file."""
    log = database.with_name(f"{database.name}-wal")
    return any(_fails(path) for path in (database, log))


def _fails(path: Path) -> bool:
    try:
        with _opened(path) as descriptor:
            at = 0
            while octets := os.pread(descriptor, _AT_ONCE, at):
                at += len(octets)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The descriptor that this process has, if it has one: to close another one of the same file
    takes SQLite's locks away (fcntl(2))."""
    ours = _ours(path.stat())
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if ours is None else ours
    try:
        yield descriptor
    finally:
        if ours is None:
            os.close(descriptor)


def _ours(wanted: os.stat_result) -> int | None:
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(int(name)), wanted):
                return int(name)
    return None
