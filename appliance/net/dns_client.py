"""One question to the DNS servers of this machine, over dnspython.

Owns the list of servers, read again from /etc/resolv.conf when it changed. Never blocks the loop.
resolver.py remembers the answers and copes with a dead DNS.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from appliance.net.dns_answers import DnsAnswer, DnsDead, DnsRefused
from appliance.sip.locate import Naptr, Question, RecordKind, Srv

__all__ = ["DnsAnswer", "DnsClient", "DnsDead"]

_TIMEOUT_S = 2.0
_ONE_SERVER_S = 1.0


class DnsClient:
    """Asks the machine's servers, or those given as (address, port)."""

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] = (),
        config: Path | str = "/etc/resolv.conf",
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._servers = tuple(servers)
        self._config = config
        self._timeout_s = timeout_s
        self._stamp = -1
        self._resolver = dns.asyncresolver.Resolver(configure=False)

    async def ask(self, question: Question) -> DnsAnswer:
        """Raises DnsDead when nobody answers within the time, DnsRefused when somebody will not."""
        self._refresh()
        try:
            name = dns.name.from_text(question.name)
        except (dns.exception.DNSException, UnicodeError):
            return DnsAnswer((), 0.0)
        try:
            answer = await self._resolver.resolve(
                name,
                question.kind.value,
                lifetime=self._timeout_s,
                raise_on_no_answer=False,
                search=False,
            )
        except dns.resolver.NXDOMAIN as error:
            return DnsAnswer((), _negative_ttl(error.kwargs["responses"].values()))
        except dns.resolver.NoNameservers as error:
            kind = DnsRefused if _has_answered(error) else DnsDead
            raise kind(f"{question.name} {question.kind.value}: {error}") from error
        except (dns.exception.DNSException, OSError) as error:
            raise DnsDead(f"{question.name} {question.kind.value}: {error}") from error
        if answer.rrset is None:
            return DnsAnswer((), _negative_ttl([answer.response]))
        records = tuple(_read(question.kind, record) for record in answer.rrset)
        return DnsAnswer(records, float(answer.rrset.ttl))

    def _refresh(self) -> None:
        """Take the servers of now: DHCP or a person may have changed them."""
        stamp = 0 if self._servers else _modified(self._config)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        resolver = dns.asyncresolver.Resolver(configure=False)
        if self._servers:
            resolver.nameservers = [
                dns.nameserver.Do53Nameserver(host, port) for host, port in self._servers
            ]
        else:
            try:
                resolver.read_resolv_conf(str(self._config))
            except (dns.exception.DNSException, OSError):
                resolver.nameservers = []
        resolver.timeout = _ONE_SERVER_S
        self._resolver = resolver


def _modified(path: Path | str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _has_answered(error: dns.resolver.NoNameservers) -> bool:
    """Whether a server said anything at all; each error is (server, tcp, port, what, response)."""
    return any(len(said) > 4 and said[4] is not None for said in error.kwargs.get("errors", ()))


def _negative_ttl(responses: Iterable[dns.message.Message]) -> float:
    """RFC 2308 §5: the SOA of the denial says how long it holds."""
    for response in responses:
        for rrset in response.authority:
            if rrset.rdtype == dns.rdatatype.SOA:
                return float(min(rrset.ttl, rrset[0].minimum))
    return 0.0


def _read(kind: RecordKind, record: Any) -> Naptr | Srv | str:
    if kind is RecordKind.SRV:
        return Srv(record.priority, record.weight, record.port, _bare(record.target))
    if kind is RecordKind.NAPTR:
        return Naptr(
            record.order,
            record.preference,
            record.flags.decode("ascii", "replace"),
            record.service.decode("ascii", "replace"),
            _bare(record.replacement),
        )
    return str(record.address)


def _bare(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True) if name != dns.name.root else ""
