"""Tests of appliance/legs/trunks/trial.py: settings are tried, and no trunk in force notices."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.legs.trunks.state import TrunkStatus
from appliance.legs.trunks.trial import LIMIT_S
from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage
from tests.legs.trunks.test_trunk_line import (
    HOST,
    contact,
    line,
    on_stage_later,
    provider,
    settings,
)
from tests.test_control_desk import desk


def given(**more: Any) -> dict[str, Any]:
    (trunk,) = settings(secret="Kq7-zzP3-mmvv2-9Tb", name="new", **more)["trunks"]
    return dict(trunk)


async def tried(stage: Stage, **more: Any) -> dict[str, Any]:
    """The answer of the control socket, with virtual time passing until it is there."""
    task = stage.loop.create_task(desk(stage).handle("try_trunk", {"trunk": given(**more)}))
    began = stage.now()
    while not task.done() and stage.now() - began < LIMIT_S + 2:
        await stage.wait(0.1)
    assert stage.now() - began < LIMIT_S + 1
    return task.result()


def steps(found: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(step["key"], step["ok"]) for step in found["steps"]]


def expires(party: Party) -> list[str | None]:
    registers = [e.request for e in party.heard(sip.RequestReceived)]
    return [r.headers.get("Expires") for r in registers if r.method == "REGISTER"]


def test_a_good_account_is_registered_and_taken_back() -> None:
    async def play(stage: Stage) -> None:
        party = provider(stage, lambda e: (200, ()))
        found = await tried(stage)
        assert (found["state"], found["why"], found["status"]) == ("up", "", 0)
        assert found["round_trip_ms"] is not None
        assert steps(found) == [
            ("resolved", True),
            ("answered", True),
            ("registered", True),
            ("taken_back", True),
        ]
        assert expires(party) == ["60", "0"]
        contacts = {contact(e) for e in party.heard(sip.RequestReceived)} - {""}
        assert len(contacts) == 1 and "trial-" in contacts.pop()
        assert stage.exchange.trunks.lines == {}
        await stage.wait(300)
        assert len(expires(party)) == 2, "nothing is kept alive"

    on_stage(play, {})


@pytest.mark.parametrize(
    ("status", "why"),
    [(403, "credentials_refused"), (404, "account_unknown"), (503, "overloaded"), (500, "refused")],
)
def test_a_refusal_says_why(status: int, why: str) -> None:
    async def play(stage: Stage) -> None:
        provider(stage, lambda e: (status if e.request.method == "REGISTER" else 200, ()))
        found = await tried(stage)
        assert (found["state"], found["why"], found["status"]) == ("down", why, status)
        assert steps(found)[1:] == [("answered", True), ("registered", False)]
        assert found["steps"][-1]["detail"].startswith(str(status))
        assert stage.alerts.listed() == []

    on_stage(play, {})


def test_an_interval_that_is_too_brief_is_made_longer() -> None:
    def answer(event: sip.RequestReceived) -> tuple[int, tuple[tuple[str, str], ...]]:
        asked = int(event.request.headers.get("Expires") or 9999)
        return (423, (("Min-Expires", "1800"),)) if 0 < asked < 1800 else (200, ())

    async def play(stage: Stage) -> None:
        party = provider(stage, answer)
        assert (await tried(stage))["state"] == "up"
        assert expires(party) == ["60", "1800", "0"]

    on_stage(play, {})


@pytest.mark.parametrize("authentication", ["registration", "address"])
def test_silence_is_told_in_time(authentication: str) -> None:
    async def play(stage: Stage) -> None:
        provider(stage, lambda e: (200, ())).is_silent = True
        stage.hops[HOST] = [sip.Hop(sip.Transport.UDP, HOST, port) for port in (5060, 5061, 5062)]
        found = await tried(stage, authentication=authentication)
        assert (found["state"], found["why"]) == ("down", "no_answer")
        assert ("answered", False) in steps(found)

    on_stage(play, {})


def test_the_second_host_serves_when_the_first_is_dead() -> None:
    async def play(stage: Stage) -> None:
        provider(stage, lambda e: (200, ()))
        stage.hops[HOST] = [
            sip.Hop(sip.Transport.UDP, host, 5060) for host in ("203.0.113.9", HOST)
        ]
        found = await tried(stage)
        assert found["state"] == "up"
        assert steps(found)[-1] == ("taken_back", True)

    on_stage(play, {})


def test_a_name_without_an_address() -> None:
    async def play(stage: Stage) -> None:
        stage.hops[HOST] = []
        found = await tried(stage)
        assert (found["state"], found["why"]) == ("down", "dns")
        assert steps(found) == [("resolved", False)]

    on_stage(play, {})


@pytest.mark.parametrize(("status", "state"), [(200, "up"), (404, "up"), (503, "down")])
def test_a_trunk_by_address_is_only_asked(status: int, state: str) -> None:
    async def play(stage: Stage) -> None:
        party = provider(stage, lambda e: (status, ()))
        assert (await tried(stage, authentication="address"))["state"] == state
        assert expires(party) == []

    on_stage(play, {})


def test_the_account_of_a_live_trunk_is_only_asked_what_stands() -> None:
    async def play(stage: Stage, party: Party) -> None:
        before = len(expires(party))
        found = await tried(stage)
        assert found["state"] == "up" and steps(found)[-1] == ("recognized", True)
        assert expires(party)[before:] == [None], "no Contact, no Expires: nothing changes"
        assert line(stage).state.status is TrunkStatus.UP

    on_stage_later(play, settings(), lambda e: (200, ()))
