"""Tests of drivers/cellular/inbox.py: what waits for a day (the rest: test_device.py)."""

from __future__ import annotations

import asyncio

from drivers.at import AtCommand, AtFinished, Result
from drivers.cellular.inbox import Inbox
from drivers.events import LineEvent, SmsReceived
from tests.kit.gsm_messages import Arriving, write_deliver

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
