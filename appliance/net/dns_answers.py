"""What DNS says to the resolver: records that hold for a time, or nothing at all.

Owns nothing. Apart from dns_client.py, so that a box whose configuration holds no name never loads
a DNS library (40 ms of its start, 4 MB of its memory).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from appliance.sip.locate import Naptr, Question, Srv


class DnsDead(Exception):
    """No server gave an answer: silence, refusal or SERVFAIL."""


class DnsRefused(DnsDead):
    """A server is there, and will not answer this: many a router knows no SRV, but knows A."""


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """Records, and for how long they hold (seconds). No records: there are none, for so long."""

    records: tuple[Naptr | Srv | str, ...]
    ttl_s: float


class Dns(Protocol):
    """Who can be asked; raises DnsDead."""

    async def ask(self, question: Question) -> DnsAnswer: ...
