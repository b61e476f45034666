"""A copy of the newest settings beside config.db, for the day on which the database is gone.

Owns the file ``config.last-good``: one line that says what it is (revision, format, SHA-256), then
the document as JSON. It is written after each save, whole or not at all (durable.py); a copy that
does not fit its line is no copy.
"""

from __future__ import annotations

import json
from pathlib import Path

from appliance.config.codec import from_data, to_data
from appliance.config.formats import FORMAT, upgrade
from appliance.config.model import Document
from appliance.config.revisions import checksum_of
from appliance.durable import write_durably
from appliance.errors import ConfigErrors, StoreError

_HEAD = "dozvon-settings"
_LARGEST_LINE = 200


def copy_path(database: Path) -> Path:
    """Where the copy of this database lies."""
    return database.with_name("config.last-good")


def write_copy(path: Path, revision: int, document: Document) -> None:
    """Replace the copy; OSError, and the old one stays."""
    text = json.dumps(to_data(document), ensure_ascii=False, separators=(",", ":"))
    line = f"{_HEAD} {revision} {FORMAT} {checksum_of(revision, FORMAT, text)}\n"
    content = line.encode() + text.encode("utf-8", "surrogatepass")
    write_durably(path, content, is_of_folder=True)


def copied_revision(path: Path) -> int:
    """Which revision the copy says that it is; 0 without a copy."""
    try:
        with path.open("rb") as file:
            return _parse(file.readline(_LARGEST_LINE))[0]
    except (OSError, ValueError):
        return 0


def read_copy(path: Path) -> tuple[int, Document] | None:
    """The copy, or None when there is none that is sound."""
    try:
        line, _, content = path.read_bytes().partition(b"\n")
        revision, number, checksum = _parse(line)
        text = content.decode("utf-8", "surrogatepass")
        if checksum_of(revision, number, text) != checksum:
            return None
        return revision, from_data(upgrade(json.loads(text), number))
    except (OSError, ValueError, ConfigErrors, StoreError):
        return None


def _parse(line: bytes) -> tuple[int, int, str]:
    head, revision, number, checksum = line.decode("ascii").split()
    if head != _HEAD:
        raise ValueError(head)
    return int(revision), int(number), checksum
