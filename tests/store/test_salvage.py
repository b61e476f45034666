"""What a damaged file still gives is in the new one; how much that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.store.journal import Journal, query
from appliance.store.writer import StateWriter
from tests.store.records import make_record

COUNT = 200


@pytest.fixture
def full(path: Path) -> Path:
    writer = StateWriter(path)
    for n in range(COUNT):
        Journal(writer).append(make_record(f"c{n}", started_at=float(n)))
    writer.close()
    return path


def rows_after(path: Path, content: bytes) -> int:
    """How many rows a start on this content gives; a file was set aside."""
    path.write_bytes(content)
    writer = StateWriter(path)
    try:
        assert writer.set_aside is not None and writer.set_aside.read_bytes() == content
        assert not list(path.parent.glob(".salvage-*"))
        return len(writer.submit(lambda db: query(db, limit=1000)).result(10))
    finally:
        writer.close()


def test_a_header_that_rotted_costs_nothing(full: Path) -> None:
    content = full.read_bytes()
    assert rows_after(full, b"X" + content[1:]) == COUNT


def test_a_page_that_is_gone_costs_its_rows(full: Path) -> None:
    content = bytearray(full.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    assert COUNT * 0.8 < rows_after(full, bytes(content)) <= COUNT


def test_garbage_gives_nothing_and_stops_nothing(full: Path) -> None:
    assert rows_after(full, b"no database at all" * 900) == 0
