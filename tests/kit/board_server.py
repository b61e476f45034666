"""An emulated board that lives outside of the programs that use it, on a Unix socket.

``python -m tests.kit.board_server SOCKET WIRING`` serves any number of clients, one JSON line each
way: bus transactions (``remote_smbus2/smbus2.py`` makes them) and a test's hands (``RemoteBoard``).
Time is the machine's. ``remote_bus``: the environment in which ``import smbus2`` finds it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.kit.i2c_board import I2cBoard
from tests.kit.processes import PROJECT, Program

#: How late a busy machine may be before it is the driver's fault.
_SLACK_NS = 1_500_000_000
VARIABLE = "DOZVON_KIT_I2C"


def remote_bus(path: Path) -> dict[str, str]:
    """Variables under which a program's smbus2 is the board behind this socket."""
    folders = [str(PROJECT / "tests" / "kit" / "remote_smbus2"), os.environ.get("PYTHONPATH", "")]
    return {VARIABLE: str(path), "PYTHONPATH": os.pathsep.join(filter(None, folders))}


class RemoteBoard:
    """The test's end: telephones to lift, faults to make, and what the judge says."""

    def __init__(self, folder: Path, wiring: str = "quad-a") -> None:
        self.path = folder / "i2c.sock"
        argv = [sys.executable, "-m", "tests.kit.board_server", str(self.path), wiring]
        self.program = Program(argv, folder / "board.log")
        self.program.wait_until(self.path.exists, 10, "the board listens")

    def __enter__(self) -> RemoteBoard:
        return self

    def __exit__(self, *_: object) -> None:
        self.program.kill()

    def lift(self, port: int) -> None:
        self._ask("lift", port=port)

    def hang_up(self, port: int) -> None:
        self._ask("hang_up", port=port)

    def ring_in(self, line: int) -> None:
        """The exchange rings one of its lines."""
        self._ask("ring_in", line=line)

    def stick(self, is_stuck: bool) -> None:
        self._ask("stick", is_stuck=is_stuck)

    def state(self) -> dict[str, Any]:
        """rm, off_hook (of exchange lines), violations, trips_ms, bursts, transactions, now_ns."""
        state: dict[str, Any] = self._ask("state")
        return state

    def _ask(self, what: str, **values: object) -> Any:
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(str(self.path))
            end.sendall(json.dumps({"do": what, **values}).encode() + b"\n")
            with end.makefile("rb") as answers:
                return json.loads(answers.readline())["value"]


class _Board:
    def __init__(self, wiring: str) -> None:
        self._board = I2cBoard(time.monotonic_ns, wiring, slack_ns=_SLACK_NS)

    def do(self, what: str, **values: Any) -> Any:
        return getattr(self, f"_{what}")(**values)

    def _read(self, address: int, register: int, length: int) -> list[int]:
        return self._board.bus.read_i2c_block_data(address, register, length)

    def _write(self, address: int, register: int, data: list[int]) -> None:
        self._board.bus.write_i2c_block_data(address, register, data)

    def _lift(self, port: int) -> None:
        self._board.slics[port].lift(time.monotonic_ns())

    def _hang_up(self, port: int) -> None:
        self._board.slics[port].hang_up(time.monotonic_ns())

    def _ring_in(self, line: int) -> None:
        self._board.exchanges[line].ring(time.monotonic_ns())

    def _stick(self, is_stuck: bool) -> None:
        self._board.bus.is_stuck = is_stuck

    def _state(self) -> dict[str, Any]:
        judge = self._board.judge
        with contextlib.suppress(AssertionError):  # what it says is in the list
            self._board.assert_safe()
        return {
            "rm": [watch.rm for watch in judge.watches],
            "fell_ns": [watch.fell_ns for watch in judge.watches],
            "bursts": [len(watch.bursts) for watch in judge.watches],
            "edges": [watch.edges for watch in judge.watches],
            "off_hook": [exchange.is_off_hook for exchange in self._board.exchanges],
            "violations": judge.violations,
            "trips_ms": judge.trips_ms,
            "transactions": self._board.bus.transactions,
            "now_ns": time.monotonic_ns(),
        }


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def _serve(path: str, wiring: str) -> None:
    board = _Board(wiring)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                try:
                    with lock:
                        told: dict[str, Any] = {"value": board.do(**_renamed(json.loads(line)))}
                except OSError as error:
                    told = {"errno": error.errno, "text": error.strerror}
                self.wfile.write(json.dumps(told).encode() + b"\n")

    lock = threading.Lock()
    with _Server(path, Handler) as server:
        server.serve_forever()


def _renamed(request: dict[str, Any]) -> dict[str, Any]:
    return {"what": request.pop("do"), **request}


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2])
