"""Tests of drivers/cellular/audio.py and call_audio.py: a pump over real descriptors, the verdicts
of the watch, and whole calls with a modem of the kit on ptys, in real time."""

from __future__ import annotations

import array
import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from drivers.api import DeviceAddress, Encoding, LineError
from drivers.cellular.audio import OCTETS_PER_S, AudioWatch, PcmPump, Verdict
from drivers.cellular.device import CellularDevice
from drivers.cellular.driver import CellularDriver
from drivers.events import LineBack, LineEvent, LineLost, PortFault, ProgressReported
from tests.kit.gsm_modem import GsmModem
from tests.kit.gsm_plug import FRAME, PtyPlug
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.processes import wait_until
from tests.kit.virtual_loop import until

#: 10 ms of silence that go ahead of a call's audio.
LEAD = bytes(FRAME // 2)


@contextmanager
def pump() -> Iterator[tuple[PcmPump, socket.socket, socket.socket]]:
    """A pump, the modem's end and the core's."""
    modem, ours = socket.socketpair()
    ours.setblocking(False)
    made = PcmPump(ours.detach())
    made.start()
    core = socket.socket(fileno=os.dup(made.core_end))
    modem.settimeout(5.0)
    core.settimeout(5.0)
    try:
        yield made, modem, core
    finally:
        made.stop()
        modem.close()
        core.close()


def read_exactly(end: socket.socket, count: int) -> bytes:
    octets = b""
    while len(octets) < count:
        octets += end.recv(count - len(octets))
    return octets


def test_audio_goes_both_ways_as_it_is() -> None:
    with pump() as (made, modem, core):
        for index in range(50):
            frame = bytes([index]) * FRAME
            modem.sendall(frame)
            assert read_exactly(core, FRAME) == frame
            if index == 0:
                assert read_exactly(modem, len(LEAD)) == LEAD
            answer = bytes([255 - index]) * FRAME
            core.sendall(answer)
            assert read_exactly(modem, FRAME) == answer
        wait_until(lambda: made.sent == 50 * FRAME + len(LEAD), 5.0, "all is counted")
        assert made.received == 50 * FRAME
        assert (made.silence, made.dropped) == (0, 0)


def test_a_core_that_says_nothing_is_stood_in_for_with_silence() -> None:
    """60 ms are owed at most: as much is written as was read."""
    with pump() as (made, modem, core):
        for _ in range(10):
            modem.sendall(b"\1\2" * 160)
            read_exactly(core, FRAME)
        assert read_exactly(modem, len(LEAD) + 7 * FRAME) == LEAD + bytes(7 * FRAME)
        wait_until(lambda: made.silence == 7 * FRAME, 5.0, "silence is counted")
        core.sendall(b"\3\4" * 160)
        assert read_exactly(modem, FRAME) == b"\3\4" * 160


def test_a_full_modem_gets_nothing_until_it_has_room() -> None:
    with pump() as (made, modem, core):
        made.may_send = False
        modem.sendall(bytes(FRAME))
        read_exactly(core, FRAME)
        core.sendall(b"\1" * FRAME)
        wait_until(
            lambda: made.dropped == FRAME + len(LEAD), 5.0, "what it may not take is dropped"
        )
        made.may_send = True
        modem.sendall(bytes(FRAME))
        read_exactly(core, FRAME)
        core.sendall(b"\2" * FRAME)
        assert read_exactly(modem, FRAME) == b"\2" * FRAME


def test_a_core_that_does_not_read_loses_audio_and_stops_nobody() -> None:
    with pump() as (made, modem, _core):
        for _ in range(400):
            modem.sendall(bytes(FRAME))
        wait_until(lambda: made.received == 400 * FRAME, 5.0, "the pump goes on")
        assert made.dropped > 0


def test_an_unplugged_modem_leaves_the_core_its_descriptor() -> None:
    with pump() as (made, modem, core):
        modem.close()
        core.sendall(bytes(FRAME))
        core.settimeout(0.05)
        with pytest.raises(TimeoutError):
            core.recv(1)
        assert made.sent == 0


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (1.0, Verdict.GOOD),
        (0.96, Verdict.GOOD),
        (1.04, Verdict.GOOD),
        (0.0, Verdict.BAD),
        (0.8, Verdict.BAD),
        (1.2, Verdict.BAD),
    ],
)
def test_a_second_is_judged(share: float, verdict: Verdict) -> None:
    watch = AudioWatch(100, 5.0)
    assert watch.judge(100 + int(OCTETS_PER_S * 0.9), 5.9) is Verdict.WAIT
    assert watch.judge(100 + int(OCTETS_PER_S * share), 6.0) is verdict


