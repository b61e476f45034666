"""The shell of the SIP endpoint: sockets on one side, events on the other, one timer between.

Owns the UDP sockets and TCP streams of SIP. One input, drain what is to be sent, drain the events,
arm one timer again. Whatever goes wrong in our own code is logged with its traceback, and the
driver lives. Whoever calls the endpoint outside of ``on_event`` calls ``wake`` afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.clock import Alarm, Clock
from appliance.errors import UserError
from appliance.net.group_ear import GroupEar
from appliance.net.own_address import OwnAddresses
from appliance.net.socket_options import family_of
from appliance.net.stream import Streams
from appliance.net.stream_room import StreamDoor, StreamLimits
from appliance.net.udp import UdpSocket
from appliance.sip.events import Event, Hop, Outgoing, Transport

log = logging.getLogger(__name__)
wire = logging.getLogger(__name__ + ".wire")

_ROUNDS_PER_PUMP = 1000  # more than this is a defect: an endless echo between us and ourselves
_SHORTEST_SLEEP_S = 0.001
_SLEEP_AFTER_DEFECT_S = 0.1
_KEEP_ALIVES = frozenset(b"\r\n\0 ")
_LONGEST_KEEP_ALIVE = 8
_TRACED_OCTETS = 120
_TRIES_FOR_A_FREE_PORT = 8


class SipEndpoint(Protocol):
    """What the driver needs of sip/endpoint.py."""

    def receive(self, data: bytes, source: Hop, now: float) -> None: ...
    def datagrams_to_send(self) -> Sequence[Outgoing]: ...
    def next_event(self) -> Event | None: ...
    def next_timeout(self) -> float | None: ...
    def handle_timeout(self, now: float) -> None: ...
    def transport_failed(self, hop: Hop, now: float) -> None: ...


class SipDriver:
    """Runs an endpoint on real sockets.

    addresses: made before the endpoint, whose ``EndpointConfig.local_address`` is its ``towards``;
    on_closed: told each hop whose connection went away (Registrar.connection_lost); admits: asked
    for each message whether it is to be read (guard/gate.py); recognises: whether one that is not
    is a question of ours (own_options.py).
    """

    def __init__(
        self,
        endpoint: SipEndpoint,
        on_event: Callable[[Event], None],
        clock: Clock,
        addresses: OwnAddresses,
        limits: StreamLimits | None = None,
    ) -> None:
        self.on_closed: Callable[[Hop], None] = lambda hop: None
        self.admits: Callable[[bytes, Hop, float], bool] = lambda data, source, now: True
        self.recognises: Callable[[bytes], bool] = lambda data: False
        self._endpoint = endpoint
        self._on_event = on_event
        self._clock = clock
        self._addresses = addresses
        self._sockets: dict[int, list[UdpSocket]] = {}  # address family -> sockets
        self._groups: dict[int, GroupEar] = {}  # by port
        self._streams = Streams(self, clock, limits)
        self._failures: deque[Hop] = deque()
        self._alarm: Alarm | None = None
        self._alarm_at = 0.0
        self._is_pumping = False
        self._is_woken = False
        self._is_open = True

    async def open(self, host: str, port: int) -> int:
        """Listen on UDP and TCP at one literal address; returns the port (0 asks for a free one).

        Call it for each address. Raises UserError ``net.address_in_use`` and the like.
        """
        sock = await self._open_pair(host, port)
        self._sockets.setdefault(sock.family, []).append(sock)
        self._addresses.bound(Transport.UDP, host, sock.port)
        self._addresses.bound(Transport.TCP, host, sock.port)
        sock.start(asyncio.get_running_loop())
        return sock.port

    async def _open_pair(self, host: str, port: int) -> UdpSocket:
        """A datagram socket, with the streams' listener at the same port."""
        for tries_left in reversed(range(1 if port else _TRIES_FOR_A_FREE_PORT)):
            sock = UdpSocket(host, port, self)
            try:
                await self._streams.listen(host, sock.port)
                return sock
            except BaseException as error:
                sock.close()
                if not (tries_left and isinstance(error, UserError)):
                    raise
        raise UserError("net.cannot_bind", address=host, port=port)

    async def hear_group(self, group: str, port: int, interfaces: Sequence[int]) -> None:
        """Take datagrams to a multicast group of IPv4 at this port, on these interfaces and on no
        others; raises UserError and OSError (group_ear.py)."""
        ear = self._groups.setdefault(port, GroupEar(self))
        ear.hear(group, port, interfaces, self._sockets.get(family_of(group), ()))

    def leave(self, host: str) -> None:
        """Let go of the sockets at this address; connections that stand are left alone."""
        for sockets in self._sockets.values():
            for sock in [s for s in sockets if s.host == host]:
                sockets.remove(sock)
                sock.close()
                self._addresses.unbound(Transport.UDP, host, sock.port)
                self._addresses.unbound(Transport.TCP, host, sock.port)
        self._streams.leave(host)

    async def close(self) -> None:
        """Send what is left, then let every socket go."""
        self.pump()
        self._is_open = False
        if self._alarm is not None:
            self._alarm.cancel()
        for sockets in self._sockets.values():
            for sock in sockets:
                sock.close()
        self._sockets.clear()
        for ear in self._groups.values():
            ear.close()
        await self._streams.close()

    def guard_streams(self, door: StreamDoor) -> None:
        """Have the room that strangers' streams may take judged by this door (guard/gate.py)."""
        self._streams.room.door = door

    def local_address(self, hop: Hop) -> tuple[str, int]:
        """Our own literal IP and SIP port as this hop sees them."""
        return self._addresses.towards(hop)

    def wake(self) -> None:
        """Have the endpoint's new output sent soon; cheap, and may be called from anywhere."""
        if not self._is_woken and not self._is_pumping and self._is_open:
            self._is_woken = True
            self._clock.call_later(0.0, self._awake)

    def pump(self) -> None:
        """Send what is to be sent, tell what has happened, until there is nothing more."""
        if self._is_pumping or not self._is_open:
            return
        self._is_pumping = True
        now = self._clock.now()
        deadline: float | None = now + _SLEEP_AFTER_DEFECT_S
        try:
            is_traced = wire.isEnabledFor(logging.DEBUG)
            for _ in range(_ROUNDS_PER_PUMP):
                if not self._pump_once(is_traced):
                    deadline = self._endpoint.next_timeout()
                    break
            else:
                log.error("the SIP endpoint has no end of things to send")
        except Exception:
            log.exception("the SIP endpoint failed")
        finally:
            self._is_pumping = False
        if deadline is not None:
            self._arm(max(deadline, now + _SHORTEST_SLEEP_S))

    # ---- the ear of the sockets

    def datagrams_received(self, datagrams: list[tuple[bytes, Hop]]) -> None:
        now = self._clock.now()
        is_traced = wire.isEnabledFor(logging.DEBUG)
        for data, source in datagrams:
            if len(data) <= _LONGEST_KEEP_ALIVE and _KEEP_ALIVES.issuperset(data):
                continue
            if is_traced:
                _trace("<-", source, data)
            try:
                if self.admits(data, source, now) or self.recognises(data):
                    self._endpoint.receive(data, source, now)
            except Exception:
                log.exception("a message from %s:%d broke us", source.host, source.port)
        self.pump()

    def hop_failed(self, hop: Hop, why: str) -> None:
        if not self._is_open:
            return
        log.info("no way to %s:%d over %s: %s", hop.host, hop.port, hop.transport.value, why)
        self._failures.append(hop)
        self.wake()

    def connection_closed(self, hop: Hop) -> None:
        if self._is_open:
            self._guarded(lambda: self.on_closed(hop))
            self.wake()

    # ---- the pump

    def _pump_once(self, is_traced: bool) -> bool:
        """One round; False when none can be left to do: sending alone brings nothing new."""
        for item in self._endpoint.datagrams_to_send():
            if is_traced:
                _trace("->", item.hop, item.data)
            self._send(item)
        is_busy = False
        while self._failures:
            is_busy = True
            self._endpoint.transport_failed(self._failures.popleft(), self._clock.now())
        while (event := self._endpoint.next_event()) is not None:
            is_busy = True
            self._tell(event)
        return is_busy

    def _tell(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("the event %s broke us", type(event).__name__)

    def _send(self, item: Outgoing) -> None:
        hop = item.hop
        if hop.transport is Transport.UDP:
            sock = self._socket_towards(hop)
            if sock is None:
                self.hop_failed(hop, "no socket of this address family")
            else:
                sock.send(item.data, hop)
        elif hop.transport is Transport.TCP:
            self._streams.send(item.data, hop)
        else:
            self.hop_failed(hop, "no such transport here")

    def _socket_towards(self, hop: Hop) -> UdpSocket | None:
        """The socket of the hop's family; of several, the one whose address the hop knows us by."""
        sockets = self._sockets.get(family_of(hop.host))
        if not sockets:
            return None
        if len(sockets) == 1:
            return sockets[0]
        own = self._addresses.towards(hop)[0]
        return next((s for s in sockets if s.host == own), sockets[0])

    def _awake(self) -> None:
        self._is_woken = False
        self.pump()

    # ---- the timer

    def _arm(self, at: float) -> None:
        """Have the alarm ring not later than this.

        An alarm that would ring too early is left alone: most deadlines are cancelled in time, and
        waking once too often costs less than moving the alarm with each message.
        """
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = self._clock.call_later(max(0.0, at - self._clock.now()), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = self._clock.now()
        try:
            deadline = self._endpoint.next_timeout()
            if deadline is not None and deadline <= now:
                self._endpoint.handle_timeout(now)
        except Exception:
            log.exception("a timer of the SIP endpoint broke us")
        self.pump()

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            log.exception("a closed connection broke us")


def _trace(way: str, hop: Hop, data: bytes) -> None:
    """Log a message by its first line: what stands below may hold digests and secrets."""
    line = data[:_TRACED_OCTETS].partition(b"\r\n")[0].decode("ascii", "backslashreplace")
    wire.debug("%s %s %s:%d %s", way, hop.transport.value, hop.host, hop.port, line)
