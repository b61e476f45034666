"""A whole exchange in virtual time, with phones and providers on a wire made of memory.

The box is the real Exchange over a real Endpoint; the other parties are Endpoints too, so that no
socket and no second is spent. Media is noted, not moved (tests of media move packets).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from appliance.alerts import Alerts
from appliance.clock import LoopClock
from appliance.config.codec import from_data
from appliance.config.model import Document, Snapshot, Trunk
from appliance.config.presets import factory_document, make_snapshot
from appliance.exchange import Exchange, Tools
from appliance.guard.scanner_list import scanners
from appliance.legs.parts import Addresses
from appliance.media.api import MediaEvent, PacketKind, PlayEnded, StreamStatistics
from appliance.sdp.media import RemoteAddress
from appliance.sip import events as sip
from appliance.sip.endpoint import Endpoint, EndpointConfig
from tests.kit.lines import LineRoom, StageLines
from tests.kit.noted import CountingIds, NotedBindings, NotedDialogs, NotedJournal
from tests.kit.noted_mailboxes import NotedMailboxes
from tests.kit.recorded import Recorded

BOX = ("192.168.1.1", 5060)
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
    b"m=audio %d RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=%s\r\n"
)


def sdp(host: str, port: int = 4000, direction: str = "sendrecv") -> bytes:
    """A plain description of PCMA, PCMU and telephone-event."""
    return SDP % (host.encode(), host.encode(), port, direction.encode())


def document_of(data: dict[str, Any]) -> Document:
    """A document with the factory's classes of service where none are given."""
    document = from_data(data)
    return document if document.classes else replace(document, classes=factory_document().classes)


class StageStream(Recorded):
    """Notes what a leg asks of its media."""

    def __init__(self, plane: StagePlane, number: int, host: str) -> None:
        self.plane = plane
        self.number = number
        self.host = host
        self.port = 20000 + 2 * number
        self.rtcp_port = self.port + 1
        self.remote: RemoteAddress | None = None
        self.partner: StageStream | None = None
        self.played: list[int] = []
        self.is_echoing = False
        self.is_closed = False
        self.silent_s = 0.0

    def set_remote(
        self, remote: RemoteAddress, *, is_behind_nat: bool, signalled_from: str = ""
    ) -> None:
        self.remote = remote

    def describe(self, *, event_payload_type: int, clock_rate_hz: int, kind: PacketKind) -> None:
        self.kind = kind

    def connect(self, other: Any) -> None:
        self.partner, other.partner = other, self
        self.is_echoing = False

    def disconnect(self) -> None:
        self.partner = None
        self.is_echoing = False

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        self.played.append(len(payload))
        if not repeats:
            ended = PlayEnded(self.number)
            loop = asyncio.get_running_loop()
            loop.call_later(len(payload) / 8000, self.plane.tell, ended)

    def stop_playing(self) -> None:
        """Nothing sounds here anyway."""

    def echo(self) -> None:
        self.is_echoing = True

    def statistics(self) -> StreamStatistics:
        return StreamStatistics(0, 0, None, None, None, self.silent_s, None, 0)

    def close(self) -> None:
        self.is_closed = True
        self.plane.streams.remove(self)


