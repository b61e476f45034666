"""Any octets, and hundreds of calls over a wire that loses a third: the endpoint stays whole."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.sip.events import (
    Event,
    Hop,
    InviteReceived,
    OfferReceived,
    RequestReceived,
    SessionAnswered,
    SessionCancelled,
    SessionConfirmed,
    SessionEnded,
    SessionFailed,
    SessionProgressed,
    Transport,
)
from tests.kit.wire import ANSWER, OFFER, Network, Station, Weather, call

_STRANGER = Hop(Transport.UDP, "203.0.113.9", 5060)
_METHODS = [
    *("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER"),
    *("PRACK", "UPDATE", "INFO", "MESSAGE", "SUBSCRIBE", "X"),
]
_TEMPLATE = (
    "{method} sip:bob@192.0.2.2 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK{branch}\r\n"
    "From: <sip:a@203.0.113.9>;tag={tag}\r\n"
    "To: <sip:bob@192.0.2.2>{to}\r\n"
    "Call-ID: {call}\r\n"
    "CSeq: {cseq} {method}\r\n"
    "Contact: <sip:a@203.0.113.9>\r\n"
    "{extra}\r\n"
)
_VALUES = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
_NAMES = st.sampled_from(
    [
        *("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Require", "Record-Route", "Route"),
        *("Session-Expires", "Min-SE", "RAck", "RSeq", "Supported", "Content-Type", "Expires"),
        *("Content-Length", "Max-Forwards", "Reason", "Content-Encoding"),
    ]
)
_EXTRA = st.lists(st.tuples(_NAMES, _VALUES), max_size=3)


def _quiet(station: Station) -> None:
    station.endpoint.datagrams_to_send()
    while station.endpoint.next_event() is not None:
        pass


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_octets(data: bytes) -> None:
    station = Network().add("192.0.2.2")
    station.endpoint.receive(data, _STRANGER, 0.0)
    _quiet(station)


@given(st.lists(st.tuples(st.sampled_from(_METHODS), st.integers(0, 3), _EXTRA), max_size=8))
@settings(max_examples=200, deadline=None)
def test_any_sequence_of_requests_with_any_values(
    requests: list[tuple[str, int, list[tuple[str, str]]]],
) -> None:
    """Requests about one call in any order, each with fields of any content."""
    station = Network().add("192.0.2.2")
    endpoint = station.endpoint
    tag = ""
    for now, (method, cseq, extra) in enumerate(requests):
        lines = "".join(f"{name}: {value}\r\n" for name, value in extra)
        text = _TEMPLATE.format(
            method=method, branch=cseq, tag="t", to=tag, call="c", cseq=cseq, extra=lines
        )
        endpoint.receive(text.encode("utf-8", "surrogatepass"), _STRANGER, float(now))
        while (event := endpoint.next_event()) is not None:
            if isinstance(event, InviteReceived):
                endpoint.answer(event.session, ANSWER, float(now))
                known = endpoint._core.sessions.get(event.session)
                tag = f";tag={known.key[1]}" if known else tag
            elif isinstance(event, OfferReceived):
                endpoint.accept_offer(event.session, ANSWER, float(now))
        endpoint.datagrams_to_send()
    for now in range(10, 5000, 7):
        endpoint.handle_timeout(float(now))
        _quiet(station)


@given(st.sampled_from([100, 180, 183, 200, 302, 401, 407, 422, 486, 491, 503]), _EXTRA, _EXTRA)
@settings(max_examples=200, deadline=None)
def test_any_response_to_our_invite(
    status: int, extra: list[tuple[str, str]], later: list[tuple[str, str]]
) -> None:
    """Whatever an answer carries, the INVITE ends once and nothing is left."""
    network = Network()
    caller = network.add("192.0.2.1")
    called = network.add("192.0.2.2")
    network.lets_pass = lambda station, item: station is caller
    call(caller, called, 0.0)
    network.run(0.0)
    request = caller.requests("INVITE")[0]
    for answer, fields in ((status, extra), (200, later), (200, [])):
        head = [f"SIP/2.0 {answer} X"]
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            tag = ";tag=z" if name == "To" else ""
            head.append(f"{name}: {request.headers.get(name)}{tag}")
        head += [f"{name}: {value}" for name, value in fields]
        data = ("\r\n".join(head) + "\r\n\r\n").encode("utf-8", "surrogatepass")
        network.inject(data, called.hop, caller)
    for event in caller.of(SessionAnswered):
        caller.endpoint.bye(event.session, "", network.now)
    network.rest()
    assert len(caller.of(SessionAnswered)) + len(caller.of(SessionFailed)) == 1
    _assert_empty(caller)


# ---- a bad wire


class _Office:
    """Two stations that call each other at random and talk for a while."""

    def __init__(self, seed: int, weather: Weather) -> None:
        self.random = Random(seed)
        self.network = Network(weather, seed)
        self.plans: list[tuple[float, int, Station, int, str]] = []
        self.answered: set[tuple[str, int]] = set()
        self.stations = [self._station("192.0.2.1"), self._station("192.0.2.2")]
        self.count = 0

    def _station(self, host: str) -> Station:
        station = self.network.add(host)
        station.on_event = lambda event, now: self._on_event(station, event, now)
        return station

    def plan(self, at: float, station: Station, session: int, what: str) -> None:
        self.count += 1
        self.plans.append((at, self.count, station, session, what))

    def _on_event(self, station: Station, event: Event, now: float) -> None:
        endpoint, chance = station.endpoint, self.random.random
        if isinstance(event, InviteReceived):
            endpoint.trying(event.session, now)
            self.plan(now + chance(), station, event.session, "ring")
            self.plan(now + 2 * chance(), station, event.session, "answer")
        elif isinstance(event, SessionAnswered | SessionConfirmed):
            self.answered.add((station.hop.host, event.session))
            if chance() < 0.3:
                self.plan(now + 5 * chance(), station, event.session, "offer")
            self.plan(now + 10 * chance(), station, event.session, "bye")
        elif isinstance(event, OfferReceived):
            endpoint.accept_offer(event.session, ANSWER, now)
        elif isinstance(event, RequestReceived):
            endpoint.respond(event.transaction, 200, now=now)

    def act(self, station: Station, session: int, what: str) -> None:
        endpoint, now = station.endpoint, self.network.now
        match what:
            case "ring":
                endpoint.provisional(session, 180, now=now)
            case "answer":
                endpoint.answer(session, ANSWER, now)
            case "offer":
                endpoint.offer(session, OFFER, now)
            case "bye":
                endpoint.bye(session, "", now)
            case "cancel":
                endpoint.cancel(session, "", now)

    def run_until(self, end: float) -> None:
        while True:
            self.plans.sort()
            due = [plan for plan in self.plans if plan[0] <= end]
            if not due:
                break
            plan = due[0]
            self.plans.remove(plan)
            if plan[0] > self.network.now:
                self.network.run(plan[0] - self.network.now)
            self.act(plan[2], plan[3], plan[4])
        self.network.run(end - self.network.now)


@pytest.mark.parametrize("seed", [1, 2])
def test_hundreds_of_calls_over_a_bad_wire(seed: int) -> None:
    """30 % lost both ways, doubled and out of order: 99 % of 500 calls stand, nothing is left."""
    office = _Office(seed, Weather(loss=0.3, doubled=0.1, delay_s=0.01, jitter_s=0.3))
    calls: list[tuple[Station, int]] = []
    for number in range(250):
        caller, called = office.stations if number % 2 else office.stations[::-1]
        session = call(caller, called, office.network.now)
        calls.append((caller, session))
        office.plan(office.network.now + 60, caller, session, "cancel")
        office.run_until(office.network.now + 0.2)
    office.run_until(office.network.now + 200)
    office.network.rest()
    ended = [_outcome(station, session) for station, session in calls]
    assert ended.count("answered") >= 0.99 * len(calls), ended
    for station in office.stations:
        _assert_empty(station)
        _assert_events_make_sense(station)


def _outcome(station: Station, session: int) -> str:
    answered = [e for e in station.of(SessionAnswered) if e.session == session]
    failed = [e for e in station.of(SessionFailed) if e.session == session]
    assert len(answered) + len(failed) == 1, (session, answered, failed)
    return "answered" if answered else "failed"


def _assert_events_make_sense(station: Station) -> None:
    """What the shell hears of a session: progress before the outcome, one end, nothing behind."""
    over: set[int] = set()
    stands: set[int] = set()
    for event in station.events:
        session = getattr(event, "session", None)
        if session is None:
            continue
        assert session not in over, event
        if isinstance(event, SessionAnswered | SessionConfirmed):
            assert session not in stands, event
            stands.add(session)
        elif isinstance(event, SessionProgressed):
            assert session not in stands, event
        elif isinstance(event, SessionFailed | SessionCancelled | SessionEnded):
            over.add(session)


def _assert_empty(station: Station) -> None:
    assert station.endpoint.sessions_alive == 0
    assert station.endpoint.transactions_alive == 0
    assert station.endpoint.next_timeout() is None
