"""Tests of appliance/exchange.py: whole calls between phones, trunks and apps in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.sip import events as sip
from tests.kit.stage import Stage, on_stage, sdp

SECRET = "Secret-of-the-phone"


def office(**more: Any) -> dict[str, Any]:
    """Four extensions and nothing else."""
    document: dict[str, Any] = {
        "site": {"ring_time_s": 30, "default_extension": "2001"},
        "extensions": [
            {"number": n, "secret": SECRET, "name": f"Phone {n}", "pickup_group": "all"}
            for n in ("2001", "2002", "2003", "2004")
        ],
    }
    document.update(more)
    return document


def test_two_phones_talk_and_the_journal_knows() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.ring()
        await stage.wait(3)
        await b.answer()
        assert [s.partner is not None for s in stage.plane.streams] == [True, True]
        await stage.wait(10)
        await a.hang_up(session)
        assert len(b.heard(sip.SessionEnded)) == 1
        assert stage.plane.streams == []
        (row,) = stage.journal.rows
        assert (row.caller, row.dialled, row.number) == ("2001", "2002", "2002")
        assert (row.answered_by, row.cause, row.direction) == ("2002", Cause.NORMAL, "internal")
        assert row.talk_s == pytest.approx(10, abs=0.3)
        assert row.setup_s == pytest.approx(3, abs=0.3)

    on_stage(play, office())


def test_first_answer_wins_and_the_others_learn_that_it_was_answered_elsewhere() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        phones = [await stage.phone("2002", f"192.168.1.{n}") for n in (21, 22, 23)]
        await a.call("2002")
        for phone in phones:
            await phone.ring()
        await phones[1].answer()
        assert len(a.heard(sip.SessionAnswered)) == 1
        for loser in (phones[0], phones[2]):
            assert "cause=200" in loser.last(sip.SessionCancelled).reason
        assert phones[1].heard(sip.SessionCancelled) == []

    on_stage(play, office())


@pytest.mark.parametrize(("status", "expected"), [(486, 486), (603, 603), (480, 480)])
def test_a_refusal_reaches_the_caller_after_the_words(status: int, expected: int) -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.reject(status)
        await stage.wait(60)
        assert a.status_of(session) == expected
        assert stage.plane.streams == []

    on_stage(play, office())


def test_an_unknown_number_is_told_in_words_and_then_404() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        session = await a.call("5999")
        early = [e.response.status for e in a.heard(sip.SessionProgressed)]
        assert 183 in early
        await stage.wait(60)
        assert a.status_of(session) == 404
        assert stage.plane.opened[0].played
        (row,) = stage.journal.rows
        assert row.cause is Cause.NOT_FOUND
        assert row.reasons

    on_stage(play, office())


def test_a_caller_who_gives_up_cancels_what_rings() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.ring()
        a.endpoint.cancel(session, "", now=stage.now())
        await stage.wait(1)
        assert b.heard(sip.SessionCancelled)
        assert stage.journal.rows[0].cause is Cause.CANCELLED

    on_stage(play, office())


def test_nobody_answers() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.ring()
        await stage.wait(29)
        assert not b.heard(sip.SessionCancelled)
        await stage.wait(40)
        assert b.heard(sip.SessionCancelled)
        assert a.status_of(session) == 480
        assert stage.journal.rows[0].cause is Cause.NO_ANSWER

    on_stage(play, office())


def test_hold_and_resume_pass_to_the_other_party() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        theirs = await b.answer()
        for direction, answer in (("sendonly", "recvonly"), ("sendrecv", "sendrecv")):
            a.endpoint.offer(session, sdp("192.168.1.11", 4000, direction), now=stage.now())
            await stage.settle()
            offer = b.last(sip.OfferReceived)
            assert f"a={direction}".encode() in offer.body
            body = sdp("192.168.1.12", 6000, answer)
            b.endpoint.accept_offer(theirs, body, now=stage.now())
            await stage.settle()
            assert f"a={answer}".encode() in a.last(sip.OfferAnswered).body

    on_stage(play, office())


def test_a_session_refresh_troubles_nobody() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.answer()
        a.endpoint.offer(session, sdp("192.168.1.11"), now=stage.now())
        await stage.settle()
        assert a.heard(sip.OfferAnswered)
        assert not b.heard(sip.OfferReceived)

    on_stage(play, office())


def test_a_key_by_info_is_passed_on() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.answer()
        a.endpoint.info(
            session, "application/dtmf-relay", b"Signal=5\r\nDuration=90\r\n", stage.now()
        )
        await stage.settle()
        assert b"Signal=5" in b.last(sip.InfoReceived).body

    on_stage(play, office())


def test_a_caller_without_an_offer_gets_ours() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        await a.call("2002", body=b"")
        await b.answer()
        answered = a.last(sip.SessionAnswered)
        assert b"m=audio" in answered.response.body

    on_stage(play, office())


def test_echo_comes_back_to_the_caller() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        session = await a.call("*43")
        assert a.heard(sip.SessionAnswered)
        await stage.wait(20)
        assert stage.plane.streams[0].is_echoing
        await a.hang_up(session)
        assert stage.plane.streams == []

    on_stage(play, office())


def test_a_ringing_call_is_picked_up_by_another_phone_of_the_group() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        c = await stage.phone("2003", "192.168.1.13")
        await a.call("2002")
        await b.ring()
        session = await c.call("0")
        assert c.heard(sip.SessionAnswered)
        assert a.heard(sip.SessionAnswered)
        assert "cause=200" in b.last(sip.SessionCancelled).reason
        assert all(s.partner is not None for s in stage.plane.streams)
        await c.hang_up(session)
        assert a.heard(sip.SessionEnded)
        assert stage.plane.streams == []
        assert "2003" in [row.answered_by for row in stage.journal.rows]

    on_stage(play, office())


def test_a_message_goes_from_user_to_user() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")

        def accept(event: Any) -> None:
            if isinstance(event, sip.RequestReceived) and event.request.method == "MESSAGE":
                b.endpoint.respond(event.transaction, 200, now=stage.now())

        b.on_event = accept
        message = sip.PlainRequest(
            method="MESSAGE",
            uri="sip:2002@192.168.1.1",
            hop=a.hop_to_box,
            from_uri="sip:2001@192.168.1.1",
            to_uri="sip:2002@192.168.1.1",
            headers=(("Content-Type", "text/plain;charset=UTF-8"),),
            body="Привет".encode(),
            credentials=a.credentials,
        )
        a.endpoint.request(message, stage.now())
        await stage.wait(1)
        assert a.last(sip.ResponseReceived).response.status == 200
        got = [e.request for e in b.heard(sip.RequestReceived) if e.request.method == "MESSAGE"]
        assert got[0].body.decode() == "Привет"
        assert "charset=UTF-8" in (got[0].headers.get("Content-Type") or "")

    on_stage(play, office())


def test_a_wrong_password_neither_registers_nor_calls() -> None:
    async def play(stage: Stage) -> None:
        a = stage.party("192.168.1.11")
        assert await a.register("2001", "not-the-secret") == 401
        session = await a.call("2002")
        assert a.status_of(session) == 401
        assert stage.journal.begun == []

    on_stage(play, office())


def test_a_from_that_names_somebody_else_is_refused() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002", from_uri="sip:2003@192.168.1.1")
        assert a.status_of(session) == 403

    on_stage(play, office())


def test_saving_settings_drops_no_call_and_new_calls_follow_them() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002")
        await b.answer()
        fewer = office()
        fewer["extensions"] = fewer["extensions"][:1]
        stage.configure(fewer)
        await stage.wait(5)
        assert not a.heard(sip.SessionEnded)
        assert not b.heard(sip.SessionEnded)
        await a.hang_up(session)
        second = await a.call("2002")
        await stage.wait(60)
        assert a.status_of(second) == 404

    on_stage(play, office())


def test_a_call_on_which_nobody_is_heard_is_ended() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        await a.call("2002")
        await b.answer()
        stage.plane.streams[0].silent_s = 61
        await stage.wait(6)
        assert not a.heard(sip.SessionEnded), "one party is still heard"
        stage.plane.streams[1].silent_s = 61
        await stage.wait(6)
        assert a.heard(sip.SessionEnded)
        assert b.heard(sip.SessionEnded)
        assert stage.journal.rows[0].cause is Cause.MEDIA_LOST

    on_stage(play, office())


def test_video_is_refused_politely_and_the_voice_goes_on() -> None:
    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        body = sdp("192.168.1.11") + b"m=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
        await a.call("2002", body=body)
        await b.answer()
        assert b"m=video 0 " in a.last(sip.SessionAnswered).response.body
        assert b"m=video" not in b.last(sip.InviteReceived).request.body

    on_stage(play, office())


@pytest.mark.parametrize("address", ["224.0.0.1", "255.255.255.255", "0.0.0.0/1"])
def test_hostile_media_addresses_are_refused(address: str) -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        await stage.phone("2002", "192.168.1.12")
        session = await a.call("2002", body=sdp(address))
        assert a.status_of(session) in (400, 488)
        assert stage.plane.streams == []

    on_stage(play, office())


def test_a_call_that_ends_while_its_answer_waits_for_a_prack_is_not_answered_afterwards() -> None:
    """RFC 3262 §3: the 200 waits, and the called party hangs up before the PRACK comes."""

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
        is_lost, last = True, b""

        def note(source: object, target: object, data: bytes) -> None:
            nonlocal last
            last = data

        stage.on_wire = note
        stage.loses = lambda: is_lost and last.startswith(b"PRACK")
        await a.call("2002", headers=(("Require", "100rel"),))
        called = b.ringing
        words = sdp("192.168.1.12", 6000)
        b.endpoint.provisional(called, 183, words, now=stage.now())
        await stage.settle()
        b.endpoint.answer(called, words, now=stage.now())
        await stage.settle()
        await b.hang_up(called)
        is_lost = False
        await stage.wait(40)
        assert a.heard(sip.SessionFailed) and not a.heard(sip.SessionAnswered)
        assert stage.endpoint.sessions_alive == 0

    on_stage(play, office())
