"""Tests of appliance/exchange.py: calls by trunks and from them, emergency calls; virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.sip import events as sip
from tests.kit.stage import Stage, on_stage, sdp
from tests.test_exchange import office


def with_trunks(*names: str, **more: Any) -> dict[str, Any]:
    """Trunks that are known by address, tried in this order, with one DID on the first."""
    trunks = [
        {
            "name": name,
            "host": f"203.0.113.{index}",
            "authentication": "address",
            "qualify_s": 0,
            "source_addresses": [f"203.0.113.{index}"],
            **more,
        }
        for index, name in enumerate(names, 1)
    ]
    kinds = ["local", "national", "mobile", "emergency"]
    return office(
        trunks=trunks,
        rules=[{"name": "out", "kinds": kinds, "ways": list(names)}],
        dids=[{"number": "+74951234567", "trunk": names[0], "extension": "2002"}],
    )


def test_a_dead_trunk_is_left_within_four_seconds_while_the_caller_hears_ringing() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        first, second = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        first.is_silent = True
        await a.call("84951112233")
        assert 180 in [e.response.status for e in a.heard(sip.SessionProgressed)]
        await stage.wait(3.8)
        assert not second.heard(sip.InviteReceived)
        await stage.wait(0.5)
        await second.answer()
        assert a.heard(sip.SessionAnswered)
        (row,) = [await _hang_up(stage, second)]
        assert row.trunk == "two"
        assert [leg.party for leg in row.legs][1:] == ["trunk one", "trunk two"]

    on_stage(play, with_trunks("one", "two"))


async def _hang_up(stage: Stage, party: Any) -> Any:
    await party.hang_up(party.ringing)
    return stage.journal.rows[-1]


@pytest.mark.parametrize("status", [503, 500, 403, 480])
def test_a_trunk_that_fails_is_left_at_once(status: int) -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        first, second = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        await a.call("84951112233")
        await first.reject(status)
        assert second.heard(sip.InviteReceived)

    on_stage(play, with_trunks("one", "two"))


def test_a_provider_is_asked_for_a_session_timer() -> None:
    """RFC 4028: a call whose provider died unheard ends by itself."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await a.call("84951112233")
        request = provider.last(sip.InviteReceived).request
        assert (request.headers.get("Session-Expires") or "").startswith("1800")
        assert "timer" in request.supported

    on_stage(play, with_trunks("one"))


def test_a_busy_number_outside_is_busy_and_no_other_trunk_is_tried() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        first, second = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        session = await a.call("84951112233")
        await first.reject(486)
        await stage.wait(60)
        assert a.status_of(session) == 486
        assert not second.heard(sip.InviteReceived)

    on_stage(play, with_trunks("one", "two"))


def test_a_call_from_outside_rings_the_did() -> None:
    async def play(stage: Stage) -> None:
        b = await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        provider.number = "+79161234567"
        session = await provider.call("+74951234567", credentials=None)
        await b.answer()
        assert provider.heard(sip.SessionAnswered)
        invite = b.last(sip.InviteReceived).request
        assert "+79161234567" in invite.from_.uri
        await provider.hang_up(session)
        (row,) = stage.journal.rows
        assert (row.direction, row.trunk, row.answered_by) == ("inbound", "one", "2002")

    on_stage(play, with_trunks("one"))


def test_an_unknown_did_rings_the_default_extension_and_raises_an_alert() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        provider.number = "+79161234567"
        await provider.call("+74950000000", credentials=None)
        await a.answer()
        assert provider.heard(sip.SessionAnswered)
        assert [alert["key"] for alert in stage.alerts.listed()] == ["unknown_did"]

    on_stage(play, with_trunks("one"))


