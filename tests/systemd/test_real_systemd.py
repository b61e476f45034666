"""The units under a real systemd, on a Debian of its first day: what no sandbox of ours can show.

A root is made, the README is followed, the machine is booted. It takes ten minutes and the network,
so it runs by command only: ``DOZVON_MACHINE=trixie pytest tests/systemd/test_real_systemd.py`` (or
``bookworm``); DOZVON_MACHINE_FOLDER says where there is room for 3 GB, else /var/tmp.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.debian_machine import HOST, PROGRAM, DebianMachine, what_is_missing
from tests.kit.office import office, secret_of
from tests.kit.processes import KitError, run, wait_until
from tests.kit.sipp import Sipp, SippOptions

RELEASE = os.environ.get("DOZVON_MACHINE", "")
UNITS = ("dozvon", "dozvon-web", "dozvon-phones")
BACK_S = 5.0  # after any end
#: WatchdogSec, an ABRT, and the start.
WATCHED_S = 30 + BACK_S + 5
#: Device -> its kind in /proc/devices, and mknod's words.
DEVICES = {
    "ttyS7": ("ttyS", "c 4 71"),
    "ttyUSB0": ("ttyUSB", "c 188 0"),
    "ttyACM0": ("ttyACM", "c 166 0"),
    "i2c-1": ("i2c", "c 89 1"),
    "sdz": ("", "b 8 240"),
}

pytestmark = pytest.mark.skipif(
    not RELEASE, reason="DOZVON_MACHINE=trixie (or bookworm) makes a machine; takes 10 minutes"
)


@pytest.fixture(scope="module")
def machine() -> Iterator[DebianMachine]:
    """Set up by a person with sudo who read the README, then booted, with the services on."""
    missing = what_is_missing()
    assert not missing, missing
    place = os.environ.get("DOZVON_MACHINE_FOLDER", "/var/tmp")
    folder = Path(tempfile.mkdtemp(prefix="dozvon-machine-", dir=place))
    try:
        with DebianMachine(RELEASE, folder) as made:
            told = made.install([f"{PROGRAM}/run", "--help"], user="tech")
            assert "dozvon run" in told
            made.boot()
            _install(made)
            made.run(["dozvon", "config", "apply", _office(made)])
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(machine: DebianMachine) -> None:
    """With what the services said, if they did not start."""
    try:
        machine.run([f"{PROGRAM}/systemd/install.sh"], 300)
    except KitError as error:
        said = machine.ask(["journalctl", "--no-pager", "--unit=dozvon*"])
        raise KitError(f"{error}\n{said}") from error


def _office(machine: DebianMachine) -> str:
    (machine.root / "etc/dozvon/office.json").write_text(json.dumps(office()))
    return "/etc/dozvon/office.json"


def pid_of(machine: DebianMachine, unit: str = "dozvon") -> int:
    """As the machine numbers it; 0 while it does not run."""
    return int(machine.property(unit, "MainPID"))


def send(machine: DebianMachine, number: signal.Signals) -> None:
    machine.run(["systemctl", "kill", "--kill-whom=main", f"--signal={number.value}", "dozvon"])


def is_up(machine: DebianMachine) -> dict[str, Any]:
    """What the box says of itself; empty while it says nothing."""
    told = machine.ask(["dozvon", "status", "--json"])
    said: dict[str, Any] = json.loads(told) if told.startswith("{") else {}
    return said if said.get("sip") else {}  # else it is the word of the command, not of the box


def test_it_is_compiled_for_this_python(machine: DebianMachine) -> None:
    words = "import appliance; print(appliance.IS_COMPILED)"
    told = machine.run(["env", f"--chdir={PROGRAM}", f"{PROGRAM}/.venv/bin/python", "-c", words])
    assert told.strip() == "True"


def test_what_stays_lies_in_large_pages(machine: DebianMachine) -> None:
    """As far as the kernel can; nothing of the sandbox forbids it."""
    release = tuple(int(figure) for figure in platform.release().split(".")[:2])
    pages = machine.run(["cat", f"/proc/{pid_of(machine)}/smaps_rollup"])
    (large_kb,) = re.findall(r"^AnonHugePages: +(\d+) kB$", pages, re.MULTILINE)
    assert (int(large_kb) > 0) is (release >= (6, 1))


@pytest.mark.parametrize("unit", UNITS)
def test_a_service_runs_without_any_right(machine: DebianMachine, unit: str) -> None:
    assert machine.property(unit, "ActiveState") == "active"
    status = machine.run(["cat", f"/proc/{pid_of(machine, unit)}/status"])
    (user,) = re.findall(r"^Uid:\t(\d+)\t", status, re.MULTILINE)
    assert int(user) == int(machine.run(["id", "--user", "dozvon"]))
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)


def test_systemd_is_told_what_goes_on(machine: DebianMachine) -> None:
    """READY ended the start, or ``install.sh`` would wait to this day; STATUS is in words."""
    assert machine.property("dozvon", "SubState") == "running"
    assert machine.property("dozvon", "StatusText").startswith("Runs: calls 0")
    assert machine.property("dozvon", "WatchdogUSec") == "30s"


def test_a_telephone_that_nobody_here_wrote_calls(machine: DebianMachine) -> None:
    told = json.loads(machine.run(["dozvon", "selftest", "--json"]))
    assert told["ok"], told


def test_desk_phones_are_served_by_the_sockets_of_systemd(machine: DebianMachine) -> None:
    """TFTP's port is below 1024, and the service has no right to open it."""
    for url, begins in (
        (f"tftp://{HOST}/spa508G.cfg", "<?xml"),
        (f"http://{HOST}:8088/y000000000108.cfg", "#!version:1.0.0.1"),
    ):
        agent = ["--user-agent", "Yealink SIP-T46U 108.86.0.20"]
        told = run(["curl", "--silent", "--max-time", "15", *agent, url], 20, machine.netns)
        assert told.startswith(begins), url
    listening = set(re.findall(r":(\d+) ", machine.run(["ss", "-Hlntu"])))
    assert {"69", "8088", "8443", "8080", "5060"} <= listening


