"""The driver as the daemon sees it, with its real keeper process and the board behind a socket."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.api import Cadence, DeviceAddress, DialMode, LineError, PortKind
from drivers.events import (
    CallerIdRecord,
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    OffHook,
    OnHook,
    RingStarted,
)
from drivers.fxs_i2c.device import BoardDevice
from drivers.fxs_i2c.driver import FxsI2cDriver
from drivers.fxs_i2c.messages import Beat, Outcome, Verb, encode
from drivers.fxs_i2c.noted import text_of
from drivers.fxs_i2c.place import Place, parse_place
from drivers.fxs_i2c.port import FxoPort, FxsPort, Send
from tests.kit.board_server import RemoteBoard, remote_bus
from tests.kit.virtual_loop import elapse, until

RU = Cadence((1000, 4000))
OPTIONS = {"map": "duo-fxo", "codec0": "hw:CARD=slic", "rate": "16000"}
ADDRESS = DeviceAddress("i2c", "1:0x20", OPTIONS)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    with RemoteBoard(tmp_path, "duo-fxo") as board:
        for name, value in remote_bus(board.path).items():
            monkeypatch.setenv(name, value)
        yield board
        assert not board.state()["violations"]


class Ears:
    """What each port tells."""

    def __init__(self, device: BoardDevice) -> None:
        self.told: dict[int, list[LineEvent]] = {port.number: [] for port in device.ports}
        self._came = asyncio.Event()
        self._readers = [asyncio.ensure_future(self._read(port)) for port in device.ports]

    async def _read(self, port: object) -> None:
        async for event in port.events():  # type: ignore[attr-defined]
            self.told[port.number].append(event)  # type: ignore[attr-defined]
            self._came.set()

    async def wait(self, port: int, kind: type[LineEvent]) -> LineEvent:
        while True:
            for event in self.told[port]:
                if isinstance(event, kind):
                    self.told[port].remove(event)
                    return event
            self._came.clear()
            await asyncio.wait_for(self._came.wait(), 10)

    def close(self) -> None:
        for reader in self._readers:
            reader.cancel()


def with_device(work: Callable[[BoardDevice, Ears], Awaitable[None]]) -> None:
    async def run() -> None:
        device = await FxsI2cDriver().open(ADDRESS, "ru")
        ears = Ears(device)
        try:
            for port in device.ports:
                await ears.wait(port.number, LineBack)
            await work(device, ears)
        finally:
            ears.close()
            await device.close()
        assert {port.health.state for port in device.ports} == {LineState.DOWN}

    asyncio.run(run())


def test_a_telephone_and_a_city_line(board: RemoteBoard) -> None:
    async def work(device: BoardDevice, ears: Ears) -> None:
        phone, line = device.ports[0], device.ports[2]
        assert device.info.ports == (PortKind.FXS,) * 2 + (PortKind.FXO,) * 2
        await phone.ring(RU, CallerIdRecord("4951234567"))
        assert phone.health.state is LineState.RINGING
        board.lift(0)
        await ears.wait(0, OffHook)
        audio = await phone.open_audio()
        assert (audio.alsa_capture, audio.alsa_channel) == ("hw:CARD=slic", 0)
        assert audio.sample_rate_hz == 16000
        assert phone.health.state is LineState.TALKING
        board.ring_in(0)
        await ears.wait(2, RingStarted)
        assert line.health.state is LineState.RINGING
        await line.answer()
        assert board.state()["off_hook"] == [True, False]
        await line.flash(100)
        await line.dial("1", DialMode.PULSE)
        await line.release()
        assert board.state()["off_hook"] == [False, False]
        await phone.close_audio(b"")
        board.hang_up(0)
        await ears.wait(0, OnHook)
        assert phone.health.state is LineState.IDLE
        assert phone.health.figures["bus_errors"] == 0

    with_device(work)


def test_refusals_come_back_as_line_errors(board: RemoteBoard) -> None:
    async def work(device: BoardDevice, ears: Ears) -> None:
        phone, line = device.ports[1], device.ports[3]
        for wanted, refused in (
            ("line.ring_limit", phone.ring(Cadence((1000, 1000)), None)),
            ("line.unsupported", phone.seize()),
            ("line.unsupported", line.dial("12")),
            ("line.busy", line.flash(600)),
            ("line.no_audio", line.open_audio()),
            ("line.unsupported", phone.open_loop(99_999)),
        ):
            with pytest.raises(LineError) as refusal:
                await refused
            assert refusal.value.key == wanted
        await phone.stop_ring()
        await phone.reverse(True)
        await phone.open_loop(100)
        await phone.release()

    with_device(work)


def test_a_message_that_nobody_understands_costs_a_keeper_and_no_board(
    board: RemoteBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(device: BoardDevice, ears: Ears) -> None:
        heard = device._hear

        def fail(line: bytes) -> None:
            monkeypatch.setattr(device, "_hear", heard)
            raise KeyError("a defect")

        monkeypatch.setattr(device, "_hear", fail)
        await ears.wait(0, LineLost)
        await ears.wait(0, LineBack)
        board.lift(0)
        await ears.wait(0, OffHook)

    with_device(work)


def test_a_handset_that_is_up_when_its_board_comes_back_is_told_again(board: RemoteBoard) -> None:
    async def work(device: BoardDevice, ears: Ears) -> None:
        phone = device.ports[0]
        board.lift(0)
        await ears.wait(0, OffHook)
        board.stick(True)
        await ears.wait(0, LineLost)
        board.stick(False)
        await ears.wait(0, LineBack)
        await ears.wait(0, OffHook)
        assert phone.health.state is LineState.OFF_HOOK, "it does not look free"
        board.hang_up(0)
        await ears.wait(0, OnHook)
        assert phone.health.state is LineState.IDLE

    with_device(work)


def test_a_handset_is_told_once_by_each_keeper() -> None:
    """The next keeper looks for itself; whoever hung up meanwhile is not told for up."""
    port = FxsPort(0, parse_place(ADDRESS), refuse("line.lost"), lambda: 0)
    told: list[LineEvent] = []
    port._tell = told.append  # type: ignore[method-assign]
    for event in (LineBack(1), OffHook(2), OnHook(3), LineLost(4, "line.bus"), LineBack(5)):
        port.hear(event)
    assert told.count(OffHook(5)) == 0
    port.hear(OffHook(6))
    port.hear(LineLost(7, "line.bus"))
    port.lose("line.keeper")
    port.hear(LineBack(8))
    assert OffHook(8) not in told and port.health.state is LineState.IDLE


def refuse(key: str) -> Send:
    """A device that carries no order out."""

    async def send(port: int, verb: Verb, **values: object) -> None:
        raise LineError(key)

    return send


def test_a_city_line_of_a_board_promises_no_reversals_in_a_call() -> None:
    """Off its hook the chip's RING is still; the doctor warns of a line that waits for one."""
    port = FxoPort(2, parse_place(ADDRESS), refuse("line.lost"), lambda: 0)
    assert not port.capabilities.polarity


