"""Tests of appliance/legs/front_desk.py: what becomes of a request before there is a call."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.errors import MediaError
from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage, sdp
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks

HOST = "192.168.1.11"


def ask(stage: Stage, party: Party, method: str) -> None:
    request = sip.PlainRequest(
        method=method,
        uri="sip:192.168.1.1",
        hop=party.hop_to_box,
        from_uri="sip:2001@192.168.1.1",
        to_uri="sip:2001@192.168.1.1",
    )
    party.endpoint.request(request, stage.now())


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("MESSAGE", 401), ("REGISTER", 401), ("REFER", 405), ("SUBSCRIBE", 401)],
)
def test_a_stranger(method: str, status: int) -> None:
    async def play(stage: Stage) -> None:
        stranger = stage.party(HOST)
        ask(stage, stranger, method)
        await stage.settle()
        response = stranger.last(sip.ResponseReceived).response
        assert response.status == status
        assert bool(response.headers.get("Allow")) == (status in (200, 405))

    on_stage(play, office())


def test_a_stranger_may_not_call_and_leaves_nothing() -> None:
    async def play(stage: Stage) -> None:
        stranger = stage.party(HOST)
        stranger.number = "2001"
        session = await stranger.call("2002")
        assert stranger.status_of(session) == 401
        await stage.wait(40)
        assert stage.plane.opened == []
        assert stage.journal.begun == []
        assert stage.endpoint.sessions_alive == 0

    on_stage(play, office())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (sdp(HOST, 0), 488),
        (sdp(HOST).replace(b"8 0 101", b"97").replace(b"101 tele", b"97 tele"), 488),
        (b"v=0\r\nm=audio", 400),
        (b"\xff\x00", 400),
        (sdp(HOST, 5), 488),
    ],
    ids=["no audio", "no codec that we carry", "cut short", "noise", "a low port"],
)
def test_a_description_that_cannot_be_served(body: bytes, status: int) -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", HOST)
        await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002", body=body)
        await stage.wait(20)
        assert a.status_of(session) in (status, 488)
        await stage.wait(40)
        assert stage.plane.streams == []
        assert stage.exchange.alive()["legs"] == 0
        assert stage.endpoint.sessions_alive == 0

    on_stage(play, office())


def test_without_ports_it_is_503_and_not_the_phones_fault() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", HOST)

        def none_left(host: str, *, is_urgent: bool) -> Any:
            raise MediaError("media.ports_exhausted", "no port is left")

        stage.plane.open = none_left  # type: ignore[method-assign]
        session = await a.call("2002")
        assert a.status_of(session) == 503
        assert stage.exchange.alive()["legs"] == 0

    on_stage(play, office())


def test_who_offers_nothing_and_dials_nothing_sensible_is_told_by_status_alone() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", HOST)
        session = await a.call("5999", body=b"")
        await stage.wait(60)
        assert a.status_of(session) == 404
        assert stage.exchange.alive()["legs"] == 0

    on_stage(play, office())


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ((), "+79161234567"),
        ((("P-Asserted-Identity", "<sip:+74990000000@p>"),), "+74990000000"),
        ((("P-Asserted-Identity", "<sip:1@p>"), ("Privacy", "id")), "anonymous"),
        ((("P-Asserted-Identity", "<<<"),), None),
    ],
    ids=["from", "asserted", "hidden", "broken"],
)
def test_how_a_provider_s_caller_is_shown(headers: Any, caller: str | None) -> None:
    async def play(stage: Stage) -> None:
        b = await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        provider.number = "+79161234567"
        session = await provider.call("+74951234567", credentials=None, headers=headers)
        if caller is None:
            assert provider.status_of(session) == 400
            assert stage.plane.streams == []
            assert stage.exchange.alive()["legs"] == 0
        else:
            assert caller in b.last(sip.InviteReceived).request.from_.uri

    on_stage(play, with_trunks("one"))
