"""A running box with a board of telephones: it rings them, and however it dies they fall silent.

The whole product as users start it; the board is an emulated one in a process of its own, behind
the smbus2 that the driver imports.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.board_server import RemoteBoard, remote_bus
from tests.kit.box import Box
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio

DEVICE = "i2c:1:0x20?map=duo-fxo&codec0=nothing&codec1=nothing"
#: A codec that gives silence and swallows what it gets.
ALSA = "pcm.nothing { type null }\n"
LINES = [
    {"name": "reception", "kind": "fxs", "device": DEVICE, "port": 0, "extension": "2001"},
    {"name": "workshop", "kind": "fxs", "device": DEVICE, "port": 1, "extension": "2003"},
    {"name": "city", "kind": "fxo", "device": DEVICE, "port": 2, "needs_dial_tone": False},
]
OUTSIDE = [{"name": "outside", "kinds": ["local"], "ways": ["city"]}]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[RemoteBoard]:
    with RemoteBoard(tmp_path, "duo-fxo") as board:
        yield board
        assert not board.state()["violations"]


@pytest.fixture
def box(board: RemoteBoard, tmp_path: Path) -> Iterator[Box]:
    (tmp_path / "asound.conf").write_text(ALSA)
    environment = {
        **remote_bus(board.path),
        "RUNTIME_DIRECTORY": str(tmp_path),
        "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"),
    }
    document = {**office(rules=OUTSIDE), "lines": LINES}
    with Box(tmp_path / "box", document, environment=environment) as box:
        box.start()
        yield box


def dial(box: Box, end: RawEnd, number: str) -> RawCall:
    address = (box.host, box.sip_port)
    call = RawCall(end, address, "2002", secret_of("2002"), number, audio("127.0.0.1", 40000))
    call.invite()
    return call


def ring(box: Box, end: RawEnd) -> RawCall:
    """2002 calls reception."""
    call = dial(box, end, "2001")
    while (response := call.progress()).status == 100:
        pass
    assert response.status == 180
    return call


def test_kill_9_with_ports_ringing_and_off_hook(box: Box, board: RemoteBoard) -> None:
    """A telephone rings, one is lifted, the city line is taken; then everything is quiet. The box
    that comes after rings the same telephone again."""
    lines_are_up(box)
    with RawEnd() as end:
        dial(box, end, "91234567").progress()
        wait_until(lambda: board.state()["off_hook"][0], 10, "the city line is taken", box.log)
        ring(box, end)
        wait_until(lambda: board.state()["rm"][0], 10, "reception rings", box.log)
        board.lift(1)
        box.kill()
        wait_until(lambda: not any(board.state()["rm"]), 5, "silence")
        wait_until(lambda: not any(board.state()["off_hook"]), 5, "the city line is on-hook")
        bursts = board.state()["bursts"][0]
        board.hang_up(1)
        box.start()
        lines_are_up(box)
    assert board.state()["bursts"][0] == bursts, "it rings for nobody"
    with RawEnd() as end:
        ring(box, end)
        wait_until(lambda: board.state()["rm"][0], 10, "reception rings again", box.log)


def test_a_box_that_is_stopped_leaves_silence(box: Box, board: RemoteBoard) -> None:
    lines_are_up(box)
    with RawEnd() as end:
        ring(box, end)
        wait_until(lambda: board.state()["rm"][0], 10, "reception rings", box.log)
        assert box.stop() == 0
    assert not any(board.state()["rm"])


def test_a_call_is_taken_and_ended_by_the_hook(box: Box, board: RemoteBoard) -> None:
    lines_are_up(box)
    with RawEnd() as end:
        call = ring(box, end)
        wait_until(lambda: board.state()["rm"][0], 10, "reception rings", box.log)
        lifted = time.monotonic()
        board.lift(0)
        assert call.final().status == 200
        print(f"lift to 200: {(time.monotonic() - lifted) * 1000:.0f} ms")
        call.acknowledge()
        wait_until(lambda: not any(board.state()["rm"]), 5, "the bell is silent")
        board.hang_up(0)
        bye = end.wait_for(lambda heard: heard.method == "BYE", 10, "reception hangs up")
        assert bye.header("call-id") == call.call_id
    (row,) = box.wait_for_journal(1)
    assert (row["caller"], row["dialled"], row["cause"]) == ("2002", "2001", "normal")
    lines_are_up(box)


def test_a_caller_who_gives_up(box: Box, board: RemoteBoard) -> None:
    lines_are_up(box)
    with RawEnd() as end:
        call = ring(box, end)
        wait_until(lambda: board.state()["rm"][0], 10, "reception rings", box.log)
        call.cancel()
        assert call.final().status == 487
        wait_until(lambda: not any(board.state()["rm"]), 10, "silence", box.log)


def lines_are_up(box: Box) -> None:
    def up() -> bool:
        return all(line["state"] == "idle" for line in box.control("lines")["lines"])

    wait_until(up, 15, "telephones and city line are there", box.log)
