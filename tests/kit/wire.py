"""SIP endpoints on a wire that loses, doubles and delays, in virtual time.

Owns the clock, the datagrams on their way and the stations. Everything is decided by one seed, so
that what fails once fails again. Streams (TCP) lose nothing and keep their order.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.sip.events import (
    Event,
    Hop,
    Invitation,
    InviteReceived,
    Outgoing,
    SessionAnswered,
    SessionConfirmed,
    Transport,
)
from appliance.sip.message import Request, Response, format_message, parse_message, respond

OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
ANSWER = b"v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=-\r\n"
E = TypeVar("E")


class CountedIds:
    """Tokens that are told apart by counting."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._last = 0

    def token(self, bits: int) -> str:
        self._last += 1
        return f"{self._prefix}{self._last:0{bits // 4}x}"


@dataclass(frozen=True)
class Weather:
    """What the wire does to datagrams: shares of 0..1 and seconds."""

    loss: float = 0.0
    doubled: float = 0.0
    delay_s: float = 0.01
    jitter_s: float = 0.0


@dataclass
class Station:
    """An endpoint with an address, and what it said and heard."""

    endpoint: Endpoint
    hop: Hop
    events: list[Event] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    on_event: Callable[[Event, float], None] | None = None

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def only(self, kind: type[E]) -> E:
        """The one event of this kind."""
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} {kind.__name__} in {self.events}"
        return found[0]

    def messages(self) -> list[Request | Response]:
        """What it sent."""
        return [parse_message(item.data) for item in self.sent]

    def requests(self, method: str) -> list[Request]:
        return [m for m in self.messages() if isinstance(m, Request) and m.method == method]

    def responses(self, status: int, method: str = "") -> list[Response]:
        return [
            m
            for m in self.messages()
            if isinstance(m, Response)
            and m.status == status
            and (not method or m.cseq.method == method)
        ]

    def first_lines(self) -> list[str]:
        return [item.data.partition(b"\r\n")[0].decode() for item in self.sent]


