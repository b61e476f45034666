"""A log that rotted is told from one that a power cut ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.store.journal import Journal
from appliance.store.wal import has_lost_its_tail
from appliance.store.writer import StateWriter
from tests.store.records import make_record


@pytest.fixture
def log(path: Path, tmp_path: Path) -> Path:
    """The log of some rows, as a kill leaves it."""
    writer = StateWriter(path)
    for n in range(4):
        Journal(writer).append(make_record(f"c{n}")).future.result(10)
    log = tmp_path / "log"
    log.write_bytes(Path(f"{path}-wal").read_bytes())
    writer.close()
    return log


def test_a_sound_log_and_none_have_lost_nothing(log: Path, tmp_path: Path) -> None:
    assert not has_lost_its_tail(log)
    assert not has_lost_its_tail(tmp_path / "none")


def test_a_torn_end_is_what_every_power_cut_leaves(log: Path) -> None:
    content = log.read_bytes()
    for left_out in (1, 100, 4096 + 24, 4096 + 25):
        log.write_bytes(content[:-left_out])
        assert not has_lost_its_tail(log)


@pytest.mark.parametrize("offset", [0, 5, 9, 13, 17, 25, 32, 36, 41, 50, 60, 5000])
def test_a_flipped_octet_in_the_middle_is_rot(log: Path, offset: int) -> None:
    content = bytearray(log.read_bytes())
    content[offset] ^= 1
    log.write_bytes(content)
    assert has_lost_its_tail(log)
