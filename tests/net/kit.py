"""What the tests of net/ share: a clock that is moved by hand, an endpoint that only records."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from appliance.sip.events import Dropped, Event, Hop, Outgoing, Transport

DEADLINE_S = 10.0


async def until(condition: Callable[[], Any]) -> None:
    """Let the loop run until the kernel and the loop made condition true; fails after 10 s."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0)


NOBODY = Hop(Transport.UDP, "192.0.2.9", 5060)


class HandAlarm:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class HandClock:
    """appliance.clock.Clock whose time passes in ``advance`` only."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._order = count()
        self._alarms: list[tuple[float, int, HandAlarm]] = []

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return self._now + 1_700_000_000

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> HandAlarm:
        alarm = HandAlarm(callback)
        heapq.heappush(self._alarms, (self._now + delay_s, next(self._order), alarm))
        return alarm

    @property
    def alarms(self) -> list[float]:
        """When the living alarms ring."""
        return sorted(at for at, _, alarm in self._alarms if not alarm.is_cancelled)

    def advance(self, seconds: float) -> None:
        end = self._now + seconds
        while self._alarms and self._alarms[0][0] <= end:
            at, _, alarm = heapq.heappop(self._alarms)
            self._now = max(self._now, at)
            if not alarm.is_cancelled:
                alarm.callback()
        self._now = end


class FakeEndpoint:
    """Records what it is told; tests fill its ``outbox``, or say what ``happens``."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Hop]] = []
        self.failed: list[Hop] = []
        self.timeouts: list[float] = []
        self.outbox: list[Outgoing] = []
        self.events: deque[Dropped] = deque()
        self.deadline: float | None = None
        self.on_receive: Callable[[bytes, Hop], None] = lambda data, hop: None
        self.on_failed: Callable[[Hop], None] = lambda hop: None

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        self.received.append((data, source))
        self.on_receive(data, source)

    def datagrams_to_send(self) -> list[Outgoing]:
        outbox, self.outbox = self.outbox, []
        return outbox

    def happens(self, what: str) -> None:
        """Something to be told, by the plainest of all events."""
        self.events.append(Dropped(NOBODY, what))

    def next_event(self) -> Event | None:
        return self.events.popleft() if self.events else None

    def next_timeout(self) -> float | None:
        return self.deadline

    def handle_timeout(self, now: float) -> None:
        self.timeouts.append(now)
        self.deadline = None

    def transport_failed(self, hop: Hop, now: float) -> None:
        self.failed.append(hop)
        self.on_failed(hop)


class FakeEar:
    """Listens to sockets and streams."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Hop]] = []
        self.batches: list[int] = []
        self.failed: list[tuple[Hop, str]] = []
        self.closed: list[Hop] = []

    def datagrams_received(self, datagrams: list[tuple[bytes, Hop]]) -> None:
        self.batches.append(len(datagrams))
        self.received += datagrams

    def hop_failed(self, hop: Hop, why: str) -> None:
        self.failed.append((hop, why))

    def connection_closed(self, hop: Hop) -> None:
        self.closed.append(hop)


def message(body: bytes = b"", name: bytes = b"OPTIONS") -> bytes:
    """A whole SIP message for a stream."""
    return b"%b sip:a@b SIP/2.0\r\nContent-Length: %d\r\n\r\n%b" % (name, len(body), body)