def test_what_was_good_is_bad_when_it_stops() -> None:
    watch = AudioWatch(0, 0.0)
    assert watch.judge(OCTETS_PER_S, 1.0) is Verdict.GOOD
    assert watch.judge(OCTETS_PER_S, 2.0) is Verdict.WAIT
    assert watch.judge(OCTETS_PER_S * 3, 3.0) is Verdict.GOOD
    assert watch.judge(OCTETS_PER_S * 3, 5.0) is Verdict.BAD


class Bench:
    """A device opened by its driver over a modem on ptys."""

    def __init__(self, modem: GsmModem, folder: Path) -> None:
        self.modem = modem
        self.plug = PtyPlug(modem, folder)
        self.plug.plug()
        self.events: list[LineEvent] = []
        self.address = DeviceAddress("serial", str(folder / "at"), {"pcm": str(folder / "pcm")})
        self.device: CellularDevice

    async def open(self) -> None:
        self.device = await CellularDriver().open(self.address, "ru")
        self._reader = asyncio.get_running_loop().create_task(self._collect())
        await until(lambda: self.told(LineBack))

    async def _collect(self) -> None:
        async for event in self.device.ports[0].events():
            self.events.append(event)

    def told(self, kind: type[LineEvent]) -> list[LineEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def words(self) -> list[str]:
        return [event.word for event in self.events if isinstance(event, ProgressReported)]


@asynccontextmanager
async def bench(modem: GsmModem, folder: Path) -> AsyncIterator[Bench]:
    made = Bench(modem, folder)
    try:
        await made.open()
        yield made
    finally:
        await made.device.close()
        made._reader.cancel()
        made.plug.unplug()


async def connected(b: Bench) -> int:
    """A call that was answered; the core's descriptor."""
    port = b.device.ports[0]
    await port.dial("+74951234567")
    audio = await port.open_audio()
    assert (audio.encoding, audio.frame_octets) == (Encoding.S16LE, 320)
    b.modem.far_answers()
    await until(lambda: "answered" in b.words())
    return audio.descriptor


async def echoes(descriptor: int, count: int) -> bytes:
    """What the far end says, said back to it as it comes, for so many octets."""
    heard = b""

    def read() -> None:
        nonlocal heard
        octets = os.read(descriptor, 4096)
        heard += octets
        os.write(descriptor, octets)

    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, read)
    await until(lambda: len(heard) >= count, 20.0)
    loop.remove_reader(descriptor)
    return heard


def counting(index: int) -> bytes:
    return array.array("h", range(index % 100 * 160, index % 100 * 160 + 160)).tobytes()


