"""``dozvon demo`` as a newcomer starts it, in a folder and on ports of its own.

Owns the process. What the demo says of itself is asked by the command line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.kit.ports import PortRange
from tests.kit.processes import KitError, Program, run, wait_until

_START_S = 20.0
Row = dict[str, Any]


class Demo:
    """A demo office in its own data folder. options: further ones of ``dozvon demo``."""

    def __init__(self, folder: Path, ports: PortRange, *options: str, language: str = "ru") -> None:
        self.folder = folder
        self.data = folder / "demo"
        self._log = folder / "demo.log"
        self.sip_port, self.web_port = ports.one(), ports.one()
        low, high = ports.rest(40)
        argv = [sys.executable, "-m", "appliance", "--data", str(folder), "--language", language]
        argv += ["demo", "--bind", "127.0.0.1", "--sip-port", str(self.sip_port)]
        argv += ["--web-port", str(self.web_port), "--rtp-ports", f"{low}-{high}"]
        self._argv = [*argv, "--phones-port", str(ports.one()), *options]

    def start(self) -> Program:
        """Start it and wait until the trunk is up."""
        self.program = Program(self._argv, self._log)
        self.program.wait_until(self._is_up, _START_S, "the trunk to the provider is up")
        return self.program

    def log(self) -> str:
        """What it printed."""
        return self._log.read_text("utf-8", "replace")

    def _is_up(self) -> bool:
        try:
            status = self.ask("status", folder=self.data)
        except KitError:
            return False
        return bool(status["trunks"][0]["state"] == "up")

    def ask(self, *words: str, folder: Path | None = None) -> Any:
        """What a command answers in JSON."""
        argv = [sys.executable, "-m", "appliance", "--data", str(folder or self.folder), "--json"]
        return json.loads(run([*argv, *words], timeout_s=20))

    def provider_pid(self) -> int:
        """The provider's process, a child of the box."""
        children = Path(f"/proc/{self.box_pid()}/task/{self.box_pid()}/children").read_text()
        return int(children.split()[0])

    def box_pid(self) -> int:
        return self.program.pid

    def journal(self, rows: int) -> list[Row]:
        """The journal once it has so many rows, the latest first."""

        def rows_written() -> list[Row]:
            found: list[Row] = self.ask("journal", folder=self.data)["calls"]
            return found if len(found) >= rows else []

        return wait_until(rows_written, 10.0, f"{rows} calls in the journal", self.program.tail)
