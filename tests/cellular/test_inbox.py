"""Tests of drivers/cellular/inbox.py: messages sent, told and kept, on a modem of the kit."""

from __future__ import annotations

import asyncio

import pytest

from drivers.api import LineError
from drivers.at import AtCommand, AtFinished, Result
from drivers.cellular.inbox import Inbox
from drivers.events import (
    LineEvent,
    PortFault,
    SmsReceived,
)
from tests.cellular.stage import bench, play, ready
from tests.kit.gsm_messages import Arriving, write_deliver
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.virtual_loop import elapse, until

HOUR = 3600.0


def test_parts_that_never_come_are_told_after_a_day_and_can_be_forgotten() -> None:
    pdu = write_deliver(Arriving("+7916", "first", (7, 2, 1)))
    sim = {3: pdu}
    told: list[LineEvent] = []
    clock = [0.0]
    inbox = Inbox(told.append, lambda: clock[0], lambda: 0)

    async def run(command: str | AtCommand) -> AtFinished:
        text = command if isinstance(command, str) else command.text
        lines: tuple[str, ...] = ()
        if text == "AT+CMGL=4":
            lines = tuple(part for slot in sim for part in (f"+CMGL: {slot},1,,40", sim[slot]))
        elif text == "AT+CMGR=3":
            lines = ("+CMGR: 1,,40", sim[3]) if 3 in sim else ()
        elif text == "AT+CMGD=3":
            del sim[3]
        return AtFinished(1, Result.OK, lines, "OK")

    async def scene() -> None:
        for hours in range(24):
            clock[0] = hours * HOUR
            await inbox.read_all(run)
        assert not told
        clock[0] = 24 * HOUR
        await inbox.read_all(run)
        [event] = told
        assert isinstance(event, SmsReceived) and event.text == "first[…]"
        await inbox.read_all(run)
        assert len(told) == 1 and sim
        await inbox.forget(run, event.reference)
        assert not sim

    asyncio.run(scene())


def test_messages_are_sent_in_parts() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            assert await b.port.send_sms("+79161234567", "Тест") == "1"
            assert await b.port.send_sms("+79161234567", "x" * 200) == "2,3"
            assert [m.text for m in b.modem.sent] == ["Тест", "x" * 153, "x" * 47]

    play(scene)


def test_messages_that_cannot_be_sent_say_so() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.faults.refuses_messages = True
            with pytest.raises(LineError, match=r"line\.sms_refused"):
                await b.port.send_sms("112", "x")
            with pytest.raises(LineError, match=r"line\.sms_text"):
                await b.port.send_sms("MTS", "x")
            b.modem.faults.refuses_messages = False
            b.modem.faults.loses_prompt = True
            with pytest.raises(LineError, match=r"line\.timeout"):
                await b.port.send_sms("112", "x")
            assert await b.port.send_sms("112", "after a stuck prompt") == "1"

    play(scene)


def test_messages_are_told_and_deleted_only_when_kept() -> None:
    async def scene() -> None:
        async with ready(Sim7600) as b:
            b.modem.send_in(Arriving("MTS", "Balance 5"))
            b.modem.send_in(Arriving("+7916", "b", (7, 2, 2)))
            await elapse(40)
            b.modem.send_in(Arriving("+7916", "Жук-", (7, 2, 1)))
            await until(lambda: len(b.told(SmsReceived)) == 2)
            first, second = (e for e in b.events if isinstance(e, SmsReceived))
            assert (first.sender, first.text) == ("MTS", "Balance 5")
            assert (second.text, second.sent_at) == ("Жук-b", "2026-11-27T09:30:00+03:00")
            await elapse(60)
            assert len(b.modem.sim.slots) == 3 and len(b.told(SmsReceived)) == 2
            await b.port.forget_sms(second.reference)
            assert list(b.modem.sim.slots) == [1]

    play(scene)


def test_what_was_on_the_sim_is_told_after_a_start_and_a_reused_slot_is_not_deleted() -> None:
    async def scene() -> None:
        modem = QuectelEc25()
        modem.send_in(Arriving("MTS", "old"))
        async with bench(modem) as b:
            await until(lambda: b.told(SmsReceived))
            [event] = b.told(SmsReceived)
            assert isinstance(event, SmsReceived)
            modem.sim.slots.clear()
            modem.send_in(Arriving("MTS", "new in the same slot"))
            await until(lambda: len(b.told(SmsReceived)) == 2)
            await b.port.forget_sms(event.reference)
            assert list(modem.sim.slots) == [1]

    play(scene)


def test_a_message_that_cannot_be_read_is_told_as_a_fault_and_kept() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.send_in("0004")
            await until(lambda: b.told(PortFault))
            assert list(b.modem.sim.slots) == [1]

    play(scene)


def test_what_nobody_has_kept_is_told_again_after_an_hour_and_what_is_kept_is_not() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.send_in(Arriving("MTS", "kept"))
            b.modem.send_in(Arriving("+7916", "a", (7, 2, 1)))
            b.modem.send_in(Arriving("+7916", "b", (7, 2, 2)))
            await until(lambda: len(b.told(SmsReceived)) == 2)
            kept, lost = (e for e in b.events if isinstance(e, SmsReceived))
            await b.port.forget_sms(kept.reference)
            await elapse(3500)
            assert len(b.told(SmsReceived)) == 2
            await elapse(300)
            again = b.told(SmsReceived)[-1]
            assert len(b.told(SmsReceived)) == 3 and isinstance(again, SmsReceived)
            assert (again.text, again.reference) == ("ab", lost.reference)

    play(scene)
