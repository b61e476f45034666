"""Tests of appliance/doctor/disk.py on real folders and on figures of other disks."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from appliance.doctor import disk
from tests.doctor.patients import keys, stopped


def test_a_healthy_folder_keeps_nothing_of_the_test(tmp_path: Path) -> None:
    assert keys(disk.check(stopped(tmp_path))) in (["ok disk.space"], ["warning disk.little"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("free_mb", "inodes", "found"),
    [
        (10, 90_000, ["fault disk.full"]),
        (300, 90_000, ["warning disk.little"]),
        (9_000, 90_000, ["ok disk.space"]),
        (9_000, 10, ["ok disk.space", "fault disk.inodes"]),
    ],
)
def test_space_and_inodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, inodes: int, found: list[str]
) -> None:
    figures = SimpleNamespace(
        f_bavail=free_mb * 1_000_000 // 4096 + 1, f_frsize=4096, f_files=100_000, f_favail=inodes
    )
    monkeypatch.setattr(os, "statvfs", lambda folder: figures)
    assert keys(disk.check(stopped(tmp_path))) == found


def test_a_folder_that_cannot_be_written_or_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(30, "Read-only file system")

    assert keys(disk.check(stopped(tmp_path / "none"))) == ["fault disk.no_folder"]
    monkeypatch.setattr(os, "fsync", refuse)
    findings = disk.check(stopped(tmp_path))
    assert keys(findings)[-1] == "fault disk.no_write"
    assert "ead-only" in findings[-1].params["said"]
