"""The registrar's shell: REGISTER in, bindings kept on disk, phones asked whether they are there.

Owns the Registrar (pure) and the qualify round (OPTIONS to every phone). A phone that never
answered an OPTIONS is not called dead for it: some field phones ignore OPTIONS altogether. RFC
3261 §10.3.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from appliance.clock import Alarm
from appliance.config.model import Extension
from appliance.legs.parts import LegParts
from appliance.legs.phone import bracket
from appliance.legs.requests import Requests
from appliance.sip.binding import ChangeKind, why_refused
from appliance.sip.events import FailureCause, Hop, PlainRequest, RequestReceived, ResponseReceived
from appliance.sip.registrar import Binding, Change, Outcome, Registrar

log = logging.getLogger(__name__)
KEEP_ALIVE_S = 25.0  # under the 30 s that the shortest UDP mappings of routers live
_QUALIFY_TIMEOUT_S = 4.0
_SWEEP_S = 5.0
_CLOCK_STEP_S = 2.0


class BindingStore(Protocol):
    """Where bindings outlive the process (store/registrations.py)."""

    def apply(self, changes: tuple[Change, ...]) -> object: ...


class Registrations:
    """All phones of the office."""

    def __init__(
        self, registrar: Registrar, store: BindingStore, parts: LegParts, requests: Requests
    ) -> None:
        self.registrar = registrar
        self._store = store
        self._parts = parts
        self._requests = requests
        self._alarm: Alarm | None = None
        self._asked_at: dict[str, float] = {}
        self._answered: set[str] = set()
        #: Told by how many seconds the wall clock jumped.
        self.on_clock_stepped: Callable[[float], None] = lambda step_s: None
        #: Told of every phone that has registered, again or for the first time.
        self.on_registered: Callable[[Binding], None] = lambda binding: None
        #: Told of every extension whose phones came, went, or can or cannot be reached.
        self.on_changed: Callable[[str], None] = lambda extension: None
        self._offset = parts.clock.wall() - parts.clock.now()

    def start(self) -> None:
        self._sweep()

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    # ---- REGISTER

    def register(self, event: RequestReceived, extension: Extension) -> Outcome:
        """Apply one authenticated REGISTER; returns the answer it gets."""
        self._follow_clock()  # its time shall be counted on the clock of now
        outcome = self.registrar.register(
            event.request,
            extension.number,
            event.source,
            max_bindings=extension.max_bindings,
            now=self._parts.clock.wall(),
        )
        self._keep(outcome.changes)
        for change in outcome.changes:
            if change.kind in (ChangeKind.ADDED, ChangeKind.REFRESHED):
                self.on_registered(change.binding)
        return outcome

    def connection_lost(self, connection: int) -> None:
        """A stream closed: phones that can only be reached by it are gone."""
        self._keep(self.registrar.connection_lost(connection))

    def forget_strangers(self, extensions: Iterable[str]) -> None:
        """Drop the phones of numbers that the configuration no longer has."""
        self._keep(self.registrar.retain(frozenset(extensions)))

    # ---- look-ups

    def bindings(self, extension: str) -> tuple[Binding, ...]:
        return self.registrar.bindings(extension)

    def binding(self, key: str) -> Binding | None:
        return self.registrar.binding(key)

    def binding_at(self, extension: str, source: Hop) -> Binding | None:
        """The phone of this number that sits at this address."""
        for binding in self.registrar.bindings(extension):
            if binding.hop.host == source.host and binding.hop.port == source.port:
                return binding
        return None

    def way_to(self, extension: str, contact_uri: str) -> Hop | None:
        """Where the phone with this Contact has registered from, the latest way if there are
        several."""
        phones = [b for b in self.bindings(extension) if b.contact_uri == contact_uri]
        return max(phones, key=lambda b: b.expires_at).hop if phones else None

    def reachable(self) -> Mapping[str, tuple[str, ...]]:
        """extension -> keys of its reachable phones in ring order (routing.LiveState.bindings)."""
        return _Reachable(self.registrar)

    # ---- qualify

    def _sweep(self) -> None:
        self._alarm = self._parts.clock.call_later(_SWEEP_S, self._sweep)
        self._follow_clock()
        now, wall = self._parts.clock.now(), self._parts.clock.wall()
        self._keep(self.registrar.expire(wall))
        site = self._parts.snapshot().document.site
        for binding in self.registrar.all():
            every = min(KEEP_ALIVE_S, site.qualify_s) if binding.is_behind_nat else site.qualify_s
            first = now - every * (hash(binding.key) % 97) / 97  # spread the first round
            if now - self._asked_at.setdefault(binding.key, first) >= every:
                self._asked_at[binding.key] = now
                self._ask(binding, now)

    def _follow_clock(self) -> None:
        """The wall clock jumped (first NTP answer, a person): bindings live on as they were."""
        offset = self._parts.clock.wall() - self._parts.clock.now()
        step = offset - self._offset
        if abs(step) > _CLOCK_STEP_S:
            log.warning("the clock jumped by %.0f s", step)
            self._offset = offset
            self._keep(self.registrar.clock_stepped(step))
            self.on_clock_stepped(step)

    def _ask(self, binding: Binding, asked_at: float) -> None:
        host, port = self._parts.addresses.sip_address(binding.hop)
        request = PlainRequest(
            method="OPTIONS",
            uri=binding.contact_uri,
            hop=binding.hop,
            from_uri=f"sip:qualify@{bracket(host)}:{port}",
            to_uri=binding.contact_uri,
            route_set=binding.path,
            timeout_s=_QUALIFY_TIMEOUT_S,
        )
        key = binding.key

        def done(event: ResponseReceived | None, cause: FailureCause | None) -> None:
            if event is not None:
                self._answered.add(key)
                took = (self._parts.clock.now() - asked_at) * 1000
                why = why_refused(event.response.status)
                self._qualified(key, None if why else took, why)
            elif key in self._answered or cause is FailureCause.TRANSPORT:
                self._qualified(key, None, "no_answer")

        self._requests.send(request, done)

    def _qualified(self, key: str, round_trip_ms: float | None, why: str) -> None:
        self._keep(self.registrar.qualified(key, round_trip_ms, why, self._parts.clock.wall()))

    def _keep(self, changes: tuple[Change, ...]) -> None:
        if changes:
            self._store.apply(changes)
        for change in changes:
            self.on_changed(change.binding.address_of_record)
            key = change.binding.key
            if self.registrar.binding(key) is None:
                self._asked_at.pop(key, None)
                self._answered.discard(key)


class _Reachable(Mapping[str, tuple[str, ...]]):
    """A view that costs nothing until a number is looked up."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def __getitem__(self, extension: str) -> tuple[str, ...]:
        found: tuple[str, ...] | None = self.get(extension)
        if found is None:
            raise KeyError(extension)
        return found

    def get(self, extension: str, default: Any = None) -> Any:
        """As Mapping's, which would raise and catch for each extension without a phone."""
        bindings = self._registrar.bindings(extension)
        return tuple([b.key for b in bindings if b.is_reachable]) if bindings else default

    def __iter__(self) -> Iterator[str]:
        return iter({b.address_of_record for b in self._registrar.all()})

    def __len__(self) -> int:
        return len(set(iter(self)))