def test_a_release_that_nobody_confirms_is_said_and_one_of_a_lost_board_is_done() -> None:
    async def main() -> None:
        await FxoPort(2, parse_place(ADDRESS), refuse("line.lost"), lambda: 0).release()
        with pytest.raises(LineError, match=r"line\.timeout"):
            await FxoPort(2, parse_place(ADDRESS), refuse("line.timeout"), lambda: 0).release()

    asyncio.run(main())


def test_a_keeper_that_hangs_while_nothing_rings_is_replaced(
    board: RemoteBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.fxs_i2c.device.SILENT_S", 3.0)

    async def work(device: BoardDevice, ears: Ears) -> None:
        hanging = device._process
        assert hanging is not None
        hanging.send_signal(signal.SIGSTOP)
        await ears.wait(0, LineLost)
        await ears.wait(0, LineBack)
        assert hanging.returncode == -signal.SIGKILL
        await device.ports[2].release()

    with_device(work)


def test_a_board_is_closed_though_its_keeper_beats_in_that_moment(board: RemoteBoard) -> None:
    async def work(device: BoardDevice, ears: Ears) -> None:
        await device.ports[0].ring(RU, None)
        await until(lambda: device._is_ringing)
        assert device._process is not None and device._process.stdout is not None
        device._process.stdout.feed_data(encode(Beat(is_ringing=True)))
        closing = asyncio.ensure_future(device.close())
        done, _ = await asyncio.wait({closing}, timeout=10)
        if device._task is not None:
            device._task.cancel()
        assert done, "it lives on and starts its next keeper"

    with_device(work)


def test_a_board_that_is_closed_while_its_hanging_keeper_is_ended_is_silent(
    board: RemoteBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(place: Place) -> bool:
        """smbus2 of this process is the real one."""
        argv = [sys.executable, "-m", "drivers.fxs_i2c.silence", text_of(place)]
        return subprocess.run(argv, check=False).returncode == 0

    monkeypatch.setattr("drivers.fxs_i2c.device.silence", elsewhere)

    async def work(device: BoardDevice, ears: Ears) -> None:
        await device.ports[0].ring(RU, None)
        await until(lambda: any(board.state()["rm"]))
        hanging = device._process
        assert hanging is not None
        hanging.send_signal(signal.SIGSTOP)
        await until(lambda: device._process is None)
        await device.close()
        assert hanging.returncode == -signal.SIGKILL
        assert not any(board.state()["rm"])

    with_device(work)


def test_a_board_that_cannot_be_noted_is_tried_again(
    board: RemoteBoard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Unnoted, it would ring on if all died at once; a disk that is full now has room later."""
    blocked = tmp_path / "run"
    blocked.write_text("not a folder")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(blocked))

    async def run() -> None:
        device = await FxsI2cDriver().open(ADDRESS, "ru")
        ears = Ears(device)
        try:
            await elapse(0.2)
            assert device._process is None and board.state()["transactions"] == 0
            blocked.unlink()
            blocked.mkdir()
            await ears.wait(0, LineBack)
            assert list((blocked / "i2c-boards").iterdir())
        finally:
            ears.close()
            await device.close()

    asyncio.run(run())


def test_one_chip_has_one_keeper_however_its_address_is_written(board: RemoteBoard) -> None:
    async def run() -> list[str]:
        driver, opened, refused = FxsI2cDriver(), [], []
        for place in ("1:0x20", "1:32", "/dev/i2c-1:0x20"):
            try:
                opened.append(await driver.open(DeviceAddress("i2c", place, OPTIONS), "ru"))
            except LineError as error:
                refused.append(error.key)
        for device in opened:
            await device.close()
        again = await driver.open(DeviceAddress("i2c", "1:32", OPTIONS), "ru")
        await again.close()
        return refused

    assert asyncio.run(run()) == ["line.twice", "line.twice"]


def test_who_gives_up_an_order_in_the_moment_of_its_outcome_has_given_up(
    board: RemoteBoard,
) -> None:
    async def work(device: BoardDevice, ears: Ears) -> None:
        order = asyncio.ensure_future(device.ports[2].seize())
        await elapse(0)
        (reference,) = device._waiting
        device._hear(encode(Outcome(reference)))
        order.cancel()
        (ended,) = await asyncio.gather(order, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError)

    with_device(work)


def test_the_probe_touches_nothing(board: RemoteBoard) -> None:
    before = board.state()["transactions"]
    info = asyncio.run(_in_process(board, "1:0x20"))
    assert info == "2 x Ag1171, 2 x CPC5622 4"
    assert board.state()["transactions"] == before + 1
    assert asyncio.run(_in_process(board, "1:0x21")) == "None"


async def _in_process(board: RemoteBoard, place: str) -> str:
    """smbus2 of this process is the real one: probe where the board's stands."""
    code = f"""if True:
        import asyncio
        from drivers.api import DeviceAddress
        from drivers.fxs_i2c.driver import FxsI2cDriver
        info = asyncio.run(FxsI2cDriver().probe(DeviceAddress("i2c", {place!r}, {OPTIONS!r})))
        print(info and f"{{info.model}} {{len(info.ports)}}")
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    return told.decode().strip()


@pytest.mark.parametrize(
    ("place", "options"),
    [
        ("0x20", {}),
        ("1:0x28", {}),
        ("1:zwanzig", {}),
        ("x:0x20", {}),
        ("1:0x20", {"map": "none"}),
        ("1:0x20", {"supply_ma": "1"}),
        ("1:0x20", {"rate": "12345"}),
        ("1:0x20", {"codec1": "hw:1"}),
    ],
)
def test_addresses_that_make_no_sense(place: str, options: dict[str, str]) -> None:
    with pytest.raises(LineError) as refusal:
        asyncio.run(FxsI2cDriver().open(DeviceAddress("i2c", place, options), "ru"))
    assert refusal.value.key == "line.bad_address"


def test_a_bus_that_is_not_there_is_no_error() -> None:
    """The board opens, DOWN, and its orders say so."""

    async def run() -> None:
        device = await FxsI2cDriver().open(DeviceAddress("i2c", "/dev/no-such-bus:0x20", {}), "ru")
        with pytest.raises(LineError) as refusal:
            await device.ports[0].ring(RU, None)
        assert refusal.value.key == "line.lost"
        assert device.ports[0].health.state is LineState.DOWN
        await device.close()

    asyncio.run(run())