class Network:
    """Stations, and the datagrams between them."""

    def __init__(self, weather: Weather | None = None, seed: int = 1) -> None:
        self.now = 0.0
        self.weather = weather or Weather()
        self.stations: dict[tuple[str, int], Station] = {}
        #: Looks at what leaves: (from, to, octets) -> False loses it.
        self.lets_pass: Callable[[Station, Outgoing], bool] = lambda station, item: True
        self._random = Random(seed)
        self._flying: list[tuple[float, int, Hop, Hop, bytes]] = []
        self._count = 0
        self._newest: dict[tuple[Hop, Hop], float] = {}

    def add(self, host: str, port: int = 5060, **settings: Any) -> Station:
        """A new endpoint at this address."""
        config = EndpointConfig(
            user_agent="kit", local_address=lambda hop: (host, port), **settings
        )
        prefix = f"{len(self.stations) + 10:x}"
        endpoint = Endpoint(config, CountedIds(prefix))
        station = Station(endpoint, Hop(Transport.UDP, host, port))
        self.stations[host, port] = station
        return station

    def run(self, for_s: float) -> None:
        """Let this much time pass."""
        end = self.now + for_s
        self._drain()
        while (at := self._next()) is not None and at <= end:
            self.now = max(self.now, at)
            while self._flying and self._flying[0][0] <= self.now:
                _, _, source, target, data = heapq.heappop(self._flying)
                station = self.stations.get((target.host, target.port))
                if station is not None:
                    station.endpoint.receive(data, source, self.now)
                    self._drain_station(station)
            for station in self.stations.values():
                due = station.endpoint.next_timeout()
                if due is not None and due <= self.now:
                    station.endpoint.handle_timeout(self.now)
            self._drain()
        self.now = end

    def rest(self, longest_s: float = 4000.0) -> None:
        """Run until nobody has anything to do any more."""
        end = self.now + longest_s
        self._drain()
        while (at := self._next()) is not None:
            assert at <= end, "no end of it"
            self.run(at - self.now)

    def inject(self, data: bytes, source: Hop, target: Station) -> None:
        """Octets from anywhere, now."""
        target.endpoint.receive(data, source, self.now)
        self._drain()

    def _next(self) -> float | None:
        times = [s.endpoint.next_timeout() for s in self.stations.values()]
        known = [at for at in times if at is not None]
        if self._flying:
            known.append(self._flying[0][0])
        return min(known) if known else None

    def _drain(self) -> None:
        for station in list(self.stations.values()):
            self._drain_station(station)

    def _drain_station(self, station: Station) -> None:
        is_busy = True
        while is_busy:
            is_busy = False
            for item in station.endpoint.datagrams_to_send():
                is_busy = True
                station.sent.append(item)
                if self.lets_pass(station, item):
                    self._launch(station, item)
            while (event := station.endpoint.next_event()) is not None:
                is_busy = True
                station.events.append(event)
                if station.on_event is not None:
                    station.on_event(event, self.now)

    def _launch(self, station: Station, item: Outgoing) -> None:
        weather, chance = self.weather, self._random.random
        source = Hop(
            item.hop.transport,
            station.hop.host,
            station.hop.port,
            1 if item.hop.transport.is_reliable else 0,
        )
        if item.hop.transport.is_reliable:
            at = max(self.now + weather.delay_s, self._newest.get((source, item.hop), 0.0))
            self._newest[source, item.hop] = at
            self._push(at, source, item)
            return
        if chance() >= weather.loss:
            self._push(self._arrival(), source, item)
            if chance() < weather.doubled:
                self._push(self._arrival(), source, item)

    def _arrival(self) -> float:
        return self.now + self.weather.delay_s + self.weather.jitter_s * self._random.random()

    def _push(self, at: float, source: Hop, item: Outgoing) -> None:
        self._count += 1
        heapq.heappush(self._flying, (at, self._count, source, item.hop, item.data))


def call(caller: Station, called: Station, now: float, **more: Any) -> int:
    """Have one station invite the other; returns the session."""
    uri = f"sip:bob@{called.hop.host}:{called.hop.port}"
    fields: dict[str, Any] = {
        "uri": uri,
        "hop": called.hop,
        "from_uri": f"sip:alice@{caller.hop.host}",
        "to_uri": uri,
        "body": OFFER,
    }
    fields.update(more)
    return caller.endpoint.invite(Invitation(**fields), now)


def reply(
    request: Request, status: int, *fields: tuple[str, str], to_tag: str = "z", body: bytes = b""
) -> bytes:
    """A far end's response to a request of ours; with a Contact, unless one is given."""
    more = list(fields)
    if "Contact" not in [name for name, _ in fields]:
        more.append(("Contact", "<sip:bob@192.0.2.2>"))
    if body:
        more.append(("Content-Type", "application/sdp"))
    return format_message(respond(request, status, "", more, body, to_tag))


def request_of(station: Station, method: str, index: int = -1) -> Request:
    """One of the requests that a station sent; the last if not said otherwise."""
    return station.requests(method)[index]


def established(network: Network, caller: Station, called: Station, **more: Any) -> tuple[int, int]:
    """A call that stands; returns both sessions."""
    mine = call(caller, called, network.now, **more)
    network.run(0.1)
    theirs = called.of(InviteReceived)[-1].session
    called.endpoint.answer(theirs, ANSWER, network.now)
    network.run(0.1)
    assert caller.of(SessionAnswered)[-1].session == mine
    assert called.of(SessionConfirmed)[-1].session == theirs
    return mine, theirs


def assert_empty(*stations: Station) -> None:
    """Nothing lives any more, and nothing will happen."""
    for station in stations:
        assert station.endpoint.sessions_alive == 0
        assert station.endpoint.transactions_alive == 0
        assert station.endpoint.next_timeout() is None
