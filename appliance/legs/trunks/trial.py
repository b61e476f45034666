"""A trunk's settings tried before they are saved: resolve, ask, register, take it back.

Owns nothing that lasts. No live trunk is touched: the trial's Contact has a user part of its own,
and where a live trunk has the same account, nothing is registered but only asked what stands (RFC
3261 §10.2.3), which proves the credentials just the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from appliance.config.model import Authentication, Trunk
from appliance.legs.trunks.line import KeeperParts, TrunkLine
from appliance.legs.trunks.requests import Registering, question, registration
from appliance.legs.trunks.state import why_refused
from appliance.sip.contact import read_expires
from appliance.sip.events import FailureCause, Hop, PlainRequest, ResponseReceived

LIMIT_S = 8.0
_ANSWER_S = 2.5  # of one host; with a resolver's second and two hosts, within the limit
_MOST_HOPS = 2
_EXPIRES_S = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. key: ``resolved answered registered recognized taken_back``."""

    key: str
    is_ok: bool
    detail: str = ""


@dataclass(slots=True)
class Finding:
    """What a trial found. why: key as of a trunk's state; status: SIP figure behind it, or 0."""

    is_up: bool = False
    why: str = ""
    status: int = 0
    round_trip_ms: float | None = None
    steps: list[Step] = field(default_factory=list)

    def note(self, key: str, is_ok: bool, detail: str = "") -> None:
        self.steps.append(Step(key, is_ok, detail))

    def failed(self, why: str, status: int = 0) -> None:
        self.is_up, self.why, self.status = False, why, status

    def shown(self) -> dict[str, Any]:
        """As the control socket tells it (docs/control.md)."""
        return {
            "state": "up" if self.is_up else "down",
            "why": self.why,
            "status": self.status,
            "round_trip_ms": self.round_trip_ms,
            "steps": [{"key": s.key, "ok": s.is_ok, "detail": s.detail} for s in self.steps],
        }


@dataclass(frozen=True, slots=True)
class _Heard:
    """An answer, or the cause that there is none."""

    event: ResponseReceived | None
    cause: FailureCause | None
    took_ms: float

    @property
    def status(self) -> int:
        return self.event.response.status if self.event is not None else 0

    @property
    def words(self) -> str:
        response = self.event.response if self.event is not None else None
        return f"{response.status} {response.reason}"[:80] if response is not None else ""

    @property
    def why_none(self) -> str:
        return "no_answer" if self.cause is FailureCause.TIMEOUT else "unreachable"


class TrunkTrial:
    """Tries trunks that are not in force. lines: those that are, by name."""

    def __init__(self, parts: KeeperParts, lines: Mapping[str, TrunkLine]) -> None:
        self._parts = parts
        self._lines = lines

    async def run(self, trunk: Trunk) -> Finding:
        """What comes of this trunk now; never longer than LIMIT_S."""
        finding = Finding()
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._try(trunk, finding)
        except TimeoutError:
            finding.failed("no_answer" if finding.steps else "dns")
            if not finding.steps:
                finding.note("resolved", False)
        return finding

    async def _try(self, trunk: Trunk, finding: Finding) -> None:
        hops = (await self._parts.resolve(trunk))[:_MOST_HOPS]
        finding.note("resolved", bool(hops), ", ".join(f"{h.host}:{h.port}" for h in hops))
        if not hops:
            finding.failed("dns")
            return
        for hop in hops:
            await self._ask_host(trunk, hop, finding)
            if finding.is_up or finding.status:
                return

    async def _ask_host(self, trunk: Trunk, hop: Hop, finding: Finding) -> None:
        """OPTIONS and REGISTER side by side: many a provider ignores OPTIONS."""
        host, _ = self._parts.addresses.sip_address(hop)
        asking = self._ask(question(trunk, hop, host, _ANSWER_S))
        if trunk.authentication is Authentication.REGISTRATION:
            heard, steps = await asyncio.gather(asking, self._register(trunk, hop, finding))
        else:
            heard, steps = await asking, []
            _judge(finding, heard, heard.status not in (0, 503))
        if heard.event is not None:
            finding.round_trip_ms = heard.took_ms
        answered = Step("answered", heard.status not in (0, 503), heard.words)
        finding.steps += [answered, *steps]

    async def _register(self, trunk: Trunk, hop: Hop, finding: Finding) -> list[Step]:
        is_live = any(_is_same_account(trunk, line.trunk) for line in self._lines.values())
        asked = Registering(
            hop=hop,
            ours=self._parts.addresses.sip_address(hop),
            user=f"trial-{self._parts.ids.token(48)}",
            expires_s=None if is_live else _EXPIRES_S,
            call_id=f"{self._parts.ids.token(96)}@dozvon",
            cseq=1,
            timeout_s=_ANSWER_S,
        )
        heard = await self._ask(registration(trunk, asked))
        if heard.status == 423:
            asked = _changed(asked, _longer(heard), asked.cseq + 2)
            heard = await self._ask(registration(trunk, asked))
        is_ok = 200 <= heard.status < 300
        _judge(finding, heard, is_ok)
        if heard.event is not None:
            finding.round_trip_ms = heard.took_ms
        steps = [Step("recognized" if is_live else "registered", is_ok, heard.words)]
        if is_ok and not is_live:
            back = await self._ask(registration(trunk, _changed(asked, 0, asked.cseq + 2)))
            steps.append(Step("taken_back", 200 <= back.status < 300, back.words))
        return steps

    async def _ask(self, request: PlainRequest) -> _Heard:
        clock = self._parts.clock
        asked_at = clock.now()
        answer: asyncio.Future[_Heard] = asyncio.get_running_loop().create_future()

        def done(event: ResponseReceived | None, cause: FailureCause | None) -> None:
            if not answer.done():
                answer.set_result(_Heard(event, cause, (clock.now() - asked_at) * 1000))

        self._parts.requests.send(request, done)
        return await answer


def _is_same_account(one: Trunk, other: Trunk) -> bool:
    return (one.host, one.username) == (other.host, other.username)


def _changed(asked: Registering, expires_s: int, cseq: int) -> Registering:
    """The next REGISTER of the same trial; a challenge may have used one CSeq more."""
    return replace(asked, expires_s=expires_s, cseq=cseq)


def _longer(heard: _Heard) -> int:
    """The Min-Expires of a 423 (RFC 3261 §10.2.8)."""
    said = heard.event.response.headers.get("Min-Expires") if heard.event is not None else None
    return read_expires(said or "")


def _judge(finding: Finding, heard: _Heard, is_ok: bool) -> None:
    if is_ok:
        finding.is_up, finding.why, finding.status = True, "", 0
    else:
        finding.failed(why_refused(heard.status) if heard.status else heard.why_none, heard.status)
