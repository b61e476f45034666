"""Fixtures of the fault tests: the boxes of tests/interop, and one whose disk may fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_disk_full import MANY_PORTS
from tests.interop.conftest import box, make_box
from tests.kit.box import Box
from tests.kit.failing_disk import FailingDisk
from tests.kit.office import busy_office

__all__ = ["box", "make_box"]


@pytest.fixture
def disk(tmp_path: Path) -> FailingDisk:
    return FailingDisk(tmp_path, tmp_path / "box" / "data")


@pytest.fixture
def box_on_disk(tmp_path: Path, disk: FailingDisk) -> Iterator[Box]:
    """2001 and 2002, whose data are on that disk."""
    document = busy_office(2001, 2002)
    folder = tmp_path / "box"
    with Box(folder, document, rtp_ports=MANY_PORTS, environment=disk.environment) as box:
        yield box.start()
