"""Our requests on the wire: Timers A, B, E, F, K, D, M, size, dead transports."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    FailureCause,
    Hop,
    Outgoing,
    PlainRequest,
    RequestFailed,
    ResponseReceived,
    SessionAnswered,
    SessionFailed,
    Transport,
)
from appliance.sip.message import Request, format_message, parse_message, respond
from tests.kit.wire import ANSWER, OFFER, Network, Station, call

_FAR = Hop(Transport.UDP, "192.0.2.2", 5060)


def _options(**fields: object) -> PlainRequest:
    known = {
        "method": "OPTIONS",
        "uri": "sip:192.0.2.2",
        "hop": _FAR,
        "from_uri": "sip:192.0.2.1",
        "to_uri": "sip:192.0.2.2",
    }
    return PlainRequest(**{**known, **fields})  # type: ignore[arg-type]


def _alone() -> tuple[Network, Station]:
    network = Network()
    return network, network.add("192.0.2.1")


def _times(network: Network, station: Station, for_s: float) -> list[float]:
    times: list[float] = []
    network.lets_pass = lambda _, item: times.append(network.now) is not None
    network.run(for_s)
    return times


def _reply(station: Station, status: int, index: int = -1, to_tag: str = "z") -> bytes:
    request = parse_message(station.sent[index].data)
    assert isinstance(request, Request)
    response = respond(request, status, to_tag=to_tag)
    response.headers.add("Contact", "<sip:b@192.0.2.2>")
    return format_message(response)


def test_timer_a_doubles_and_b_ends() -> None:
    network, station = _alone()
    call(station, Station(station.endpoint, _FAR), 0.0)
    times = _times(network, station, 40)
    assert times == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert station.only(SessionFailed).cause is FailureCause.TIMEOUT
    assert station.endpoint.sessions_alive == station.endpoint.transactions_alive == 0


def test_timer_e_doubles_to_t2_and_f_ends() -> None:
    network, station = _alone()
    station.endpoint.request(_options(), 0.0)
    times = _times(network, station, 40)
    assert times == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert station.only(RequestFailed).cause is FailureCause.TIMEOUT
    assert station.endpoint.transactions_alive == 0


def test_timer_e_is_t2_after_a_provisional() -> None:
    network, station = _alone()
    station.endpoint.request(_options(), 0.0)
    network.run(0.1)
    network.inject(_reply(station, 100), _FAR, station)
    assert _times(network, station, 13) == [0.5, 4.5, 8.5, 12.5]


def test_streams_repeat_nothing() -> None:
    network, station = _alone()
    hop = Hop(Transport.TCP, "192.0.2.2", 5060)
    station.endpoint.request(_options(hop=hop), 0.0)
    assert _times(network, station, 40) == [0]
    assert station.only(RequestFailed).cause is FailureCause.TIMEOUT


@pytest.mark.parametrize(("transport", "lives"), [(Transport.UDP, True), (Transport.TCP, False)])
def test_timer_k_absorbs_repetitions_of_a_final(transport: Transport, lives: bool) -> None:
    network, station = _alone()
    hop = Hop(transport, "192.0.2.2", 5060)
    station.endpoint.request(_options(hop=hop), 0.0)
    network.run(0.1)
    for _ in range(3):
        network.inject(_reply(station, 200), hop, station)
    assert len(station.of(ResponseReceived)) == 1
    network.run(0)
    assert bool(station.endpoint.transactions_alive) is lives
    network.run(5.1)
    assert station.endpoint.transactions_alive == 0


def test_timer_d_acknowledges_every_repetition_of_a_refusal() -> None:
    network, station = _alone()
    call(station, Station(station.endpoint, _FAR), 0.0)
    network.run(0.1)
    final = _reply(station, 486)
    for _ in range(3):
        network.inject(final, _FAR, station)
    assert len(station.requests("ACK")) == 3
    assert len({item.data for item in station.sent if item.data.startswith(b"ACK")}) == 1
    assert len(station.of(SessionFailed)) == 1
    network.run(31.9)
    assert station.endpoint.transactions_alive == 1
    network.run(0.2)
    assert station.endpoint.transactions_alive == 0


def test_timer_m_keeps_an_accepted_invite_for_forks() -> None:
    network, station = _alone()
    call(station, Station(station.endpoint, _FAR), 0.0)
    network.run(0.1)
    network.inject(_reply(station, 200), _FAR, station)
    network.run(31.8)
    assert station.endpoint.transactions_alive == 1
    network.run(0.3)
    assert station.endpoint.transactions_alive == 0


# ---- size (RFC 3261 §18.1.1)

_LARGE = OFFER + b"a=" + b"x" * 1400 + b"\r\n"


def _hops(station: Station) -> list[str]:
    return [item.hop.transport.value for item in station.sent]


def test_large_request_goes_by_tcp_with_via_and_contact_of_tcp() -> None:
    network = Network()
    caller, called = network.add("192.0.2.1"), network.add("192.0.2.2")
    session = call(caller, called, 0.0, body=_LARGE)
    network.run(0.1)
    invite = caller.requests("INVITE")[0]
    assert invite.via.transport == "TCP"
    assert invite.contacts[0].uri == "sip:192.0.2.1:5060;transport=tcp"
    called.endpoint.answer(1, ANSWER, network.now)
    network.run(10)
    assert set(_hops(caller)) == set(_hops(called)) == {"TCP"}
    assert caller.only(SessionAnswered).session == session
    caller.endpoint.bye(session, "", network.now)
    network.rest()
    assert caller.endpoint.transactions_alive == called.endpoint.transactions_alive == 0


@pytest.mark.parametrize("is_refused", [True, False])
def test_falls_back_to_udp_where_there_is_no_tcp(is_refused: bool) -> None:
    network = Network()
    caller, called = network.add("192.0.2.1"), network.add("192.0.2.2")
    network.lets_pass = lambda _, item: item.hop.transport is Transport.UDP
    call(caller, called, 0.0, body=_LARGE)
    network.run(0.1)
    if is_refused:
        caller.endpoint.transport_failed(Hop(Transport.TCP, "192.0.2.2", 5060), network.now)
    else:
        network.run(2)
    network.run(0.1)
    assert _hops(caller) == ["TCP", "UDP"]
    invite = caller.requests("INVITE")[1]
    assert invite.via.transport == "UDP" and "tcp" not in invite.contacts[0].uri
    called.endpoint.answer(1, ANSWER, network.now)
    network.run(1)
    assert len(caller.of(SessionAnswered)) == 1
    assert _hops(caller)[2:] == ["UDP"]
    caller.endpoint.bye(1, "", network.now)
    network.rest()
    assert caller.endpoint.transactions_alive == 0


def test_large_request_over_udp_is_repeated_and_ends() -> None:
    network, station = _alone()
    call(station, Station(station.endpoint, _FAR), 0.0, body=_LARGE)
    network.rest()
    assert _hops(station)[0] == "TCP" and set(_hops(station)[1:]) == {"UDP"}
    assert len(station.sent) > 4
    assert station.only(SessionFailed).cause is FailureCause.TIMEOUT


# ---- dead transports


def test_transport_failed_ends_what_waits_there_and_nothing_else() -> None:
    network, station = _alone()
    other = Hop(Transport.UDP, "192.0.2.3", 5060)
    call(station, Station(station.endpoint, _FAR), 0.0)
    station.endpoint.request(_options(), 0.0)
    kept = station.endpoint.request(_options(hop=other), 0.0)
    network.run(0.1)
    station.endpoint.transport_failed(_FAR, network.now)
    network.run(0.1)
    assert station.only(SessionFailed).cause is FailureCause.TRANSPORT
    assert station.only(RequestFailed).cause is FailureCause.TRANSPORT
    station.endpoint.transport_failed(_FAR, network.now)
    network.run(40)
    assert [e.request for e in station.of(RequestFailed)][1:] == [kept]
    network.rest()
    assert station.endpoint.transactions_alive == station.endpoint.sessions_alive == 0


def test_dead_transport_behind_a_final_changes_nothing() -> None:
    network, station = _alone()
    station.endpoint.request(_options(), 0.0)
    call(station, Station(station.endpoint, _FAR), 0.0)
    network.run(0.1)
    network.inject(_reply(station, 200, 0), _FAR, station)
    network.inject(_reply(station, 200, 1), _FAR, station)
    station.endpoint.transport_failed(_FAR, network.now)
    network.run(0.1)
    assert station.of(RequestFailed) == station.of(SessionFailed) == []


def test_own_request_that_comes_back_is_a_loop() -> None:
    network, station = _alone()
    station.endpoint.request(_options(method="MESSAGE"), 0.0)
    network.run(0)
    network.inject(station.sent[0].data, _FAR, station)
    assert station.messages()[-1].start_line == "SIP/2.0 482 Loop Detected"


def test_stray_responses_are_dropped() -> None:
    network, station = _alone()
    stray = (
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
        b"To: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n"
    )
    network.inject(stray, _FAR, station)
    assert "stray" in str(station.events) and station.sent == []
    network.inject(stray.replace(b"CSeq: 1 INVITE", b"CSeq: x"), _FAR, station)
    two = stray.replace(b"From:", b"Via: SIP/2.0/UDP h;branch=z9hG4bKy\r\nFrom:")
    network.inject(two, _FAR, station)
    assert len(station.events) == 3 and station.sent == []


def test_response_to_another_method_is_not_taken() -> None:
    network, station = _alone()
    station.endpoint.request(_options(), 0.0)
    network.run(0)
    wrong = _reply(station, 200).replace(b"1 OPTIONS", b"1 INVITE")
    network.inject(wrong, _FAR, station)
    assert station.of(ResponseReceived) == []


def test_outgoing_is_taken_once() -> None:
    _, station = _alone()
    station.endpoint.request(_options(), 0.0)
    assert [type(item) for item in station.endpoint.datagrams_to_send()] == [Outgoing]
    assert station.endpoint.datagrams_to_send() == []
