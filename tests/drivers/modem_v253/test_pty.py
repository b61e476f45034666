"""The driver on a real tty: the emulated modem on a pty, in real time, with its real wire.

Figures are printed; asserted are the limits of the issue with room for a busy machine where
only the machine's own load could break them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.api import DeviceAddress, LineError
from drivers.events import CallerIdReceived, LineEvent, LineLost, LineState, RingStarted
from drivers.modem_v253.device import ModemDevice
from drivers.modem_v253.driver import ModemDriver
from drivers.modem_v253.wire import find_tty, open_wire, usb_serial
from tests.kit.v253_audio import ALAW, Sound, level_at, level_dbm0
from tests.kit.v253_modem import Modem
from tests.kit.v253_virtual import VirtualModem

_LIMIT_S = 30.0


@pytest.fixture(params=["whole", "bytewise", "glued"])
def modem(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Modem]:
    with Modem(tmp_path, "cx93010", writes=request.param, reply_ms=(5, 30)) as made:
        yield made


def address(modem: Modem) -> DeviceAddress:
    return DeviceAddress("serial", str(modem.path))


class Watch:
    """A device's events with the moments at which they were read."""

    def __init__(self, device: ModemDevice) -> None:
        self.port = device.ports[0]
        self.events: list[tuple[float, LineEvent]] = []
        self._task = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        async for event in self.port.events():
            self.events.append((time.monotonic(), event))

    def at(self, kind: type) -> float:
        return next((at for at, event in self.events if isinstance(event, kind)), 0.0)

    async def until(self, condition: Callable[[], object], what: str) -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while not condition():
            assert loop.time() - begun < _LIMIT_S, f"{what}: {self.events[-6:]}"
            await _next_tick()
        return loop.time() - begun

    async def is_(self, state: LineState) -> float:
        return await self.until(lambda: self.port.health.state is state, state.value)

    def stop(self) -> None:
        self._task.cancel()


async def _next_tick() -> None:
    waiting = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.005, waiting.set_result, None)
    await waiting


@asynccontextmanager
async def opened(modem: Modem) -> AsyncIterator[Watch]:
    device = await ModemDriver().open(address(modem), "ru")
    watch = Watch(device)
    try:
        await watch.is_(LineState.IDLE)
        yield watch
        assert modem.machine.violations == []
    finally:
        await device.close()
        watch.stop()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scene(), 60.0))


