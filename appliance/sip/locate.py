"""Where to send a request: RFC 3263 §4 as a conversation about DNS.

PURE. ``locate`` is a generator: it yields the questions that it wants answered together, is sent
their answers in the same order, and returns the hops to try one after the other. Random numbers
come from the caller (RFC 2782 weights). net/resolver.py asks the questions of a real DNS.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, ip_address

from appliance.sip.events import Hop, Transport

DEFAULT_PORT = 5060
DEFAULT_TLS_PORT = 5061
_MOST_HOPS = 16
_MOST_SERVERS = 8
_BROADCAST = IPv4Address("255.255.255.255")


class RecordKind(Enum):
    A = "A"
    AAAA = "AAAA"
    SRV = "SRV"
    NAPTR = "NAPTR"


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    kind: RecordKind


@dataclass(frozen=True, slots=True)
class Naptr:
    """RFC 3403 §4.1. replacement: a name without the last dot."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """RFC 2782. target: a name without the last dot; empty = this service is not offered."""

    priority: int
    weight: int
    port: int
    target: str


#: What a question is answered with: records of the question's kind; addresses as text.
Answer = Sequence[Naptr | Srv | str]
#: roll(n): a random number from 0 to n, both included.
Roll = Callable[[int], int]
Conversation = Generator[tuple[Question, ...], Sequence[Answer], list[Hop]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is looked for. port 0 and transport None mean "as DNS says" (RFC 3263 §4.1, §4.2).

    transports and kinds: what we can speak, the preferred one first.
    """

    host: str
    port: int = 0
    transport: Transport | None = None
    transports: tuple[Transport, ...] = (Transport.UDP, Transport.TCP)
    kinds: tuple[RecordKind, ...] = (RecordKind.A, RecordKind.AAAA)


@dataclass(frozen=True, slots=True)
class _Server:
    """A host that offers the service by this transport."""

    transport: Transport
    host: str
    port: int


_SERVICES = {
    "SIP+D2U": Transport.UDP,
    "SIP+D2T": Transport.TCP,
    "SIPS+D2T": Transport.TLS,
}
_SRV_PREFIXES = {
    Transport.UDP: "_sip._udp.",
    Transport.TCP: "_sip._tcp.",
    Transport.TLS: "_sips._tcp.",
}


def locate(target: Target, roll: Roll) -> Conversation:
    """The hops of a target in the order in which they shall be tried (RFC 3263 §4).

    An empty list means that DNS knows no way to it.
    """
    host = target.host.strip("[]").rstrip(".")
    if address := literal(host):
        transport = target.transport or target.transports[0]
        return [Hop(transport, address, target.port or _default_port(transport))]
    if target.port:
        transport = target.transport or target.transports[0]
        servers = [_Server(transport, host, target.port)]
    else:
        servers = yield from _find_servers(target, host, roll)
    return (yield from _find_addresses(servers[:_MOST_SERVERS], target.kinds))


def _find_servers(
    target: Target, host: str, roll: Roll
) -> Generator[tuple[Question, ...], Sequence[Answer], list[_Server]]:
    """NAPTR, then SRV, then the host itself (RFC 3263 §4.1)."""
    names: list[tuple[Transport, str]] = []
    if target.transport is None:
        (answer,) = yield (Question(host, RecordKind.NAPTR),)
        names = naptr_services((r for r in answer if isinstance(r, Naptr)), target.transports)
    wanted = (target.transport,) if target.transport else target.transports
    if not names:
        names = [(t, _SRV_PREFIXES[t] + host) for t in wanted if t in _SRV_PREFIXES]
    answers = yield tuple(Question(name, RecordKind.SRV) for _, name in names)
    servers, is_refused = [], False
    for (transport, _), answer in zip(names, answers, strict=True):
        records = [r for r in answer if isinstance(r, Srv)]
        is_refused = is_refused or any(not r.target for r in records)
        offered = order_srv((r for r in records if r.target), roll)
        servers += [_Server(transport, r.target, r.port) for r in offered]
    if servers or is_refused:
        return servers
    return [_Server(wanted[0], host, _default_port(wanted[0]))]


def naptr_services(
    records: Iterable[Naptr], transports: Sequence[Transport]
) -> list[tuple[Transport, str]]:
    """The services that we can speak, by order and preference: transport and the name of its SRV.

    Only flag "s" leads to SRV records (RFC 3263 §4.1); what we cannot speak is passed over.
    """
    usable = [
        (record.order, record.preference, transport, record.replacement)
        for record in records
        if record.flags.lower() == "s"
        and (transport := _SERVICES.get(record.service.upper())) in transports
        and transport is not None
        and record.replacement
    ]
    usable.sort(key=lambda u: u[:2])
    return [(transport, name) for _, _, transport, name in usable]


def order_srv(records: Iterable[Srv], roll: Roll) -> list[Srv]:
    """Servers by priority, and among equals by chance according to their weights (RFC 2782)."""
    ordered: list[Srv] = []
    by_priority: dict[int, list[Srv]] = {}
    for record in records:
        by_priority.setdefault(record.priority, []).append(record)
    for priority in sorted(by_priority):
        left = sorted(by_priority[priority], key=lambda r: r.weight)  # weight 0 stands first
        while left:
            ordered.append(left.pop(_drawn(left, roll)))
    return ordered


def _drawn(records: Sequence[Srv], roll: Roll) -> int:
    """The first record whose running sum of weights reaches the number rolled."""
    if len(records) == 1:
        return 0
    number = roll(sum(r.weight for r in records))
    running = 0
    for index, record in enumerate(records):
        running += record.weight
        if running >= number:
            return index
    return len(records) - 1


def _find_addresses(
    servers: Sequence[_Server], kinds: Sequence[RecordKind]
) -> Generator[tuple[Question, ...], Sequence[Answer], list[Hop]]:
    """The addresses of each server, in the order of servers and then of kinds."""
    unknown = dict.fromkeys(s.host for s in servers if not literal(s.host))
    questions = tuple(Question(host, kind) for host in unknown for kind in kinds)
    answers = (yield questions) if questions else ()
    found: dict[str, list[str]] = {}
    for question, answer in zip(questions, answers, strict=True):
        addresses = [literal(record) for record in answer if isinstance(record, str)]
        found.setdefault(question.name, []).extend(a for a in addresses if _is_a_hosts(a))
    hops = [
        Hop(server.transport, address, server.port)
        for server in servers
        for address in found.get(server.host) or [literal(server.host)]
        if address
    ]
    return list(dict.fromkeys(hops))[:_MOST_HOPS]


def _default_port(transport: Transport) -> int:
    return DEFAULT_TLS_PORT if transport is Transport.TLS else DEFAULT_PORT


@lru_cache(maxsize=1024)
def literal(host: str) -> str:
    """An IP address as the kernel writes it, so that who answers is known by it; empty for what is
    none. ``2001:DB8:0:0::5`` is ``2001:db8::5`` on the wire (RFC 5952)."""
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


def _is_a_hosts(address: str) -> bool:
    """False for what no host has. A DNS that filters says 0.0.0.0, which would be ourselves."""
    if not address:
        return False
    known = ip_address(address)
    return not (known.is_unspecified or known.is_multicast or known == _BROADCAST)
