"""Tests of drivers/cellular/call_desk.py: calls on a modem of the kit."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from drivers.api import LineError
from drivers.events import (
    CallerIdReceived,
    CallerIdStatus,
    KeyReported,
    LineState,
    ProgressReported,
    RingStarted,
    RingStopped,
)
from tests.cellular.stage import MAKERS, play, ready
from tests.kit.gsm_modem import GsmModem
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.virtual_loop import elapse, until


@MAKERS
@pytest.mark.parametrize("is_split", [False, True])
def test_a_call_comes_is_taken_and_ended_by_the_far_end(
    kind: type[GsmModem], is_split: bool
) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.faults.writes_bytes_one_by_one = is_split
            b.modem.call_in("+79161234567")
            await until(lambda: b.told(CallerIdReceived))
            shown = b.told(CallerIdReceived)[0]
            assert isinstance(shown, CallerIdReceived)
            assert (shown.record.number, shown.record.source) == ("+79161234567", "clip")
            assert b.port.health.state is LineState.RINGING
            await b.port.answer()
            assert b.port.health.state is LineState.TALKING
            await elapse(12)
            b.modem.hear_key("5")  # type: ignore[attr-defined]
            await b.port.send_key("#", 100)
            b.modem.far_hangs_up()
            await until(lambda: b.words() == ["released"])
            await b.port.release()
            assert b.port.health.state is LineState.IDLE
            assert b.modem.keys_sent == "#"
            assert [type(e) for e in b.events] == [
                RingStarted,
                CallerIdReceived,
                KeyReported,
                ProgressReported,
            ]

    play(scene)


@MAKERS
def test_a_caller_gives_up_or_hides(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.call_in("+79160000009", is_withheld=True)
            await elapse(11)
            b.modem.far_hangs_up()
            await until(lambda: b.told(RingStopped))
            assert [type(e) for e in b.events] == [RingStarted, CallerIdReceived, RingStopped]
            shown = b.events[1]
            assert isinstance(shown, CallerIdReceived)
            assert shown.record.status is CallerIdStatus.WITHHELD and not shown.record.number

    play(scene)


@MAKERS
def test_a_call_goes_out(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("+74951234567")
            assert b.port.health.state is LineState.DIALLING
            await elapse(1)
            b.modem.far_alerts()
            await elapse(4)
            b.modem.far_answers()
            await until(lambda: b.words() == ["ringback", "answered"])
            await elapse(30)
            await b.port.release()
            assert b.modem.call is None and b.port.health.state is LineState.IDLE
            assert b.words() == ["ringback", "answered"]

    play(scene)


def test_a_quectel_gets_its_audio_in_the_same_line_as_the_call() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(1)
            await b.port.release()
            b.modem.call_in("112")
            await until(lambda: b.told(RingStarted))
            await b.port.answer()
            dialled, answered = [c for c in b.modem.commands if "QPCMV=1,0;" in c]
            assert dialled == "AT+QPCMV=0;+QPCMV=1,0;D112;"
            assert answered == "AT+QPCMV=0;+QPCMV=1,0;A"

    play(scene)


def test_a_simcom_gets_its_audio_a_second_after_the_answer() -> None:
    async def scene() -> None:
        async with ready(Sim7600) as b:
            b.modem.commands.clear()
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(0.9)
            assert not b.modem.is_audio_on
            await elapse(0.2)
            assert b.modem.is_audio_on
            await b.port.release()
            assert not b.modem.is_audio_on
            orders = [c for c in b.modem.commands if "CPCMREG" in c or c.startswith("ATD")]
            assert orders == ["AT+CPCMREG=0", "ATD112;", "AT+CPCMREG=1", "AT+CPCMREG=0"]

    play(scene)


@MAKERS
def test_busy_is_told(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("112")
            await elapse(1)
            b.modem.faults.forgets_call_news = True
            b.modem.tell("BUSY")
            await until(b.words)
            assert b.words() == ["busy"]

    play(scene)


@MAKERS
def test_a_call_that_no_news_tells_of_is_found_by_asking(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.faults.forgets_call_news = True
            await b.port.dial("112")
            await elapse(0.5)
            b.modem.far_answers()
            await until(lambda: b.words() == ["answered"], 2.5)
            b.modem.far_hangs_up()
            await until(lambda: b.words() == ["answered", "released"], 4.5)

    play(scene)


def test_dialling_into_a_ringing_line_is_glare_and_a_rejected_call_ends() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.call_in("+7916")
            await until(lambda: b.told(RingStarted))
            with pytest.raises(LineError, match=r"line\.glare"):
                await b.port.dial("112")
            await b.port.release()
            assert b.modem.call is None
            assert b.port.health.state is LineState.IDLE

    play(scene)


def test_a_new_call_is_told_once_the_old_one_was_let_go() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(1)
            b.modem.far_hangs_up()
            await until(lambda: "released" in b.words())
            b.modem.call_in("+79165550000")
            await elapse(1)
            assert not b.told(RingStarted)
            await b.port.release()
            await until(lambda: b.told(CallerIdReceived))
            assert b.modem.call is not None
            await b.port.answer()
            assert b.port.health.state is LineState.TALKING

    play(scene)


@pytest.mark.parametrize("number", ["", "abc", "1;+CFUN=0", "12\r34", "1" * 33])
def test_what_is_no_number_is_not_dialled(number: str) -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            with pytest.raises(LineError, match=r"line\.number"):
                await b.port.dial(number)

    play(scene)


def test_many_seeds_of_delays_and_splits_give_the_same_story() -> None:
    async def scene() -> None:
        for delay_s, is_split in itertools.product((0.0, 0.02, 0.3), (False, True)):
            async with ready(QuectelEc25) as b:
                b.modem.faults.answer_delay_s = delay_s
                b.modem.faults.writes_bytes_one_by_one = is_split
                await b.port.dial("112")
                await elapse(1)
                b.modem.far_answers()
                await until(lambda b=b: "answered" in b.words())  # type: ignore[misc]
                assert await b.port.send_sms("112", "during a call") == "1"
                b.modem.far_hangs_up()
                await until(lambda b=b: "released" in b.words())  # type: ignore[misc]
                await b.port.release()
                assert b.words() == ["answered", "released"]

    play(scene)


@MAKERS
@pytest.mark.parametrize("is_answered", [True, False])
def test_a_call_hung_up_while_a_message_is_sent_ends_as_soon_as_the_modem_listens(
    kind: type[GsmModem], is_answered: bool
) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("+79160000000")
            if is_answered:
                b.modem.far_answers()
                await elapse(2)
            b.modem.faults.loses_prompt = True  # the network takes its time with a message
            sms = asyncio.ensure_future(b.port.send_sms("+79161234567", "hello"))
            await elapse(1)
            await b.port.release()
            assert b.port.health.state is LineState.RELEASING
            with pytest.raises(LineError, match=r"line\.busy"):
                await b.port.dial("112")
            await asyncio.gather(sms, return_exceptions=True)
            await until(lambda: b.port.health.state is LineState.IDLE)
            assert b.modem.call is None

    play(scene)


@MAKERS
def test_a_call_given_up_before_its_turn_is_never_dialled(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.faults.loses_prompt = True
            sms = asyncio.ensure_future(b.port.send_sms("+79161234567", "hello"))
            await elapse(1)
            call = asyncio.ensure_future(b.port.dial("+79160000000"))
            await elapse(5)
            call.cancel()
            await b.port.release()
            await asyncio.gather(sms, call, return_exceptions=True)
            await until(lambda: b.port.health.state is LineState.IDLE)
            await elapse(5)
            assert not [command for command in b.modem.commands if "D+7916" in command]

    play(scene)


@MAKERS
def test_a_second_caller_who_gives_up_ends_nothing_and_the_call_is_hung_up(
    kind: type[GsmModem],
) -> None:
    waits, ends = {
        QuectelEc25: (
            ['+QIND: "ccinfo",2,1,5,0,0,"+7999",145'],
            ["^DSCI: 2,1,6,0,+7999,145", '+QIND: "ccinfo",2,1,-1,0,0,"+7999",145'],
        ),
        Sim7600: (
            ['+CLCC: 2,1,5,0,0,"+7999",145'],
            ["MISSED_CALL: 11:22AM +7999", "VOICE CALL: END: 000000", "NO CARRIER"],
        ),
    }[kind]

    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.call_in("+79161234567")
            await until(lambda: b.told(CallerIdReceived))
            await b.port.answer()
            await elapse(3)
            for line in waits:
                b.modem.tell(line)
            await elapse(1)
            for line in ends:
                b.modem.tell(line)
            await elapse(10)
            assert b.words() == [] and b.port.health.state is LineState.TALKING
            await b.port.release()
            assert b.modem.call is None and b.port.health.state is LineState.IDLE

    play(scene)


@MAKERS
def test_the_end_of_our_call_is_told_though_a_second_caller_waits(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.call_in("+79161234567")
            await until(lambda: b.told(CallerIdReceived))
            await b.port.answer()
            await elapse(3)
            b.modem.tell('+QIND: "ccinfo",2,1,5,0,0,"+7999",145')
            b.modem.far_hangs_up()
            await elapse(1)
            assert b.words() == ["released"]

    play(scene)


@MAKERS
def test_a_call_that_was_told_to_be_over_and_is_not_is_hung_up(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.call_in("+79161234567")
            await until(lambda: b.told(CallerIdReceived))
            await b.port.answer()
            await elapse(3)
            b.modem.tell("NO CARRIER")
            await until(lambda: b.words() == ["released"])
            assert b.modem.call is not None
            await b.port.release()
            assert b.modem.call is None and b.port.health.state is LineState.IDLE

    play(scene)
