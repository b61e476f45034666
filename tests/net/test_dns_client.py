"""The DNS client against a small server of our own on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from appliance.net.dns_answers import DnsRefused
from appliance.net.dns_client import DnsAnswer, DnsClient, DnsDead
from appliance.sip.locate import Naptr, Question, RecordKind, Srv

_ZONE = {
    ("sip.example.", "A"): (300, ["192.0.2.1", "192.0.2.2"]),
    ("sip.example.", "AAAA"): (60, ["2001:db8::1"]),
    ("_sip._udp.example.", "SRV"): (30, ["10 60 5070 a.example.", "20 0 0 ."]),
    ("example.", "NAPTR"): (20, ['50 50 "s" "SIP+D2U" "" _sip._udp.example.']),
    ("alias.example.", "A"): (9, ["192.0.2.9"]),
}
_DENIAL = "example. 900 IN SOA ns.example. admin.example. 1 2 3 4 77"


class Server(asyncio.DatagramProtocol):
    """Answers from _ZONE; silent for names with ``silent`` in them."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name, kind = str(query.question[0].name), query.question[0].rdtype.name
        if "silent" in name:
            return
        response = dns.message.make_response(query)
        if "broken" in name:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found := _ZONE.get((name, kind)):
            response.answer.append(dns.rrset.from_text(name, found[0], "IN", kind, *found[1]))
        else:
            owner, ttl, *rest = _DENIAL.split(" ", 4)
            response.authority.append(dns.rrset.from_text(owner, int(ttl), "IN", "SOA", rest[-1]))
            if not any(owner == name for owner, _ in _ZONE):
                response.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(response.to_wire(), address)


def _with_server(scenario: Callable[[DnsClient], Awaitable[None]]) -> None:
    async def whole() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        try:
            await scenario(DnsClient([("127.0.0.1", port)], timeout_s=0.3))
        finally:
            transport.close()

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("sip.example", RecordKind.A, DnsAnswer(("192.0.2.1", "192.0.2.2"), 300.0)),
        ("sip.example", RecordKind.AAAA, DnsAnswer(("2001:db8::1",), 60.0)),
        (
            "_sip._udp.example",
            RecordKind.SRV,
            DnsAnswer((Srv(10, 60, 5070, "a.example"), Srv(20, 0, 0, "")), 30.0),
        ),
        (
            "example",
            RecordKind.NAPTR,
            DnsAnswer((Naptr(50, 50, "s", "SIP+D2U", "_sip._udp.example"),), 20.0),
        ),
        ("sip.example", RecordKind.SRV, DnsAnswer((), 77.0)),  # the name is there, this is not
        ("nowhere.example", RecordKind.A, DnsAnswer((), 77.0)),
        ("a" * 70 + ".example", RecordKind.A, DnsAnswer((), 0.0)),  # no name at all
        ("bad..example", RecordKind.A, DnsAnswer((), 0.0)),
    ],
)
def test_answers(name: str, kind: RecordKind, answer: DnsAnswer) -> None:
    async def scenario(client: DnsClient) -> None:
        heard = await client.ask(Question(name, kind))
        assert (set(heard.records), heard.ttl_s) == (set(answer.records), answer.ttl_s)

    _with_server(scenario)


@pytest.mark.parametrize("name", ["silent.example", "broken.example"])
def test_no_answer_is_a_dead_dns(name: str) -> None:
    async def scenario(client: DnsClient) -> None:
        with pytest.raises(DnsDead, match=name):
            await client.ask(Question(name, RecordKind.A))

    _with_server(scenario)


@pytest.mark.parametrize(
    ("name", "is_refused"), [("silent.example", False), ("broken.example", True)]
)
def test_who_says_that_he_cannot_answer_is_there(name: str, is_refused: bool) -> None:
    async def scenario(client: DnsClient) -> None:
        with pytest.raises(DnsDead) as caught:
            await client.ask(Question(name, RecordKind.SRV))
        assert isinstance(caught.value, DnsRefused) is is_refused

    _with_server(scenario)


def test_a_machine_without_dns_servers_is_told_at_once(tmp_path: Path) -> None:
    for config in (tmp_path / "none", tmp_path / "empty"):
        with pytest.raises(DnsDead) as caught:
            asyncio.run(DnsClient(config=config).ask(Question("sip.example", RecordKind.A)))
        assert not isinstance(caught.value, DnsRefused)
        (tmp_path / "empty").write_text("# nothing\n")
