"""Requests inside a call: those that end it, those that are challenged, INFO."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    Credentials,
    EndCause,
    Hop,
    InfoReceived,
    OfferRefused,
    SessionEnded,
    Transport,
)
from tests.kit.wire import ANSWER, OFFER, assert_empty, reply
from tests.sip.in_call import FAR, SECOND, Pair, alone_in_call, refuse, timed
from tests.sip.test_invite_client import Alone
from tests.sip.test_invite_server import Called
from tests.sip.test_server_transactions import message

# ---- what ends a call


@pytest.mark.parametrize("status", [408, 481])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_far_end_that_forgot_the_call(status: int, method: str) -> None:
    if method == "INVITE":
        alone = alone_in_call()
        network, station = alone.network, alone.station
        station.endpoint.offer(alone.session, SECOND, 0.0)
        network.run(0)
    else:
        called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, UPDATE")
        network, station = called.network, called.station
        network.run(300.1)
    refuse(network, station, method, status)
    ended = station.only(SessionEnded)
    assert (ended.cause, ended.is_remote) == (EndCause.GONE, True)
    assert len(station.requests("BYE")) == 1
    assert station.of(OfferRefused) == []
    network.rest()
    assert_empty(station)


@pytest.mark.parametrize("is_provisional", [True, False])
def test_re_invite_without_end_ends_the_call(is_provisional: bool) -> None:
    alone = alone_in_call()
    alone.station.endpoint.offer(alone.session, SECOND, 0.0)
    alone.network.run(0)
    if is_provisional:
        refuse(alone.network, alone.station, "INVITE", 100)
    alone.network.rest()
    assert alone.station.only(SessionEnded).cause is EndCause.GONE
    assert_empty(alone.station)


def test_2xx_to_a_re_invite_is_acknowledged_even_when_we_have_left() -> None:
    alone = alone_in_call()
    alone.station.endpoint.offer(alone.session, SECOND, 0.0)
    alone.network.run(0)
    alone.station.endpoint.bye(alone.session, "", 0.0)
    acks = len(alone.station.requests("ACK"))
    for _ in range(2):
        refuse(alone.network, alone.station, "INVITE", 200)
    assert len(alone.station.requests("ACK")) == acks + 2
    alone.network.rest()
    assert_empty(alone.station)


def test_pending_offer_is_finished_when_the_call_ends() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=SECOND)
    called.hear("BYE", cseq=3)
    assert sorted(called.lines()[-2:]) == ["SIP/2.0 200", "SIP/2.0 487"]
    called.endpoint.accept_offer(1, ANSWER, 0.0)
    called.network.rest()
    assert_empty(called.station)


# ---- challenges inside the call


@pytest.mark.parametrize("method", ["INVITE", "BYE", "INFO"])
def test_request_in_the_call_is_challenged(method: str) -> None:
    alone = alone_in_call(credentials=Credentials("a", "b"))
    endpoint = alone.station.endpoint
    match method:
        case "INVITE":
            endpoint.offer(alone.session, SECOND, 0.0)
        case "BYE":
            endpoint.bye(alone.session, "Q.850;cause=16", 0.0)
        case "INFO":
            endpoint.info(alone.session, "application/dtmf-relay", b"Signal=5", 0.0)
    alone.network.run(0)
    for n in range(4):
        challenge = ("Proxy-Authenticate", f'Digest realm="r", nonce="{n}"')
        refuse(alone.network, alone.station, method, 407, challenge)
    sent = {r.via.branch: r for r in alone.station.requests(method) if r.to.tag}
    first, second = sent.values()
    assert second.cseq.number > first.cseq.number
    assert "Proxy-Authorization" in second.headers
    assert second.body == first.body
    assert second.headers.get("Reason") == first.headers.get("Reason")
    assert len(second.headers.get_all("User-Agent")) <= 1
    assert len(alone.station.of(OfferRefused)) == (method == "INVITE")


def _once(nonce: str) -> tuple[str, str]:
    return ("WWW-Authenticate", f'Digest realm="r", nonce="{nonce}", qop="auth"')


def test_a_far_end_that_takes_each_nonce_once_is_answered_to_the_end() -> None:
    """Keys, then the BYE: without its proof the provider counts the call's minutes on."""
    alone = Alone(credentials=Credentials("a", "b"))
    alone.hear(401, _once("n"))
    alone.hear(200, body=ANSWER)
    for key in ("1", "2", "3"):
        alone.station.endpoint.info(alone.session, "a/b", key.encode(), 0.0)
        alone.network.run(0)
        alone.hear_of("INFO", 401, _once(f"i{key}"))
        alone.hear_of("INFO", 200)
    alone.station.endpoint.bye(alone.session, "", 0.0)
    alone.network.run(0)
    alone.hear_of("BYE", 401, _once("bye"))
    assert len(alone.station.requests("INFO")) == 6
    assert 'nonce="bye"' in (alone.station.requests("BYE")[1].headers.get("Authorization") or "")


