"""The command line as a whole: shared options, languages, output that cannot be shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import __version__
from appliance.cli import known_commands, main, make_parser

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


def test_a_reader_that_leaves_breaks_nothing() -> None:
    process = dozvon("version")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0 and said == b""
