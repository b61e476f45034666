"""scripts/setup.sh with a stand-in for Debian: apt-get, apt-cache, dpkg-query, sudo, pip.

The stand-ins write down what they were asked; nothing is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LIST = re.compile(r"^PRODUCT_PACKAGES=\((.*?)^\)", re.DOTALL | re.MULTILINE)


def product_packages() -> str:
    """What the product asks for, as scripts/setup.sh lists it."""
    found = _LIST.search((ROOT / "scripts/setup.sh").read_text())
    assert found is not None
    return " ".join(found[1].split())


PRODUCT = product_packages()
SANITIZERS = "libclang-rt-14-dev"

STAND_INS = {
    # dpkg-query -W -f=… NAME, or a pattern
    "dpkg-query": """
        for last; do :; done
        if [[ $last == libclang-rt* ]]; then grep '^libclang-rt' "$box/installed"; exit; fi
        grep -qxF -- "$last" "$box/installed" && printf installed
    """,
    "apt-cache": """
        for last; do :; done
        grep -qxF -- "$last" "$box/known" && echo "Package: $last"
    """,
    "apt-get": """
        echo "apt-get $*" >>"$box/asked"
        [[ ! -e $box/offline ]]
    """,
    "sudo": """
        shift
        echo "sudo" >>"$box/asked"
        exec "$@"
    """,
    "df": 'echo "head"; echo "disk 1 1 $(cat "$box/free") 1% /"',
}


class Machine:
    """A Debian made of files: installed, known, free (KiB), offline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.venv = folder / "venv"
        tools = folder / "tools"
        tools.mkdir()
        for name, text in STAND_INS.items():
            path = tools / name
            path.write_text(f"#!/bin/bash\nbox={folder}\n{text}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.path = f"{tools}:{os.environ['PATH']}"
        self.say("installed", PRODUCT)
        self.say("known", PRODUCT)
        self.say("free", "9000000")

    def say(self, name: str, words: str) -> None:
        (self.folder / name).write_text("".join(f"{word}\n" for word in words.split()))

    def run(
        self, command: str, language: str = "C", compiled: str = "0"
    ) -> subprocess.CompletedProcess[str]:
        script = f'set -euo pipefail\nroot={ROOT}\nsource "$root/scripts/setup.sh"\n{command}'
        environ = {"PATH": self.path, "DOZVON_VENV": str(self.venv), "LC_ALL": language}
        environ["DOZVON_COMPILED"] = compiled
        return subprocess.run(
            ["bash", "-c", script], env=environ, capture_output=True, text=True, timeout=30
        )

    @property
    def asked(self) -> list[str]:
        path = self.folder / "asked"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if line.startswith("apt-get")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_is_asked_for_when_nothing_is_missing(machine: Machine) -> None:
    assert machine.run("need_packages product").returncode == 0
    assert machine.asked == []


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.say("installed", PRODUCT.replace("gcc ", "").replace("make ", ""))
    done = machine.run("need_packages product")
    assert done.returncode == 0 and "Installing packages: gcc make" in done.stderr
    update, install = machine.asked
    assert update.endswith("update")
    assert "--no-install-recommends" in install and install.endswith("install gcc make")


def test_a_package_that_the_tests_would_like_is_asked_for_once(machine: Machine) -> None:
    tests = "sip-tester baresip-core kamailio sox clang shellcheck iproute2 tcpdump nftables procps"
    machine.say("installed", f"{PRODUCT} {tests} {SANITIZERS}")
    done = machine.run("need_packages test")
    assert done.returncode == 0 and "linphone-cli" in done.stderr
    assert [line.split()[-1] for line in machine.asked] == ["update"]
    assert machine.run("need_packages test").stderr == "" and len(machine.asked) == 1


@pytest.mark.parametrize("name", ["libclang-rt-dev", "libclang-rt-19-dev", "libclang-rt-14-dev"])
def test_the_sanitizers_go_by_the_name_of_the_release(machine: Machine, name: str) -> None:
    machine.say("known", f"{PRODUCT} {name}")
    assert machine.run("install_packages libclang-rt-dev").returncode == 0
    assert machine.asked[-1].endswith(f"install {name}")


def test_a_product_package_that_does_not_exist_is_the_end(machine: Machine) -> None:
    machine.say("installed", PRODUCT.replace("gcc ", ""))
    machine.say("known", PRODUCT.replace("gcc ", ""))
    done = machine.run("need_packages product", language="ru_RU.UTF-8")
    assert done.returncode == 1 and "нет пакета gcc" in done.stderr


def test_offline_says_so(machine: Machine) -> None:
    machine.say("installed", PRODUCT.replace("gcc ", ""))
    machine.say("offline", "")
    done = machine.run("need_packages product")
    assert done.returncode == 1 and "needs the network" in done.stderr


def test_a_full_disk_says_so(machine: Machine) -> None:
    machine.say("installed", PRODUCT.replace("gcc ", ""))
    machine.say("offline", "")
    machine.say("free", "512")
    done = machine.run("need_packages product")
    assert done.returncode == 1 and "The disk is nearly full" in done.stderr


def test_too_little_room_for_the_environment(machine: Machine) -> None:
    machine.say("free", "1000")
    done = machine.run("python=/usr/bin/python3; install_environment x")
    assert done.returncode == 1 and "Too little room" in done.stderr


def test_without_root_and_sudo_the_command_is_told(machine: Machine) -> None:
    machine.say("installed", PRODUCT.replace("gcc ", ""))
    done = machine.run("may_be_root() { false; }; need_packages product")
    assert done.returncode == 1 and "as root: apt-get install gcc" in done.stderr
    assert machine.asked == []


MADE = 'install_environment() { mkdir -p "$venv"; echo "made $1"; }'
IN_TURN = "for kind in product product test product test; do need_environment $kind; done"


def test_the_environment_is_made_once(machine: Machine) -> None:
    steps = f"{MADE}; has_core() {{ true; }}; {IN_TURN}"
    assert machine.run(steps).stdout.splitlines() == [
        f"made {ROOT}[service,compile]",
        f"made {ROOT}[service,test]",
    ]
    assert machine.run(steps).stdout == ""


def test_the_environment_is_renewed_when_something_changed(machine: Machine) -> None:
    steps = f"{MADE}; has_core() {{ true; }}; {IN_TURN}"
    machine.run(steps)
    changed = f"fingerprint() {{ echo other; }}; {steps}"
    assert machine.run(changed).stdout.splitlines() == [
        f"made {ROOT}[service,compile]",
        f"made {ROOT}[service,test]",
    ]


def test_the_core_is_built_again_when_it_was_swept_away(machine: Machine) -> None:
    machine.run(f"{MADE}; has_core() {{ true; }}; need_environment product")
    done = machine.run(f"{MADE}; has_core() {{ false; }}; need_environment product")
    assert done.stdout == f"made {ROOT}[service,compile]\n"


def test_an_environment_that_was_interrupted_in_the_making_is_made_anew(machine: Machine) -> None:
    """The power goes in the first minute of the first start: python is there and pip is not."""
    steps = 'choose_python; "$python" -m venv --without-pip "$venv"; is_usable || echo anew'
    assert machine.run(steps).stdout == "anew\n"


#: An interpreter that says that the compiled rooms are out of date, and compiles as it is told.
STALE = """mkdir -p "$venv/bin"; python=$venv/bin/python
echo '#!/bin/bash
if [[ $1 == -c ]]; then exit 1; fi
echo "$1"; exit OUTCOME' >"$python"; chmod +x "$python"; need_compiled"""


def test_stale_rooms_are_compiled_again(machine: Machine) -> None:
    done = machine.run(STALE.replace("OUTCOME", "0"), compiled="1")
    assert done.returncode == 0 and "slower" not in done.stderr
    log = (machine.venv / "dozvon-compile.log").read_text()
    assert log == f"{ROOT}/scripts/compile.py\n"


def test_what_cannot_be_compiled_runs_all_the_same(machine: Machine) -> None:
    done = machine.run(STALE.replace("OUTCOME", "1"), compiled="1")
    assert done.returncode == 0 and "all works, only slower" in done.stderr


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ((), "run --with-web --with-phones"),
        (("--sip-port", "5070"), "run --sip-port 5070 --with-web --with-phones"),
        (("--demo",), "demo --with-web --with-phones"),
        (("--data", "/box", "--demo"), "demo --data /box --with-web --with-phones"),
    ],
)
def test_run_hands_its_options_on(tmp_path: Path, words: tuple[str, ...], called: str) -> None:
    copy = tmp_path / "copy"
    (copy / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "run", copy)
    (copy / "scripts" / "setup.sh").write_text(
        "venv=$root/.venv\nis_russian() { false; }\nneed_packages() { :; }\n"
        "need_environment() { :; }\n"
    )
    (copy / ".venv" / "bin").mkdir(parents=True)
    dozvon = copy / ".venv" / "bin" / "dozvon"
    dozvon.write_text('#!/bin/bash\necho "$*"; echo "$DOZVON_DATA"\n')
    dozvon.chmod(0o755)
    environ = {name: value for name, value in os.environ.items() if name != "DOZVON_DATA"}
    done = subprocess.run(
        [copy / "run", *words], env=environ, capture_output=True, text=True, timeout=30
    )
    folder = "/box" if "/box" in words else str(copy / "data")
    assert done.stdout.splitlines() == [called, folder]
    assert ("Ctrl+C" in done.stderr) is ("--demo" not in words)
