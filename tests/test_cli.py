"""The command line as a whole: shared options, languages, output that cannot be shown."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import __version__
from appliance.cli import known_commands, main, make_parser
from appliance.config.store import ConfigStore
from tests.config.offices import office

COMMANDS = [
    "run",
    "status",
    "calls",
    "registrations",
    "trunks",
    "explain",
    "config",
    "journal",
    "hangup",
    "selftest",
    "doctor",
    "version",
]


def test_every_command_is_there() -> None:
    assert set(COMMANDS) <= set(known_commands())


@pytest.mark.parametrize("words", [("--json", "version"), ("version", "--json")])
def test_shared_options_stand_before_or_behind(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["version"] == __version__


def test_shared_options_of_a_command_of_a_command() -> None:
    parser = make_parser(known_commands(), {"DOZVON_DATA": "/variable"})
    args = parser.parse_args(["--language", "ru", "config", "show", "--json", "--data", "/option"])
    assert (args.language, args.json, args.data) == ("ru", True, "/option")
    args = parser.parse_args(["config", "show"])
    assert (args.language, args.json, args.data) == ("", False, "/variable")


@pytest.mark.parametrize("words", [(), ("unknown",), ("status", "--language", "de")])
def test_mistaken_use_is_2(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_the_folder_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOZVON_DATA", str(tmp_path / "box"))
    assert main(["status", "--language", "en"]) == 3
    assert str(tmp_path / "box" / "control.sock") in capsys.readouterr().err


def dozvon(*words: str, **environ: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "appliance", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | environ,
    )


def test_a_terminal_without_cyrillic_breaks_nothing(tmp_path: Path) -> None:
    process = dozvon(
        "status", "--language", "ru", "--data", str(tmp_path), PYTHONIOENCODING="ascii"
    )
    _, said = process.communicate(timeout=30)
    assert process.returncode == 3 and b"\\u0421" in said and b"Traceback" not in said


STRANGER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture
def box_of_another() -> Iterator[Path]:
    """The data folder of a service, which strangers may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="dozvon-"))
    folder.chmod(0o755)
    data = folder / "data"
    store = ConfigStore(data / "config.db")
    store.save(office(), 0, "test")
    store.close()
    data.chmod(0o700)
    yield data
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "command", ["status", "lines", "journal", "explain 2001", "config show", "web claim"]
)
def test_a_stranger_is_told_who_may(box_of_another: Path, command: str) -> None:
    """Whoever installed the service with sudo and then forgets it."""
    words = [*STRANGER, sys.executable, "-m", "appliance", *command.split()]
    words += ["--language", "en", "--data", str(box_of_another)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and str(box_of_another) in done.stderr
    assert "ermission denied" in done.stderr or "with sudo" in done.stderr


def test_the_doctor_of_a_stranger_calls_nothing_dead_or_damaged(box_of_another: Path) -> None:
    words = [*STRANGER, sys.executable, "-m", "appliance", "doctor", "--json"]
    words += ["--data", str(box_of_another)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and done.stderr == ""
    keys = {finding["key"] for finding in json.loads(done.stdout)["findings"]}
    assert {"service.forbidden", "service.closed"} <= keys
    assert not keys & {"service.down", "service.no_settings", "databases.damaged", "ports.taken"}


@pytest.mark.parametrize("words", [("version",), ("version", "--json")])
def test_an_output_that_takes_nothing_is_told(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "appliance", *words, "--language", "en"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "dozvon: It did not work: No space left on device. Check the room on the disk (df -h) "
        "and the files' permissions."
    ]


def test_a_closed_output_breaks_nothing() -> None:
    shell = f'exec "{sys.executable}" -m appliance version >&-'
    done = subprocess.run(["sh", "-c", shell], stderr=subprocess.PIPE, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_that_leaves_breaks_nothing() -> None:
    process = dozvon("version")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0 and said == b""
