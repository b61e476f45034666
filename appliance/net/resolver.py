"""Names to hops: RFC 3263 over a DNS that may be slow, wrong or dead.

Owns the memory of DNS answers. Their time to live is kept within bounds; when DNS is dead, what was
known last is used (RFC 8767), because a call by an old address is better than no call. Literal
addresses, ``localhost`` and /etc/hosts need no DNS at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from appliance.net.dns_answers import Dns, DnsDead, DnsRefused
from appliance.net.hosts_file import HostsFile
from appliance.sip.events import Hop
from appliance.sip.locate import Answer, Question, RecordKind, Roll, Target, locate

log = logging.getLogger(__name__)
SHORTEST_TTL_S = 10.0
LONGEST_TTL_S = 3600.0
LONGEST_STALE_S = 7 * 86400.0
DEAD_S = 10.0  # after a failure nobody waits for DNS again before this
_STALE_WAIT_S = 1.0  # how long a fresh answer is waited for when an old one is at hand
_MOST_REMEMBERED = 2000
_LOOPBACK = {RecordKind.A: ("127.0.0.1",), RecordKind.AAAA: ("::1",)}


@dataclass(slots=True)
class _Known:
    """An answer, until when it is fresh, and until when DNS is not asked again; is_refused: it was
    there, and would not say this."""

    records: Answer
    learned_at: float
    fresh_until: float
    quiet_until: float = 0.0
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a question brought; is_dead: from memory, because DNS did not answer."""

    records: Answer
    is_dead: bool = False


class Resolver:
    """``await resolve(target)``: where to send, the best first; empty = no way is known."""

    def __init__(
        self,
        now: Callable[[], float],
        dns: Dns | None = None,
        roll: Roll | None = None,
        hosts: HostsFile | None = None,
    ) -> None:
        self._dns = dns
        self._now = now
        self._roll = roll or (lambda most: random.randint(0, most))
        self._hosts = hosts or HostsFile()
        self._known: dict[Question, _Known] = {}
        self._is_dead = False  # as far as the log is concerned: told once, not every 10 s
        self._asking: dict[Question, asyncio.Task[Answer | None]] = {}

    async def resolve(self, target: Target) -> list[Hop]:
        """The hops of a target in the order to try them (RFC 3263 §4); never raises."""
        conversation = locate(target, self._roll)
        is_dead = False
        try:
            questions = next(conversation)
            while True:
                heard = await asyncio.gather(*(self._ask(q, is_dead) for q in questions))
                is_dead = is_dead or any(h.is_dead for h in heard)
                questions = conversation.send([h.records for h in heard])
        except StopIteration as done:
            hops: list[Hop] = done.value
            return hops

    async def close(self) -> None:
        """Ask no more."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- one question

    async def _ask(self, question: Question, is_dead: bool) -> _Heard:
        """is_dead: an earlier question of this conversation showed it, so nobody waits again."""
        local = self._known_locally(question)
        if local is not None:
            return _Heard(local)
        now = self._now()
        known = self._known.get(question)
        if known is not None and (now < known.fresh_until or now < known.quiet_until):
            return _Heard(known.records, now >= known.fresh_until and not known.is_refused)
        old = known.records if known is not None else ()
        if is_dead:
            return _Heard(old, True)
        task = self._asking.get(question)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._learn(question))
            self._asking[question] = task
        fresh = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STALE_WAIT_S if old else None):
                fresh = await asyncio.shield(task)
        if fresh is not None:
            return _Heard(fresh)
        known = self._known.get(question)
        return _Heard(old, known is None or not known.is_refused)

    def _known_locally(self, question: Question) -> Answer | None:
        """What needs no DNS: localhost (RFC 6761 §6.3) and /etc/hosts; None = ask."""
        name = _host_of(question.name)
        is_address = question.kind in _LOOPBACK
        if name == "localhost" or name.endswith(".localhost"):
            return _LOOPBACK.get(question.kind, ())
        written = self._hosts.addresses(name)
        if not written:
            return None
        return _of_kind(written, question.kind) if is_address else ()

    async def _learn(self, question: Question) -> Answer | None:
        """Ask DNS and remember; None when it is dead, or will not say this."""
        try:
            answer = await self._client().ask(question)
        except DnsRefused as error:
            log.info("DNS will not answer: %s", error)
            self._note_silence(question, is_refused=True)
            return None
        except DnsDead as error:
            if not self._is_dead:
                log.warning("DNS does not answer, what was known last is used: %s", error)
            self._is_dead = True
            self._note_silence(question, is_refused=False)
            return None
        finally:
            self._asking.pop(question, None)
        if self._is_dead:
            log.info("DNS answers again")
        self._is_dead = False
        now = self._now()
        ttl_s = min(max(answer.ttl_s, SHORTEST_TTL_S), LONGEST_TTL_S)
        self._remember(question, _Known(answer.records, now, now + ttl_s))
        return answer.records

    def _client(self) -> Dns:
        """The DNS library is loaded with the first question."""
        if self._dns is None:
            from appliance.net.dns_client import DnsClient

            self._dns = DnsClient()
        return self._dns

    def _note_silence(self, question: Question, *, is_refused: bool) -> None:
        now = self._now()
        known = self._known.get(question)
        if known is None or now - known.learned_at > LONGEST_STALE_S:
            known = _Known((), now, 0.0)
            self._remember(question, known)
        known.quiet_until = now + DEAD_S
        known.is_refused = is_refused

    def _remember(self, question: Question, known: _Known) -> None:
        if len(self._known) >= _MOST_REMEMBERED and question not in self._known:
            oldest = min(self._known, key=lambda q: self._known[q].learned_at)
            del self._known[oldest]
        self._known[question] = known


def _host_of(name: str) -> str:
    """The host that a question is about: the name without ``_sip._udp.`` and the like."""
    labels = name.rstrip(".").lower().split(".")
    while labels and labels[0].startswith("_"):
        del labels[0]
    return ".".join(labels)


def _of_kind(addresses: Iterable[str], kind: RecordKind) -> tuple[str, ...]:
    version = 4 if kind is RecordKind.A else 6
    return tuple(a for a in addresses if ip_address(a.partition("%")[0]).version == version)
