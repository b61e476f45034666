"""Names to hops over a DNS that is fresh, stale, slow or dead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from appliance.net import resolver as module
from appliance.net.dns_answers import DnsRefused
from appliance.net.dns_client import DnsAnswer, DnsDead
from appliance.net.hosts_file import HostsFile
from appliance.net.resolver import DEAD_S, LONGEST_STALE_S, Resolver
from appliance.sip.events import Hop, Transport
from appliance.sip.locate import Question, RecordKind, Srv, Target
from tests.net.kit import HandClock

A, AAAA, SRV = RecordKind.A, RecordKind.AAAA, RecordKind.SRV
T = TypeVar("T")
SITE = Target(host="sip.example", port=5060, kinds=(A,))


class FakeDns:
    """A zone; ``is_dead`` makes it silent, ``gate`` makes it slow, what is ``refused`` is not
    answered."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, RecordKind], DnsAnswer] = {}
        self.asked: list[Question] = []
        self.is_dead = False
        self.refused: set[RecordKind] = set()
        self.gate: asyncio.Event | None = None

    async def ask(self, question: Question) -> DnsAnswer:
        self.asked.append(question)
        if self.gate is not None:
            await self.gate.wait()
        if self.is_dead:
            raise DnsDead("silence")
        if question.kind in self.refused:
            raise DnsRefused("SERVFAIL")
        return self.zone.get((question.name, question.kind), DnsAnswer((), 0.0))


