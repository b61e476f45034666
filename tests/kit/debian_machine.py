"""A fresh Debian with a real systemd: a minimal root by debootstrap, booted by systemd-nspawn.

Owns the root's folder, its network namespace and its control group. The root has what a machine has
on its first day: git and sudo. Needs root, debootstrap, systemd-container, and for the first phase
the packages' servers; a machine that is booted sees nothing but its own namespace.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests.kit.processes import PROJECT, KitError, Program, run, wait_until

HOST = "10.215.0.2"
PROGRAM = "/opt/dozvon"
_FIRST_DAY = "git,sudo,ca-certificates,systemd,systemd-sysv,udev,dbus,procps,iproute2"
_ARCHIVE = "http://deb.debian.org/debian"
_SPACES = ["unshare", "--mount", "--cgroup", "--pid", "--fork", "--kill-child", "--mount-proc"]
_INSTALL_S = 1800.0
_BOOT_S = 60.0
#: systemd wants a hierarchy of control groups to itself, whose root is that of its process 1.
_NEST = """
mount --make-rprivate /
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
systemd-nspawn --quiet --register=no --keep-unit --timezone=off \
  --capability=CAP_BPF,CAP_PERFMON,CAP_NET_ADMIN --system-call-filter=bpf "$@"  # for DeviceAllow
"""


def what_is_missing() -> str:
    """Why no such machine can be made here; empty if it can."""
    if os.geteuid():
        return "needs root"
    for program in ("debootstrap", "systemd-nspawn", "nsenter", "ip"):
        if shutil.which(program) is None:
            return f"needs {program} (apt-get install debootstrap systemd-container)"
    return "" if _groups() is not None else "needs control groups of version 2"


class DebianMachine:
    """release: ``bookworm``, ``trixie`` …; folder: an empty one on a disk with 3 GB of room."""

    def __init__(self, release: str, folder: Path) -> None:
        self.release = release
        self.root = folder / "root"
        self.netns = f"dzm{os.getpid()}"
        self._log = folder / "console.log"
        groups = _groups()
        assert groups is not None, what_is_missing()
        self._group = groups / self.netns
        self._booted: Program | None = None
        self._init = 0

    def __enter__(self) -> DebianMachine:
        try:
            self._make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def install(self, argv: Sequence[str], *, user: str) -> str:
        """Run a command before the first boot, with the host's network; what it printed."""
        words = ["-D", str(self.root), "--pipe", "--resolv-conf=copy-host", f"--user={user}"]
        words += [f"--setenv={name}={value}" for name, value in _settings_of_pip().items()]
        return run(self._nested([*words, *argv]), _INSTALL_S)

    def boot(self) -> None:
        """Start its systemd, and wait until all that starts with the machine has started."""
        words = ["-D", str(self.root), f"--network-namespace-path=/run/netns/{self.netns}"]
        words += [f"--machine={self.netns}", "--resolv-conf=off", "--console=pipe", "--boot"]
        self._booted = Program(self._nested(words), self._log)
        self._init = wait_until(self._find_init, _BOOT_S, "its process 1", self._booted.tail)
        wait_until(
            lambda: "running" in self.ask(["systemctl", "is-system-running"]),
            _BOOT_S,
            "all units are up",
            lambda: self.ask(["systemctl", "--failed", "--no-pager"]),
        )

    def run(self, argv: Sequence[str], timeout_s: float = 60.0) -> str:
        """A command of its root, inside; what it printed. Raises KitError when it fails."""
        return run([*self._inside(), *argv], timeout_s)

    def ask(self, argv: Sequence[str]) -> str:
        """As ``run``, whatever the exit code."""
        words = [*self._inside(), *argv]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout

    def property(self, unit: str, name: str) -> str:
        """What systemd says of a unit."""
        return self.run(["systemctl", "show", unit, "--property", name, "--value"]).strip()

    def close(self) -> None:
        """End it and take everything away but the files."""
        if self._booted is not None:
            self._booted.kill()
        procs = self._group / "cgroup.procs"
        if procs.exists():
            (self._group / "cgroup.kill").write_text("1")
            wait_until(lambda: not _members(self._group), 20, "its processes are gone")
            for group in sorted(self._group.rglob("*/"), reverse=True):
                group.rmdir()
            self._group.rmdir()
        if self.netns in run(["ip", "netns", "list"]):
            run(["ip", "netns", "delete", self.netns])

    # ---- making

    def _make(self) -> None:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        words = ["--variant=minbase", f"--include={_FIRST_DAY}", self.release, str(self.root)]
        run(["debootstrap", *words, _ARCHIVE], _INSTALL_S)
        self._trust_what_we_trust()
        run(["git", "clone", "--quiet", "--no-local", str(PROJECT), f"{self.root}{PROGRAM}"], 60)
        self._group.mkdir()
        run(["ip", "netns", "add", self.netns])
        for words in (
            ["link", "set", "lo", "up"],
            ["link", "add", "eth0", "type", "veth", "peer", "name", "wire"],
            ["addr", "add", f"{HOST}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["link", "set", "wire", "up"],
        ):
            run(["ip", "-n", self.netns, *words])
        sudoers = self.root / "etc/sudoers.d/tech"
        self.install(["useradd", "--create-home", "--shell=/bin/bash", "tech"], user="root")
        self.install(["chown", "-R", "tech:", PROGRAM], user="root")
        sudoers.write_text("tech ALL=(ALL) NOPASSWD: ALL\n")

    def _trust_what_we_trust(self) -> None:
        """An office whose proxy has a certificate of its own has it in its machines as well."""
        bundle = os.environ.get("PIP_CERT", "")
        if bundle:
            target = Path(f"{self.root}{bundle}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle, target)

    def _nested(self, words: Sequence[str]) -> list[str]:
        join = f'echo $$ >"{self._group}/cgroup.procs"; exec "$@"'
        return ["bash", "-c", join, "-", *_SPACES, "bash", "-c", _NEST, "-", *words]

    # ---- inside

    def _inside(self) -> list[str]:
        if not self._init:
            raise KitError("it was not booted")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        spaces = ["nsenter", "--all", f"--target={self._init}"]
        return [*spaces, "env", "-i", "--chdir=/", "HOME=/root", "LANG=C.UTF-8", path]

    def _find_init(self) -> int:
        """The host's number of the process that is 1 in there."""
        for pid in _members(self._group):
            status = Path(f"/proc/{pid}/status")
            try:
                lines = status.read_text().splitlines()
            except OSError:
                continue
            fields = dict(line.split(":", 1) for line in lines if ":" in line)
            if fields["Name"].strip() == "systemd" and fields["NSpid"].split()[-1] == "1":
                return pid
        return 0


def _members(group: Path) -> list[int]:
    """Every process of a group and of those below it."""
    found: list[int] = []
    for path in group.rglob("cgroup.procs"):
        try:
            found += map(int, path.read_text().split())
        except OSError:
            continue  # it went while we looked
    return found


def _groups() -> Path | None:
    """Where the second version of control groups is mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    return None


def _settings_of_pip() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name == "PIP_CERT"}
