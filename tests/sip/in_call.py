"""A call that stands, for tests of what happens inside it."""

from __future__ import annotations

from appliance.sip.events import Hop, Transport
from tests.kit.wire import ANSWER, OFFER, Network, Station, established, reply, request_of
from tests.sip.test_invite_client import Alone
from tests.sip.test_invite_server import Called

FAR = Hop(Transport.UDP, "192.0.2.2", 5060)
SECOND = OFFER + b"a=sendonly\r\n"


class Pair:
    """Two stations in a call."""

    def __init__(self, **settings: object) -> None:
        self.network = Network()
        settings.setdefault("session_expires_s", 0)
        self.caller = self.network.add("192.0.2.1", **settings)
        self.called = self.network.add("192.0.2.2", **settings)
        self.mine, self.theirs = established(self.network, self.caller, self.called)

    def sides(self, caller_first: bool) -> tuple[Station, int, Station, int]:
        if caller_first:
            return self.caller, self.mine, self.called, self.theirs
        return self.called, self.theirs, self.caller, self.mine


def refuse(
    network: Network, station: Station, method: str, status: int, *fields: tuple[str, str]
) -> None:
    """The far end's refusal of this station's last request, as if from the wire."""
    request = request_of(station, method)
    data = reply(request, status, *fields)
    network.inject(data, FAR, station)


def timed(*fields: str) -> Called:
    """A call of theirs that we answered, with session timers."""
    called = Called("Supported: timer", *fields, session_expires_s=1800)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    return called


def alone_in_call(**more: object) -> Alone:
    """A call of ours whose far end is the test."""
    alone = Alone(**more)
    alone.hear(200, ("Allow", "INVITE, ACK, BYE"), body=ANSWER)
    return alone
