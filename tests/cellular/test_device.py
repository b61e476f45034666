"""Tests of drivers/cellular/device.py, port.py and radio.py: a modem that comes, sulks and goes."""

from __future__ import annotations

import pytest

from drivers.api import LineError, PortKind
from drivers.events import (
    CallerIdReceived,
    LineBack,
    LineLost,
    LineState,
    PortFault,
    SmsReceived,
)
from tests.cellular.stage import MAKERS, bench, play, ready
from tests.kit.gsm_messages import Arriving
from tests.kit.gsm_modem import GsmModem
from tests.kit.gsm_profiles import QuectelEc25
from tests.kit.virtual_loop import elapse, until


@MAKERS
def test_a_modem_is_started_and_known(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with bench(kind()) as b:
            await until(lambda: b.told(LineBack))
            health = b.port.health
            assert (health.state, health.operator) == (LineState.IDLE, "Beeline")
            assert health.serial_number == "866758040000017"
            assert health.firmware == kind.firmware
            assert health.figures["signal_dbm"] == -73
            assert b.port.kind is PortKind.CELLULAR and b.port.capabilities.duplex
            assert b.device.info.model == kind.model

    play(scene)


def test_without_a_network_there_is_no_line_and_then_there_is() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.registration = 2
            b.modem.tell("+CREG: 2")
            await until(lambda: b.told(LineLost))
            assert b.port.health.state is LineState.DOWN
            with pytest.raises(LineError, match=r"line\.lost"):
                await b.port.dial("112")
            b.modem.registration = 5
            b.modem.tell('+CREG: 5,"1A2B","0102",7')
            await until(lambda: b.told(LineBack))
            await elapse(20)
            assert b.port.health.figures["roaming"] == 1.0
            assert len(b.events) == 2

    play(scene)


@MAKERS
def test_a_pulled_modem_loses_its_call_and_works_five_seconds_after_it_is_back(
    kind: type[GsmModem],
) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(1)
            b.plug.unplug()
            await until(lambda: b.told(LineLost), 1.0)
            assert b.words() == ["answered", "released"]
            await b.port.release()
            await elapse(60)
            assert len(b.told(LineLost)) == 1 and b.port.health.state is LineState.DOWN
            b.plug.plug()
            await until(lambda: b.told(LineBack), 5.0)
            await b.port.dial("112")

    play(scene)


@pytest.mark.parametrize("news", ["", "+CPIN: NOT READY", "+CPIN: NOT INSERTED"])
@MAKERS
def test_a_card_taken_out_in_service_is_missed_and_no_network_blamed(
    kind: type[GsmModem], news: str
) -> None:
    """Told by the modem at once; by a modem that says nothing of its card within its next round."""

    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.pull_card(news)
            await until(lambda: b.port.health.detail == "line.sim_missing", 3.0 if news else 20.0)
            await until(lambda: b.port.health.state is LineState.FAULT, 5.0)
            assert [fault.code for fault in b.told(PortFault)] == ["line.sim_missing"]
            await elapse(60)
            assert len(b.told(PortFault)) == 1
            b.modem.put_card()
            await until(lambda: b.told(LineBack), 40.0)
            await b.port.dial("112")

    play(scene)


def test_a_modem_that_does_not_answer_any_more_is_opened_anew() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.faults.is_deaf = True
            await until(lambda: b.told(LineLost), 30.0)
            b.modem.faults.is_deaf = False
            await until(lambda: b.told(LineBack), 30.0)

    play(scene)


@MAKERS
def test_a_modem_that_starts_by_itself_is_set_up_anew(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.commands.clear()
            b.modem.tell("RDY")
            await until(lambda: b.told(LineLost), 2.0)
            await until(lambda: b.told(LineBack), 5.0)
            assert "AT+CLIP=1" in b.modem.commands and "AT+CMGF=0" in b.modem.commands
            assert [type(event) for event in b.events] == [LineLost, LineBack]
            await elapse(60)
            assert len(b.events) == 2

    play(scene)


@MAKERS
def test_news_glued_and_between_is_heard(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.send_in(Arriving("A", "one"))
            b.modem.sim.slots[9] = b.modem.sim.slots[1]
            b.modem.faults.news_between = ["RING", '+CLIP: "+7916",145,,,,0', '+CMTI: "SM",9']
            await until(lambda: len(b.told(SmsReceived)) == 2 and b.told(CallerIdReceived))

    play(scene)
