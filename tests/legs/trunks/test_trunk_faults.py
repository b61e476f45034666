"""Tests of appliance/legs/trunks/line.py on a bad day: silence, loss, a dead DNS, a new address."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from typing import Any

import pytest

from appliance.config.model import Trunk
from appliance.legs.trunks.state import TrunkStatus
from appliance.net.dns_answers import DnsAnswer, DnsDead
from appliance.net.resolver import Resolver
from appliance.sip import events as sip
from appliance.sip.locate import Question, RecordKind, Target
from tests.kit.stage import Party, Stage, on_stage
from tests.legs.trunks.test_trunk_line import HOST, line, on_stage_later, provider, settings, times
from tests.test_exchange_trunks import with_trunks

FOUND_S = 60.0
AFTER_A_FIRST_WHILE_S = 95.0  # somewhere between two questions


async def until(stage: Stage, status: TrunkStatus, within_s: float) -> float:
    """Seconds of virtual time until the trunk has this state."""
    began = stage.now()
    while line(stage).state.status is not status:
        assert stage.now() - began < within_s, f"not {status.value} within {within_s:g} s"
        await stage.wait(0.5, step_s=0.25)
    return stage.now() - began


@pytest.mark.parametrize("authentication", ["registration", "address"])
@pytest.mark.parametrize("lasts_s", [70.0, 1000.0])
@pytest.mark.parametrize("offset_s", [0.0, 12.0, 25.0])
def test_down_is_found_within_a_minute_and_so_is_the_return(
    authentication: str, lasts_s: float, offset_s: float
) -> None:
    """By the factory's settings; the alert is raised once, however long it lasts."""

    async def play(stage: Stage, party: Party) -> None:
        await stage.wait(AFTER_A_FIRST_WHILE_S + offset_s, step_s=0.5)
        assert line(stage).state.status is TrunkStatus.UP
        party.is_silent = True
        took_s = await until(stage, TrunkStatus.DOWN, FOUND_S)
        await stage.wait(lasts_s - took_s, step_s=0.5)
        assert line(stage).state.why == "no_answer"
        party.is_silent = False
        await until(stage, TrunkStatus.UP, FOUND_S)
        assert [alert["key"] for alert in stage.alerts.listed()] == ["trunk_down"]

    document = settings(authentication=authentication)
    del document["trunks"][0]["qualify_s"]
    on_stage_later(play, document, lambda e: (200, ()))


@pytest.mark.parametrize("authentication", ["registration", "address"])
def test_a_line_that_loses_a_third_each_way_does_not_flap(authentication: str) -> None:
    """An hour of 30 % loss: single questions stay unanswered, the state stays."""
    chance = random.Random(4)
    doubts: list[float] = []

    async def play(stage: Stage, party: Party) -> None:
        stage.loses = lambda: chance.random() < 0.3
        for _ in range(3600):
            await stage.wait(1.0, step_s=0.5)
            assert line(stage).state.status is TrunkStatus.UP
            if line(stage).state.is_in_doubt:
                doubts.append(stage.now())

    document = settings(authentication=authentication, qualify_s=30)
    on_stage_later(play, document, lambda e: (200, ()))
    assert doubts, "the loss was felt"


def test_a_registrar_that_died_behind_a_living_proxy_is_found() -> None:
    """OPTIONS is answered, REGISTER is not: that is down, and no calls would come."""

    async def play(stage: Stage, party: Party) -> None:
        party.hears = lambda data: not data.startswith(b"REGISTER")
        await stage.wait(480, step_s=0.5)  # until the refresh
        await until(stage, TrunkStatus.DOWN, FOUND_S)
        party.hears = lambda data: True
        await until(stage, TrunkStatus.UP, FOUND_S)

    on_stage_later(play, settings(qualify_s=30), lambda e: (200, ()))


def test_a_call_that_met_silence_has_the_trunk_asked_at_once() -> None:
    async def play(stage: Stage) -> None:
        phone = await stage.phone("2001", "192.168.1.11")
        first = stage.party("203.0.113.1")

        def hear(event: Any) -> None:
            if isinstance(event, sip.RequestReceived):
                first.endpoint.respond(event.transaction, 200, now=stage.now())

        first.on_event = hear
        stage.party("203.0.113.2")
        await stage.wait(65, step_s=0.5)
        trunk = stage.exchange.trunks.lines["one"]
        assert trunk.state.status is TrunkStatus.UP
        first.is_silent = True
        await phone.call("84951112233")
        await stage.wait(4.5)
        assert trunk.state.is_in_doubt, "one call proves nothing yet"
        await stage.wait(25, step_s=0.25)
        assert trunk.state.status is TrunkStatus.DOWN

    on_stage(play, with_trunks("one", "two") | {"trunks": _asked()})


