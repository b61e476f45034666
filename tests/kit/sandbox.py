"""Runs a program under what a unit of systemd/ imposes, without systemd.

``python -m tests.kit.sandbox UNIT DATA COMMAND…``: the unit's capabilities alone, no new rights, no
memory that is writable and executable (where the kernel is 6.3 or later), the unit's own filter of
system calls and address families (libseccomp), and a file system that is read-only but for DATA and
a TMPDIR of its own, with the small /proc. It reads the unit, so that what is tested is what is
installed. Needs root.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_EPERM, _EAFNOSUPPORT = 1, 97
_EQUAL = 4
_PR_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN = 65, 1
#: Whoever has rights has them without being root, as a unit with a User= does.
_NOBODY = ("--reuid=65534", "--regid=65534", "--clear-groups")
_MOUNTS = """
mount --make-rprivate /
mount --bind -- "$0" "$0"
mount -o remount,bind,ro /
mount -t tmpfs tmpfs /var/tmp
export TMPDIR=/var/tmp
mount -t proc -o subset=pid,hidepid=invisible proc /proc
exec "$@"
"""


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("other", ctypes.c_uint64),
    )


def sandboxed(unit: Path, data: Path) -> list[str]:
    """The words to put before a command; DATA must exist, and be nobody's where the unit has
    capabilities."""
    named = " ".join(directives(unit, "CapabilityBoundingSet")).lower().split()
    rights = ",".join(["-all", *(f"+{name.removeprefix('cap_')}" for name in named)])
    setpriv = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", "--no-new-privs"]
    setpriv += [*_NOBODY, f"--ambient-caps={rights}"] if named else []
    outside = ["unshare", "--mount", "--", "sh", "-ec", _MOUNTS, str(data), *setpriv, "--"]
    return [*outside, sys.executable, "-m", "tests.kit.sandbox", str(unit)]


def directives(unit: Path, name: str) -> list[str]:
    """The values of a directive, in order."""
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)


def _calls_of(unit: Path) -> set[str]:
    allowed: set[str] = {*_group("@default")}
    for line in directives(unit, "SystemCallFilter"):
        named = {call for word in line.lstrip("~").split() for call in _group(word)}
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


@cache
def _group(name: str) -> frozenset[str]:
    """A group of system calls with all groups inside of it, as systemd knows it."""
    if not name.startswith("@"):
        return frozenset({name})
    argv = ["systemd-analyze", "syscall-filter", "--no-pager", name]
    told = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = [line.strip() for line in told.stdout.splitlines()[1:]]
    words = [line for line in lines if line and not line.startswith("#")]
    return frozenset(call for word in words for call in _group(word))


def _load_filter(unit: Path) -> None:
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_ERRNO | _EPERM)))
    number = library.seccomp_syscall_resolve_name
    for call in _calls_of(unit) - {"socket"}:
        if (found := number(call.encode())) >= 0:  # this machine has it
            library.seccomp_rule_add(context, ctypes.c_uint32(_ALLOW), found, 0)
    (families,) = directives(unit, "RestrictAddressFamilies")
    named = {int(getattr(socket, family)) for family in families.split()}
    for family in range(64):
        action = _ALLOW if family in named else _ERRNO | _EAFNOSUPPORT
        comparison = _Comparison(0, _EQUAL, family, 0)
        library.seccomp_rule_add_array(
            context, ctypes.c_uint32(action), number(b"socket"), 1, ctypes.byref(comparison)
        )
    if error := library.seccomp_load(context):
        raise OSError(-error, "seccomp_load")


def _main(argv: Sequence[str]) -> None:
    unit, *command = argv
    _load_filter(Path(unit))
    libc = ctypes.CDLL(None, use_errno=True)
    is_refused = libc.prctl(_PR_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)
    if is_refused and ctypes.get_errno() != errno.EINVAL:  # EINVAL: a kernel before 6.3
        raise OSError(ctypes.get_errno(), "prctl PR_SET_MDWE")
    os.execvp(command[0], command)


if __name__ == "__main__":
    _main(sys.argv[1:])
