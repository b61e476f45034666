"""Whoever dies or hangs, however: nothing rings on, no city line stays taken.

Real processes: the board lives in one of its own (tests/kit/board_server), behind an smbus2 that
the driver imports as ever. Times are printed; asserted is only that it happens soon on any machine.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.board_server import RemoteBoard, remote_bus
from tests.kit.processes import PROJECT, Program, wait_until

FOLDER = "i2c-boards"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[RemoteBoard]:
    with RemoteBoard(tmp_path, "duo-fxo") as board:
        yield board
        assert not board.state()["violations"]


@pytest.fixture
def holder(board: RemoteBoard, tmp_path: Path) -> Iterator[Program]:
    """Ports 0 and 1 ring, the city line 2 is taken."""
    argv = [sys.executable, "-m", "tests.drivers.fxs_i2c.holder", "duo-fxo"]
    program = Program(
        [*argv, "ring:0", "ring:1", "seize:2"],
        tmp_path / "holder.log",
        environment=_environment(board, tmp_path),
    )
    for port in range(3):
        program.wait_for_line(f"holding {port}", 20)
    wait_until(lambda: any(board.state()["rm"]), 10, "it rings")
    yield program
    program.kill()
    keepers = _keepers(board)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in keepers), 10, "no orphan")


def _environment(board: RemoteBoard, folder: Path) -> dict[str, str]:
    return {**remote_bus(board.path), "RUNTIME_DIRECTORY": str(folder)}


def _keepers(board: RemoteBoard) -> list[int]:
    """Processes that tend this very board, by their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            variables = (entry / "environ").read_bytes()
        except OSError:
            continue
        if b"drivers.fxs_i2c.keeper" in words and str(board.path).encode() in variables:
            found.append(int(entry.name))
    return found


def _is_quiet(board: RemoteBoard) -> bool:
    state = board.state()
    return not any(state["rm"]) and not any(state["off_hook"])


def _time_to_quiet(board: RemoteBoard) -> float:
    begun = time.monotonic()
    wait_until(lambda: _is_quiet(board), 10, "silence, and every city line on-hook")
    return (time.monotonic() - begun) * 1000


def _silence(board: RemoteBoard, folder: Path, *places: str) -> subprocess.CompletedProcess[str]:
    """What systemd runs after the daemon."""
    return subprocess.run(
        [sys.executable, "-m", "drivers.fxs_i2c.silence", *places],
        env={**os.environ, **_environment(board, folder)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_kill_9_of_the_daemon(board: RemoteBoard, holder: Program) -> None:
    """The keeper sees its input end."""
    board.lift(0)
    holder.wait_for_line("0 OffHook", 10)
    wait_until(lambda: board.state()["rm"][1], 10, "the other one rings")
    assert board.state()["off_hook"] == [True, False]
    os.kill(holder.pid, signal.SIGKILL)
    print(f"kill -9 of the daemon: quiet after {_time_to_quiet(board):.0f} ms")
    bursts = board.state()["bursts"]
    wait_until(lambda: not _keepers(board), 10, "the keeper is gone")
    assert board.state()["bursts"] == bursts


def test_kill_9_of_the_keeper(board: RemoteBoard, holder: Program) -> None:
    """The daemon sees it end, silences the board itself and starts another keeper."""
    (keeper,) = _keepers(board)
    wait_until(lambda: any(board.state()["rm"]), 10, "it rings")
    os.kill(keeper, signal.SIGKILL)
    print(f"kill -9 of the keeper: quiet after {_time_to_quiet(board):.0f} ms")
    holder.wait_for_line("LineLost", 10)
    wait_until(lambda: _keepers(board) not in ([], [keeper]), 10, "another keeper")
    wait_until(lambda: any(board.state()["rm"]), 10, "and the line works again")


def test_a_keeper_that_hangs_while_it_rings(board: RemoteBoard, holder: Program) -> None:
    (keeper,) = _keepers(board)
    wait_until(lambda: any(board.state()["rm"]), 10, "it rings")
    os.kill(keeper, signal.SIGSTOP)
    print(f"a keeper that hangs: quiet after {_time_to_quiet(board):.0f} ms")
    holder.wait_for_line("hangs while it rings", 10)


def test_both_die_at_once(board: RemoteBoard, holder: Program, tmp_path: Path) -> None:
    """As when systemd kills the whole unit: then it runs ``silence``, which finds boards noted."""
    wait_until(lambda: any(board.state()["rm"]), 10, "it rings")
    (keeper,) = _keepers(board)
    os.kill(holder.pid, signal.SIGSTOP)
    os.kill(keeper, signal.SIGKILL)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait_for_exit(10)
    assert any(board.state()["off_hook"]), "nobody was left to do it"
    done = _silence(board, tmp_path)
    assert (done.returncode, done.stderr) == (0, "1:0x20?map=duo-fxo: silent\n")
    assert _is_quiet(board)


def test_an_orderly_stop(board: RemoteBoard, holder: Program, tmp_path: Path) -> None:
    """SIGTERM to everybody, as from systemd: the keeper waits for the daemon, all is quiet."""
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == ["1%3A0x20%3Fmap%3Dduo-fxo"]
    for pid in (*_keepers(board), holder.pid):
        os.kill(pid, signal.SIGTERM)
    assert holder.wait_for_exit(15) == 0
    assert _is_quiet(board)
    assert not list((tmp_path / FOLDER).iterdir()), "nothing is left to be silenced"
    assert not re.search("Traceback|ERROR", holder.log())


def test_silencing_a_board_that_does_not_answer(board: RemoteBoard, tmp_path: Path) -> None:
    board.stick(True)
    done = _silence(board, tmp_path, "1:0x20?map=duo-fxo", "nonsense")
    assert done.returncode == 1
    assert "DOES NOT ANSWER" in done.stderr and "nonsense: line.bad_address" in done.stderr


def test_nothing_to_silence(board: RemoteBoard, tmp_path: Path) -> None:
    done = _silence(board, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
