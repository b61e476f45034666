"""Many calls at a steady rate from one socket, each retransmitted as RFC 3261 asks.

Owns a UDP socket; runs in the test's own thread until all is over. Stands on the product's own
endpoint, since the callers of sipp give calls up that a lossy wire only delays.
"""

from __future__ import annotations

import heapq
import itertools
import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.secret_ids import SecretIds
from appliance.sip import events as sip
from appliance.sip.endpoint import Endpoint, EndpointConfig
from tests.kit.closing import Closing
from tests.kit.raw_sip import Address, audio

_LONGEST_NAP_S = 0.05
_ASK_S = 0.5


def _wait() -> None:
    """Time passes."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is called: number i calls as ``users[i % …]`` to ``numbers[i % …]``."""

    users: tuple[str, ...]
    secrets: tuple[str, ...]
    numbers: tuple[str, ...]
    calls: int
    rate: float
    talk_s: float = 0.1


@dataclass
class Tally:
    """What became of the calls. failures: by status, or by what the endpoint says."""

    answered: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> int:
        return self.answered + self.failures.total()


class Callers(Closing):
    """Calls by a plan; a context manager."""

    def __init__(self, target: Address, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        own: Address = self._socket.getsockname()
        self._host = host
        self._target = target
        self._endpoint = Endpoint(EndpointConfig("Callers", lambda hop: own), SecretIds())
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.tally = Tally()

    def run(self, plan: Plan, timeout_s: float, is_over: Callable[[], bool]) -> Tally:
        """Make all calls and hang up; returns once ``is_over``, asked when all were made, or too
        late."""
        begin = time.monotonic()
        for number in range(plan.calls):
            self._later(begin + number / plan.rate, lambda n=number: self._call(plan, n))
        self._talk_s = plan.talk_s
        while time.monotonic() < begin + timeout_s:
            self._step()
            if self.tally.finished < plan.calls or self._due:
                continue
            if is_over():
                break
            self._later(time.monotonic() + _ASK_S, _wait)
        return self.tally

    def _later(self, at: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), act))

    def _call(self, plan: Plan, number: int) -> None:
        user = plan.users[number % len(plan.users)]
        secret = plan.secrets[number % len(plan.secrets)]
        called = plan.numbers[number % len(plan.numbers)]
        host, port = self._target
        invitation = sip.Invitation(
            uri=f"sip:{called}@{host}:{port}",
            hop=sip.Hop(sip.Transport.UDP, host, port),
            from_uri=f"sip:{user}@{host}",
            to_uri=f"sip:{called}@{host}",
            body=audio(self._host, 40000),
            credentials=sip.Credentials(user, secret),
        )
        self._endpoint.invite(invitation, time.monotonic())

    def _step(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()
        timeout = self._endpoint.next_timeout()
        if timeout is not None and timeout <= now:
            self._endpoint.handle_timeout(now)
        self._drain()
        wakes = [at for at in (timeout, self._due[0][0] if self._due else None) if at is not None]
        nap = min([_LONGEST_NAP_S, *(max(0.0, at - now) for at in wakes)])
        if select.select((self._socket,), (), (), nap)[0]:
            self._receive()
            self._drain()

    def _receive(self) -> None:
        source = sip.Hop(sip.Transport.UDP, *self._target)
        while True:
            try:
                data = self._socket.recv(65535)
            except (BlockingIOError, ConnectionError):
                return
            self._endpoint.receive(data, source, time.monotonic())

    def _drain(self) -> None:
        while (event := self._endpoint.next_event()) is not None:
            self._on_event(event)
        for item in self._endpoint.datagrams_to_send():
            self._socket.sendto(item.data, self._target)

    def _on_event(self, event: sip.Event) -> None:
        if isinstance(event, sip.SessionAnswered):
            self.tally.answered += 1
            session, at = event.session, time.monotonic() + self._talk_s
            self._later(at, lambda: self._endpoint.bye(session, "", time.monotonic()))
        elif isinstance(event, sip.SessionFailed):
            response = event.response
            self.tally.failures[str(response.status) if response else event.cause.value] += 1

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
