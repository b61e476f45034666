"""Real programs beside the tests: in sessions of their own, awaited with deadlines, always ended.

Owns the processes that it starts. Nothing here knows what the programs do. ``wait_until`` is the
only place of the tests where real time passes: it polls and never sleeps longer than a poll.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

PROJECT = Path(__file__).resolve().parents[2]
_POLL_S = 0.02
_TAIL_OCTETS = 6000
_Value = TypeVar("_Value")


class KitError(AssertionError):
    """A program of the kit did not do what the test needs; the text tells what it said last."""


def wait_until(
    condition: Callable[[], _Value], timeout_s: float, what: str, tell: Callable[[], str] = str
) -> _Value:
    """Poll ``condition`` until it gives something true, and return that.

    Raises KitError naming ``what`` and adding ``tell()`` when timeout_s has passed.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        if value := condition():
            return value
        if time.monotonic() >= deadline:
            raise KitError(f"not within {timeout_s:g} s: {what}\n{tell()}")
        time.sleep(_POLL_S)


def run(argv: Sequence[str], timeout_s: float = 10.0, netns: str = "") -> str:
    """Run a short command to its end and return what it printed; KitError if it fails."""
    done = subprocess.run(
        _in_namespace(argv, netns),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        cwd=PROJECT,
    )
    if done.returncode:
        raise KitError(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Program:
    """A program that runs beside the test: its output goes to a log file, its death is certain."""

    def __init__(
        self,
        argv: Sequence[str],
        log_path: Path,
        *,
        netns: str = "",
        environment: Mapping[str, str] | None = None,
        folder: Path = PROJECT,
        takes_input: bool = False,
    ) -> None:
        """Start it. netns: the name of a network namespace; environment: added variables;
        takes_input: ``say`` writes to its standard input, which is empty otherwise."""
        self.name = Path(argv[0]).name
        self.log_path = log_path
        with log_path.open("ab") as log:
            # The kernel kills it too when this process dies before it could.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *_in_namespace(argv, netns)],
                stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def say(self, line: str) -> None:
        """Type a line to it; KitError when it does not listen any more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise KitError(f"{self.name} takes no input\n{self.tail()}") from error

    def log(self) -> str:
        """What it has printed so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def tail(self) -> str:
        """The end of its log, for the words of a failure."""
        last = self.log()[-_TAIL_OCTETS:]
        return f"--- {self.name}, exit code {self.exit_code}, last words:\n{last}"

    def wait_until(self, condition: Callable[[], _Value], timeout_s: float, what: str) -> _Value:
        """``wait_until``, given up at once when the program ends meanwhile."""

        def living() -> _Value:
            ended = self.exit_code is not None
            value = condition()
            if ended and not value:
                raise KitError(f"{self.name} ended before: {what}\n{self.tail()}")
            return value

        return wait_until(living, timeout_s, what, self.tail)

    def wait_for_line(self, text: str, timeout_s: float) -> str:
        """The first line of the log that contains ``text``."""
        return self.wait_until(
            lambda: next((line for line in self.log().splitlines() if text in line), ""),
            timeout_s,
            f"{self.name} says {text!r}",
        )

    def wait_for_exit(self, timeout_s: float) -> int:
        """Its exit code; KitError if it still runs after timeout_s."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise KitError(f"{self.name} runs on after {timeout_s:g} s\n{self.tail()}") from error

    def stop(self, timeout_s: float = 5.0) -> int:
        """Ask it to end (SIGTERM), kill it if it does not; its exit code."""
        self._signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it and its children at once (SIGKILL); its exit code."""
        self._signal(signal.SIGKILL)
        code = self._process.wait(10)
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        return code

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)  # a session's leader leads its group too
        except ProcessLookupError:
            return


def _in_namespace(argv: Sequence[str], netns: str) -> list[str]:
    return ["ip", "netns", "exec", netns, *argv] if netns else list(argv)


def is_bound(program: Program, port: int, kind: str = "udp") -> bool:
    """Whether a local port is open in the program's network namespace (kind: udp or tcp)."""
    wanted = f":{port:04X}"
    for name in (kind, kind + "6"):
        try:
            lines = Path(f"/proc/{program.pid}/net/{name}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[1].endswith(wanted) and (kind == "udp" or fields[3] == "0A"):
                return True
    return False


def wait_for_port(program: Program, port: int, kind: str = "udp", timeout_s: float = 10.0) -> None:
    """Wait until the program's port is open."""
    program.wait_until(
        lambda: is_bound(program, port, kind), timeout_s, f"{program.name} listens on {kind} {port}"
    )
