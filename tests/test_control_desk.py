"""Tests of appliance/control_desk.py: what the control socket is told of a living exchange."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import appliance
from appliance.control_desk import ControlDesk, DeskParts
from appliance.errors import UserError
from appliance.lines.desk import LinesDesk, LinesDeskParts
from appliance.options import RunOptions
from appliance.selftest_desk import SelfTestDesk
from appliance.sip import events as sip
from drivers.api import PortKind
from tests.kit.lines import ScriptedDevice, ScriptedPort
from tests.kit.noted import NotedMessages
from tests.kit.stage import Stage, on_stage
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks


def desk(stage: Stage, reloaded: list[int | None] | None = None) -> ControlDesk:
    exchange = stage.exchange

    async def reload(revision: int | None) -> int:
        (reloaded if reloaded is not None else []).append(revision)
        return 7

    return ControlDesk(
        DeskParts(
            options=RunOptions(data=Path("data"), rtp_ports=(20000, 20999)),
            clock=exchange.parts.clock,
            started=exchange.parts.clock.now(),
            snapshot=lambda: stage.snapshot,
            reload=reload,
            live=exchange.live,
            switchboard=exchange.switchboard,
            registrations=exchange.registrations,
            trunks=exchange.trunks,
            trial=exchange.trial,
            selftest=SelfTestDesk(exchange.guests, exchange.live, exchange.switchboard),
            lines=LinesDesk(
                LinesDeskParts(
                    lambda: stage.snapshot, exchange.lines, exchange.live, NotedMessages()
                )
            ),
            alerts=stage.alerts,
            gate=exchange.gate,
            forgive=exchange.forgive,
            listeners=lambda: [("udp", "192.168.1.1", 5060)],
            own_host=exchange.parts.addresses.own_host,
            alive=exchange.alive,
        )
    )


async def talk(stage: Stage) -> None:
    a = await stage.phone("2001", "192.168.1.11")
    b = await stage.phone("2002", "192.168.1.12")
    await a.call("2002")
    await b.answer()


def test_status_counts_what_there_is() -> None:
    async def play(stage: Stage) -> None:
        keeper = desk(stage)
        await talk(stage)
        await stage.wait(3)
        status = await keeper.handle("status", {})
        assert (status["calls"], status["registrations"], status["extensions"]) == (1, 2, 4)
        assert status["uptime_s"] == pytest.approx(3, abs=0.2)
        assert status["is_compiled"] is appliance.IS_COMPILED
        assert status["sip"] == [{"transport": "udp", "host": "192.168.1.1", "port": 5060}]
        assert status["host"] == "192.168.1.1"
        assert status["rtp_ports"] == [20000, 20999]
        assert [t["name"] for t in status["trunks"]] == ["one"]
        assert status["alive"]["legs"] == 2

    on_stage(play, with_trunks("one"))


def test_a_call_is_shown_while_it_lives_and_ended_by_its_name() -> None:
    async def play(stage: Stage) -> None:
        keeper = desk(stage)
        await talk(stage)
        await stage.wait(2)
        (call,) = (await keeper.handle("calls", {}))["calls"]
        assert (call["state"], call["caller"], call["dialled"]) == ("connected", "2001", "2002")
        assert call["answered_by"] == "extension 2002"
        assert call["talk_s"] == pytest.approx(2, abs=0.2)
        assert [leg["role"] for leg in call["legs"]] == ["originating", "terminating"]
        assert await keeper.handle("hangup", {"call_ref": call["call_ref"]}) == {"ended": 1}
        await stage.wait(1)
        assert (await keeper.handle("calls", {}))["calls"] == []
        for party in stage.parties.values():
            assert len(party.heard(sip.SessionEnded)) == 1
        with pytest.raises(UserError, match=r"hangup\.no_such_call"):
            await keeper.handle("hangup", {"call_ref": call["call_ref"]})
        assert await keeper.handle("hangup", {"all": True}) == {"ended": 0}

    on_stage(play, with_trunks("one"))


def test_every_extension_has_a_row_and_a_why() -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", "192.168.1.11")
        rows = (await desk(stage).handle("registrations", {}))["registrations"]
        shown = {row["extension"]: (row["is_reachable"], row["why"]) for row in rows}
        assert shown == {
            "2001": (True, ""),
            "2002": (False, "never_seen"),
            "2003": (False, "never_seen"),
            "2004": (False, "disabled"),
        }
        absent = {"never_seen": ["2002", "2003"], "disabled": ["2004"]}
        told = await desk(stage).handle("reachability", {})
        assert told == {"reachable": 1, "absent": absent}
        assert rows[0]["source"] == "192.168.1.11:5060"
        assert 0 < rows[0]["expires_in_s"] <= 600

    document = with_trunks("one")
    document["extensions"][3]["is_enabled"] = False
    on_stage(play, document)


def test_one_phone_of_two_is_enough_to_be_called() -> None:
    async def play(stage: Stage) -> None:
        keeper, registrar = desk(stage), stage.exchange.registrations.registrar
        for number, host in (("2001", "11"), ("2001", "12"), ("2002", "13")):
            await stage.phone(number, f"192.168.1.{host}")
        for number in ("2001", "2002"):
            key = registrar.bindings(number)[0].key
            registrar.qualified(key, None, "no_answer", stage.exchange.parts.clock.wall())
        told = await keeper.handle("reachability", {})
        assert (told["reachable"], told["absent"]["no_answer"]) == (1, ["2002"])

    on_stage(play, office())


def test_explain_is_what_a_call_would_do_now() -> None:
    async def play(stage: Stage) -> None:
        keeper = desk(stage)
        asked = {"number": "2002", "from": "2001"}
        assert (await keeper.handle("explain", asked))["verdict"] == "refuse"
        await stage.phone("2002", "192.168.1.12")
        assert (await keeper.handle("explain", asked))["verdict"] == "route"
        with pytest.raises(UserError, match=r"explain\.bad_time"):
            await keeper.handle("explain", asked | {"at": "soon"})

    on_stage(play, with_trunks("one"))


@pytest.mark.parametrize(
    ("args", "revision"), [({}, None), ({"revision": 3}, 3), ({"revision": "x"}, None)]
)
def test_reload(args: dict[str, Any], revision: int | None) -> None:
    async def play(stage: Stage) -> None:
        reloaded: list[int | None] = []
        assert await desk(stage, reloaded).handle("reload", args) == {"applied": 7}
        assert reloaded == [revision]

    on_stage(play, with_trunks("one"))


def test_trunks_in_the_order_of_the_settings() -> None:
    async def play(stage: Stage) -> None:
        rows = (await desk(stage).handle("trunks", {}))["trunks"]
        assert [(r["name"], r["state"], r["max_calls"]) for r in rows] == [
            ("one", "unknown", 10),
            ("two", "unknown", 10),
        ]

    on_stage(play, with_trunks("one", "two"))


def test_an_operation_that_is_not_known() -> None:
    async def play(stage: Stage) -> None:
        with pytest.raises(UserError, match=r"control\.unknown_operation"):
            await desk(stage).handle("format_disk", {})

    on_stage(play, with_trunks("one"))


def test_bans_are_shown_and_lifted() -> None:
    async def play(stage: Stage) -> None:
        keeper = desk(stage)
        assert (await keeper.handle("bans", {}))["bans"] == []
        thief = stage.party("203.0.113.66")
        for _ in range(10):
            await thief.register("2001", "guess")
        (ban,) = (await keeper.handle("bans", {}))["bans"]
        assert (ban["kind"], ban["address"], ban["account"]) == ("place", "203.0.113.66", "2001")
        assert await keeper.handle("unban", {"name": "203.0.113.66"}) == {"lifted": 1}
        assert await thief.register("2001", "Secret-of-the-phone") == 200
        for args in ({"name": "203.0.113.66"}, {}):
            with pytest.raises(UserError, match=r"unban\.nothing"):
                await keeper.handle("unban", args)

    on_stage(play, with_trunks("one"))


def test_spending_is_told_for_everybody_while_they_talk() -> None:
    async def play(stage: Stage) -> None:
        keeper = desk(stage)
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await a.call("84951112233")
        await provider.answer()
        await stage.wait(90, step_s=0.5)
        told = await keeper.handle("spending", {})
        first, second = told["spending"][:2]
        assert (first["extension"], first["calls"], first["calls_last_hour"]) == ("2001", 1, 1)
        assert first["minutes_today"] == pytest.approx(1.5, abs=0.1)
        assert first["max_calls_per_hour"] == 60  # the class's
        assert (second["calls"], second["minutes_today"]) == (0, 0.0)
        assert told["box"]["calls"] == 1
        explained = await keeper.handle("explain", {"number": "84951112233", "from": "2001"})
        assert "limit.longest" in [reason["key"] for reason in explained["reasons"]]

    on_stage(play, with_trunks("one"))


def test_a_telephone_on_a_wire_is_a_phone_of_its_extension() -> None:
    async def play(stage: Stage) -> None:
        stage.lines.devices["sim:a"] = ScriptedDevice(ScriptedPort(0, PortKind.FXS))
        line = {"name": "desk", "kind": "fxs", "device": "sim:a", "extension": "2001"}
        stage.configure(office() | {"lines": [line]})
        await stage.settle()
        rows = (await desk(stage).handle("registrations", {}))["registrations"]
        (row,) = [row for row in rows if row["extension"] == "2001"]
        assert (row["transport"], row["source"]) == ("wire", "desk")
        assert row["is_reachable"] is True and row["why"] == ""
        told = await desk(stage).handle("reachability", {})
        assert told["reachable"] == 1 and "2001" not in told["absent"]["never_seen"]

    on_stage(play, office())
