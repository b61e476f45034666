"""Files that come into being whole or not at all, and stay when the power goes.

Owns the one way in which a file of ours is put or moved into its place: write beside it, fsync,
rename, fsync the folder. A rename that is not followed by the folder's fsync may be undone by a
power cut, and one that is not preceded by the file's leaves an empty file on many file systems.
Nobody else renames (tests/test_architecture.py); databases are SQLite's own business.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

PRIVATE = 0o600  # secrets inside: nobody but the owner reads it


def write_durably(
    path: Path, content: bytes, mode: int = PRIVATE, *, is_of_folder: bool = False
) -> None:
    """Put a file in its place; afterwards the disk has it under this name, or the old one as it
    was.

    A link is followed; a pipe or a device is just written to. Raises OSError: nothing of the draft
    is left behind then. is_of_folder: root leaves it to the folder's owner, whose services read it.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            if is_of_folder:
                _leave_to_owner(descriptor, path.parent)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.rename(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    sync_folder(path.parent)


def make_private(path: Path) -> None:
    """An empty file for the folder's owner alone, where there is none yet; OSError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        return
    try:
        _leave_to_owner(descriptor, path.parent)
    finally:
        os.close(descriptor)


def take_place(draft: Path, path: Path) -> None:
    """Put a finished file of the data folder, which lies there already, in the place of another;
    OSError."""
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        _leave_to_owner(descriptor, path.parent)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(draft, path)
    sync_folder(path.parent)


def set_aside(path: Path, tails: tuple[str, ...] = ("-wal", "-shm")) -> Path:
    """Move a damaged file, and what belongs to it, to the first free ``NAME.damaged-N``; OSError.

    The file itself goes last: whatever interrupts this, the next start finds it and goes on.
    """
    aside = _aside(path, _next_number(path))
    for tail in (*tails, ""):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{tail}", f"{aside}{tail}")
    sync_folder(path.parent)
    return aside


def keep_copy(path: Path) -> Path:
    """A copy of a damaged file as the first free ``NAME.damaged-N``; OSError."""
    aside = _aside(path, _next_number(path))
    write_durably(aside, path.read_bytes())
    return aside


def last_aside(path: Path) -> Path | None:
    """Where the newest of the files that were set aside lies, if any was."""
    number = _next_number(path) - 1
    return _aside(path, number) if number else None


def sync_folder(folder: Path) -> None:
    """Have the disk know the names in a folder as they are now; OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _leave_to_owner(descriptor: int, folder: Path) -> None:
    """A command that root gives makes no file that the box's own user cannot read; root without the
    right to give files away keeps it."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _next_number(path: Path) -> int:
    number = 1
    while _aside(path, number).exists():
        number += 1
    return number


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")
