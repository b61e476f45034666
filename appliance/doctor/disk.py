"""The disk below the data folder: space, inodes, and whether it can be written at all.

Owns one small file for the moment of the test.
"""

from __future__ import annotations

import os
import tempfile

from appliance.doctor.finding import Finding, Patient, fault, ok, warning

_FAULT_MB, _WARNING_MB = 50, 500
_FEWEST_INODES = 1000


def check(patient: Patient) -> list[Finding]:
    """Space, inodes, writing."""
    folder = patient.data
    if patient.is_closed:
        return []  # service.py tells it
    if not folder.is_dir():
        return [fault("disk.no_folder", folder=folder)]
    found = os.statvfs(folder)
    free_mb = found.f_bavail * found.f_frsize // 1_000_000
    space = _space(free_mb, str(folder))
    findings = [space]
    if found.f_files and found.f_favail < _FEWEST_INODES:
        findings.append(fault("disk.inodes", free=found.f_favail, folder=folder))
    findings += _writing(str(folder))
    return findings


def _space(free_mb: int, folder: str) -> Finding:
    if free_mb < _FAULT_MB:
        return fault("disk.full", free=free_mb, folder=folder)
    if free_mb < _WARNING_MB:
        return warning("disk.little", free=free_mb, folder=folder)
    return ok("disk.space", free=free_mb, folder=folder)


def _writing(folder: str) -> list[Finding]:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return [fault("disk.no_write", folder=folder, said=os.strerror(error.errno or 0))]
    return []
