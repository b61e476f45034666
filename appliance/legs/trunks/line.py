"""One trunk's line to its provider: resolves, registers, asks by OPTIONS, and knows whether it is
up.

Owns the trunk's hosts, its state and one timer. RFC 3261 §10.2 (REGISTER as a client), RFC 3263
(hosts in order; a dead one goes to the end). What the trunk's calls meet counts too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from appliance.clock import Alarm, Clock
from appliance.config.model import Authentication, Trunk
from appliance.errors import RemoteProtocolError
from appliance.legs.parts import Addresses
from appliance.legs.requests import Requests
from appliance.legs.trunks.requests import Registering, contact_of, question, registration
from appliance.legs.trunks.state import REFRESH_AT, TrunkState, TrunkStatus, why_refused
from appliance.sip.contact import read_expires
from appliance.sip.events import FailureCause, Hop, PlainRequest, ResponseReceived
from appliance.sip.ids import Ids

log = logging.getLogger(__name__)
FIND_S = 1.0  # of a start
_QUALIFY_TIMEOUT_S = 4.0
_REGISTER_TIMEOUT_S = 8.0
_TRIES_TO_REGISTER = 3  # without an answer, while OPTIONS may well be answered
_LONGEST_EXPIRES_S = 86_400
_MAY_BE_CHANCE = ("no_answer", "unreachable", "overloaded")  # one failure alone proves nothing


@dataclass(frozen=True, slots=True)
class KeeperParts:
    """Tools of the keeper. resolve: trunk -> hops in order; changed: tells of up and down."""

    clock: Clock
    ids: Ids
    requests: Requests
    addresses: Addresses
    resolve: Callable[[Trunk], Awaitable[list[Hop]]]
    spawn: Callable[[Awaitable[None]], None]
    changed: Callable[[Trunk, TrunkState], None]
    jitter: Callable[[], float]  # 0..1


async def find_providers(
    trunks: tuple[Trunk, ...],
    resolve: Callable[[Trunk], Awaitable[list[Hop]]],
    found: Callable[[Trunk, list[Hop]], object],
) -> None:
    """Look providers up before calls can come: the first one would find no way out. Of a DNS that
    is slow no more is waited for than FIND_S; the lines ask again."""

    async def find(trunk: Trunk) -> None:
        found(trunk, await resolve(trunk))

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FIND_S):
            await asyncio.gather(*(find(trunk) for trunk in trunks if trunk.is_enabled))


class TrunkLine:
    """One trunk: its hops, its registration, its state."""

    def __init__(self, trunk: Trunk, parts: KeeperParts) -> None:
        self.trunk = trunk
        self.hops: list[Hop] = []
        self.state = TrunkState(changed_at=parts.clock.now())
        self._parts = parts
        self._alarm: Alarm | None = None
        self._call_id = f"{parts.ids.token(96)}@dozvon"
        self._cseq = 0
        self._expires_s = trunk.registration_expires_s
        self._contact = ""  # of the registration that the provider holds
        self._registrar: Hop | None = None  # where we registered last
        self._unanswered_registers = 0
        self._is_closed = False
        self._is_registering = trunk.authentication is Authentication.REGISTRATION

    def start(self) -> None:
        if self._is_registering:
            self.state.status = TrunkStatus.REGISTERING
        self._soon(0.0)

    def close(self) -> None:
        """Forget the trunk; a registration is taken back, best effort."""
        self._is_closed = True
        if self._alarm is not None:
            self._alarm.cancel()
        if self._is_registering and self.state.expires_at > self._parts.clock.now() and self.hops:
            self._send_register(0)

    def hop_failed(self, hop: Hop) -> None:
        """A call found this host dead: the others come first from now on."""
        if hop in self.hops and len(self.hops) > 1:
            self.hops.remove(hop)
            self.hops.append(hop)

    def call_succeeded(self) -> None:
        """A call by this trunk was answered by the provider."""
        self._succeeded(None)

    def call_failed(self, why: str, code: int) -> None:
        """A call by this trunk met silence or a dead socket: it is asked at once whether it lives,
        or believed to be down where nobody may ask."""
        self._failed(why, code)
        if self.state.is_in_doubt:
            self._soon(0.0)

    def network_changed(self) -> None:
        """Addresses or ways of ours are others: ask at once whether this one still leads there. A
        registration that names an old address is made anew."""
        is_sound = self.state.status is TrunkStatus.UP and not self.state.is_in_doubt
        is_worth_it = bool(self.trunk.qualify_s) or not is_sound
        is_refused = self.state.why == "credentials_refused"
        if (is_worth_it and not is_refused) or self._is_moved():
            self._soon(0.0)

    # ---- the round

    def _soon(self, delay_s: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if not self._is_closed:
            self._alarm = self._parts.clock.call_later(delay_s, self._round)

    def _round(self) -> None:
        self._parts.spawn(self._resolve_and_ask())

    async def _resolve_and_ask(self) -> None:
        hops = await self._parts.resolve(self.trunk) or self.hops  # a dead DNS ends no calls
        if self._is_closed:
            return
        if not hops:
            self._failed("dns", 0)
            self._soon(self._retry_s())
            return
        if set(hops) != set(self.hops):
            self.hops = hops
        if self._is_registering and self._registration_is_due():
            self._send_register(self._expires_s)
        elif self.trunk.qualify_s:
            self._send_options()
        elif not self._is_registering:
            self.state.forget_failure(self._parts.clock.now())

    def _registration_is_due(self) -> bool:
        """In doubt OPTIONS asks first: its silence is known sooner, and its answer costs less."""
        is_elsewhere = self._registrar is not None and self._registrar not in self.hops
        if self.state.status is not TrunkStatus.UP or self._is_moved() or is_elsewhere:
            return True
        if self.state.is_in_doubt and self.trunk.qualify_s:
            return False
        left = self.state.expires_at - self._parts.clock.now()
        return left < self._expires_s * (1 - REFRESH_AT) + 1 or self.state.failures > 0

    def _is_moved(self) -> bool:
        """Whether the provider holds an address of ours that is no longer right."""
        return bool(self._contact and self.hops) and self._own_contact() != self._contact

    def _own_contact(self) -> str:
        ours = self._parts.addresses.sip_address(self.hops[0])
        return contact_of(self.trunk, self.trunk.username, ours)

    def _retry_s(self) -> float:
        return self.state.retry_after(self._parts.jitter())

    # ---- REGISTER

    def _send_register(self, expires_s: int) -> None:
        self._cseq += 1
        hop = self.hops[0]
        asked = Registering(
            hop=hop,
            ours=self._parts.addresses.sip_address(hop),
            user=self.trunk.username,
            expires_s=expires_s,
            call_id=self._call_id,
            cseq=self._cseq,
            timeout_s=_REGISTER_TIMEOUT_S,
            old_contact=self._contact if self._is_moved() else "",
        )
        contact = self._own_contact()
        self._cseq += 1  # the endpoint may use one more to answer a challenge
        request = registration(self.trunk, asked)
        self._registrar = hop
        self._ask(request, partial(self._registered, contact) if expires_s else _ignore)

    def _registered(self, contact: str, event: ResponseReceived, round_trip_ms: float) -> None:
        self._unanswered_registers = 0
        response = event.response
        if 200 <= response.status < 300:
            self._contact = contact
            granted = _granted_s(event, self._expires_s)
            self.state.expires_at = self._parts.clock.now() + granted
            self._succeeded(round_trip_ms)
            self._soon(self._next_s(granted * REFRESH_AT))
        elif response.status == 423 and self._asks_longer(response.headers.get("Min-Expires")):
            self._soon(0.0)
        else:
            self._failed(why_refused(response.status), response.status)
            self._soon(self._retry_s())

    def _asks_longer(self, minimum: str | None) -> bool:
        """Obey Min-Expires (RFC 3261 §10.2.8); False when that asks for nothing new."""
        wanted = min(read_expires(minimum or ""), _LONGEST_EXPIRES_S)
        if wanted <= self._expires_s:
            return False
        self._expires_s = wanted
        return True

    def _next_s(self, refresh_s: float) -> float:
        if self.trunk.qualify_s:
            return min(refresh_s, float(self.trunk.qualify_s))
        return refresh_s

    # ---- OPTIONS

    def _send_options(self) -> None:
        host, _ = self._parts.addresses.sip_address(self.hops[0])
        request = question(self.trunk, self.hops[0], host, _QUALIFY_TIMEOUT_S)
        self._ask(request, self._qualified)

    def _qualified(self, event: ResponseReceived, round_trip_ms: float) -> None:
        """Any answer proves life, whatever its status; 503 says the provider cannot serve."""
        if event.response.status == 503:
            self._failed("overloaded", 503)
            self._soon(self._retry_s())
            return
        self._succeeded(round_trip_ms)
        left = self.state.expires_at - self._parts.clock.now()
        refresh = max(1.0, left - self._expires_s * (1 - REFRESH_AT))
        qualify = float(self.trunk.qualify_s)
        self._soon(min(refresh, qualify) if self._is_registering else qualify)

    # ---- outcomes

    def _ask(self, request: PlainRequest, then: Callable[[ResponseReceived, float], None]) -> None:
        asked_at = self._parts.clock.now()

        def done(event: ResponseReceived | None, cause: FailureCause | None) -> None:
            if self._is_closed:
                return
            if event is None:
                self.hop_failed(request.hop)
                self._unanswered_registers += request.method == "REGISTER"
                self._failed("no_answer" if cause is FailureCause.TIMEOUT else "unreachable", 0)
                self._soon(self._retry_s())
            else:
                then(event, (self._parts.clock.now() - asked_at) * 1000)

        self._parts.requests.send(request, done)

    def _succeeded(self, round_trip_ms: float | None) -> None:
        if self.state.succeeded(self._parts.clock.now(), round_trip_ms):
            self._parts.changed(self.trunk, self.state)

    def _failed(self, why: str, code: int) -> None:
        is_asked = self.trunk.qualify_s > 0 and why in _MAY_BE_CHANCE
        may_be_chance = is_asked and self._unanswered_registers < _TRIES_TO_REGISTER
        if self.state.failed(why, code, self._parts.clock.now(), may_be_chance=may_be_chance):
            self._parts.changed(self.trunk, self.state)
            self._soon(self._retry_s())


def _granted_s(event: ResponseReceived, asked_s: int) -> int:
    """What the registrar granted: our Contact's expires, else Expires, else what we asked.

    An answer that cannot be read granted what we asked: the registration must go on all the same.
    """
    try:
        said = [c.params.get("expires") or "" for c in event.response.contacts]
    except RemoteProtocolError:
        said = []
    said.append(event.response.headers.get("Expires") or "")
    granted = next((read_expires(text) for text in said if text), asked_s)
    return max(1, min(granted or asked_s, asked_s))


def _ignore(event: ResponseReceived, round_trip_ms: float) -> None:
    """Nobody waits for this answer."""
