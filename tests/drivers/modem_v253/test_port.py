"""drivers/modem_v253/port.py against the emulated modem, in virtual time: whole calls."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from drivers.api import DialMode, Encoding
from drivers.events import (
    CallerIdReceived,
    LineState,
    OffHook,
    OnHook,
    RingStarted,
    RingStopped,
)
from tests.drivers.modem_v253.stage import fails, now, pause, play, stage
from tests.kit.v253_line import FarState

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", ["cx93010", "cx93010_pcm", "usr5637", "si2494"])
def test_answering(model: str, seed: int) -> None:
    """RING → event ≤ 150 ms; caller id ≤ 100 ms after its last field; answer → audio ≤ 600 ms."""

    async def scene() -> None:
        async with stage(model, seed=seed) as s:
            rang_at = now()
            s.modem.machine.ring("4951234567", "IVANOV")
            await s.until(lambda: s.told(RingStarted))
            assert now() - rang_at <= 0.15
            await s.until(lambda: s.told(CallerIdReceived))
            last_field_at = s.modem.machine.caller_told_at_s + s.modem.begun
            assert now() - last_field_at <= 0.1
            record = s.told(CallerIdReceived)[0].record
            assert (record.number, record.name) == ("4951234567", "IVANOV")
            await pause(1.0)
            begun = now()
            await s.port.answer()
            audio = await s.port.open_audio()
            await s.until(lambda: s.modem.wire.held or audio.unread)
            took = now() - begun
            assert took <= 0.35, took  # one command of at most 300 ms
            assert s.modem.line.far_end.state is FarState.TALKING
            assert s.state is LineState.TALKING
            await s.port.close_audio(s.modem.wire.take())
            await s.port.release()
            assert not s.modem.line.is_off_hook
            assert s.told(RingStopped) == []

    play(scene)


def test_a_modem_that_does_not_lift_and_stream_by_one_line_is_told_twice_and_remembered() -> None:
    """V.250 §5.2.2 lets it be one line; +VLS that answers VCON ends the line it stands in."""

    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.model = replace(s.modem.machine.model, off_hook_reply="VCON")
            asked = []
            for _ in range(2):
                s.modem.machine.ring("4951234567")
                await s.until(lambda: s.told(CallerIdReceived))
                await pause(1.0)
                said = len(s.modem.machine.commands)
                await s.port.answer()
                assert s.state is LineState.TALKING
                await s.port.open_audio()
                asked.append(s.modem.machine.commands[said:])
                await s.port.close_audio(s.modem.wire.take())
                await s.port.release()
                s.events.clear()
                await pause(4.0)
            apart = ["AT+VLS=1", "AT+VTR"]
            assert asked == [["AT+VLS=1;+VTR", *apart], apart]

    play(scene)


def test_an_answered_line_whose_stream_nobody_took_hangs_up() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.ring("4951234567", "IVANOV")
            await s.until(lambda: s.told(CallerIdReceived))
            await s.port.answer()
            await s.port.release()
            assert not s.modem.line.is_off_hook and s.modem.machine.stream is None
            await s.is_(LineState.IDLE)

    play(scene)


def test_answering_before_the_caller_id_costs_one_command_more() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.ring("4951234567", "IVANOV")
            await s.is_(LineState.RINGING)
            await s.port.answer()
            audio = await s.port.open_audio()
            assert audio.encoding is Encoding.ALAW and audio.is_dle_shielded

    play(scene)


def test_a_caller_without_a_number_is_prepared_for_at_the_second_ring() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.ring()
            await s.until(lambda: s.modem.machine.commands[-1].startswith("AT+FCLASS=8"))
            await pause(2.0)
            assert s.told(CallerIdReceived) == [] and s.state is LineState.RINGING
            said = len(s.modem.machine.commands)
            await s.port.answer()
            assert s.modem.machine.commands[said:] == ["AT+VLS=1;+VTR"]

    play(scene)


def test_a_caller_who_gives_up() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.ring("4951234567")
            await s.until(lambda: s.told(CallerIdReceived))
            s.modem.line.stop_ringing()
            await s.until(lambda: s.told(RingStopped), 9.0)
            await s.is_(LineState.IDLE)
            await pause(1.0)
            assert s.modem.machine.commands[-1] == "AT+FCLASS=0", "rings are told with their caller"
            await fails(s.port.answer(), "line.busy")

    play(scene)


def test_a_second_call_is_told_like_the_first() -> None:
    async def scene() -> None:
        async with stage() as s:
            for number in ("4951234567", "4957654321"):
                s.modem.machine.ring(number)
                await s.until(lambda: s.told(CallerIdReceived))
                assert s.told(CallerIdReceived)[-1].record.number == number
                s.events.clear()
                s.modem.line.stop_ringing()
                await s.until(lambda: s.told(RingStopped))

    play(scene)


def test_caller_id_in_class_8_comes_as_a_report() -> None:
    """Prepared for voice at the second ring, then the caller id after it: DLE X … DLE ."""

    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.settings["+FCLASS"] = "8"
            s.modem.machine.ring("4951234567", "IVANOV")
            await s.until(lambda: s.told(CallerIdReceived))
            assert s.told(CallerIdReceived)[-1].record.name == "IVANOV"
            assert len(s.told(RingStarted)) == 1

    play(scene)


@pytest.mark.parametrize("seed", SEEDS)
def test_dialling_is_the_hosts(seed: int) -> None:
    """Dial B: off-hook, the stream, and dial tone in it; the exchange understands what we send."""

    async def scene() -> None:
        async with stage(seed=seed) as s:
            await s.port.seize()
            assert s.modem.line.is_off_hook and s.state is LineState.DIALLING
            audio = await s.port.open_audio()
            await pause(0.6)
            assert len(s.modem.wire.take() + audio.unread) > 3000
            assert s.modem.line._player is not None, "dial tone"
            await s.port.close_audio(b"")
            await s.port.release()
            assert s.modem.line.times_lifted == 1

    play(scene)


def test_pulse_dialling_by_the_modem() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.line.wants_pulse = True
            await s.port.seize()
            await pause(0.5)
            await s.port.dial("1234567890", DialMode.PULSE)
            assert s.modem.line.dialled == "1234567890"
            assert s.modem.line.is_off_hook
            await s.port.release()

    play(scene)


def test_no_dial_tone_is_told() -> None:
    async def scene() -> None:
        async with stage() as s:
            await fails(s.port.dial("123", DialMode.PULSE), "line.busy")
            await fails(s.port.flash(500), "line.busy")
            await s.port.seize()
            await fails(s.port.dial("12x", DialMode.PULSE), "line.unsupported")

    play(scene)


@pytest.mark.parametrize(("model", "is_coarse"), [("cx93010", False), ("usr5637", True)])
def test_flash(model: str, is_coarse: bool) -> None:
    async def scene() -> None:
        async with stage(model) as s:
            assert s.port.capabilities.flash_is_coarse is is_coarse
            await s.port.seize()
            begun, lifted = now(), s.modem.line.times_lifted
            await s.port.flash(500)
            if is_coarse:
                assert s.modem.line.times_lifted == lifted + 1 and now() - begun < 1.2
            else:
                assert s.modem.line.flashes == [500]
            assert s.modem.line.is_off_hook

    play(scene)


def test_nobody_seizes_within_two_seconds_of_hanging_up() -> None:
    async def scene() -> None:
        async with stage() as s:
            await s.port.seize()
            await s.port.release()
            await s.port.seize()
            lifted = s.modem.line.lifted_at_s
            assert lifted[1] - lifted[0] >= 2.0
            hung_up = now()
            await s.port.release()
            await s.is_(LineState.IDLE)
            assert now() - hung_up >= 2.0

    play(scene)


def test_glare_before_going_off_hook() -> None:
    async def scene() -> None:
        async with stage() as s:
            seizing = asyncio.ensure_future(s.port.seize())
            await pause(0.005)
            s.modem.machine.ring("4951234567")
            await fails(seizing, "line.glare")
            assert not s.modem.line.is_off_hook
            assert s.state is LineState.RINGING and len(s.told(RingStarted)) == 1
            await s.port.answer()
            assert s.modem.line.far_end.state is FarState.TALKING

    play(scene)


def test_a_ringing_line_is_not_seized() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.ring()
            await s.is_(LineState.RINGING)
            await fails(s.port.seize(), "line.glare")
            assert s.modem.line.times_lifted == 0

    play(scene)


def test_glare_found_off_hook_hangs_up_again() -> None:
    async def scene() -> None:
        async with stage(reply_ms=(200, 200)) as s:
            s.modem.machine.settings["+FCLASS"] = "8"
            seizing = asyncio.ensure_future(s.port.seize())
            await s.until(lambda: "AT+VLS=1" in s.modem.machine.commands)
            s.modem.machine.ring("4951234567")
            await fails(seizing, "line.glare")
            assert not s.modem.line.is_off_hook

    play(scene)


def test_a_parallel_telephone_keeps_us_from_the_line() -> None:
    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.settings["+FCLASS"] = "8"
            s.modem.line.lift_extension()
            await s.until(lambda: s.port.ears.is_extension_up)
            await fails(s.port.seize(), "line.in_use")
            s.modem.line.hang_extension()
            await s.until(lambda: not s.port.ears.is_extension_up)
            s.modem.line.lift_extension()
            s.modem.machine.settings["+FCLASS"] = "0"  # its hanging up will not be told
            s.modem.line.hang_extension()
            await s.until(lambda: len(s.told(OnHook)) == 2, 40.0)
            await s.port.seize()

    play(scene)


def test_release_cuts_a_long_dialling_short() -> None:
    async def scene() -> None:
        async with stage() as s:
            await s.port.seize()
            dialling = asyncio.ensure_future(s.port.dial("0000000000", DialMode.PULSE))
            await pause(3.0)
            begun = now()
            await s.port.release()
            assert now() - begun < 5.0
            await fails(dialling, "line.aborted")
            assert not s.modem.line.is_off_hook
            s.modem.machine.violations.clear()  # to break a dialling off is allowed

    play(scene)


def test_release_of_an_idle_line_says_nothing_to_the_modem() -> None:
    async def scene() -> None:
        async with stage() as s:
            said = len(s.modem.machine.commands)
            await s.port.release()
            await pause(1.0)
            assert len(s.modem.machine.commands) == said and s.state is LineState.IDLE

    play(scene)


def test_commands_that_no_fxo_port_has() -> None:
    async def scene() -> None:
        async with stage() as s:
            await fails(s.port.send_sms("1", "x"), "line.unsupported")
            await fails(s.port.reverse(True), "line.unsupported")
            await fails(s.port.stop_ring(), "line.unsupported")

    play(scene)


@pytest.mark.parametrize("what", ["a call is taken", "the modem is plugged in again"])
def test_a_parallel_telephone_is_told_to_be_down_whatever_came_between(what: str) -> None:
    async def scene() -> None:
        async with stage("cx93010_pcm", reports="Rbdslhpcuo/~PpL") as s:
            s.port.ears.code_told(ord("P"))
            await s.until(lambda: s.told(OffHook))
            if what == "a call is taken":
                s.modem.machine.ring("4951234567", "", "11220930")
                await s.is_(LineState.RINGING)
                await s.port.answer()
                s.modem.line.stop_ringing()
                await s.port.release()
            else:
                s.modem.vanish()
                await s.is_(LineState.DOWN)
                s.modem.plug_in()
            await pause(31.0)
            assert len(s.told(OnHook)) == 1

    play(scene)