@pytest.mark.parametrize("kind", [QuectelEc25, Sim7600])
def test_a_call_is_heard_both_ways_without_a_lost_sample(
    kind: type[GsmModem], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both ways through driver, ttys and modem; the delay that the driver adds is printed."""

    async def scene() -> tuple[float, float]:
        async with bench(kind(), tmp_path) as b:
            b.plug.far = counting
            descriptor = await connected(b)
            octets = await echoes(descriptor, 3 * OCTETS_PER_S // 2)
            heard = array.array("h", octets[: len(octets) // 2 * 2])  # a read may end in a sample
            steps = {(b - a) % 16000 for a, b in pairwise(heard)}
            assert steps == {1}
            delays = _delays(b)
            share = busy_s() / 1.5
            await b.device.ports[0].release()
            await b.device.ports[0].close_audio(b"")
            assert not b.modem.is_audio_on
            return sorted(delays)[len(delays) // 2], share

    delay_s, share = asyncio.run(scene())
    with capsys.disabled():
        print(
            f"\n{kind.model}: there and back through the driver {delay_s * 1000:.0f} ms (median),"
            f" {100 * share:.1f} % of a core"
        )
    assert delay_s < 0.5  # what the modem's own 20 ms frames and a busy machine add included


def busy_s() -> float:
    """What the pump's thread has used so far."""
    [pump] = [t for t in threading.enumerate() if t.name == "cellular-pcm"]
    on_cpu_ns = Path(f"/proc/self/task/{pump.native_id}/schedstat").read_text().split()[0]
    return int(on_cpu_ns) / 1e9


def _delays(b: Bench) -> list[float]:
    """For the beginning of each frame that came back: how long it was on its way."""
    delays = []
    for at, octets in b.plug.heard:
        samples = array.array("h", octets[: len(octets) // 2 * 2])
        first = next((each for each in samples if each and each % 160 == 0), None)
        if first is not None:
            delays.append(at - b.plug.said[first // 160])
    return delays


def test_a_modem_whose_buffer_is_full_is_not_written_to(tmp_path: Path) -> None:
    async def scene() -> None:
        modem = QuectelEc25()
        async with bench(modem, tmp_path) as b:
            await connected(b)
            health = b.device.ports[0].health
            modem.fill(True)
            await until(lambda: dropped(b) > 5 * FRAME)  # silence, since the core says nothing
            modem.fill(False)
            b.plug.heard.clear()
            await until(lambda: len(b"".join(part for _, part in b.plug.heard)) > 5 * FRAME)
            assert health.figures["audio_dropped_octets"] == 0

    asyncio.run(scene())


def dropped(b: Bench) -> float:
    return b.device.ports[0].health.figures["audio_dropped_octets"]


def test_audio_that_does_not_come_is_switched_off_and_on(tmp_path: Path) -> None:
    async def scene() -> None:
        modem = Sim7600()
        modem.faults.audio_needs_restart = True
        async with bench(modem, tmp_path) as b:
            await connected(b)
            await until(lambda: modem.is_audio_on, 15.0)
            orders = [c for c in modem.commands if "CPCMREG=" in c and "?" not in c]
            assert orders[-3:] == ["AT+CPCMREG=1", "AT+CPCMREG=0", "AT+CPCMREG=1"]
            assert not b.told(PortFault)

    asyncio.run(scene())


def test_audio_that_is_lost_for_good_restarts_the_modem_when_the_line_is_idle(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        modem = Sim7600()
        modem.faults.audio_dies_after_call = True
        async with bench(modem, tmp_path) as b:
            modem.audio_is_dead = True
            port = b.device.ports[0]
            await connected(b)
            await until(lambda: b.told(PortFault), 15.0)
            assert "AT+CRESET" not in modem.commands
            b.events.clear()
            modem.faults.audio_dies_after_call = False
            await port.release()
            await port.close_audio(b"")
            began = monotonic()
            await until(lambda: b.told(LineBack), 15.0)
            assert "AT+CRESET" in modem.commands and monotonic() - began < 15
            lost = b.told(LineLost)[0]
            assert isinstance(lost, LineLost) and lost.reason == "line.restarting"
            await connected(b)
            await until(lambda: modem.is_audio_on, 15.0)

    asyncio.run(scene())


def test_a_probe_knows_the_modem_and_leaves_others_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        plug = PtyPlug(QuectelEc25(), tmp_path)
        plug.plug()
        driver = CellularDriver()
        info = await driver.probe(DeviceAddress("serial", str(tmp_path / "at"), {}))
        assert info is not None
        assert (info.driver, info.model, info.firmware) == ("cellular", "EC25", "EC25EFAR06A06M4G")
        plug.modem.faults.is_deaf = True
        assert await driver.probe(DeviceAddress("serial", str(tmp_path / "at"), {})) is None
        plug.unplug()
        assert await driver.probe(DeviceAddress("serial", str(tmp_path / "at"), {})) is None
        with pytest.raises(LineError, match=r"line\.bad_address"):
            await driver.probe(DeviceAddress("serial", "x", {"vendor": "nokia"}))

    asyncio.run(scene())
