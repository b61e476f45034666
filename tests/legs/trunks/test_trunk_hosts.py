"""A provider of several hosts (RFC 3263 §4.3): the next one when a host is dead or full."""

from __future__ import annotations

import asyncio
from typing import Any

from appliance.config.model import Trunk
from appliance.legs.trunks.line import FIND_S, find_providers
from appliance.sip import events as sip
from tests.kit.office import extension, office, secret_of, trunk
from tests.kit.stage import Party, Stage, on_stage

HOSTS = ("203.0.113.1", "203.0.113.2")
PHONE = "192.168.1.50"


def settings() -> dict[str, Any]:
    way = trunk("a", "provider.test", 0, authentication="address", qualify_s=0)
    document = office(
        extensions=[extension(2001)], trunks=[way | {"source_addresses": list(HOSTS)}]
    )
    return {key: value for key, value in document.items() if key != "format"}


def hops() -> list[sip.Hop]:
    return [sip.Hop(sip.Transport.UDP, host, 5060) for host in HOSTS]


async def dialled(stage: Stage, *, are_silent: bool = False) -> tuple[Party, int, list[Party]]:
    """A call that leaves by the trunk; its hosts."""
    stage.hops["provider.test"] = hops()
    stage.exchange.trunks.configure(())
    stage.exchange.trunks.configure(stage.snapshot.document.trunks)
    await stage.settle()
    hosts = [stage.party(host) for host in HOSTS]
    for host in hosts:
        host.is_silent = are_silent
    phone = await stage.phone("2001", PHONE, secret_of("2001"))
    session = await phone.call("989031234567")
    await stage.settle()
    return phone, session, hosts


def test_the_first_call_after_a_start_finds_the_hosts() -> None:
    """It may come before the loop has turned once; a provider's call is known as his, too."""

    async def answered(trunk: Trunk) -> list[sip.Hop]:
        return hops()

    async def play(stage: Stage) -> None:
        phone = await stage.phone("2001", PHONE, secret_of("2001"))
        provider = stage.party(HOSTS[0])
        stage.hops["provider.test"] = hops()
        keeper, trunks = stage.exchange.trunks, stage.snapshot.document.trunks
        keeper.configure(())
        await find_providers(trunks, answered, keeper.found)
        keeper.configure(trunks)
        assert keeper.lines["a"].hops == hops()
        assert keeper.trunk_of_host(HOSTS[1]) == list(trunks)
        session = await phone.call("989031234567")
        await provider.answer()
        assert phone.last(sip.SessionAnswered).session == session

    on_stage(play, settings())


def test_a_start_does_not_wait_for_a_dns_that_is_silent() -> None:
    async def silence(trunk: Trunk) -> list[sip.Hop]:
        await asyncio.Event().wait()
        return []

    async def play(stage: Stage) -> None:
        found: list[Trunk] = []
        began = stage.now()
        trunks = stage.snapshot.document.trunks
        await find_providers(trunks, silence, lambda trunk, hops: found.append(trunk))
        assert stage.now() - began <= FIND_S + 0.1
        assert found == []

    on_stage(play, settings())


def test_a_full_host_hands_over_to_the_next() -> None:
    async def play(stage: Stage) -> None:
        phone, session, (first, second) = await dialled(stage)
        await first.reject(503)
        await second.answer()
        assert phone.last(sip.SessionAnswered).session == session
        assert stage.exchange.trunks.lines["a"].state.status.value != "down"

    on_stage(play, settings())


def test_a_dead_host_hands_over_and_comes_last_from_then_on() -> None:
    async def play(stage: Stage) -> None:
        phone, session, (first, second) = await dialled(stage)
        first.is_silent = True
        stage.endpoint.transport_failed(hops()[0], stage.now())
        await stage.settle()
        await second.answer()
        assert phone.last(sip.SessionAnswered).session == session
        assert stage.exchange.trunks.lines["a"].hops == [hops()[1], hops()[0]]

    on_stage(play, settings())


def test_silence_is_told_to_the_line() -> None:
    async def play(stage: Stage) -> None:
        await dialled(stage, are_silent=True)
        await stage.wait(4.5)
        state = stage.exchange.trunks.lines["a"].state
        assert (state.status.value, state.why) == ("down", "no_answer")
        await stage.wait(10)
        assert state.status.value == "unknown"

    on_stage(play, settings())