class StagePlane(LineRoom):
    """All streams of the stage's box."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: list[StageStream] = []
        self.opened: list[StageStream] = []
        self.tell: Callable[[MediaEvent], None] = lambda event: None

    def open(self, host: str, *, is_urgent: bool = False) -> Any:
        stream = StageStream(self, len(self.opened) + 1, host)
        self.streams.append(stream)
        self.opened.append(stream)
        return stream

    def fileno(self) -> int:
        return -1

    def events(self) -> list[MediaEvent]:
        return []

    def close(self) -> None:
        """Nothing is open."""


class Party:
    """A phone or a provider: an Endpoint with an address. events: all that it heard, in order."""

    def __init__(self, stage: Stage, host: str, port: int = 5060) -> None:
        self.stage = stage
        self.address = (host, port)
        self.endpoint = Endpoint(EndpointConfig("Party", lambda hop: self.address), stage.ids)
        self.events: list[Any] = []
        self.requests: list[str] = []  # request lines that arrived
        self.on_event: Callable[[Any], None] = lambda event: None
        self.is_silent = False
        self.hears: Callable[[bytes], bool] = lambda data: True  # what it is deaf to is lost
        stage.parties[self.address] = self

    @property
    def hop_to_box(self) -> sip.Hop:
        return sip.Hop(sip.Transport.UDP, *BOX)

    def heard(self, kind: type) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind)]

    def last(self, kind: type) -> Any:
        found = self.heard(kind)
        assert found, f"no {kind.__name__} at {self.address}: {self.events}"
        return found[-1]

    # ---- as a phone

    async def register(
        self, number: str, secret: str, expires: int = 600, contact: str = ""
    ) -> int:
        """Register at the box; returns the final status. contact: host it says that it is at."""
        self.number, self.credentials = number, sip.Credentials(number, secret)
        host, port = self.address
        self.endpoint.request(
            sip.PlainRequest(
                method="REGISTER",
                uri=f"sip:{BOX[0]}",
                hop=self.hop_to_box,
                from_uri=f"sip:{number}@{BOX[0]}",
                to_uri=f"sip:{number}@{BOX[0]}",
                headers=(
                    ("Contact", f"<sip:{number}@{contact or host}:{port}>"),
                    ("Expires", str(expires)),
                ),
                credentials=self.credentials,
            ),
            self.stage.now(),
        )
        await self.stage.settle()
        status: int = self.last(sip.ResponseReceived).response.status
        return status

    async def call(self, number: str, body: bytes | None = None, **more: Any) -> int:
        """INVITE the box; returns the session."""
        host = self.address[0]
        session = self.endpoint.invite(
            sip.Invitation(
                uri=f"sip:{number}@{BOX[0]}",
                hop=self.hop_to_box,
                from_uri=more.pop("from_uri", f"sip:{self.number}@{BOX[0]}"),
                to_uri=f"sip:{number}@{BOX[0]}",
                body=sdp(host) if body is None else body,
                credentials=more.pop("credentials", getattr(self, "credentials", None)),
                **more,
            ),
            self.stage.now(),
        )
        await self.stage.settle()
        return session

    @property
    def ringing(self) -> int:
        """The session that rings here."""
        session: int = self.last(sip.InviteReceived).session
        return session

    async def answer(self, session: int | None = None) -> int:
        session = self.ringing if session is None else session
        self.endpoint.provisional(session, 180, now=self.stage.now())
        self.endpoint.answer(session, sdp(self.address[0], 6000), now=self.stage.now())
        await self.stage.settle()
        return session

    async def ring(self) -> int:
        self.endpoint.provisional(self.ringing, 180, now=self.stage.now())
        await self.stage.settle()
        return self.ringing

    async def reject(self, status: int, session: int | None = None) -> None:
        session = self.ringing if session is None else session
        self.endpoint.reject(session, status, now=self.stage.now())
        await self.stage.settle()

    async def hang_up(self, session: int) -> None:
        self.endpoint.bye(session, "", now=self.stage.now())
        await self.stage.settle()

    def status_of(self, session: int) -> int:
        """The final status of a call that failed."""
        for event in self.heard(sip.SessionFailed):
            if event.session == session:
                assert event.response is not None, event.cause
                status: int = event.response.status
                return status
        raise AssertionError(f"session {session} did not fail: {self.events}")


class Stage:
    """The box and its parties; made inside a running VirtualLoop."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self.ids = CountingIds()
        self.parties: dict[tuple[str, int], Party] = {}
        self.journal = NotedJournal()
        self.bindings = NotedBindings()
        self.dialogs = NotedDialogs()
        self.plane = StagePlane()
        self._tasks: set[asyncio.Future[None]] = set()
        self.lines = StageLines()
        self.mailboxes = NotedMailboxes()
        self.alerts = Alerts(lambda: 0.0)
        self.snapshot = make_snapshot(1, document_of(document))
        self.hops: dict[str, list[sip.Hop]] = {}
        self.on_wire: Callable[[tuple[str, int], tuple[str, int], bytes], None] | None = None
        self.resolve: Callable[[Trunk], Awaitable[list[sip.Hop]]] | None = None
        self.loses: Callable[[], bool] = lambda: False  # asked for each datagram, either way
        self.alarms: dict[Any, Any] = {}
        self.own_host = BOX[0]  # what the box believes to be its address
        self.addresses = Addresses(self.snapshot.document.site, lambda hop: (self.own_host, BOX[1]))
        self._begin()

    def _begin(self) -> None:
        config = EndpointConfig("Dozvon", lambda hop: BOX)
        self.endpoint = Endpoint(config, self.ids)
        self.exchange = Exchange(self._tools())
        self.mailboxes.on_changed = self.exchange.notifier.touched
        self.plane.tell = lambda event: self.exchange.on_media_events([event])
        self.exchange.start()

    def cut_power(self) -> None:
        """The box forgets everything but what its disk has, and starts again."""
        left = list(self.dialogs.kept.values())
        self.exchange.close()
        self._begin()
        self.exchange.standing.part(left)

    def now(self) -> float:
        return self.loop.time()

    def configure(self, document: dict[str, Any]) -> None:
        """Save new settings, as a reload does."""
        self.snapshot = make_snapshot(self.snapshot.revision + 1, document_of(document))
        self.exchange.configure(self.snapshot)

    def party(self, host: str, port: int = 5060) -> Party:
        return Party(self, host, port)

    async def phone(self, number: str, host: str, secret: str = "Secret-of-the-phone") -> Party:
        """A registered phone."""
        party = self.party(host)
        assert await party.register(number, secret) == 200
        return party

    async def settle(self) -> None:
        """Let everything that is due now happen."""
        for _ in range(60):
            self._pump()
            await asyncio.sleep(0)

    async def wait(self, seconds: float, step_s: float = 0.05) -> None:
        """Let virtual time pass; step_s: how exactly."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            await self.settle()
            await asyncio.sleep(min(left, step_s))
        await self.settle()

    # ---- the wire

    def _pump(self) -> None:
        self._run(self.endpoint, BOX, self.exchange.on_sip_event)
        for party in list(self.parties.values()):
            self._run(party.endpoint, party.address, partial(self._hear, party))

    def _hear(self, party: Party, event: Any) -> None:
        party.events.append(event)
        party.on_event(event)

    def _run(
        self, endpoint: Endpoint, address: tuple[str, int], listen: Callable[[Any], None]
    ) -> None:
        due = endpoint.next_timeout()
        if due is not None and due <= self.now():
            endpoint.handle_timeout(self.now())
        for item in endpoint.datagrams_to_send():
            self.loop.call_soon(self._deliver, item, address)
        while (event := endpoint.next_event()) is not None:
            listen(event)

    def _deliver(self, item: sip.Outgoing, source: tuple[str, int]) -> None:
        target = (item.hop.host, item.hop.port)
        hop = sip.Hop(item.hop.transport, *source)
        if self.on_wire is not None:
            self.on_wire(source, target, item.data)
        if self.loses():
            return
        if target == BOX:
            if self.exchange.gate.admits(item.data, hop, self.now()):
                self.endpoint.receive(item.data, hop, self.now())
        elif target in self.parties and not self.parties[target].is_silent:
            party = self.parties[target]
            line = item.data.split(b"\r\n", 1)[0].decode("utf-8", "replace")
            party.requests.append(line)
            if party.hears(item.data):
                party.endpoint.receive(item.data, hop, self.now())

    def _tools(self) -> Tools:
        clock = LoopClock(self.loop)
        clock.wall = lambda: self.loop.time() + 1.7e9
        return Tools(
            clock=clock,
            ids=self.ids,
            endpoint=self.endpoint,
            media=self.plane,
            addresses=self.addresses,
            snapshot=self._snapshot,
            bindings=self.bindings,
            journal=self.journal,
            dialogs=self.dialogs,
            line_plane=self.plane,
            open_device=self.lines.open_device,
            keep_sms=self.lines.keep_sms,
            busy=self.lines,
            alerts=self.alerts,
            own_host=lambda: BOX[0],
            wake=lambda: None,
            resolve=self._resolve,
            spawn=self._spawn,
            jitter=lambda: 0.5,
            digest_secret=b"stage" * 6,
            scanners=scanners(),
            mailboxes=self.mailboxes,
        )

    def _snapshot(self) -> Snapshot:
        return self.snapshot

    async def _resolve(self, trunk: Trunk) -> list[sip.Hop]:
        if self.resolve is not None:
            return await self.resolve(trunk)
        known = self.hops.get(trunk.host)
        return known if known is not None else [sip.Hop(sip.Transport.UDP, trunk.host, 5060)]

    def _spawn(self, work: Awaitable[None]) -> None:
        self._tasks.add(asyncio.ensure_future(work))


def on_stage(play: Callable[[Stage], Coroutine[Any, Any, None]], document: dict[str, Any]) -> None:
    """Run a play on a stage set by a document of settings."""
    from tests.kit.virtual_loop import run_virtually

    async def main() -> None:
        stage = Stage(document)
        await stage.settle()
        await play(stage)

    run_virtually(main())
