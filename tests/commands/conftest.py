"""A data folder with a daemon on it, and the command line on that folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.cli import main
from tests.commands.stand_in import StandIn, running


class CommandLine:
    """``dozvon`` on one data folder; out and err are what the last command printed."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.out = self.err = ""
        self._capture = capture

    def __call__(self, *words: str, language: str = "en") -> int:
        code = main(["--data", str(self.folder), "--language", language, *words])
        self.out, self.err = self._capture.readouterr()
        return code

    def data(self, *words: str) -> Any:
        """What ``--json`` printed."""
        self(*words, "--json")
        return json.loads(self.out)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose path is short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="dozvon-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def dozvon(folder: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(folder, capsys)


@pytest.fixture
def box(folder: Path) -> Iterator[StandIn]:
    with running(folder) as stand_in:
        yield stand_in
