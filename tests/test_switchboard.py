"""Tests of appliance/switchboard.py: what whole calls in test_exchange.py do not show."""

from __future__ import annotations

import logging

import pytest

import appliance
from appliance.call.call import Call
from appliance.call.inputs import CallInput, CallOutput
from appliance.call.leg import Cause
from appliance.errors import LocalProtocolError
from appliance.sip import events as sip
from tests.kit.stage import Stage, on_stage
from tests.test_exchange import office


async def talk(stage: Stage) -> None:
    a = await stage.phone("2001", "192.168.1.11")
    b = await stage.phone("2002", "192.168.1.12")
    await a.call("2002")
    await b.answer()


def test_a_call_s_way_through_its_states_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def play(stage: Stage) -> None:
        await talk(stage)
        stage.exchange.switchboard.hang_up_all(Cause.NORMAL)
        await stage.wait(1)

    with caplog.at_level(logging.INFO, "appliance.switchboard"):
        on_stage(play, office())
    (line,) = [r.getMessage() for r in caplog.records if r.name == "appliance.switchboard"]
    assert "routing > hunting > connected > " in line
    assert line.endswith("finished")


@pytest.mark.skipif(appliance.IS_COMPILED, reason="compiled rooms take no foreign defect")
def test_a_defect_in_one_call_releases_it_and_no_other(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(stage: Stage) -> None:
        await talk(stage)
        c = await stage.phone("2003", "192.168.1.13")
        d = await stage.phone("2004", "192.168.1.14")
        session = await c.call("2004")
        await d.answer()
        broken, sound = stage.exchange.live.by_ref.values()

        handle = Call.handle

        def fail(call: Call, item: CallInput, now: float) -> list[CallOutput]:
            if call is broken.call:
                raise LocalProtocolError("a defect of ours")
            return handle(call, item, now)

        monkeypatch.setattr(Call, "handle", fail)
        stage.exchange.switchboard.hang_up(broken.call.call_ref, Cause.NORMAL)
        await stage.wait(1)
        assert list(stage.exchange.live.by_ref.values()) == [sound]
        for host in ("192.168.1.11", "192.168.1.12"):
            assert stage.parties[(host, 5060)].heard(sip.SessionEnded)
        assert len(stage.plane.streams) == 2
        await c.hang_up(session)
        assert stage.plane.streams == []
        assert len(stage.journal.rows) == 2

    on_stage(play, office())
    assert "our own defect" in caplog.text


def test_a_call_that_is_not_there_cannot_be_ended() -> None:
    async def play(stage: Stage) -> None:
        assert not stage.exchange.switchboard.hang_up("nothing", Cause.NORMAL)
        assert stage.exchange.switchboard.hang_up_all(Cause.NORMAL) == 0

    on_stage(play, office())