def test_keys_pressed_at_once_are_proved_one_by_one() -> None:
    """The second challenge is not the answer to the first one's proof."""
    alone = alone_in_call(credentials=Credentials("a", "b"))
    for key in ("1", "2"):
        alone.station.endpoint.info(alone.session, "a/b", key.encode(), 0.0)
    alone.network.run(0)
    for n, asked in enumerate(alone.station.requests("INFO")):
        alone.network.inject(reply(asked, 401, _once(f"n{n}")), FAR, alone.station)
    assert [r.body for r in alone.station.requests("INFO")] == [b"1", b"2", b"1", b"2"]
    for n, asked in enumerate(alone.station.requests("INFO")[2:]):
        assert f'nonce="n{n}"' in (asked.headers.get("Authorization") or "")
        alone.network.inject(reply(asked, 401, _once(f"m{n}")), FAR, alone.station)
    assert len(alone.station.requests("INFO")) < 7  # it does not go on for ever


def test_info_goes_both_ways_and_481_ends_the_call() -> None:
    pair = Pair()
    pair.caller.endpoint.info(pair.mine, "application/dtmf-relay", b"Signal=5", pair.network.now)
    pair.network.run(0.1)
    info = pair.called.only(InfoReceived)
    assert (info.content_type, info.body) == ("application/dtmf-relay", b"Signal=5")
    assert pair.called.responses(200, "INFO")
    alone = alone_in_call()
    alone.station.endpoint.info(alone.session, "a/b", b"", 0.0)
    alone.network.run(0)
    refuse(alone.network, alone.station, "INFO", 481)
    assert alone.station.only(SessionEnded).cause is EndCause.GONE


# ---- a stream that is lost


STREAM = Hop(Transport.TCP, "192.0.2.2", 41234, connection=7)
LISTENER = Hop(Transport.TCP, "192.0.2.2", 5062)


def called_by_stream(via: str = "192.0.2.2:5062") -> Called:
    """A call that came by a stream, and stands."""
    called = Called(is_called=False)
    fields = {"via": via, "transport": "TCP", "body": OFFER}
    invite = message("INVITE", **fields)  # type: ignore[arg-type]
    listens = b"Contact: <sip:alice@192.0.2.2:5062;transport=tcp>"
    invite = invite.replace(b"Contact: <sip:alice@192.0.2.2>", listens)
    called.network.inject(invite, STREAM, called.station)
    called.endpoint.answer(1, ANSWER, 0.0)
    ack = message("ACK", transport="TCP", branch="z9hG4bKack", to_tag=called.tag)
    called.network.inject(ack, STREAM, called.station)
    return called


def lose(called: Called, *hops: Hop) -> None:
    for hop in hops:
        called.endpoint.transport_failed(hop, 0.0)
        called.network.run(0)


def test_bye_follows_the_far_end_to_where_it_listens_when_its_stream_is_lost() -> None:
    called = called_by_stream()
    called.endpoint.bye(1, "Q.850;cause=16", 0.0)
    called.network.run(0)
    lose(called, STREAM, LISTENER, LISTENER)
    byes = [item for item in called.station.sent if item.data.startswith(b"BYE")]
    assert [item.hop for item in byes] == [STREAM, LISTENER]
    assert b"Reason: Q.850" in byes[1].data
    called.network.rest()
    assert_empty(called.station)


def test_a_request_goes_by_the_stream_that_the_far_end_opened_since() -> None:
    called = called_by_stream()
    again = Hop(Transport.TCP, "192.0.2.2", 41300, connection=8)
    called.endpoint.info(1, "a/b", b"", 0.0)
    called.network.run(0)
    heard = message("INFO", transport="TCP", branch="z9hG4bKi", cseq=2, to_tag=called.tag)
    called.network.inject(heard, again, called.station)
    lose(called, STREAM)
    infos = [item for item in called.station.sent if item.data.startswith(b"INFO")]
    assert [item.hop for item in infos] == [STREAM, again]


@pytest.mark.parametrize("via", ["192.0.2.2:5062", "10.0.0.9"])
def test_an_offer_survives_a_lost_stream_where_the_far_end_can_be_found(via: str) -> None:
    """Behind NAT it cannot: the call is over, as it was before."""
    called = called_by_stream(via)
    called.endpoint.offer(1, SECOND, 0.0)
    called.network.run(0)
    lose(called, STREAM)
    is_found = via.endswith("5062")
    offers = [item.hop for item in called.station.sent if item.data.startswith(b"INVITE")]
    assert offers == [STREAM, LISTENER][: 1 + is_found]
    assert bool(called.station.of(SessionEnded)) is not is_found
    lose(called, LISTENER)
    assert called.station.only(SessionEnded).cause is EndCause.GONE
