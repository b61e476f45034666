"""Tests of appliance/legs/guests.py: the self-test's extension can do next to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.errors import UserError
from appliance.legs.guests import LIMIT_S
from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage
from tests.test_control_desk import desk
from tests.test_exchange_trunks import with_trunks

HOST = "192.168.1.1"  # the box's own address, at another port


async def begin(stage: Stage) -> tuple[Party, dict[str, Any]]:
    account = await desk(stage).handle("selftest_begin", {})
    phone = stage.party(account["host"], 5070)
    return phone, account


def test_it_registers_calls_the_echo_test_and_leaves_no_trace() -> None:
    async def play(stage: Stage) -> None:
        phone, account = await begin(stage)
        assert await phone.register(account["number"], account["secret"]) == 200
        before = await desk(stage).handle("status", {})
        session = await phone.call(account["echo_code"])
        assert phone.heard(sip.SessionAnswered)[0].session == session
        assert stage.plane.streams[0].is_echoing, "no words before the echo"
        assert await desk(stage).handle("selftest_end", {}) == {"ended": 1}
        await stage.wait(1)
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert stage.journal.begun == stage.journal.rows == []
        assert stage.bindings.changes == [] and before["registrations"] == 0
        assert before["extensions"] == len(stage.snapshot.document.extensions)
        assert await phone.register(account["number"], account["secret"]) == 401

    on_stage(play, with_trunks("one"))


@pytest.mark.parametrize("number", ["2001", "112", "989031234567", "*82001", "0", "+74951234567"])
def test_it_calls_nobody(number: str) -> None:
    async def play(stage: Stage) -> None:
        phone, account = await begin(stage)
        await stage.phone("2001", "192.168.1.11")
        await phone.register(account["number"], account["secret"])
        session = await phone.call(number)
        assert phone.status_of(session) == 403
        assert stage.plane.opened == []

    on_stage(play, with_trunks("one"))


def test_nobody_calls_it() -> None:
    async def play(stage: Stage) -> None:
        phone, account = await begin(stage)
        await phone.register(account["number"], account["secret"])
        caller = await stage.phone("2001", "192.168.1.11")
        session = await caller.call(account["number"])
        await stage.wait(30)
        assert caller.status_of(session) >= 400
        assert phone.heard(sip.InviteReceived) == []

    on_stage(play, with_trunks("one"))


def test_another_machine_does_not_know_it() -> None:
    async def play(stage: Stage) -> None:
        _, account = await begin(stage)
        stranger = stage.party("192.168.1.66")
        assert await stranger.register(account["number"], account["secret"]) == 401

    on_stage(play, with_trunks("one"))


def test_it_ends_by_itself_and_there_is_one_at_a_time() -> None:
    async def play(stage: Stage) -> None:
        phone, account = await begin(stage)
        with pytest.raises(UserError, match=r"selftest\.busy"):
            await begin(stage)
        await phone.register(account["number"], account["secret"])
        await phone.call(account["echo_code"])
        await stage.wait(LIMIT_S + 1)
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert await desk(stage).handle("selftest_end", {}) == {"ended": 0}
        _, other = await begin(stage)
        assert other["number"] != account["number"] and other["secret"] != account["secret"]

    on_stage(play, with_trunks("one"))
