"""The units of systemd/: sound, little exposed, and bearable for the programs in them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.board_server import RemoteBoard, remote_bus
from tests.kit.box import Box
from tests.kit.netns import inside
from tests.kit.office import office, secret_of
from tests.kit.office_lan import OfficeLan
from tests.kit.ports import PortRange
from tests.kit.processes import PROJECT, Program, run, wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.sandbox import directives, sandboxed
from tests.kit.service_manager import ServiceManager

FOLDER = PROJECT / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
DAEMON, WEB = FOLDER / "dozvon.service", FOLDER / "dozvon-web.service"
PHONES = FOLDER / "dozvon-phones.service"
MOST_EXPOSED = 2.0
#: All others have none.
RIGHTS = {
    "dozvon-dhcp-check@.service": "CAP_NET_BIND_SERVICE CAP_NET_RAW",
    "dozvon-dhcp.service": "CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW",
}
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)


@each_unit
def test_exposure(unit: Path) -> None:
    """systemd's own measure, 0 to 10; the threshold is given in tenths."""
    threshold = f"--threshold={round(MOST_EXPOSED * 10)}"
    told = run(["systemd-analyze", "security", "--offline=true", threshold, str(unit)])
    (level,) = re.findall(r"exposure level for \S+: ([0-9.]+)", told)
    assert float(level) <= MOST_EXPOSED


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """What install.sh puts on a machine, below a folder."""
    environment = {**os.environ, "DESTDIR": str(tmp_path)}
    subprocess.run([FOLDER / "install.sh"], env=environment, check=True, timeout=20)
    yield tmp_path


def test_systemd_has_no_complaint_of_what_is_installed(installed: Path) -> None:
    """Unknown words, missing programs, units that do not fit together."""
    units = sorted((installed / "etc/systemd/system").glob("*.service"))
    assert [unit.name for unit in units] == [unit.name for unit in UNITS]
    argv = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    told = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    ours = [line for line in told.stderr.splitlines() if "dozvon" in line]
    assert (told.returncode, ours) == (0, [])


def test_the_user_and_the_folders_are_what_the_units_name(installed: Path) -> None:
    run(["systemd-sysusers", f"--root={installed}", str(installed / "etc/sysusers.d/dozvon.conf")])
    assert re.search(r"^dozvon:.*:/usr/sbin/nologin$", _text(installed, "passwd"), re.MULTILINE)
    run(["systemd-tmpfiles", "--create", f"--root={installed}"])
    assert (installed / "etc/dozvon").is_dir()
    for unit in UNITS:
        assert directives(unit, "User") == ["dozvon"], "not root"
        rights = directives(unit, "CapabilityBoundingSet")
        assert rights == directives(unit, "AmbientCapabilities") == [RIGHTS.get(unit.name, "")]


def _text(root: Path, name: str) -> str:
    return (root / "etc" / name).read_text()


