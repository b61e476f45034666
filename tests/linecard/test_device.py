"""Tests of drivers/linecard on a pty: the reference card as a process, in real time (device.py,
port.py, uart.py, driver.py, and what figures they reach)."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import monotonic

import pytest

from drivers.api import Cadence, DeviceAddress, DialMode, Encoding, LineError, PortKind
from drivers.events import (
    CallerIdRecord,
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    LoopBroken,
    OffHook,
    OnHook,
    PortFault,
    RingStarted,
    RingStopped,
)
from drivers.linecard.card_clock import CardClock
from drivers.linecard.device import LineCardDevice, Wiring
from drivers.linecard.driver import LineCardDriver
from drivers.linecard.frame import FrameReader, FrameType
from drivers.linecard.port import LineCardPort
from drivers.serial_line import open_serial
from tests.kit.line_card import CardProcess, encode
from tests.kit.processes import Program, wait_until
from tests.kit.virtual_loop import elapse, until


class Bench:
    """A card, opened by its driver, and what each port told."""

    def __init__(self, card: CardProcess, device: LineCardDevice) -> None:
        self.card = card
        self.device = device
        self.events: dict[int, list[LineEvent]] = {port.number: [] for port in device.ports}
        loop = asyncio.get_running_loop()
        self._readers = [loop.create_task(self._collect(port)) for port in device.ports]

    async def _collect(self, port: LineCardPort) -> None:
        async for event in port.events():
            self.events[port.number].append(event)

    def told(self, port: int, kind: type[LineEvent]) -> list[LineEvent]:
        return [event for event in self.events[port] if isinstance(event, kind)]

    async def ready(self) -> None:
        states = (LineState.IDLE, LineState.OFF_HOOK)
        await until(lambda: all(p.health.state in states for p in self.device.ports))

    async def close(self) -> None:
        await self.device.close()
        for reader in self._readers:
            reader.cancel()


def address(card: CardProcess, **options: str) -> DeviceAddress:
    return DeviceAddress("serial", str(card.path), options)


@asynccontextmanager
async def bench(card: CardProcess, **options: str) -> AsyncIterator[Bench]:
    device = await LineCardDriver().open(address(card, **options), "ru")
    made = Bench(card, device)
    try:
        await made.ready()
        yield made
    finally:
        await made.close()
        card.stop()


def test_a_card_is_probed_and_opened_at_its_best_rate(tmp_path: Path) -> None:
    async def scene() -> None:
        card = CardProcess(tmp_path, "sso", is_strict=True)
        info = await LineCardDriver().probe(address(card))
        assert info is not None
        assert (info.driver, info.firmware, info.serial_number) == (
            "linecard",
            "reference 1",
            "LC000001",
        )
        assert info.ports == (PortKind.FXS, PortKind.FXS, PortKind.FXO)
        async with bench(card) as b:
            assert [port.kind for port in b.device.ports] == list(info.ports)
            assert card.said("baud")[-1] == ["921600"]
            assert b.device.ports[2].capabilities.flash
            assert b.device.ports[0].health.serial_number == "LC000001"

    asyncio.run(scene())


def test_a_phone_is_rung_lifted_dials_and_hangs_up(tmp_path: Path) -> None:
    async def scene() -> None:
        card = CardProcess(tmp_path, "s", ber=1e-5)
        async with bench(card) as b:
            phone = b.device.ports[0]
            await phone.ring(Cadence((300, 4000)), CallerIdRecord("101"))
            assert phone.health.state is LineState.RINGING
            await until(lambda: b.told(0, CallerIdWindow))
            [window] = b.told(0, CallerIdWindow)
            assert isinstance(window, CallerIdWindow)
            assert window.until_ns - window.at_ns == 3_450_000_000
            card.say("hook 0 1 0")
            await until(lambda: b.told(0, OffHook))
            assert card.level("ring", 0) == 0 and phone.health.state is LineState.OFF_HOOK
            card.say(f"hooks 0 {' '.join(f'{at} {at + 60}' for at in range(100, 600, 100))}")
            await until(lambda: b.told(0, DigitPulsed))
            card.say("hooks 0 0 500")
            await until(lambda: b.told(0, FlashHook))
            await phone.reverse(True)
            assert card.level("reversed", 0) == 1
            await phone.open_loop(100)
            await until(lambda: card.level("feed", 0) == 1 and len(card.said("feed")) > 2)
            card.say("hook 0 0 0")
            await until(lambda: b.told(0, OnHook))
            [digit] = b.told(0, DigitPulsed)
            assert isinstance(digit, DigitPulsed) and digit.digit == "5"
            with pytest.raises(LineError, match=r"line\.unsupported"):
                await phone.seize()

    asyncio.run(scene())


def test_a_city_line_rings_is_taken_and_let_go(tmp_path: Path) -> None:
    async def scene() -> None:
        card = CardProcess(tmp_path, "o")
        async with bench(card) as b:
            city = b.device.ports[0]
            card.say("rung 0 1 25")
            await until(lambda: b.told(0, RingStarted))
            with pytest.raises(LineError, match=r"line\.glare"):
                await city.seize()
            card.say("rung 0 0 0")
            await until(lambda: b.told(0, RingStopped), 10.0)
            card.say("rung 0 1 25")
            await until(lambda: len(b.told(0, RingStarted)) == 2)
            await city.answer()
            assert card.level("hook", 0) == 1
            card.say("loop 0 0")
            card.say("loop 0 1")
            await until(lambda: b.told(0, LoopBroken))
            await city.flash(100)
            await until(lambda: [line[1] for line in card.said("hook")][-2:] == ["0", "1"])
            await city.dial("1", DialMode.PULSE)
            with pytest.raises(LineError, match=r"line\.unsupported"):
                await city.dial("1")
            await city.release()
            assert card.level("hook", 0) == 0 and city.health.state is LineState.IDLE

    asyncio.run(scene())


def echo(descriptor: int) -> None:
    """Says back what it hears, as a media core would."""

    def turn() -> None:
        try:
            os.write(descriptor, os.read(descriptor, 800))
        except BlockingIOError:
            return

    asyncio.get_running_loop().add_reader(descriptor, turn)


async def mark(card: CardProcess, turn: int) -> None:
    """Until the mark came back; a machine that stops for 30 ms loses one."""
    for _ in range(3):
        card.say(f"mark {turn % 4}")
        with suppress(TimeoutError):
            await until(lambda: len(card.said("marked")) > turn, 3.0)
            return
    raise AssertionError("three marks in a row were lost")


def test_audio_of_four_ports_and_what_it_costs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mark that the card says comes back to it by the host: both ways through the driver."""

    async def scene() -> tuple[list[float], float]:
        card = CardProcess(tmp_path, "ssss")
        async with bench(card) as b:
            for port in b.device.ports:
                audio = await port.open_audio()
                assert (audio.encoding, audio.frame_octets) == (Encoding.ALAW, 80)
                echo(audio.descriptor)
            began, used = monotonic(), getrusage(RUSAGE_SELF)
            for turn in range(20):
                await mark(card, turn)
            await elapse(1.0)
            now = getrusage(RUSAGE_SELF)
            busy = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            share = busy / (monotonic() - began) / 4
            for port in b.device.ports:
                asyncio.get_running_loop().remove_reader(port._link.open_audio(port.number))  # type: ignore[union-attr]
                await port.close_audio(b"")
            return [int(line[1]) / 1000 for line in card.said("marked")], share

    round_trips_ms, share = asyncio.run(scene())
    median = sorted(round_trips_ms)[len(round_trips_ms) // 2]
    with capsys.disabled():
        print(
            f"\nline card: there and back {median:.0f} ms (median, 10 ms blocks included; best"
            f" {min(round_trips_ms):.0f}), {100 * share:.1f} % of a core a line, the echo included"
        )
    assert min(round_trips_ms) <= 20.0, "the card's own two blocks"


def test_a_host_that_is_killed_leaves_the_card_safe(tmp_path: Path) -> None:
    card = CardProcess(tmp_path, "so")
    program = Program(
        [sys.executable, "-m", "tests.kit.line_card_host", str(card.path)],
        tmp_path / "host.log",
        takes_input=True,
    )
    program.wait_for_line("ringing", 30.0)
    wait_until(lambda: card.level("ring", 0), 5.0, "it rings")
    assert card.level("hook", 1) == 1
    program.kill()
    wait_until(lambda: card.level("hook", 1) == 0, 5.0, "on-hook")
    wait_until(lambda: card.level("ring", 0) == 0, 5.0, "silent")
    card.stop()


def test_a_pulled_card_is_back_within_five_seconds(tmp_path: Path) -> None:
    async def scene() -> None:
        card = CardProcess(tmp_path, "so")
        async with bench(card) as b:
            card.say("hook 0 1 0")
            await until(lambda: b.told(0, OffHook))
            card.stop()
            await until(lambda: b.told(0, LineLost) and b.told(1, LineLost))
            assert b.told(0, OnHook)
            with pytest.raises(LineError, match=r"line\.lost"):
                await b.device.ports[1].seize()
            card.start()
            began = monotonic()
            await until(lambda: len(b.told(1, LineBack)) == 2)
            assert monotonic() - began < 5.0
            await b.device.ports[1].seize()
            assert card.level("hook", 1) == 1

    asyncio.run(scene())


def test_another_card_of_the_same_ports_takes_its_place_and_is_told_of(tmp_path: Path) -> None:
    async def scene() -> None:
        card = CardProcess(tmp_path, "so")
        async with bench(card) as b:
            card.stop()
            await until(lambda: b.told(1, LineLost))
            card.serial = "LC000002"
            card.start()
            await until(lambda: len(b.told(1, LineBack)) == 2)
            [fault] = b.told(1, PortFault)
            assert isinstance(fault, PortFault) and fault.is_recoverable
            assert (fault.code, fault.detail) == ("line.card_replaced", "LC000001 -> LC000002")
            assert b.device.ports[1].health.serial_number == "LC000002"
            await b.device.ports[1].seize()

    asyncio.run(scene())


def test_another_card_of_other_ports_is_not_used_until_the_old_one_is_back(tmp_path: Path) -> None:
    async def scene() -> None:
        card = CardProcess(tmp_path, "so")
        async with bench(card) as b:
            port = b.device.ports[0]
            card.stop()
            await until(lambda: b.told(0, LineLost))
            card.kinds, card.serial = "os", "LC000009"
            card.start()
            await until(lambda: port.health.detail == "line.other_card")
            card.say("hook 1 1 0")
            await elapse(0.5)
            assert port.health.state is LineState.DOWN and not b.told(1, OffHook)
            assert [e.reason for e in b.told(0, LineLost) if isinstance(e, LineLost)] == [
                "line.unplugged",
                "line.other_card",
            ]
            with pytest.raises(LineError, match=r"line\.lost"):
                await b.device.ports[1].seize()
            card.stop()
            card.kinds, card.serial = "so", "LC000001"
            card.start()
            await until(lambda: port.health.state is LineState.IDLE)
            assert not b.told(0, PortFault)

    asyncio.run(scene())


def test_a_card_whose_tty_fails_in_any_way_is_looked_for_again(tmp_path: Path) -> None:
    """termios.error is no OSError: a tty that is pulled while it is opened raises it."""

    async def scene() -> None:
        card = CardProcess(tmp_path, "s")
        faults = [termios.error(5, "EIO"), ValueError("odd"), OSError(2, "ENOENT")]

        async def open_port() -> int:
            if faults:
                raise faults.pop(0)
            return open_serial(card.path)

        device = LineCardDevice(Wiring(open_port, 0), "ru", time.monotonic_ns)
        device.start()
        try:
            assert await device.known(15.0) and not faults
        finally:
            await device.close()
            card.stop()

    asyncio.run(scene())


def test_a_card_of_another_version_says_so(tmp_path: Path) -> None:
    """It answers each HELLO by NAK 1 (docs/linecard-protocol.md §3.1)."""

    async def scene() -> None:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.append(asyncio.current_task())
            frames = FrameReader()
            while octets := await reader.read(100):
                for frame in frames.feed(octets):
                    if frame.type == FrameType.HELLO:
                        writer.write(encode(FrameType.NAK, 0, 0, b"\1"))
            writer.close()
            await writer.wait_closed()

        serving: list[asyncio.Task[None] | None] = []
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        place = DeviceAddress("socket", f"{host}:{port}")
        with pytest.raises(LineError, match=r"line\.card_version"):
            await LineCardDriver().open(place, "ru")
        known = DeviceAddress("socket", place.place, {"ports": "s"})
        device = await LineCardDriver().open(known, "ru")
        await until(lambda: device.ports[0].health.detail == "line.card_version")
        await device.close()
        await asyncio.gather(*filter(None, serving))
        server.close()

    asyncio.run(scene())


def test_who_is_absent_or_no_card(tmp_path: Path) -> None:
    async def scene() -> None:
        gone = DeviceAddress("serial", str(tmp_path / "none"))
        driver = LineCardDriver()
        assert await driver.probe(gone) is None
        with pytest.raises(LineError, match=r"line\.device"):
            await driver.open(gone, "ru")
        known = DeviceAddress("serial", str(tmp_path / "none"), {"ports": "so"})
        device = await driver.open(known, "ru")
        assert [port.kind for port in device.ports] == [PortKind.FXS, PortKind.FXO]
        assert device.ports[0].health.state is LineState.DOWN
        await device.close()
        for options in ({"baud": "77"}, {"ports": "xyz"}):
            with pytest.raises(LineError, match=r"line\.bad_address"):
                await driver.open(DeviceAddress("serial", "x", options), "ru")

    asyncio.run(scene())


def test_the_cards_clock_is_followed_through_its_turn() -> None:
    clock = CardClock()
    second = 1_000_000_000
    base_us = (1 << 32) - 5_000_000
    for number in range(1, 20):
        at_us = (base_us + number * 1_000_000) % (1 << 32)
        late_ns = 3_000_000 if number % 5 else 0
        told = clock.to_ns(at_us, (100 + number) * second + late_ns)
        assert abs(told - (100 + number) * second) <= 3_300_000