def test_the_pages_show_where_the_code_goes(machine: DebianMachine) -> None:
    told = run(["curl", "--silent", "--location", f"http://{HOST}:8080/"], 20, machine.netns)
    assert "<form" in told
    assert re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", machine.run(["journalctl", "-u", "dozvon-web"]))


def test_what_the_unit_forbids_and_what_the_box_needs(machine: DebianMachine) -> None:
    """A program in the daemon's place, under every directive of its unit but the watchdog."""
    for name, (_, words) in DEVICES.items():
        machine.run(["rm", "--force", f"/dev/{name}"])
        machine.run(["mknod", "--mode=666", f"/dev/{name}", *words.split()])
    unit = (machine.root / "etc/systemd/system/dozvon.service").read_text()
    for line, instead in (
        (r"^Type=.*$", "Type=oneshot"),
        (r"^ExecStart=.*$", "ExecStart=/usr/bin/python3 /etc/dozvon/probe.py"),
        (r"^(ExecStopPost|RuntimeDirectory|RuntimeDirectoryMode|WatchdogSec|Restart.*)=.*$", ""),
    ):
        unit = re.sub(line, instead, unit, flags=re.MULTILINE)
    (machine.root / "etc/systemd/system/probe.service").write_text(unit)
    shutil.copyfile(Path(__file__).with_name("probe.py"), machine.root / "etc/dozvon/probe.py")
    machine.run(["chmod", "755", "/etc/dozvon"])
    machine.run(["systemctl", "daemon-reload"])
    machine.run(["systemctl", "start", "probe"])
    told = json.loads((machine.root / "var/lib/dozvon/probe.json").read_text())
    for name, (kind, _) in DEVICES.items():
        assert told.pop(f"open /dev/{name}") == _verdict(kind), name
    assert machine.property("dozvon", "LimitRTPRIO") == "20"
    if not _may_raise_limits():
        assert told.pop("a real-time class") == "EPERM"  # nor may its systemd give what we have not
        told["a real-time class"] = "ok"
    assert told == {
        "write its data": "ok",
        "write the program": "EROFS",
        "write /etc": "EROFS",
        "see homes": "EACCES",
        "a real-time class": "ok",
        "a socket of netlink": "ok",
        "a raw socket": "EAFNOSUPPORT",
        "a port below 1024": "EACCES",
    }


def _verdict(kind: str) -> str:
    """Allowed: the kernel is asked, and has no such device. Not allowed, or of a kind that this
    kernel does not have (what modprobe@ in the unit is for, and what no container can load): EPERM.
    """
    kinds = re.findall(r"^ *\d+ (\S+)$", Path("/proc/devices").read_text(), re.MULTILINE)
    return "ENODEV" if kind in kinds else "EPERM"


def _may_raise_limits() -> bool:
    words = ["prlimit", "--rtprio=20:20", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_a_stop_says_bye_and_saves(machine: DebianMachine, tmp_path: Path) -> None:
    calling = SippOptions(
        remote=f"{HOST}:5060",
        host=HOST,
        port=5080,
        netns=machine.netns,
        username="2001",
        secret=secret_of("2001"),
        values={"number": "*43"},
    )
    with Sipp(tmp_path, "uac_waits_for_bye", calling) as phone:
        phone.wait_for_message("ACK sip:")
        machine.run(["systemctl", "stop", "dozvon"])
        phone.wait()
    assert "BYE sip:" in phone.messages()
    assert machine.property("dozvon", "Result") == "success"
    machine.run(["systemctl", "start", "dozvon"])
    (row, *_) = json.loads(machine.run(["dozvon", "journal", "--json"]))["calls"]
    assert (row["caller"], row["cause"]) == ("2001", "shutdown")


def test_killed_it_is_back(machine: DebianMachine) -> None:
    before = pid_of(machine)
    killed_at = time.monotonic()
    send(machine, signal.SIGKILL)
    wait_until(lambda: is_up(machine), BACK_S * 3, "it answers again")
    assert time.monotonic() - killed_at <= BACK_S
    assert pid_of(machine) not in (0, before)


def test_stopped_in_the_middle_the_watchdog_starts_it_anew(machine: DebianMachine) -> None:
    before = pid_of(machine)
    send(machine, signal.SIGSTOP)
    wait_until(lambda: pid_of(machine) not in (0, before), WATCHED_S, "another process")
    wait_until(lambda: is_up(machine), BACK_S, "it answers again")
    assert "Watchdog timeout" in machine.run(["journalctl", "-u", "dozvon"])


def test_nothing_was_refused_to_any_of_them(machine: DebianMachine) -> None:
    """The last: whatever the box did above, no line of its log says that it was not let."""
    for unit in UNITS:
        told = machine.run(["journalctl", "--no-pager", "-o", "cat", "-u", unit])
        words = r"^.*(?:Traceback|ermission denied|not permitted|Read-only).*$"
        assert not re.findall(words, told, re.MULTILINE), unit
