"""Tests of drivers/cellular/start.py and pin_memory.py: the PIN, and a SIM that needs a person."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.cellular.pin_memory import PinMemory
from drivers.events import (
    LineBack,
    LineState,
    PortFault,
)
from tests.cellular.stage import bench, play
from tests.kit.gsm_modem import GsmModem, Sim
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.virtual_loop import elapse, until


def test_the_pin_opens_the_sim() -> None:
    async def scene() -> None:
        async with bench(Sim7600(Sim(pin="4321")), "4321") as b:
            await until(lambda: b.told(LineBack))
            assert sum("CPIN=" in c for c in b.modem.commands) == 1

    play(scene)


@pytest.mark.parametrize("kind", [QuectelEc25, Sim7600])
def test_a_wrong_pin_is_tried_exactly_once_whatever_happens(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        modem, memory = kind(Sim(pin="4321")), PinMemory()
        for _ in range(3):  # the daemon starts again, the modem is pulled
            async with bench(modem, "9999", memory) as b:
                await until(lambda b=b: b.told(PortFault))  # type: ignore[misc]
                assert b.port.health.state is LineState.FAULT
                await elapse(120)
                b.plug.unplug()
                await elapse(5)
                b.plug.plug()
                await elapse(120)
            memory = PinMemory()  # a new process remembers nothing; the card does
        assert modem.sim.tries_left == 2
        assert sum("CPIN=9999" in c for c in modem.commands) == 1

    play(scene)


def test_a_corrected_pin_is_tried_and_the_last_try_left_to_a_person() -> None:
    memory = PinMemory()
    memory.note_trial("card", "1111")
    assert not memory.may_try("card", "1111", 2)
    assert memory.may_try("card", "2222", 2)
    assert not memory.may_try("card", "2222", 1)
    assert memory.may_try("another", "1111", 3) and not memory.may_try("another", "1111", 2)


def test_where_the_card_does_not_tell_a_marker_remembers(tmp_path: Path) -> None:
    memory = PinMemory(tmp_path)
    assert memory.may_try("card", "1111", None)
    memory.note_trial("card", "1111")
    assert not PinMemory(tmp_path).may_try("card", "1111", None)
    assert not PinMemory(tmp_path).may_try("card", "1111", 2)
    assert PinMemory(tmp_path).may_try("card", "2222", 2)  # corrected after a restart
    [marker] = tmp_path.iterdir()
    assert b"1111" not in marker.read_bytes() and marker.stat().st_mode & 0o77 == 0
    memory.note_success("card")
    assert PinMemory(tmp_path).may_try("card", "1111", None)


@pytest.mark.parametrize(
    ("pin", "answers_after_s", "may_try_again"),
    [("4321", 2.0, True), ("9999", 2.0, False), ("4321", 15.0, False)],
)
def test_a_box_that_stops_hears_what_the_card_says_to_its_pin(
    tmp_path: Path, pin: str, answers_after_s: float, may_try_again: bool
) -> None:
    """A right PIN is tried again at the next start; a wrong one is not, nor one that the card gave
    no answer to. Nobody waits for a card that says nothing."""

    async def scene() -> None:
        modem = QuectelEc25(Sim(pin="4321"))

        class Memory(PinMemory):
            def note_trial(self, iccid: str, pin: str) -> None:
                super().note_trial(iccid, pin)
                modem.faults.answer_delay_s = answers_after_s

        async with bench(modem, pin, Memory(tmp_path)) as b:
            await until(lambda: any("CPIN=" in c for c in modem.commands))
            began_s = asyncio.get_running_loop().time()
            await b.device.close()
            assert asyncio.get_running_loop().time() - began_s < 5.0
        assert PinMemory(tmp_path).may_try(modem.sim.iccid, pin, None) is may_try_again
        assert sum("CPIN=" in c for c in modem.commands) == 1

    play(scene)


@pytest.mark.parametrize(
    ("sim", "key"),
    [
        (Sim(pin="4321"), "line.sim_pin"),
        (Sim(pin="4321", tries_left=0), "line.sim_puk"),
        (Sim(is_inserted=False), "line.sim_missing"),
    ],
)
def test_what_a_person_must_see_to(sim: Sim, key: str) -> None:
    async def scene() -> None:
        async with bench(QuectelEc25(sim)) as b:
            await until(lambda: b.told(PortFault))
            fault = b.told(PortFault)[0]
            assert isinstance(fault, PortFault)
            assert (fault.code, fault.is_recoverable) == (key, False)
            assert b.port.health.detail == key

    play(scene)


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_card_that_says_its_number_late_is_not_tried_again_with_the_same_pin(
    tmp_path: Path, is_kept: bool
) -> None:
    memory = PinMemory(tmp_path if is_kept else None)
    memory.note_trial("", "1111")
    later = PinMemory(tmp_path) if is_kept else memory
    assert not later.may_try("card", "1111", None)
    assert later.may_try("card", "2222", None)
    assert later.may_try("card", "1111", 3)  # the card itself says that nobody failed with it
    memory.note_success("")
    assert later.may_try("card", "1111", None)