def _asked() -> list[dict[str, Any]]:
    return [{**trunk, "qualify_s": 600} for trunk in with_trunks("one", "two")["trunks"]]


# ---- names


class MortalDns:
    """Knows one address of the provider, until it dies."""

    def __init__(self) -> None:
        self.address = HOST
        self.is_dead = False
        self.asked = 0

    async def ask(self, question: Question) -> DnsAnswer:
        self.asked += 1
        if self.is_dead:
            raise DnsDead("no server answers")
        records = (self.address,) if question.kind is RecordKind.A else ()
        return DnsAnswer(records, 60.0)


def test_when_dns_dies_calls_go_on_and_a_new_address_is_learned_when_it_is_back() -> None:
    dns = MortalDns()

    async def play(stage: Stage) -> None:
        resolver = Resolver(stage.now, dns)

        async def resolve(trunk: Trunk) -> list[sip.Hop]:
            target = Target(host=trunk.host, port=0, transport=sip.Transport.UDP)
            return await resolver.resolve(target)

        stage.resolve = resolve
        old = provider(stage, lambda e: (200, ()))
        phone = await stage.phone("2001", "192.168.1.11")
        stage.configure(_by_name())
        await stage.wait(2)
        assert line(stage).state.status is TrunkStatus.UP
        dns.is_dead = True
        await stage.wait(5400, step_s=5.0)
        assert line(stage).state.status is TrunkStatus.UP
        assert times(old, "REGISTER") > 8, "renewed by the old address"
        await _call(stage, phone, old)
        dns.is_dead, dns.address = False, "203.0.113.9"
        new = stage.party(dns.address)
        new.on_event = lambda event: _grant(stage, new, event)
        await stage.wait(180, step_s=1.0)
        assert times(new, "REGISTER") and line(stage).state.status is TrunkStatus.UP
        await _call(stage, phone, new)

    on_stage(play, _by_name() | {"trunks": [], "rules": []})


def _by_name() -> dict[str, Any]:
    document = with_trunks("one")
    document["trunks"] = settings(host="sip.provider.example", qualify_s=30)["trunks"]
    document["dids"] = []
    return document


def _grant(stage: Stage, party: Party, event: Any) -> None:
    if isinstance(event, sip.RequestReceived):
        party.endpoint.respond(event.transaction, 200, now=stage.now())


def _call(stage: Stage, phone: Party, party: Party) -> Coroutine[Any, Any, None]:
    async def play() -> None:
        await phone.call("84951112233")
        await stage.wait(0.5)
        await party.answer()
        assert phone.heard(sip.SessionAnswered)
        await party.hang_up(party.ringing)
        phone.events.clear()

    return play()


# ---- addresses of ours


def test_a_new_address_of_ours_is_registered_at_once_and_the_old_one_forgotten() -> None:
    async def play(stage: Stage, party: Party) -> None:
        await stage.wait(10)
        stage.own_host = "192.168.1.77"
        stage.exchange.trunks.network_changed()
        await stage.wait(1)
        contacts = party.last(sip.RequestReceived).request.headers.values("Contact")
        assert contacts == [
            "<sip:office@192.168.1.77:5060>",
            "<sip:office@192.168.1.1:5060>;expires=0",
        ]
        told = times(party, "REGISTER")
        stage.exchange.trunks.network_changed()
        await stage.wait(1)
        assert times(party, "REGISTER") == told, "nothing changed for this trunk"

    on_stage_later(play, settings(qualify_s=30), lambda e: (200, ()))


def test_even_when_nobody_told_the_next_question_notices() -> None:
    async def play(stage: Stage, party: Party) -> None:
        stage.own_host = "192.168.1.77"
        await stage.wait(31, step_s=0.5)
        assert "192.168.1.77" in (
            party.last(sip.RequestReceived).request.headers.get("Contact") or ""
        )

    on_stage_later(play, settings(qualify_s=30), lambda e: (200, ()))


def test_a_trunk_that_is_down_is_asked_again_when_the_network_is_back() -> None:
    """Back-off may have grown to 40 s; the way is there again now."""

    async def play(stage: Stage, party: Party) -> None:
        party.is_silent = True
        await stage.wait(300, step_s=0.5)
        assert line(stage).state.status is TrunkStatus.DOWN
        party.is_silent = False
        stage.exchange.trunks.network_changed()
        await stage.wait(1)
        assert line(stage).state.status is TrunkStatus.UP

    on_stage_later(play, settings(qualify_s=30), lambda e: (200, ()))


def test_whoever_refused_us_is_not_hammered_because_a_cable_is_loose() -> None:
    async def play(stage: Stage, party: Party) -> None:
        asked = times(party, "REGISTER")
        for _ in range(10):
            stage.exchange.trunks.network_changed()
            await stage.wait(1)
        assert times(party, "REGISTER") == asked

    on_stage_later(play, settings(qualify_s=30), lambda e: (403, ()))