class Bench:
    def __init__(self, tmp_path: Path) -> None:
        self.clock = HandClock()
        self.dns = FakeDns()
        self.hosts = tmp_path / "hosts"
        self.hosts.write_text("192.0.2.50 written.example\n2001:db8::50 written.example\n")
        self.resolver = Resolver(self.clock.now, self.dns, lambda most: 0, HostsFile(self.hosts))

    def point(self, address: str, ttl_s: float = 60.0) -> None:
        self.dns.zone[("sip.example", A)] = DnsAnswer((address,), ttl_s)

    async def address(self, target: Target = SITE) -> str:
        """The first hop's host, or nothing."""
        hops = await self.resolver.resolve(target)
        return hops[0].host if hops else ""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def _run(scenario: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(scenario)


def test_literals_localhost_and_hosts_need_no_dns(bench: Bench) -> None:
    async def scenario() -> None:
        for host, hosts in {
            "192.0.2.1": ["192.0.2.1"],
            "localhost": ["127.0.0.1", "::1"],
            "box.localhost": ["127.0.0.1", "::1"],
            "Written.Example": ["192.0.2.50", "2001:db8::50"],
        }.items():
            hops = await bench.resolver.resolve(Target(host=host))
            assert hops == [Hop(Transport.UDP, h, 5060) for h in hosts]

    _run(scenario())
    assert bench.dns.asked == []


def test_the_whole_way_of_the_rfc(bench: Bench) -> None:
    bench.dns.zone = {
        ("_sip._udp.example.com", SRV): DnsAnswer((Srv(1, 0, 5070, "a.example.com"),), 60),
        ("a.example.com", A): DnsAnswer(("192.0.2.1",), 60),
        ("a.example.com", AAAA): DnsAnswer(("2001:db8::1",), 60),
    }
    hops = _run(bench.resolver.resolve(Target(host="example.com")))
    assert hops == [
        Hop(Transport.UDP, "192.0.2.1", 5070),
        Hop(Transport.UDP, "2001:db8::1", 5070),
    ]


def test_answers_are_remembered_for_their_time(bench: Bench) -> None:
    async def scenario() -> None:
        bench.point("192.0.2.1", ttl_s=60)
        assert await bench.address() == "192.0.2.1"
        bench.point("192.0.2.2", ttl_s=60)
        bench.clock.advance(59)
        assert await bench.address() == "192.0.2.1"
        assert len(bench.dns.asked) == 1
        bench.clock.advance(2)
        assert await bench.address() == "192.0.2.2"

    _run(scenario())


@pytest.mark.parametrize(("ttl_s", "held_s"), [(0, 10), (1, 10), (10**9, 3600)])
def test_times_to_live_are_bounded(bench: Bench, ttl_s: float, held_s: float) -> None:
    async def scenario() -> None:
        bench.point("192.0.2.1", ttl_s)
        await bench.address()
        bench.clock.advance(held_s - 1)
        await bench.address()
        assert len(bench.dns.asked) == 1
        bench.clock.advance(2)
        await bench.address()
        assert len(bench.dns.asked) == 2

    _run(scenario())


def test_that_there_is_nothing_is_remembered_too(bench: Bench) -> None:
    async def scenario() -> None:
        assert await bench.address() == ""
        assert await bench.address() == ""
        assert len(bench.dns.asked) == 1

    _run(scenario())


def test_when_dns_is_dead_the_last_answer_holds(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        bench.point("192.0.2.1")
        await bench.address()
        bench.dns.is_dead = True
        bench.clock.advance(3600)
        with caplog.at_level(logging.WARNING):
            assert await bench.address() == "192.0.2.1"
        assert "DNS does not answer" in caplog.text
        asked = len(bench.dns.asked)
        assert await bench.address() == "192.0.2.1"
        assert len(bench.dns.asked) == asked  # nobody waits for a dead DNS again so soon
        bench.clock.advance(DEAD_S + 1)
        bench.dns.is_dead = False
        bench.point("192.0.2.2")
        assert await bench.address() == "192.0.2.2"

    _run(scenario())


def test_an_answer_of_last_week_is_too_old(bench: Bench) -> None:
    async def scenario() -> None:
        bench.point("192.0.2.1")
        await bench.address()
        bench.dns.is_dead = True
        bench.clock.advance(LONGEST_STALE_S + 100)
        await bench.address()
        assert await bench.address() == ""

    _run(scenario())


def test_an_old_answer_does_not_wait_long_for_a_slow_dns(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STALE_WAIT_S", 0.01)

    async def scenario() -> None:
        bench.point("192.0.2.1")
        await bench.address()
        bench.clock.advance(100)
        bench.dns.gate = asyncio.Event()
        bench.point("192.0.2.2")
        assert await bench.address() == "192.0.2.1"
        bench.dns.gate.set()  # the late answer still counts for the next call
        while await bench.address() != "192.0.2.2":
            await asyncio.sleep(0)

    _run(scenario())


def test_a_dead_dns_is_waited_for_once_in_one_search(bench: Bench) -> None:
    bench.dns.is_dead = True
    assert _run(bench.resolver.resolve(Target(host="example.com"))) == []
    assert [q.kind.value for q in bench.dns.asked] == ["NAPTR"]


def test_a_dns_that_knows_no_srv_is_asked_for_the_address(bench: Bench) -> None:
    """Many a router is so; it is not dead, neither at first nor as long as it is left in peace."""
    target = Target(host="sip.example", transport=Transport.UDP, kinds=(A,))

    async def scenario() -> None:
        bench.dns.refused.add(SRV)
        bench.point("192.0.2.1", ttl_s=20)
        for _ in range(3):
            assert await bench.resolver.resolve(target) == [Hop(Transport.UDP, "192.0.2.1", 5060)]
            bench.clock.advance(DEAD_S - 1)
        assert [q.kind for q in bench.dns.asked] == [SRV, A, SRV]
        bench.dns.is_dead = True
        bench.clock.advance(100)
        assert await bench.resolver.resolve(target) == [Hop(Transport.UDP, "192.0.2.1", 5060)]

    _run(scenario())


def test_many_who_ask_the_same_ask_once(bench: Bench) -> None:
    async def scenario() -> list[str]:
        bench.point("192.0.2.1")
        bench.dns.gate = asyncio.Event()
        waiting = [asyncio.ensure_future(bench.address()) for _ in range(20)]
        while not bench.dns.asked:
            await asyncio.sleep(0)
        waiting[0].cancel()  # one who loses patience does not spoil it for the others
        bench.dns.gate.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        return [w.result() for w in waiting[1:]]

    assert _run(scenario()) == ["192.0.2.1"] * 19
    assert len(bench.dns.asked) == 1


def test_the_memory_is_bounded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 10)

    async def scenario() -> None:
        for n in range(50):
            await bench.resolver.resolve(Target(host=f"h{n}.example", port=1, kinds=(A,)))
            bench.clock.advance(0.1)

    _run(scenario())
    assert len(bench.resolver._known) == 10
    assert Question("h49.example", A) in bench.resolver._known


def test_close_lets_go_of_whoever_is_still_asked(bench: Bench) -> None:
    async def scenario() -> None:
        bench.dns.gate = asyncio.Event()
        waiting = asyncio.ensure_future(bench.address())
        while not bench.dns.asked:
            await asyncio.sleep(0)
        await bench.resolver.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    _run(scenario())
