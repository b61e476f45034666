"""The sound of a modem's port in virtual time: streams that begin, end, break off or go one way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from drivers.api import Encoding, LineError
from drivers.events import (
    CallerIdReceived,
    KeyReported,
    LineState,
    LoopBroken,
    PortFault,
    ProgressReported,
)
from tests.drivers.modem_v253.stage import Stage, fails, now, pause, play, stage
from tests.kit.v253_audio import ALAW, Sound, level_at, level_dbm0
from tests.kit.v253_models import MODELS


@pytest.mark.parametrize(("clue", "kind"), [("busy", ProgressReported), ("loop", LoopBroken)])
def test_remote_hang_up_by_codes(clue: str, kind: type) -> None:
    """The media core meets the code in the stream and hands it on."""

    async def scene() -> None:
        async with stage() as s:
            s.modem.machine.ring()
            await s.is_(LineState.RINGING)
            await s.port.answer()
            await s.port.open_audio()
            await pause(2.0)
            s.modem.wire.take()
            s.modem.line.far_end.hang_up(clue)
            await pause(4.0)
            audio = s.modem.wire.take()
            codes = [audio[at + 1] for at in range(len(audio) - 1) if audio[at] == 0x10]
            for code in codes:
                if code not in (0x10, ord("u")):
                    s.port.on_stream_code(code)
            await s.until(lambda: s.told(kind))
            await s.port.close_audio(b"")
            await s.port.release()

    play(scene)


def test_without_duplex_it_says_so_and_can_still_announce_and_listen() -> None:
    async def scene() -> None:
        async with stage("multitech") as s:
            assert not s.port.capabilities.duplex
            assert s.port.capabilities.caller_id
            s.modem.machine.ring("4951234567")
            await s.until(lambda: s.told(CallerIdReceived))
            await s.port.answer()
            assert s.port.capabilities.announces is Encoding.ALAW
            tone = (b"\xb5" * 4 + b"\x35" * 4) * 1000  # a square of 1 kHz
            began = asyncio.get_running_loop().time()
            await s.port.announce(tone)
            assert asyncio.get_running_loop().time() - began == pytest.approx(1.0, abs=0.3)
            assert s.modem.machine.past_streams[-1].way.value == "to_line"
            heard = s.modem.line.far_end.hears()
            loud = [at for at in range(0, len(heard), 80) if level_dbm0(heard[at : at + 80]) > -20]
            assert len(loud) == pytest.approx(100, abs=3)  # all of it, without a gap
            assert loud[-1] - loud[0] == pytest.approx(8000, abs=240)
            await s.port.open_audio()
            s.modem.machine.keys_heard("5")
            await pause(0.1)
            held = s.modem.wire.take()
            assert b"\x10/\x105\x105\x10~" in held
            for code in b"/55~":
                s.port.on_stream_code(code)
            await s.port.close_audio(b"")
            await s.port.release()
            assert [str(event.digit) for _, event in s.events if hasattr(event, "digit")] == ["5"]

    play(scene)


def test_a_caller_is_heard_between_two_words_and_nothing_is_written_meanwhile() -> None:
    """The stage ends with no violation: +VRX takes end codes alone."""

    async def scene() -> None:
        async with stage("multitech") as s:
            assert s.port.capabilities.records
            s.modem.machine.ring("4951234567")
            await s.until(lambda: s.told(CallerIdReceived))
            await s.port.answer()
            for _ in range(2):
                await s.port.announce(b"\xd5" * 800)
                begun = now()
                audio = await s.port.open_audio()
                assert audio.is_receive_only and audio.encoding is Encoding.ALAW
                s.modem.wire.take()
                s.modem.line.far_end.speaks(Sound((1000.0,), (), -12.0))
                await pause(1.0)
                heard = s.modem.wire.take().replace(b"\x10\x10", b"\x10")
                assert level_at(ALAW.to_samples(heard), 1000.0) == pytest.approx(-18.0, abs=0.5)
                await s.port.close_audio(b"")
                assert now() - begun < 2.0
            await s.port.announce(b"\xd5" * 800)
            await s.port.release()
            said = [stream.way.value for stream in s.modem.machine.past_streams]
            assert said == ["to_line", "from_line"] * 2 + ["to_line"]

    play(scene)


def test_duplex_is_never_for_hearing_alone() -> None:
    async def scene() -> None:
        async with stage() as s:
            assert not s.port.capabilities.records
            await s.port.seize()
            assert not (await s.port.open_audio()).is_receive_only
            await s.port.release()

    play(scene)


def test_a_modem_that_does_not_hear_is_honest_from_then_on() -> None:
    async def scene() -> None:
        refused = (*MODELS["multitech"].refused, "+VRX")
        async with stage("multitech", refused=refused) as s:
            await s.port.seize()
            await fails(s.port.open_audio(), "line.unsupported")
            assert not s.port.capabilities.records
            assert s.port.capabilities.announces is Encoding.ALAW
            await s.port.release()

    play(scene)


def test_an_announcement_ends_when_the_caller_or_the_box_hangs_up() -> None:
    async def scene() -> None:
        async with stage("multitech") as s:
            s.modem.machine.ring("4951234567")
            await s.until(lambda: s.told(CallerIdReceived))
            await s.port.answer()
            saying = asyncio.ensure_future(s.port.announce(b"\xd5" * 80_000))
            await pause(1.0)
            s.modem.line.far_end.hang_up("busy")
            await s.until(lambda: s.told(ProgressReported))
            await s.port.release()
            with pytest.raises(LineError, match=r"line\.aborted"):
                await saying
            assert not s.modem.line.is_off_hook and s.modem.machine.stream is None
            assert s.modem.machine.violations == []

    play(scene)


def test_an_announcement_that_nobody_waits_for_ends_and_the_next_begins() -> None:
    async def scene() -> None:
        async with stage("multitech") as s:
            s.modem.machine.ring("4951234567")
            await s.until(lambda: s.told(CallerIdReceived))
            await s.port.answer()
            saying = asyncio.ensure_future(s.port.announce(b"\xd5" * 80_000))
            await pause(1.0)
            saying.cancel()
            begun = now()
            await s.port.announce(b"\xd5" * 800)
            assert now() - begun < 1.5, "ten seconds were to be said"
            assert s.modem.line.is_off_hook
            await s.port.release()
            said = [stream.way.value for stream in s.modem.machine.past_streams]
            assert said == ["to_line"] * 2 and s.modem.machine.violations == []

    play(scene)


def test_a_modem_that_refuses_duplex_at_last_is_honest_from_then_on() -> None:
    async def scene() -> None:
        async with stage("cx93010", has_duplex=False) as s:
            assert s.port.capabilities.duplex, "as its manual says"
            await s.port.seize()
            await fails(s.port.open_audio(), "line.unsupported")
            assert not s.port.capabilities.duplex
            await s.until(lambda: s.told(PortFault))
            assert [fault.code for fault in s.told(PortFault)] == ["line.no_duplex"]
            await s.port.release()

    play(scene)


def test_a_modem_that_refuses_duplex_at_last_tells_keys_from_then_on() -> None:
    """The media core hears nothing while it speaks: its codes alone say that a key was pressed."""

    async def scene() -> None:
        async with stage("cx93010", has_duplex=False) as s:
            s.modem.machine.ring()
            await s.is_(LineState.RINGING)
            await s.port.answer()
            await fails(s.port.open_audio(), "line.unsupported")
            saying = asyncio.ensure_future(s.port.announce(b"\xd5" * 16000))
            await pause(1.0)
            s.modem.machine.keys_heard("5")
            await saying
            await s.until(lambda: s.told(KeyReported))
            assert [event.digit for event in s.told(KeyReported)] == ["5"]
            await s.port.release()

    play(scene)


async def answer_deaf(s: Stage) -> None:
    """A call is taken, and the modem refuses to let it be heard."""
    whole = s.modem.machine.model
    s.modem.machine.model = replace(whole, refused=(*whole.refused, "+VRX"))
    s.modem.machine.ring()
    await s.is_(LineState.RINGING)
    await s.port.answer()
    await fails(s.port.open_audio(), "line.unsupported")


def test_a_modem_that_refused_to_hear_is_told_of_and_tried_again_when_it_was_unplugged() -> None:
    async def scene() -> None:
        async with stage("multitech") as s:
            whole = s.modem.machine.model
            await answer_deaf(s)
            await s.until(lambda: s.told(PortFault))
            assert [fault.code for fault in s.told(PortFault)] == ["line.no_receive"]
            await s.port.release()
            assert not s.port.capabilities.records
            s.modem.machine.model = whole
            s.modem.vanish()
            await s.is_(LineState.DOWN)
            s.modem.plug_in()
            await s.is_(LineState.IDLE)
            assert s.port.capabilities.records

    play(scene)


def test_a_modem_that_refused_to_hear_once_is_asked_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drivers.modem_v253.port._ASKED_AGAIN_S", 60.0)

    async def scene() -> None:
        async with stage("multitech") as s:
            await answer_deaf(s)
            await s.port.release()
            await pause(50)
            assert not s.port.capabilities.records
            await pause(15)
            assert s.port.capabilities.records

    play(scene)


def test_release_ends_a_stream_that_nobody_closed() -> None:
    async def scene() -> None:
        async with stage() as s:
            await s.port.seize()
            await s.port.open_audio()
            await s.port.release()
            assert s.modem.machine.stream is None and not s.modem.line.is_off_hook
            await s.is_(LineState.IDLE)

    play(scene)


@pytest.mark.parametrize("unread", [b"", b"\r\nOK\r\n"])
def test_a_stream_that_the_modem_ended(unread: bytes) -> None:
    async def scene() -> None:
        async with stage() as s:
            await s.port.seize()
            await s.port.open_audio()
            await pause(0.5)
            s.modem.machine._end_stream()
            await pause(0.1)
            assert s.modem.wire.take().count(b"\x10\x03\r\nOK\r\n") == 1
            begun = now()
            await s.port.close_audio(unread)
            await s.port.release()
            assert now() - begun < 2.5
            assert s.state is LineState.RELEASING and not s.modem.line.is_off_hook
            assert s.told(PortFault) == []

    play(scene)


def test_a_modem_that_wants_its_dle_three_times() -> None:
    async def scene() -> None:
        async with stage("cx93010_pcm") as s:
            for is_first in (True, False):
                await s.port.seize()
                audio = await s.port.open_audio()
                assert audio.encoding is Encoding.U8
                await pause(0.3)
                begun = now()
                await s.port.close_audio(b"")
                assert (now() - begun > 0.3) is is_first, "it is remembered"
                await s.port.release()

    play(scene)