@pytest.mark.parametrize("dialled", ["84951112233", "112", "*43", "2003", "89161234567", "0"])
def test_a_trunk_never_reaches_an_outbound_route_or_an_app(dialled: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", "192.168.1.11")
        provider, other = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        provider.number = "+79161234567"
        await provider.call(dialled, credentials=None)
        await stage.wait(5)
        assert not other.heard(sip.InviteReceived)
        assert not provider.heard(sip.InviteReceived)
        assert not any(s.is_echoing for s in stage.plane.opened)

    on_stage(play, with_trunks("one", "two"))


def test_an_emergency_call_drops_a_normal_one_when_all_lines_are_busy() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        await a.call("84951112233")
        await provider.answer()
        await b.call("112")
        await stage.wait(1)
        assert provider.heard(sip.SessionEnded)
        assert len(provider.heard(sip.InviteReceived)) == 2
        await provider.answer()
        assert b.heard(sip.SessionAnswered)
        assert stage.journal.rows[0].cause is Cause.PREEMPTED

    on_stage(play, with_trunks("one", max_calls=1))


def test_the_call_that_makes_room_for_an_emergency_is_over_before_its_line_is_asked_for() -> None:
    """The provider counts himself: he refuses who comes before the other has gone."""

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        talks: set[int] = set()

        def count(event: Any) -> None:
            if isinstance(event, sip.SessionEnded):
                talks.discard(event.session)
            elif isinstance(event, sip.InviteReceived) and talks:
                provider.endpoint.reject(event.session, 503, now=stage.now())
            elif isinstance(event, sip.InviteReceived):
                talks.add(event.session)
                answer = sdp("203.0.113.1", 6000)
                provider.endpoint.answer(event.session, answer, now=stage.now())

        provider.on_event = count
        await a.call("84951112233")
        await stage.wait(3)
        await b.call("112")
        await stage.wait(1)
        assert a.heard(sip.SessionEnded) and b.heard(sip.SessionAnswered)

    on_stage(play, with_trunks("one", max_calls=1))


@pytest.mark.parametrize("unusable", [b"no description", sdp("203.0.113.1", 0)])
def test_who_answers_together_with_words_that_cannot_be_heard_is_hung_up(unusable: bytes) -> None:
    """A 183 that ends the leg, and a 200 read in one go with it: he would stand in a paid call."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")

        def answer(event: Any) -> None:
            if isinstance(event, sip.InviteReceived):
                endpoint, now = provider.endpoint, stage.now()
                endpoint.provisional(event.session, 183, unusable, now=now)
                endpoint.answer(event.session, sdp("203.0.113.1", 6000), now=now)

        provider.on_event = answer
        await a.call("84951112233")
        await stage.wait(60)
        assert provider.heard(sip.SessionEnded)
        assert stage.endpoint.sessions_alive == 0

    on_stage(play, with_trunks("one"))


def test_an_emergency_call_tries_every_way_in_turn() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        trunks = [stage.party(f"203.0.113.{n}") for n in (1, 2, 3)]
        await a.call("112")
        for trunk in trunks[:2]:
            await trunk.reject(486)
        await trunks[2].answer()
        assert a.heard(sip.SessionAnswered)

    on_stage(play, with_trunks("one", "two", "three"))


@pytest.mark.parametrize("is_full_before", [True, False])
def test_an_emergency_call_drops_who_has_the_line_when_its_turn_comes(is_full_before: bool) -> None:
    """A silent way was tried first for 4 s; meanwhile the line was let go and taken again."""

    async def play(stage: Stage) -> None:
        numbers = ("2001", "2002", "2003")
        a, b, c = [await stage.phone(n, f"192.168.1.1{n[-1]}") for n in numbers]
        first, second = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        if is_full_before:
            session = await a.call("84951112233")
            await first.reject(503)
            await second.answer()
        first.is_silent = True
        await c.call("112")
        if is_full_before:
            await a.hang_up(session)
        await b.call("84951112244")
        await second.answer()
        assert b.heard(sip.SessionAnswered)
        await stage.wait(4.2)
        assert b.heard(sip.SessionEnded)
        assert second.last(sip.InviteReceived).request.uri.startswith("sip:112@")
        await second.answer()
        assert c.heard(sip.SessionAnswered)
        assert [row.cause for row in stage.journal.rows][-1] is Cause.PREEMPTED

    on_stage(play, with_trunks("one", "two", max_calls=1))
