"""What goes between the sockets and the SIP endpoint: one input, everything drained, one timer.

Owns the timer, and who is asked and told. Messages in, then whatever is to be sent, then the
events, until there is nothing more. Whatever goes wrong in our own code is logged with its
traceback, and the traffic goes on. Whoever calls the endpoint outside of ``on_event`` calls
``wake`` afterwards. The sockets are sip_driver.py's.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.clock import Alarm, Clock
from appliance.net.own_address import OwnAddresses
from appliance.net.socket_options import family_of
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


class SipEndpoint(Protocol):
    """What the driver needs of sip/endpoint.py."""

    def receive(self, data: bytes, source: Hop, now: float) -> None: ...
    def datagrams_to_send(self) -> Sequence[Outgoing]: ...
    def next_event(self) -> Event | None: ...
    def next_timeout(self) -> float | None: ...
    def handle_timeout(self, now: float) -> None: ...
    def transport_failed(self, hop: Hop, now: float) -> None: ...


class SendingStreams(Protocol):
    """What the traffic needs of net/stream.py."""

    def send(self, data: bytes, hop: Hop) -> None: ...


class _NoStreams:
    def send(self, data: bytes, hop: Hop) -> None:
        """Before the driver has any."""


class SipTraffic:
    """The ear of every socket.

    sockets: those that are open, by address family; streams: the connections. on_closed: told each
    hop whose connection went away (Registrar.connection_lost); admits: asked for each message
    whether it is to be read (guard/gate.py); recognises: whether one that is not is a question of
    ours (own_options.py).
    """

    def __init__(
        self,
        endpoint: SipEndpoint,
        on_event: Callable[[Event], None],
        clock: Clock,
        addresses: OwnAddresses,
    ) -> None:
        self.on_closed: Callable[[Hop], None] = lambda hop: None
        self.admits: Callable[[bytes, Hop, float], bool] = lambda data, source, now: True
        self.recognises: Callable[[bytes], bool] = lambda data: False
        self.on_event = on_event
        self.sockets: dict[int, list[UdpSocket]] = {}
        self.streams: SendingStreams = _NoStreams()
        self._endpoint = endpoint
        self._clock = clock
        self._addresses = addresses
        self._failures: deque[Hop] = deque()
        self._alarm: Alarm | None = None
        self._alarm_at = 0.0
        self._is_traced = wire.isEnabledFor(logging.DEBUG)  # asked once: each time takes its time
        self._is_pumping = False
        self._is_woken = False
        self._is_open = True

    def close(self) -> None:
        """Send what is left, and no more."""
        self.pump()
        self._is_open = False
        if self._alarm is not None:
            self._alarm.cancel()

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
            for _ in range(_ROUNDS_PER_PUMP):
                if not self._pump_once():
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
        for data, source in datagrams:
            if len(data) <= _LONGEST_KEEP_ALIVE and _KEEP_ALIVES.issuperset(data):
                continue
            if self._is_traced:
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

    def _pump_once(self) -> bool:
        """One round; False when none can be left to do: sending alone brings nothing new."""
        for item in self._endpoint.datagrams_to_send():
            if self._is_traced:
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
            self.on_event(event)
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
            self.streams.send(item.data, hop)
        else:
            self.hop_failed(hop, "no such transport here")

    def _socket_towards(self, hop: Hop) -> UdpSocket | None:
        """The socket of the hop's family; of several, the one whose address the hop knows us by."""
        sockets = self.sockets.get(family_of(hop.host))
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
