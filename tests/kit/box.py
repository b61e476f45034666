"""A running box: ``dozvon run`` in its own process, spoken to by its public doors only.

Owns the process, its data folder and its ports. The doors are SIP, the control socket and the
command line; a box may live in a network namespace. Restarting keeps folder and ports.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from appliance.errors import UserError
from appliance.net import control_client
from tests.kit.closing import Closing
from tests.kit.office import Document
from tests.kit.ports import PortRange
from tests.kit.processes import KitError, Program, run, wait_until

_START_S = 20.0
_STOP_S = 15.0


class Box(Closing):
    """One box; a context manager that always ends it."""

    def __init__(
        self,
        folder: Path,
        document: Document,
        *,
        bind: Sequence[str] = ("127.0.0.1",),
        netns: str = "",
        rtp_ports: tuple[int, int] | None = None,
        sip_port: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Write the settings; ``start`` starts it. rtp_ports, sip_port: leased when not given;
        environment: variables beside the test's own."""
        self.environment = environment
        self.prefix: Sequence[str] = ()  # what runs the program (tests/kit/sandbox.py)
        self.folder = folder
        self.data = folder / "data"
        self.netns = netns
        self.bind = tuple(bind)
        self.host = self.bind[0]
        self._ports = PortRange()
        self.sip_port = sip_port or self._ports.one()
        self.web_port = self._ports.one()
        self.rtp_ports = rtp_ports or self._ports.rest()
        self.config_path = folder / "office.yaml"
        folder.mkdir(parents=True, exist_ok=True)
        self.write_config(document)
        self._program: Program | None = None
        self._has_file = True

    def write_config(self, document: Mapping[str, Any]) -> Path:
        """Write the YAML file that the first start reads."""
        text = yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False)
        self.config_path.write_text(text, encoding="utf-8")
        return self.config_path

    def start(self, *arguments: str) -> Box:
        """Start it and wait until the control socket answers; arguments are added to ``run``."""
        self.start_without_waiting(*arguments)
        self.program.wait_until(self._is_ready, _START_S, "the box answers on its control socket")
        return self

    def start_without_waiting(self, *arguments: str) -> Program:
        """Start it and look no further (for settings that it must refuse)."""
        self._program = Program(
            [*self.prefix, sys.executable, "-m", "appliance", *self._run_arguments(), *arguments],
            self.folder / "box.log",
            netns=self.netns,
            environment=self.environment,
        )
        return self._program

    def _run_arguments(self) -> list[str]:
        low, high = self.rtp_ports
        binds = [part for address in self.bind for part in ("--bind", address)]
        ports = ["--sip-port", str(self.sip_port), "--web-port", str(self.web_port)]
        files = ["--data", str(self.data)]
        if self._has_file:
            files += ["--config", str(self.config_path)]
        return ["run", *files, *binds, *ports, "--rtp-ports", f"{low}-{high}"]

    @property
    def program(self) -> Program:
        """The running process; KitError before ``start``."""
        if self._program is None:
            raise KitError("the box was not started")
        return self._program

    def _is_ready(self) -> bool:
        try:
            return bool(self.control("status")["sip"])
        except UserError:
            return False

    def control(self, op: str, **args: Any) -> Any:
        """Ask by the control socket; raises appliance.errors.UserError as the box says it."""
        return control_client.call(self.data / "control.sock", op, args, timeout_s=5)

    def command(self, *arguments: str) -> str:
        """Run ``dozvon ARGUMENTS`` on this box; what it printed. KitError unless it exits 0."""
        argv = [sys.executable, "-m", "appliance", *arguments, "--data", str(self.data)]
        return run(argv, timeout_s=20)

    def apply(self, document: Document) -> str:
        """Save other settings while it runs, as the owner does: ``dozvon config apply``."""
        return self.command("config", "apply", str(self.write_config(document)))

    def journal(self) -> list[dict[str, Any]]:
        """The calls that ended, the latest first (``dozvon journal --json``)."""
        rows: list[dict[str, Any]] = json.loads(self.command("journal", "--json"))["calls"]
        return rows

    def wait_for_journal(self, rows: int, timeout_s: float = 10.0) -> list[dict[str, Any]]:
        """The journal once it has at least so many rows."""
        return wait_until(
            lambda: found if len(found := self.journal()) >= rows else [],
            timeout_s,
            f"{rows} rows in the journal",
            lambda: f"{self.journal()}\n{self.program.tail()}",
        )

    def registrations(self, extension: str = "") -> list[dict[str, Any]]:
        """Phones that are registered now, of one extension or of all."""
        rows = self.control("registrations")["registrations"]
        return [r for r in rows if r["contact"] and extension in ("", r["extension"])]

    def wait_for_registrations(
        self, extension: str, phones: int = 1, timeout_s: float = 10.0
    ) -> list[dict[str, Any]]:
        """Registrations of an extension once there are at least so many."""
        return wait_until(
            lambda: found if len(found := self.registrations(extension)) >= phones else [],
            timeout_s,
            f"{phones} phones registered as {extension}",
            self.program.tail,
        )

    def wait_until_idle(self, timeout_s: float = 10.0) -> None:
        """Wait until no call lives."""
        self.program.wait_until(
            lambda: self.control("status")["calls"] == 0, timeout_s, "all calls end"
        )

    def uri(self, user: str = "") -> str:
        """sip:user@host:port of this box."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"sip:{user}@{host}:{self.sip_port}" if user else f"sip:{host}:{self.sip_port}"

    def log(self) -> str:
        """What the box has logged so far."""
        return self.program.log()

    def stop(self) -> int:
        """SIGTERM; the exit code (KILL if it does not end in time)."""
        return self.program.stop(_STOP_S)

    def kill(self) -> None:
        """SIGKILL: the power is cut."""
        self.program.kill()

    def restart(self, *, has_file: bool = True) -> Box:
        """Stop if it runs, and start on the same folder and ports. has_file: with the settings of
        the YAML file again, whatever was saved meanwhile."""
        self._has_file = has_file
        if self.program.exit_code is None:
            self.stop()
        return self.start()

    def close(self) -> None:
        """End it whatever its state, and give its ports back."""
        if self._program is not None:
            self._program.kill()
        self._ports.close()
