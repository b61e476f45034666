"""Session refreshes by UPDATE and re-INVITE, too short ones, and calls that nobody refreshes."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    EndCause,
    OfferAnswered,
    OfferReceived,
    OfferRefused,
    SessionEnded,
)
from appliance.sip.message import Response
from tests.kit.wire import (
    ANSWER,
    OFFER,
    assert_empty,
    request_of,
)
from tests.sip.in_call import Pair, refuse, timed


def test_we_refresh_by_update_where_it_is_allowed() -> None:
    called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, UPDATE")
    called.network.run(299)
    assert called.station.requests("UPDATE") == []
    called.network.run(1.1)
    update = request_of(called.station, "UPDATE")
    assert update.headers.get("Session-Expires") == "600;refresher=uac"
    assert update.body == b"" and "Content-Type" not in update.headers
    refuse(called.network, called.station, "UPDATE", 200, ("Session-Expires", "400;refresher=uac"))
    called.network.run(201)
    assert len({u.via.branch for u in called.station.requests("UPDATE")}) == 2


def test_we_refresh_by_re_invite_where_update_is_not_allowed() -> None:
    called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, BYE")
    called.network.run(300.1)
    invite = request_of(called.station, "INVITE")
    assert invite.body == ANSWER  # what was described last: nothing changes
    refuse(called.network, called.station, "INVITE", 200)
    assert called.station.requests("ACK")
    assert called.station.of(OfferAnswered) == []
    called.network.run(300.1)
    assert len({u.via.branch for u in called.station.requests("INVITE")}) == 2


def test_update_that_is_unknown_after_all_becomes_a_re_invite() -> None:
    called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, UPDATE")
    called.network.run(300.1)
    refuse(called.network, called.station, "UPDATE", 501)
    assert request_of(called.station, "INVITE").body == ANSWER
    assert called.station.of(OfferRefused) == []


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
def test_refresh_in_glare_is_repeated_as_a_refresh(method: str) -> None:
    allow = "Allow: INVITE, UPDATE" if method == "UPDATE" else "Allow: INVITE"
    called = timed("Session-Expires: 600;refresher=uas", allow)
    called.network.run(300.1)
    first = request_of(called.station, method)
    refuse(called.network, called.station, method, 491)
    called.network.run(2.1)
    again = request_of(called.station, method)
    assert again.via.branch != first.via.branch
    assert again.body == first.body
    assert called.station.of(OfferRefused) == []


@pytest.mark.parametrize("status", [500, 503, 491])
def test_refused_refresh_is_repeated_before_the_far_end_gives_the_call_up(status: int) -> None:
    """RFC 4028 §10: a refusal changes nothing, and the far end's clock runs on."""
    called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, UPDATE")
    called.network.run(300.1)
    refused = 1 if status != 491 else 4  # after glare it waits a little, three times
    for _ in range(refused):
        refuse(called.network, called.station, "UPDATE", status)
        called.network.run(4.1 if status == 491 else 0)
    called.network.run(200)
    branches = {u.via.branch for u in called.station.requests("UPDATE")}
    assert len(branches) > refused
    refuse(called.network, called.station, "UPDATE", 200)
    called.network.run(200)
    assert {u.via.branch for u in called.station.requests("UPDATE")} == branches  # half of 600


def test_refresh_that_had_to_wait_for_an_offer_is_made_up_for() -> None:
    called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, UPDATE")
    called.network.run(299)
    called.hear("INVITE", cseq=2, branch="z9hG4bKr", to_tag=called.tag, body=OFFER)
    called.network.run(2)
    assert called.station.requests("UPDATE") == []
    called.endpoint.reject_offer(1, 488, called.network.now)
    called.network.run(200)
    assert called.station.requests("UPDATE")


def test_refresh_that_is_too_short_is_asked_again_longer() -> None:
    called = timed("Session-Expires: 600;refresher=uas", "Allow: INVITE, UPDATE")
    called.network.run(300.1)
    refuse(called.network, called.station, "UPDATE", 422, ("Min-SE", "900"))
    assert (
        request_of(called.station, "UPDATE").headers.get("Session-Expires") == "900;refresher=uac"
    )


def test_call_that_nobody_refreshes_is_ended() -> None:
    called = timed("Session-Expires: 600;refresher=uac")
    called.network.run(567)
    assert called.station.of(SessionEnded) == []
    called.network.run(2)
    ended = called.station.only(SessionEnded)
    assert (ended.cause, ended.is_remote) == (EndCause.SESSION_TIMER, False)
    assert "408" in (request_of(called.station, "BYE").headers.get("Reason") or "")
    called.network.rest()
    assert_empty(called.station)


def test_their_refresh_keeps_it_alive() -> None:
    called = timed("Session-Expires: 600;refresher=uac")
    called.network.run(400)
    fields = ("Supported: timer", "Session-Expires: 600;refresher=uac")
    called.hear("UPDATE", *fields, cseq=2)
    answer = called.station.messages()[-1]
    assert isinstance(answer, Response)
    assert answer.headers.get("Session-Expires") == "600;refresher=uac"
    called.network.run(500)
    assert called.station.of(SessionEnded) == called.station.of(OfferReceived) == []
    called.hear("UPDATE", "Supported: timer", "Session-Expires: 60", cseq=3)
    assert called.lines()[-1] == "SIP/2.0 422"


def test_refreshed_call_of_two_stations_lives_on() -> None:
    pair = Pair(session_expires_s=90)
    pair.network.run(600)
    assert pair.caller.of(SessionEnded) == pair.called.of(SessionEnded) == []
    assert len(pair.caller.requests("UPDATE")) + len(pair.called.requests("UPDATE")) > 10