def test_the_command_of_the_machine_speaks_to_the_service(installed: Path) -> None:
    """A box that does not run is exit code 3, and the folder is named."""
    done = subprocess.run(
        [installed / "usr/local/bin/dozvon", "status"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "/var/lib/dozvon" in done.stderr


def test_what_was_installed_can_be_removed(installed: Path) -> None:
    environment = {**os.environ, "DESTDIR": str(installed)}
    subprocess.run([FOLDER / "install.sh", "--remove"], env=environment, check=True, timeout=20)
    assert not [path for path in installed.rglob("*") if path.is_file()]


@each_unit
def test_each_line_that_is_not_plain_is_explained(unit: Path) -> None:
    """Every block of a unit begins with a comment."""
    service = unit.read_text().partition("[Service]")[2].partition("[Install]")[0]
    blocks = filter(None, (block.strip() for block in service.split("\n\n")))
    assert not [block for block in blocks if not block.startswith("#")]


# ---- the programs live with it


def test_the_daemon_takes_calls_under_its_unit(tmp_path: Path) -> None:
    """Call, sound port, journal, settings, watchdog and a clean end, with all that is forbidden."""
    with (
        ServiceManager(tmp_path) as systemd,
        Box(tmp_path / "box", office(), environment=systemd.environment(1.5)) as box,
        Responder() as phone,
        RawEnd() as end,
    ):
        box.data.mkdir(mode=0o750)
        box.prefix = sandboxed(DAEMON, box.data)
        box.start()
        assert _status_of(box.program.pid)["Seccomp"] == "2"
        assert _status_of(box.program.pid)["CapEff"].strip("0") == ""
        address = (box.host, box.sip_port)
        phone.register(address, "2002", secret_of("2002")).start()
        for number in ("2002", "*43"):
            body = audio("127.0.0.1", 40000)
            call = RawCall(end, address, "2001", secret_of("2001"), number, body)
            call.invite()
            assert call.final().status == 200
            call.acknowledge()
            assert call.hang_up() == 200
        box.apply(office(extensions=[2001, 2002]))
        box.program.wait_until(lambda: systemd.count("WATCHDOG") > 2, 15, "it is fed")
        assert len(box.wait_for_journal(2)) == 2
        assert box.stop() == 0
        assert not re.findall(r"^.*(?:ERROR|Traceback|Permission|not permitted).*$", box.log(), 8)


def _status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_a_board_of_telephones_is_tended_and_silenced_under_the_unit(tmp_path: Path) -> None:
    """It rings under the filters; after the worst end ExecStopPost silences what was noted."""
    data = tmp_path / "data"
    data.mkdir()
    with RemoteBoard(tmp_path, "duo-fxo") as board:
        environment = {**remote_bus(board.path), "RUNTIME_DIRECTORY": str(data)}
        holder = [
            sys.executable,
            "-m",
            "tests.drivers.fxs_i2c.holder",
            "duo-fxo",
            "ring:0",
            "seize:2",
        ]
        words = [*sandboxed(DAEMON, data), *holder]
        program = Program(words, tmp_path / "holder.log", environment=environment)
        try:
            wait_until(lambda: board.state()["rm"][0], 20, "it rings", program.tail)
            keeper = _child_of(program.pid)
            assert _status_of(keeper)["Seccomp"] == "2"
            os.kill(program.pid, signal.SIGSTOP)
            os.kill(keeper, signal.SIGKILL)
        finally:
            program.kill()
        assert board.state()["off_hook"][0], "nobody was left to do it"
        (stop_post,) = directives(DAEMON, "ExecStopPost")
        _, *words = stop_post.removeprefix("-").split()
        done = subprocess.run(
            [*sandboxed(DAEMON, data), sys.executable, *words],
            env={**os.environ, **environment},
            cwd=PROJECT,
            timeout=30,
            check=False,
        )
        state = board.state()
        assert (done.returncode, any(state["rm"]), any(state["off_hook"])) == (0, False, False)


def _child_of(pid: int) -> int:
    """The only child that a process has."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def test_the_groups_of_the_daemon_exist(installed: Path) -> None:
    """dialout and audio are Debian's own; a service with an unknown group does not start."""
    run(["systemd-sysusers", f"--root={installed}", str(installed / "etc/sysusers.d/dozvon.conf")])
    known = {"dialout", "audio", *re.findall(r"^([^:]+):", _text(installed, "group"), re.MULTILINE)}
    (groups,) = directives(DAEMON, "SupplementaryGroups")
    assert set(groups.split()) <= known


#: Kind of devices in /proc/devices -> the module that brings it; None where it is built in.
BROUGHT_BY = {
    "ttyACM": "cdc_acm",
    "ttyUSB": "usbserial",
    "i2c": "i2c_dev",
    "alsa": "snd",
    "ttyS": None,
    "ttyAMA": None,
}


def test_every_kind_of_device_is_known_to_the_kernel_before_the_daemon_starts() -> None:
    """systemd reads /proc/devices once: what is not in it then is forbidden for ever."""
    kinds = [allowed.split()[0] for allowed in directives(DAEMON, "DeviceAllow")]
    modules = {BROUGHT_BY[kind.removeprefix("char-")] for kind in kinds} - {None}
    for name in ("Wants", "After"):
        units = " ".join(directives(DAEMON, name)).split()
        assert {f"modprobe@{module}.service" for module in modules} <= set(units)


def test_the_pages_are_served_under_their_unit(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    ports = PortRange()
    port = str(ports.one())
    command = [sys.executable, "-m", "appliance", "web", "--bind", "127.0.0.1", "--web-port", port]
    with ServiceManager(tmp_path) as systemd:
        program = Program(
            [*sandboxed(WEB, data), *command, "--data", str(data)],
            tmp_path / "web.log",
            environment=systemd.environment(),
        )
        try:
            program.wait_until(lambda: systemd.count("READY"), 20, "the pages are ready")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                assert answer.status == 200
        finally:
            program.kill()
            ports.close()


def test_phones_are_set_up_under_their_unit(tmp_path: Path) -> None:
    """With sockets that systemd hands over, one for old TLS that the settings ask for, a daemon
    beside it, and little memory."""
    ports = PortRange()
    old_tls = str(ports.one())
    document = {**office(), "provisioning": {"takes_old_tls": True}}
    with (
        Box(tmp_path / "box", document) as box,
        socket.socket() as listener,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tftp,
    ):
        box.start()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        tftp.bind(("127.0.0.1", 0))
        command = [sys.executable, "-m", "appliance", "provision", "--data", str(box.data)]
        command += ["--bind", "127.0.0.1", "--phones-old-tls-port", old_tls]
        given = "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=http:tftp"
        shell = f'exec 3<&{listener.fileno()} 4<&{tftp.fileno()}; {given} exec "$@"'
        argv = [*sandboxed(PHONES, box.data), "bash", "-c", shell, "sh", *command]
        with open(tmp_path / "phones.log", "wb") as log:
            program = subprocess.Popen(
                argv, stdout=log, stderr=log, pass_fds=(listener.fileno(), tftp.fileno())
            )
        try:
            wait_until(lambda: box.control("phones")["ports"], 30, "it tells the daemon")
            assert box.control("phones")["ports"]["old_tls"] == int(old_tls)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/y000000000108.cfg"
            asked = urllib.request.Request(url, headers={"User-Agent": "Yealink SIP-T46U 108.86"})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                assert answer.read().startswith(b"#!version:1.0.0.1")
            resident_kb = int(_status_of(program.pid)["VmRSS"].split()[0])
            assert resident_kb <= 45 * 1024
        finally:
            program.terminate()
            program.wait(10)
            ports.close()
        assert not re.findall(
            "ERROR|Traceback|not permitted", (tmp_path / "phones.log").read_text()
        )


def test_an_update_runs_the_new_program(tmp_path: Path) -> None:
    """What ran before is begun anew, before that is begun which did not run."""
    for name in (
        *("systemctl", "systemd-sysusers", "systemd-tmpfiles", "install"),
        *("modprobe", "udevadm", "sysctl", "runuser"),
    ):
        stub = tmp_path / name
        stub.write_text(f'#!/bin/sh\necho "{name} $*"\n')
        stub.chmod(0o755)
    installer = FOLDER / "install.sh"
    functions = installer.read_text().partition("\ncheck_place\n")[0]
    functions = functions.replace("${BASH_SOURCE[0]}", str(installer))
    script = f"{functions}\nroot=/nonexistent\nstart_services\n"
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    told = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        check=True,
        timeout=20,
        capture_output=True,
        text=True,
    ).stdout
    orders = [line.split()[1] for line in told.splitlines() if line.startswith("systemctl ")]
    assert orders == ["daemon-reload", "try-restart", "enable"]
    assert "systemctl try-restart dozvon dozvon-web dozvon-phones" in told


def test_a_tftp_server_of_the_machine_costs_no_more_than_tftp() -> None:
    """Port 69 is taken then; phones are set up by HTTP all the same."""
    assert directives(PHONES, "Requires") == ["dozvon-phones-http.socket"]
    wanted = " ".join(directives(PHONES, "Wants")).split()
    assert {"dozvon-phones.socket", "dozvon-phones-tls.socket"} <= set(wanted)


def test_what_is_installed_can_be_read_whatever_the_umask_was(tmp_path: Path) -> None:
    environment = {**os.environ, "DESTDIR": str(tmp_path / "root")}
    subprocess.run([FOLDER / "install.sh"], env=environment, check=True, timeout=20, umask=0o077)
    for path in (tmp_path / "root").rglob("*"):
        assert path.stat().st_mode & 0o444 == 0o444, path


def test_what_nobody_asked_for_is_not_started() -> None:
    """DHCP is served only by hand: the installer enables what it lists, and that is not there."""
    script = (FOLDER / "install.sh").read_text()
    enabled = script.partition("units=(")[2].partition(")")[0].split()
    assert "dozvon-dhcp-check.socket" in enabled and "dozvon-dhcp.service" not in enabled
    assert directives(FOLDER / "dozvon-dhcp.service", "Restart") == ["no"]


def test_dhcp_is_asked_and_served_under_its_units() -> None:
    """With the rights of each unit and no others; who serves gives our URL to who asks."""
    data = Path(tempfile.mkdtemp(prefix="dozvon-"))
    os.chown(data, 65534, 65534)
    dhcp = [sys.executable, "-m", "appliance", "dhcp"]
    serving = [*dhcp, "serve", "10.78.0.100", "10.78.0.120", "--data", str(data)]
    asking = [*dhcp, "check", "--json", "--data", str(data)]
    with OfficeLan() as lan:
        netns, _ = lan.add("805ec0a1b2c3")
        served = inside(
            lan.box,
            lambda: subprocess.Popen([*sandboxed(FOLDER / "dozvon-dhcp.service", data), *serving]),
        )
        try:
            wait_until(lambda: (data / "dhcp.conf").exists(), 30, "nobody else serves")
            words = [*sandboxed(FOLDER / "dozvon-dhcp-check@.service", data), *asking]

            def ask() -> dict[str, Any]:
                done = subprocess.run(words, capture_output=True, text=True, timeout=30)
                assert done.returncode in (0, 1), done.stderr
                found: dict[str, Any] = json.loads(done.stdout)
                return found

            found = wait_until(lambda: inside(netns, ask, 40)["findings"], 60, "it serves")
            told = {row["code"]: row["said"] for row in found}
            assert {row["server"] for row in found} == {lan.BOX_HOST}
            assert told[66] == told[160] == "http://10.78.0.1:8088/"
        finally:
            served.terminate()
            assert served.wait(10) is not None
            shutil.rmtree(data)
