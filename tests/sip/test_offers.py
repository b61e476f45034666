"""Re-INVITE and UPDATE of both sides, glare and overlaps."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    OfferAnswered,
    OfferReceived,
    OfferRefused,
    SessionConfirmed,
    SessionProgressed,
)
from appliance.sip.message import Request, Response, parse_message
from tests.kit.wire import ANSWER, OFFER, assert_empty, call, request_of
from tests.sip.in_call import FAR, SECOND, Pair, alone_in_call, refuse
from tests.sip.test_invite_client import Alone
from tests.sip.test_invite_server import Called
from tests.sip.test_server_transactions import message


@pytest.mark.parametrize("caller_first", [True, False])
def test_re_invite_of_either_side(caller_first: bool) -> None:
    pair = Pair()
    one, mine, other, theirs = pair.sides(caller_first)
    confirmed = len(other.of(SessionConfirmed)) + len(one.of(SessionConfirmed))
    one.endpoint.offer(mine, SECOND, pair.network.now)
    pair.network.run(0.1)
    assert other.only(OfferReceived) == OfferReceived(theirs, SECOND)
    other.endpoint.accept_offer(theirs, ANSWER, pair.network.now)
    pair.network.run(0.1)
    assert one.only(OfferAnswered) == OfferAnswered(mine, ANSWER)
    assert len(other.of(SessionConfirmed)) + len(one.of(SessionConfirmed)) == confirmed
    one.endpoint.offer(mine, OFFER, pair.network.now)
    pair.network.run(0.1)
    other.endpoint.reject_offer(theirs, 488, pair.network.now)
    pair.network.run(0.1)
    assert one.only(OfferRefused).status == 488
    one.endpoint.bye(mine, "", pair.network.now)
    pair.network.rest()
    assert_empty(one, other)


def test_re_invite_without_offer_is_answered_in_the_ack() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag)
    assert called.station.only(OfferReceived).body is None
    called.endpoint.accept_offer(1, SECOND, 0.0)
    called.hear("UPDATE", cseq=3, body=OFFER)  # our offer is not answered yet
    assert called.lines()[-1] == "SIP/2.0 491"
    called.hear("ACK", cseq=2, branch="z9hG4bKa2", body=ANSWER)
    assert called.station.only(OfferAnswered).body == ANSWER
    assert len(called.station.of(SessionConfirmed)) == 1


def test_rejected_re_invite_without_offer_leaves_nothing_for_the_next_ack() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag)
    called.endpoint.reject_offer(1, 488, 0.0)
    called.hear("ACK", cseq=2, branch="z9hG4bKr")
    called.hear("INVITE", cseq=3, branch="z9hG4bKs", to_tag=called.tag, body=SECOND)
    called.endpoint.accept_offer(1, ANSWER, 0.0)
    called.hear("ACK", cseq=3, branch="z9hG4bKt")
    assert called.station.of(OfferAnswered) == []
    called.network.run(40)
    assert called.endpoint.sessions_alive == 1 and called.endpoint.transactions_alive == 0


def test_repeated_re_invite_is_one_offer() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    for _ in range(3):
        called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=SECOND)
    assert len(called.station.of(OfferReceived)) == 1
    assert called.endpoint.sessions_alive == 1


def test_re_invite_before_the_ack_implies_it() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=SECOND)
    assert len(called.station.of(SessionConfirmed)) == 1
    called.endpoint.accept_offer(1, ANSWER, 0.0)
    called.hear("ACK", cseq=2, branch="z9hG4bKa2")
    called.hear("ACK", cseq=1)
    called.network.run(40)
    assert len(called.station.of(SessionConfirmed)) == 1
    assert called.endpoint.sessions_alive == 1 and called.endpoint.next_timeout() is None


def test_offer_before_the_ack_waits_for_it() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.endpoint.offer(1, SECOND, 0.0)
    called.network.run(0.1)
    assert called.station.requests("INVITE") == []
    called.endpoint.offer(1, OFFER, 0.1)
    called.hear("ACK")
    assert called.station.only(OfferRefused).status == 491  # one at a time
    assert request_of(called.station, "INVITE").body == SECOND


def test_cancelled_re_invite_is_487() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=SECOND)
    called.hear("CANCEL", cseq=2, branch="z9hG4bKr", to_tag=called.tag)
    assert called.lines()[-2:] == ["SIP/2.0 200", "SIP/2.0 487"]
    called.endpoint.accept_offer(1, ANSWER, 0.0)
    called.hear("ACK", cseq=2, branch="z9hG4bKr")
    assert called.endpoint.sessions_alive == 1


def test_glare_is_solved_by_waiting() -> None:
    """§14.1: both are refused with 491, both try again, who made the Call-ID later."""
    pair = Pair()
    network = pair.network
    for station in (pair.caller, pair.called):
        station.on_event = lambda event, now, station=station: (  # type: ignore[misc]
            station.endpoint.accept_offer(event.session, ANSWER, now)
            if isinstance(event, OfferReceived)
            else None
        )
    pair.caller.endpoint.offer(pair.mine, SECOND, network.now)
    pair.called.endpoint.offer(pair.theirs, SECOND, network.now)
    network.run(0.1)
    assert pair.caller.responses(491) and pair.called.responses(491)
    started = network.now
    network.run(10)
    assert pair.caller.only(OfferAnswered) and pair.called.only(OfferAnswered)
    assert pair.caller.of(OfferRefused) == pair.called.of(OfferRefused) == []
    assert len(pair.caller.requests("INVITE")) == 3
    assert network.now - started == 10


@pytest.mark.parametrize(("is_owner", "least", "most"), [(True, 2.1, 4.0), (False, 0.0, 2.0)])
def test_wait_after_glare(is_owner: bool, least: float, most: float) -> None:
    if is_owner:
        alone = alone_in_call()
        network, station, session = alone.network, alone.station, alone.session
    else:
        called = Called()
        called.endpoint.answer(1, ANSWER, 0.0)
        called.hear("ACK")
        network, station, session = called.network, called.station, 1
    station.endpoint.offer(session, SECOND, 0.0)
    count = len(station.requests("INVITE"))
    network.run(0)
    times: list[float] = []
    for _ in range(4):
        before = network.now
        refuse(network, station, "INVITE", 491)
        count = len(station.requests("INVITE"))
        while len(station.requests("INVITE")) == count and network.now < before + 5:
            network.run(0.05)
        times.append(network.now - before)
    assert all(least <= wait <= most + 0.1 for wait in times[:3])
    assert station.only(OfferRefused).status == 491


def test_offers_do_not_overlap() -> None:
    pair = Pair()
    pair.caller.endpoint.offer(pair.mine, SECOND, pair.network.now)
    pair.caller.endpoint.offer(pair.mine, OFFER, pair.network.now)
    pair.network.run(0.1)
    assert pair.caller.only(OfferRefused).status == 491
    pair.called.endpoint.offer(pair.theirs, OFFER, pair.network.now)
    pair.network.run(0.1)
    assert pair.called.only(OfferRefused).status == 491
    assert len(pair.called.of(OfferReceived)) == 1


def test_second_re_invite_while_the_first_waits_is_500() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=SECOND)
    called.hear("INVITE", cseq=3, branch="z9hG4bKs", to_tag=called.tag, body=SECOND)
    refused = called.station.responses(500)
    assert len(refused) == 1 and refused[0].headers.get("Retry-After")
    called.hear("UPDATE", cseq=4, body=SECOND)
    assert len(called.station.responses(500)) == 2
    assert len(called.station.of(OfferReceived)) == 1


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_body_that_is_no_description_is_415(method: str) -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    data = message(method, cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=b"x")
    data = data.replace(b"application/sdp", b"text/plain")
    called.network.inject(data, FAR, called.station)
    assert called.station.responses(415)[0].headers.get("Accept") == "application/sdp"
    assert called.station.of(OfferReceived) == []


# ---- UPDATE


def test_early_update_before_an_answer_is_500_and_without_offer_200() -> None:
    called = Called()
    called.endpoint.provisional(1, 180, now=0.0)
    called.hear("UPDATE", cseq=2, body=SECOND)
    assert called.lines()[-1] == "SIP/2.0 500"
    called.hear("UPDATE", cseq=3)
    assert called.lines()[-1] == "SIP/2.0 200"
    called.hear("INVITE", cseq=4, branch="z9hG4bKr", to_tag=called.tag, body=SECOND)
    assert called.lines()[-1] == "SIP/2.0 500"
    assert called.station.of(OfferReceived) == []


def test_early_update_behind_a_reliable_answer_is_an_offer() -> None:
    called = Called("Require: 100rel")
    called.endpoint.provisional(1, 183, ANSWER, now=0.0)
    called.hear("PRACK", "RAck: 1 1 INVITE", cseq=2)
    called.hear("UPDATE", cseq=3, body=SECOND)
    assert called.station.only(OfferReceived).body == SECOND
    called.endpoint.accept_offer(1, ANSWER, 0.0)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.network.run(0)
    assert called.lines()[-2:] == ["SIP/2.0 200", "SIP/2.0 200"]


def update_early(alone: Alone, tag: str, user: str, rest: str = "\r\n") -> None:
    """The called one sends UPDATE before it answers. rest: further fields, and the body."""
    update = (
        "UPDATE sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKu\r\n"
        f"From: <sip:bob@192.0.2.2>;tag={tag}\r\nTo: {alone.invite.headers.get('From')}\r\n"
        f"Call-ID: {alone.invite.call_id}\r\nCSeq: 1 UPDATE\r\n"
        f"Contact: <sip:{user}@192.0.2.2>\r\n{rest}"
    )
    alone.network.inject(update.encode(), FAR, alone.station)


@pytest.mark.parametrize("is_answered", [True, False])
def test_early_update_of_the_called_one(is_answered: bool) -> None:
    alone = Alone()
    alone.hear(183, ("Require", "100rel"), ("RSeq", "1"), body=ANSWER if is_answered else b"")
    update_early(alone, "z", "b", "Content-Type: application/sdp\r\n\r\nv=0\r\n")
    assert len(alone.station.of(OfferReceived)) == is_answered
    if is_answered:
        alone.station.endpoint.accept_offer(alone.session, ANSWER, 0.0)
        alone.hear(200, body=ANSWER)
    else:
        assert alone.station.responses(491)
    assert len(alone.station.of(SessionProgressed)) == 1


def test_of_several_early_dialogs_each_has_its_own_target() -> None:
    alone = Alone()
    for tag in ("one", "two"):
        contact = ("Contact", f"<sip:{tag}@192.0.2.2>")
        alone.hear(183, ("Require", "100rel"), ("RSeq", "1"), contact, tag=tag)
    update_early(alone, "one", "moved")
    assert alone.station.responses(200, "UPDATE")
    more = {"tag": "two"}
    alone.hear(183, ("Require", "100rel"), ("RSeq", "2"), ("Contact", "<sip:x@192.0.2.2>"), **more)
    assert request_of(alone.station, "PRACK").uri == "sip:two@192.0.2.2"


def test_target_moves_with_their_offer() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("UPDATE", cseq=2)
    moved = parse_message(called.station.sent[-1].data)
    assert isinstance(moved, Response) and moved.contacts
    called.endpoint.bye(1, "", 0.0)
    called.network.run(0)
    bye = request_of(called.station, "BYE")
    assert isinstance(bye, Request) and bye.uri == "sip:alice@192.0.2.2"


def test_call_after_call_over_one_pair() -> None:
    pair = Pair()
    again = call(pair.called, pair.caller, pair.network.now)
    pair.network.run(0.1)
    pair.called.endpoint.cancel(again, "", pair.network.now)
    pair.caller.endpoint.bye(pair.mine, "", pair.network.now)
    pair.network.rest()
    assert_empty(pair.caller, pair.called)
