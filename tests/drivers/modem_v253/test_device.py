"""drivers/modem_v253/device.py: set up, kept, recovered, and found again, in virtual time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from drivers.api import DeviceAddress, LineError
from drivers.events import LineBack, LineLost, LineState, PortFault
from drivers.modem_v253 import device as device_module
from drivers.modem_v253.wire import Wire
from tests.drivers.modem_v253.stage import now, pause, play, stage


@pytest.mark.parametrize(
    ("model", "name", "has_duplex"),
    [
        ("cx93010", "CX93010", True),
        ("cx93010_pcm", "CX93010", True),
        ("usr5637", "USR5637", True),
        ("multitech", "MultiTech MT9234", False),
        ("si2494", "Si2494", True),
    ],
)
def test_each_model_is_set_up(model: str, name: str, has_duplex: bool) -> None:
    async def scene() -> None:
        async with stage(model) as s:
            assert s.device.info.model == name and s.device.info.driver == "modem_v253"
            assert s.port.capabilities.duplex is has_duplex
            assert s.port.health.firmware
            assert s.modem.machine.settings["+FCLASS"] == "0"
            assert s.modem.machine.settings["+VCID"] == ("2" if model == "si2494" else "1")
            assert not s.modem.line.is_off_hook

    play(scene)


def test_only_a_modem_of_which_nobody_knows_is_tried_off_hook() -> None:
    async def lifted(model: str, **options: str) -> int:
        async with stage(model, options=options) as s:
            return s.modem.line.times_lifted

    async def scene() -> None:
        assert await lifted("cx93010") == 0
        assert await lifted("usr5637") == 1
        assert await lifted("usr5637", duplex="yes") == 0
        assert await lifted("multitech", duplex="no") == 0

    play(scene)


def test_a_modem_without_voice_still_hears_who_calls() -> None:
    async def scene() -> None:
        async with stage("data_only") as s:
            able = s.port.capabilities
            assert able.caller_id and not able.duplex and not able.pulse
            with pytest.raises(LineError) as caught:
                await s.port.seize()
            assert caught.value.key == "line.unsupported"
            assert s.modem.line.times_lifted == 0 and s.state is LineState.IDLE

    play(scene)


@pytest.mark.parametrize("seed", range(8))
def test_plugged_in_again_it_works_within_five_seconds(seed: int) -> None:
    async def scene() -> None:
        async with stage(seed=seed) as s:
            await s.port.seize()
            await s.port.open_audio()
            s.modem.vanish()
            await s.is_(LineState.DOWN)
            assert len(s.told(LineLost)) == 1
            with pytest.raises(LineError) as caught:
                await s.port.seize()
            assert caught.value.key == "line.lost"
            await pause(7.3)
            s.modem.plug_in()
            took = await s.is_(LineState.IDLE)
            assert took <= 5.0, took
            assert len(s.told(LineBack)) == 2
            await s.port.seize()
            assert s.modem.line.is_off_hook
            await s.port.release()

    play(scene)


def test_a_modem_that_was_not_there_at_the_start() -> None:
    async def scene() -> None:
        async with stage(is_up=False) as s:
            s.modem.is_plugged_in = False
            await pause(5.0)
            s.modem.vanish()
            await pause(5.0)
            assert s.state is LineState.DOWN
            s.modem.plug_in()
            await s.is_(LineState.IDLE, 10.0)

    play(scene)


@pytest.mark.parametrize(
    ("deaf_to", "has_ready_line", "rung"),
    [
        (1, True, ""),  # the tripled form helps: no recovery at all
        (2, True, "terminal_ready"),
        (99, True, "terminal_ready"),
        (99, False, "reopened"),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_a_stuck_stream_is_freed_within_three_seconds(
    deaf_to: int, has_ready_line: bool, rung: str, seed: int
) -> None:
    async def scene() -> None:
        async with stage(seed=seed, has_ready_line=has_ready_line) as s:
            await s.port.seize()
            s.modem.machine.stuck_ends = deaf_to
            await s.port.open_audio()
            await pause(1.0)
            begun = now()
            closing = asyncio.ensure_future(s.port.release())
            freed = await s.until(lambda: not s.modem.line.is_off_hook)
            assert freed <= 3.0, freed
            await closing
            assert now() - begun <= 5.0, "release is done within 5 s"
            await s.is_(LineState.IDLE)
            faults = s.told(PortFault)
            assert [fault.detail.split(",")[0] for fault in faults] == ([rung] if rung else [])
            if rung:
                assert s.port.health.figures[f"recovered_by_{rung}_ms"] <= 3000
            await s.port.seize()
            await s.port.open_audio()
            await s.port.release()

    play(scene)


def test_a_modem_that_falls_silent_is_noticed_and_woken() -> None:
    async def scene() -> None:
        async with stage(seed=3) as s:
            s.modem.machine.is_deaf = True
            await s.until(lambda: s.told(PortFault), 80.0)
            assert s.told(PortFault)[0].code == "line.recovered"
            await s.is_(LineState.IDLE)

    play(scene)


def test_a_modem_found_in_its_stream_is_woken_at_the_start() -> None:
    """The daemon was killed in a call: the next start finds audio instead of answers."""

    async def scene() -> None:
        async with stage() as s:
            await s.port.seize()
            await s.port.open_audio()
            machine = s.modem.machine
            s.modem.wire.lose("killed")  # our end only: machine and stream go on
            await s.is_(LineState.IDLE, 15.0)
            assert not s.modem.line.is_off_hook and machine.stream is None

    play(scene)


def test_closing_hangs_up() -> None:
    async def scene() -> None:
        async with stage() as s:
            await s.port.seize()
            await s.port.open_audio()
            await s.device.close()
            assert not s.modem.line.is_off_hook
            assert s.state is LineState.DOWN

    play(scene)


def test_another_program_has_the_device() -> None:
    async def scene() -> None:
        async with stage(is_up=False, missing=lambda: LineError("line.held", "EBUSY")) as s:
            s.modem.is_plugged_in = False
            await pause(6.0)
            s.modem.vanish()
            await s.is_(LineState.FAULT)
            await pause(12.0)
            faults = s.told(PortFault)
            assert [(f.code, f.is_recoverable) for f in faults] == [("line.held", False)], "once"
            assert s.events[-1][1] is faults[0], "the last word on the line"
            s.modem.plug_in()
            await s.is_(LineState.IDLE)

    play(scene)


def test_a_tty_that_fails_as_no_driver_expects_is_looked_for_again() -> None:
    """Any error of opening: the line says that its device does not work, and comes back."""

    async def scene() -> None:
        async with stage(missing=lambda: RuntimeError("a defect")) as s:
            s.modem.vanish()
            await s.is_(LineState.FAULT)
            assert s.port.health.detail == "line.device: a defect"
            s.modem.plug_in()
            assert await s.is_(LineState.IDLE) <= 10.0

    play(scene)


def test_closing_ends_at_any_moment_of_the_first_set_up() -> None:
    async def scene() -> None:
        for ms in range(0, 2500, 50):
            async with stage("usr5637", is_up=False) as s:
                await pause(ms / 1000)
                closing = asyncio.ensure_future(s.device.close())
                await asyncio.wait({closing}, timeout=5.0)
                assert closing.done() and not s.modem.line.is_off_hook, ms

    play(scene)


def test_a_wedged_modem_is_not_opened_again_once_it_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device_module, "find_tty", lambda address: "/dev/none")
    monkeypatch.setattr(device_module, "reauthorise", lambda path: True)

    async def scene() -> None:
        async with stage(scheme="serial") as s:
            await s.port.seize()
            await s.port.open_audio()
            s.modem.machine.receive = lambda octets: None  # type: ignore[method-assign]
            await s.device.close()
            opened, wire = s.modem.opened, s.modem.wire
            await pause(60.0)
            assert s.modem.opened == opened and s.modem.wire is wire

    play(scene)


def test_what_is_opened_for_somebody_who_left_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    may_open, is_closed = threading.Event(), threading.Event()

    class Opened:
        def close(self) -> None:
            is_closed.set()

    def opening(address: DeviceAddress) -> Opened:
        may_open.wait(10.0)
        return Opened()

    monkeypatch.setattr(device_module, "open_wire", opening)

    async def scene() -> None:
        task: asyncio.Task[Wire] = asyncio.ensure_future(
            device_module.open_in_thread(DeviceAddress("serial", "/dev/none", {}))
        )
        await asyncio.wait({task}, timeout=0.01)
        task.cancel()
        await asyncio.wait({task})
        may_open.set()
        await asyncio.to_thread(is_closed.wait, 10.0)

    asyncio.run(scene())
    assert is_closed.is_set()
