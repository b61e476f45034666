"""What one whole call costs two SIP endpoints: INVITE, 100, 180, 200, ACK, BYE, 200; no sockets.

Run from the repository's root: ``python -m benchmarks.sip_endpoint [--calls N] [--profile]``. Time
is virtual, so that timers fire as on a box that takes a hundred calls a second. A B2BUA pays about
this sum per call. The best tenth of all batches counts, so that a busy neighbour does not.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import time

from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.sip.events import (
    Event,
    Hop,
    Invitation,
    InviteReceived,
    SessionAnswered,
    SessionConfirmed,
    Transport,
)

CALLS_PER_SECOND = 100
BATCH = 50
_SDP = (
    b"v=0\r\no=- 3849 3849 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class _Ids:
    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._last = 0

    def token(self, bits: int) -> str:
        self._last += 1
        return f"{self._prefix}{self._last:0{bits // 4 - 1}x}"


class _Party:
    def __init__(self, host: str, prefix: str) -> None:
        config = EndpointConfig("benchmark", lambda hop: (host, 5060), session_expires_s=0)
        self.endpoint = Endpoint(config, _Ids(prefix))
        self.hop = Hop(Transport.UDP, host, 5060)

    def on_event(self, event: Event, now: float) -> None:
        endpoint = self.endpoint
        if isinstance(event, InviteReceived):
            endpoint.trying(event.session, now)
            endpoint.provisional(event.session, 180, now=now)
            endpoint.answer(event.session, _SDP, now)
        elif isinstance(event, SessionConfirmed):
            pass
        elif isinstance(event, SessionAnswered):
            endpoint.bye(event.session, "", now)


def _exchange(one: _Party, other: _Party, now: float) -> None:
    """Carry datagrams until both are silent."""
    is_busy = True
    while is_busy:
        is_busy = False
        for sender, receiver in ((one, other), (other, one)):
            for item in sender.endpoint.datagrams_to_send():
                is_busy = True
                receiver.endpoint.receive(item.data, sender.hop, now)
            while (event := receiver.endpoint.next_event()) is not None:
                receiver.on_event(event, now)


def _run(calls: int) -> list[float]:
    """Place calls; returns the seconds of processor time of each batch."""
    caller, called = _Party("192.0.2.1", "a"), _Party("192.0.2.2", "b")
    invitation = Invitation(
        uri="sip:2002@192.0.2.2",
        hop=called.hop,
        from_uri="sip:2001@192.0.2.1",
        from_display="Alice",
        to_uri="sip:2002@192.0.2.2",
        body=_SDP,
    )
    now = 0.0
    spent = []
    gc.collect()
    for first in range(0, calls, BATCH):
        started = time.process_time()
        for number in range(first, first + BATCH):
            now = number / CALLS_PER_SECOND
            for party in (caller, called):
                due = party.endpoint.next_timeout()
                if due is not None and due <= now:
                    party.endpoint.handle_timeout(now)
            caller.endpoint.invite(invitation, now)
            _exchange(caller, called, now)
        spent.append(time.process_time() - started)
    for party in (caller, called):
        party.endpoint.handle_timeout(now + 100)
        _exchange(caller, called, now + 100)
        party.endpoint.handle_timeout(now + 200)
        assert party.endpoint.sessions_alive == party.endpoint.transactions_alive == 0
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--profile", action="store_true")
    wanted = parser.parse_args()
    if wanted.profile:
        profile = cProfile.Profile()
        profile.enable()
        _run(wanted.calls)
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        return
    spent = sorted(_run(wanted.calls))[: max(1, wanted.calls // BATCH // 10)]
    best = sum(spent) / len(spent) / BATCH
    print(f"{best * 1e6:.0f} us per call (both endpoints, best tenth of {wanted.calls} calls)")


if __name__ == "__main__":
    main()
