"""Requests outside of calls: one outcome each, challenges, a patience of the shell's own."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    Credentials,
    FailureCause,
    Hop,
    PlainRequest,
    RequestFailed,
    ResponseReceived,
    Transport,
)
from tests.kit.wire import Network, Station, assert_empty, reply, request_of

_FAR = Hop(Transport.UDP, "192.0.2.2", 5060)


def _ask(**fields: object) -> tuple[Network, Station]:
    network = Network()
    station = network.add("192.0.2.1")
    known: dict[str, object] = {
        "method": "REGISTER",
        "uri": "sip:192.0.2.2",
        "hop": _FAR,
        "from_uri": "sip:a@192.0.2.2",
        "to_uri": "sip:a@192.0.2.2",
    }
    station.endpoint.request(PlainRequest(**{**known, **fields}), 0.0)  # type: ignore[arg-type]
    network.run(0)
    return network, station


def _hear(network: Network, station: Station, status: int, *fields: tuple[str, str]) -> None:
    network.inject(reply(request_of(station, "REGISTER"), status, *fields), _FAR, station)


def test_what_is_sent() -> None:
    _, station = _ask(
        headers=(("Contact", "<sip:a@192.0.2.1>"), ("Expires", "60")),
        route_set=("<sip:192.0.2.9;lr>",),
        call_id="kept",
        cseq=41,
        body=b"x",
    )
    request = request_of(station, "REGISTER")
    assert (request.call_id, request.cseq.number, request.expires) == ("kept", 41, 60)
    assert request.headers.get("Route") == "<sip:192.0.2.9;lr>"
    assert request.body == b"x" and request.via.params["rport"] is None
    assert request.from_.tag and not request.to.tag


def test_one_final_response_is_told() -> None:
    network, station = _ask()
    for status in (100, 200, 200):
        _hear(network, station, status)
    event = station.only(ResponseReceived)
    assert (event.request, event.response.status, event.source) == (1, 200, _FAR)
    network.rest()
    assert_empty(station)


def test_challenge_is_answered_once_and_stale_again() -> None:
    network, station = _ask(credentials=Credentials("a", "b"), call_id="kept", cseq=7)
    _hear(network, station, 401, ("WWW-Authenticate", 'Digest realm="r", nonce="1"'))
    _hear(network, station, 401, ("WWW-Authenticate", 'Digest realm="r", nonce="2", stale=true'))
    request = request_of(station, "REGISTER")
    assert (request.call_id, request.cseq.number) == ("kept", 9)
    assert 'nonce="2"' in (request.headers.get("Authorization") or "")
    assert len(request.headers.get_all("Authorization")) == 1
    _hear(network, station, 401, ("WWW-Authenticate", 'Digest realm="r", nonce="3"'))
    assert station.only(ResponseReceived).response.status == 401


@pytest.mark.parametrize("value", ["", "Basic", 'Digest realm="other", nonce="1"', "Digest ,,,"])
def test_challenge_that_is_not_ours_is_told(value: str) -> None:
    network, station = _ask(credentials=Credentials("a", "b", "mine"))
    _hear(network, station, 401, ("WWW-Authenticate", value))
    assert station.only(ResponseReceived).response.status == 401
    assert len(station.requests("REGISTER")) == 1


def test_shell_may_be_less_patient() -> None:
    network, station = _ask(timeout_s=4.0)
    network.run(4.1)
    assert station.only(RequestFailed).cause is FailureCause.TIMEOUT
    _hear(network, station, 200)
    network.rest()
    assert len(station.events) == 1
    assert_empty(station)


def test_patience_ends_with_the_answer() -> None:
    network, station = _ask(timeout_s=4.0, hop=Hop(Transport.TCP, "192.0.2.2", 5060))
    _hear(network, station, 200)
    network.run(0)
    assert len(station.events) == 1
    assert_empty(station)


def test_dead_transport_is_told_at_once() -> None:
    network, station = _ask()
    station.endpoint.transport_failed(_FAR, 0.0)
    network.run(0)
    assert station.only(RequestFailed).cause is FailureCause.TRANSPORT
    network.rest()
    assert_empty(station)