class Core:
    """What the media core does with a descriptor, in a few lines: as much out as came in."""

    def __init__(self, descriptor: int, unread: bytes) -> None:
        self.descriptor, self.heard, self.sent = descriptor, bytearray(unread), 0
        self.say: bytes = b""

    def turn(self) -> None:
        try:
            octets = os.read(self.descriptor, 4096)
        except BlockingIOError:
            return
        self.heard += octets
        out = self.say[: len(octets)] or b"\xd5" * len(octets)
        self.say = self.say[len(octets) :]
        self.sent += os.write(self.descriptor, out.replace(b"\x10", b"\x10\x10"))

    async def run(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until:
            self.turn()
            await _next_tick()


def _read(descriptor: int) -> bytes:
    """What is there; nothing once the device is gone."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_ring_caller_id_answer_audio_both_ways_hang_up(
    modem: Modem, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scene() -> None:
        async with opened(modem) as watch:
            rang_at = time.monotonic()
            modem.ring("4951234567", "IVANOV")
            await watch.until(lambda: watch.at(CallerIdReceived), "caller id")
            ring_ms = (watch.at(RingStarted) - rang_at) * 1000
            await watch.until(lambda: watch.port._is_prepared, "ready to answer")
            begun = time.monotonic()
            await watch.port.answer()
            audio = await watch.port.open_audio()
            core = Core(audio.descriptor, audio.unread)
            await watch.until(lambda: (core.turn(), core.heard)[1], "first audio")
            answer_ms = (time.monotonic() - begun) * 1000
            modem.line.far_end.speaks(Sound((1000.0,)))
            core.say = ALAW.to_octets(
                [int(8000 * s) for s in (0, 1, 0, -1)] * 4000  # 2000 Hz
            )
            await core.run(1.5)
            with capsys.disabled():
                print(f"\n  pty {modem.writes}: ring {ring_ms:.0f} ms, answer {answer_ms:.0f} ms")
            assert ring_ms <= 150 + 250 and answer_ms <= 600 + 400
            heard = ALAW.to_samples(bytes(core.heard).replace(b"\x10\x10", b"\x10"))[-4000:]
            # In 50 ms each: one gap of a busy machine would turn the tone against itself.
            levels = [level_at(heard[i : i + 400], 1000.0) for i in range(0, len(heard), 400)]
            assert statistics.median(levels) > -20.0
            said = modem.line.far_end.hears(0.5)
            assert level_at(said, 2000.0) > -20.0
            assert level_dbm0(said) > -20.0
            await watch.port.close_audio(b"")
            await watch.port.release()
            assert not modem.line.is_off_hook

    play(scene)


@pytest.mark.parametrize("deaf_to", [99])
def test_a_stuck_stream_on_a_tty(deaf_to: int, tmp_path: Path) -> None:
    """A pty has no DTR; closing and opening frees the line."""

    async def scene() -> None:
        with Modem(tmp_path, "cx93010", reply_ms=(5, 60)) as modem:
            async with opened(modem) as watch:
                await watch.port.seize()
                modem.machine.stuck_ends = deaf_to
                await watch.port.open_audio()
                begun = time.monotonic()
                await watch.port.release()
                took = await watch.until(lambda: not modem.line.is_off_hook, "on-hook")
                assert time.monotonic() - begun < 6.0 and took < 3.0
                await watch.is_(LineState.IDLE)
                assert "recovered_by_reopened_ms" in watch.port.health.figures

    play(scene)


def test_unplugged_in_a_call_and_plugged_in_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scene() -> None:
        with Modem(tmp_path, "cx93010") as modem:
            async with opened(modem) as watch:
                await watch.port.seize()
                audio = await watch.port.open_audio()
                modem.vanish()
                while _read(audio.descriptor):
                    pass
                with pytest.raises(LineError):
                    await watch.port.close_audio(b"")
                await watch.is_(LineState.DOWN)
                modem.plug_in()
                took = await watch.is_(LineState.IDLE)
                with capsys.disabled():
                    print(f"\n  pty: replugged, working after {took:.2f} s")
                assert took <= 5.0
                modem.ring("112")
                await watch.until(lambda: watch.at(CallerIdReceived), "caller id")

    play(scene)


def test_a_killed_predecessor_left_the_stream_running(tmp_path: Path) -> None:
    async def scene() -> None:
        with Modem(tmp_path, "cx93010", reply_ms=(5, 60)) as modem:
            device = await ModemDriver().open(address(modem), "ru")
            watch = Watch(device)
            await watch.is_(LineState.IDLE)
            await watch.port.seize()
            await watch.port.open_audio()
            device._task.cancel()  # as kill -9: nobody says good-bye, the kernel closes the tty
            device._close_wire()
            watch.stop()
            async with opened(modem) as again:
                assert not modem.line.is_off_hook
                await again.port.seize()
                assert modem.line.is_off_hook

    play(scene)


def test_probing(tmp_path: Path) -> None:
    async def scene() -> None:
        driver = ModemDriver()
        with Modem(tmp_path / "a", "usr5637", reply_ms=(5, 60)) as modem:
            info = await driver.probe(address(modem))
            assert info is not None
            assert (info.driver, info.model, info.serial_number) == (
                "modem_v253",
                "USR5637",
                "0001",
            )
            assert not modem.line.times_lifted
        assert await driver.probe(DeviceAddress("serial", str(tmp_path / "nothing"))) is None
        with Modem(tmp_path / "b", "data_only", reply_ms=(5, 60)) as modem:
            assert await driver.probe(address(modem)) is None

    play(scene)


def test_a_tty_is_ours_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        with Modem(tmp_path, "cx93010") as modem:
            wire = open_wire(address(modem))
            with pytest.raises(LineError) as caught:
                open_wire(address(modem))
            assert caught.value.key == "line.held"
            assert not wire.drop_terminal_ready(), "a pty has no DTR, and nobody minds"
            wire.close()
            open_wire(address(modem)).close()

    play(scene)


def test_a_modem_behind_a_serial_server() -> None:
    """socket://host:port: the same modem over TCP, which may go and come back."""

    async def scene() -> None:
        modem = VirtualModem("usr5637", OSError, reply_ms=(5, 20))
        lines: list[asyncio.StreamWriter] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines.append(writer)
            wire = await modem.opening(None)
            wire.start(writer.write, lambda why: None)
            while octets := await reader.read(4096):
                wire.write(octets)
            wire.close()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        device = await ModemDriver().open(DeviceAddress("socket", f"127.0.0.1:{port}"), "de")
        watch = Watch(device)
        await watch.is_(LineState.IDLE)
        assert device.info.model == "USR5637" and device.info.serial_number == ""
        await watch.port.seize()
        assert modem.line.is_off_hook
        lines[-1].close()
        await watch.until(lambda: watch.at(LineLost), "the line is missed")
        await watch.is_(LineState.IDLE)
        assert len(lines) == 2
        await device.close()
        watch.stop()
        server.close()

    play(scene)


def test_where_a_dongle_is() -> None:
    name = "/dev/serial/by-id/usb-Conexant_USB_Modem_24680246-if00"
    assert usb_serial(name) == "24680246"
    assert usb_serial("/dev/null") == ""
    for wanted in (
        DeviceAddress("serial", "/no/such"),
        DeviceAddress("serial", "any", {"serial": "x"}),
    ):
        with pytest.raises(LineError) as caught:
            find_tty(wanted)
        assert caught.value.key == "line.not_found"
