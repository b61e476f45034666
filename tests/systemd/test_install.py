"""systemd/install.sh and the steps by hand: what they do half-way, on odd machines, and told amiss.

Programs of the machine are stand-ins; tests/systemd/test_real_systemd.py installs in earnest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kit.processes import PROJECT

FOLDER = PROJECT / "systemd"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """What install.sh puts on a machine, below a folder."""
    root = tmp_path / "root"
    environment = {**os.environ, "DESTDIR": str(root)}
    subprocess.run([FOLDER / "install.sh"], env=environment, check=True, timeout=20)
    return root


def _stand_in(folder: Path, name: str, text: str) -> dict[str, str]:
    """An environment in which a program of the machine is another."""
    path = folder / "tools" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return {**os.environ, "PATH": f"{path.parent}:{os.environ['PATH']}", "LC_ALL": "C"}


def test_an_update_on_a_full_disk_leaves_the_units_whole(tmp_path: Path, installed: Path) -> None:
    unit = installed / "etc/systemd/system/dozvon.service"
    before = unit.read_bytes()
    environment = _stand_in(tmp_path, "cat", "head -c 100; echo no space >&2; exit 1")
    done = subprocess.run(
        [FOLDER / "install.sh"],
        env={**environment, "DESTDIR": str(installed)},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 1 and "df -h" in done.stderr
    assert unit.read_bytes() == before
    assert not list(unit.parent.glob("*.new"))


@pytest.mark.parametrize("words", [("--help",), ("--uninstall",), ("--remove", "now")])
def test_what_the_installer_does_not_know_it_does_not_do(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    environment = {**os.environ, "DESTDIR": str(tmp_path / "root"), "LC_ALL": "C"}
    argv = [FOLDER / "install.sh", *words]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (2, "") and "--remove" in done.stderr
    assert not (tmp_path / "root").exists()


def _installer_at(folder: Path) -> Path:
    """A copy of what the installer needs, in another place."""
    for name in ("systemd", "scripts"):
        shutil.copytree(PROJECT / name, folder / name)
    return folder / "systemd" / "install.sh"


def test_a_path_that_units_cannot_have_is_refused(tmp_path: Path) -> None:
    installer = _installer_at(tmp_path / "my & box")
    environment = {**os.environ, "DESTDIR": str(tmp_path / "root"), "LC_ALL": "C"}
    done = subprocess.run([installer], env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "Move it to /opt/dozvon" in done.stderr
    assert not (tmp_path / "root").exists()


def _functions_of(installer: Path) -> str:
    text = installer.read_text().partition("\ncheck_place\n")[0]
    return text.replace("${BASH_SOURCE[0]}", str(installer))


def test_a_link_into_a_home_is_seen_through(tmp_path: Path) -> None:
    """/opt/dozvon -> /home/pi/dozvon: the services see no homes."""
    _installer_at(tmp_path / "true")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "true")
    script = f'{_functions_of(link / "systemd" / "install.sh")}\necho "$root"\n'
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20)
    assert told.stdout == f"{tmp_path / 'true'}\n"


def test_a_machine_without_systemd_is_told_before_anything_is_done(tmp_path: Path) -> None:
    functions = _functions_of(FOLDER / "install.sh")
    script = f"{functions}\nroot=/opt/dozvon\nsystemd_runs={tmp_path / 'none'}\ncheck_place\n"
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "does not run systemd" in done.stderr


def test_removing_stops_each_service_that_is_there(tmp_path: Path) -> None:
    """systemctl that is told one unknown name stops nothing: an older program has fewer units."""
    environment = _stand_in(tmp_path, "systemctl", 'echo "$*"')
    units = tmp_path / "units"
    units.mkdir()
    for name in ("dozvon.service", "dozvon-web.service"):
        (units / name).touch()
    functions = _functions_of(FOLDER / "install.sh")
    script = f"{functions}\nunit_folder={units}\nstop_services\n"
    told = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == [
        "disable --now dozvon.service",
        "disable --now dozvon-web.service",
    ]


@pytest.mark.parametrize("failing", ["try-restart", "enable"])
def test_services_that_do_not_start_are_not_called_running(tmp_path: Path, failing: str) -> None:
    tools = ("systemd-sysusers", "systemd-tmpfiles", "install", "modprobe", "udevadm")
    for name in (*tools, "sysctl", "runuser"):
        _stand_in(tmp_path, name, "")
    environment = _stand_in(tmp_path, "systemctl", f'echo "$1"; [[ $1 != {failing} ]]')
    functions = _functions_of(FOLDER / "install.sh")
    script = f"{functions}\nroot=/nonexistent\nstart_services\n"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["daemon-reload", "try-restart", "enable"]
    assert done.returncode == 1 and "systemctl --failed" in done.stderr


def test_a_program_that_the_service_may_not_run_is_told(tmp_path: Path) -> None:
    """Cloned with a umask of 077."""
    environment = _stand_in(tmp_path, "runuser", "echo Permission denied >&2; exit 1")
    script = f"{_functions_of(FOLDER / 'install.sh')}\ncheck_program\n"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "chmod -R a+rX" in done.stderr


#: What Debian 12 has of /etc before anything of ours is there.
FOLDERS_OF_DEBIAN = ("systemd/system", "tmpfiles.d", "sysctl.d", "modules-load.d", "udev/rules.d")


def test_the_steps_by_hand_can_be_followed_on_a_new_machine(tmp_path: Path) -> None:
    """Every file of the installer, at the installer's place."""
    readme = (FOLDER / "README.md").read_text()
    steps = readme.partition("By hand,")[2].partition("```\n")[2].partition("```")[0]
    root = tmp_path / "root"
    for name in FOLDERS_OF_DEBIAN:
        (root / "etc" / name).mkdir(parents=True)
    (root / "etc/dozvon").mkdir()
    (root / "usr/local/bin").mkdir(parents=True)
    for name in ("systemd-sysusers", "systemd-tmpfiles", "sysctl", "modprobe", "udevadm"):
        _stand_in(tmp_path, name, "")
    environment = _stand_in(tmp_path, "systemctl", "")
    moved = steps.replace("/etc/", f"{root}/etc/").replace("/usr/", f"{root}/usr/")
    moved = moved.replace("-g dozvon", "-g 0")
    _, moved = moved.split("\n", 1)  # what ./run does as well
    script = f"set -e\n{moved}"
    subprocess.run(["bash", "-c", script], env=environment, cwd=PROJECT, check=True, timeout=20)
    (root / "etc/dozvon/dozvon.env").unlink()
    by_hand = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    installer = {**os.environ, "DESTDIR": str(tmp_path / "other")}
    subprocess.run([FOLDER / "install.sh"], env=installer, check=True, timeout=20)
    other = tmp_path / "other"
    assert by_hand == {path.relative_to(other) for path in other.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("DOZVON_WEB_PORT=8090", "8090"),
        ('DOZVON_WEB_PORT="8090" ', "8090"),
        ("#DOZVON_WEB_PORT=8090", ""),
        ("DOZVON_WEB_PORT=8090\nDOZVON_WEB_PORT=8091", "8091"),
        ("DOZVON_WEB_PORT=$(reboot)", ""),
    ],
)
def test_the_command_line_knows_the_ports_of_the_service(
    tmp_path: Path, line: str, port: str
) -> None:
    """Else the doctor would miss the pages, which stand elsewhere."""
    settings = tmp_path / "dozvon.env"
    settings.write_text(f"DOZVON_SIP_PORT=5062\n{line}\n")
    command = (FOLDER / "dozvon-command.sh").read_text()
    command = command.replace("/etc/dozvon/dozvon.env", str(settings))
    command = command.replace('"/opt/dozvon/.venv/bin/dozvon"', "env")
    environment = {"PATH": os.environ["PATH"]}
    told = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {f"DOZVON_WEB_PORT={port}", "DOZVON_SIP_PORT=5062"} <= set(told)
    assert "DOZVON_DATA=/var/lib/dozvon" in told
