"""Whole calls that an extension sends on, in virtual time: to phones, providers, telephones."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.sip import events as sip
from drivers.events import OnHook
from tests.kit.lines_office import Scene, play_scene
from tests.kit.lines_office import office as wired
from tests.kit.stage import Party, Stage, on_stage
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks

OUTSIDE = "+79161234567"


def forwarding(document: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
    """The office, in which 2002 forwards so."""
    document = document or office()
    document["extensions"] = [
        {**e, **fields} if e["number"] == "2002" else e for e in document["extensions"]
    ]
    return document


async def three(stage: Stage) -> tuple[Party, Party, Party]:
    a, b, c = [await stage.phone(f"200{n}", f"192.168.1.1{n}") for n in (1, 2, 3)]
    return a, b, c


def header(party: Party, name: str) -> str:
    return str(party.last(sip.InviteReceived).request.headers.get(name) or "")


def test_always_rings_at_the_target_alone() -> None:
    async def play(stage: Stage) -> None:
        a, b, c = await three(stage)
        session = await a.call("2002")
        assert b.heard(sip.InviteReceived) == []
        assert header(c, "Diversion") == "<sip:2002@192.168.1.1>;reason=unconditional"
        await c.answer()
        await a.hang_up(session)
        (row,) = stage.journal.rows
        assert (row.dialled, row.number, row.answered_by) == ("2002", "2003", "2003")
        assert "forward.always" in [reason.key for reason in row.reasons]

    on_stage(play, forwarding(forward_always="2003"))


def test_nobody_answers_for_so_long_and_the_target_rings() -> None:
    async def play(stage: Stage) -> None:
        a, b, c = await three(stage)
        session = await a.call("2002")
        await b.ring()
        await stage.wait(9.5)
        assert c.heard(sip.InviteReceived) == []
        await stage.wait(1)
        assert "No answer" in b.last(sip.SessionCancelled).reason
        assert header(c, "Diversion").endswith("reason=no-answer")
        await c.ring()
        await c.answer()
        assert len(a.heard(sip.SessionAnswered)) == 1
        assert a.heard(sip.SessionFailed) == []
        await a.hang_up(session)
        await stage.wait(1)
        (row,) = stage.journal.rows
        assert [leg.party for leg in row.legs] == [
            "extension 2001",
            "extension 2002",
            "extension 2003",
        ]
        assert row.legs[1].cause is Cause.NO_ANSWER
        assert stage.exchange.live.counts.extension_calls == {}
        assert stage.plane.streams == []

    on_stage(play, forwarding(forward_no_answer="2003", forward_no_answer_s=10))


@pytest.mark.parametrize("status", [486, 600])
def test_a_busy_phone_sends_the_call_on(status: int) -> None:
    async def play(stage: Stage) -> None:
        a, b, c = await three(stage)
        await a.call("2002")
        await b.reject(status)
        assert header(c, "Diversion").endswith("reason=user-busy")
        await c.answer()
        assert len(a.heard(sip.SessionAnswered)) == 1

    on_stage(play, forwarding(forward_busy="2003"))


def test_an_extension_at_its_limit_of_calls_is_busy() -> None:
    async def play(stage: Stage) -> None:
        a, b, c = await three(stage)
        d = await stage.phone("2004", "192.168.1.14")
        await b.call("2004")
        await d.answer()
        await a.call("2002")
        await c.answer()
        assert b.heard(sip.InviteReceived) == []
        assert len(a.heard(sip.SessionAnswered)) == 1

    on_stage(play, forwarding(forward_busy="2003", max_calls=1))


def test_an_extension_without_a_phone_sends_the_call_on() -> None:
    async def play(stage: Stage) -> None:
        a, c = await stage.phone("2001", "192.168.1.11"), await stage.phone("2003", "192.168.1.13")
        await a.call("2002")
        assert header(c, "Diversion").endswith("reason=unavailable")
        await c.answer()
        assert len(a.heard(sip.SessionAnswered)) == 1

    on_stage(play, forwarding(forward_offline="2003"))


def test_a_provider_is_called_in_the_forwarders_name_and_on_his_account() -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2002", "192.168.1.12")
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        for _ in range(2):
            session = await a.call("2002")
            await provider.answer()
            assert "+74951119999" in header(provider, "From")
            assert "+74951119999" in header(provider, "Diversion")
            await a.hang_up(session)
        assert stage.exchange.live.state().spent["2002"].calls_last_hour == 2
        session = await a.call("2002")  # his hour is over, whoever calls
        await stage.wait(30, step_s=0.2)
        assert a.status_of(session) == 403
        assert len(provider.heard(sip.InviteReceived)) == 2
        assert [row.cause for row in stage.journal.rows] == [
            Cause.NORMAL,
            Cause.NORMAL,
            Cause.LIMIT,
        ]
        await a.hang_up(await _outside(a, provider))  # the caller's own hour is untouched

    document = forwarding(
        with_trunks("one"),
        forward_always=OUTSIDE,
        max_paid_calls_per_hour=2,
        caller_id="+74951119999",
    )
    on_stage(play, document)


@pytest.mark.parametrize("is_stranger", [False, True])
def test_a_forwarded_call_that_is_cut_is_on_the_forwarders_account(is_stranger: bool) -> None:
    """What the journal was told of it is enough for the next start."""

    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        provider.number = "+79031112233"
        if is_stranger:
            await provider.call("+74951234567", credentials=None)
        else:
            await (await stage.phone("2001", "192.168.1.11")).call("2002")
        (summary,) = stage.journal.summaries.values()
        assert (summary["payer"], summary["number"]) == ("2002", OUTSIDE)

    on_stage(play, forwarding(with_trunks("one"), forward_always=OUTSIDE))


def test_a_strangers_call_leaves_as_the_forwarders() -> None:
    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        provider.number = "+79031112233"
        session = await provider.call("+74951234567", credentials=None)
        assert "+74951119999" in header(provider, "From")
        await provider.answer()
        assert len(provider.heard(sip.SessionAnswered)) == 1
        assert stage.exchange.live.state().spent["2002"].calls == 1
        assert len(stage.exchange.live.counts.trunk_calls["one"]) == 2  # in and out
        await provider.hang_up(session)
        (row,) = stage.journal.rows
        assert (row.direction, row.caller, row.number) == ("inbound", "+79031112233", OUTSIDE)
        assert stage.exchange.live.counts.trunk_calls == {}

    document = with_trunks("one")
    on_stage(play, forwarding(document, forward_always=OUTSIDE, caller_id="+74951119999"))


def test_a_strangers_call_does_not_leave_where_the_forwarder_may_not_call() -> None:
    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        provider.number = "+79031112233"
        session = await provider.call("+74951234567", credentials=None)
        await stage.wait(30, step_s=0.2)
        assert provider.status_of(session) == 403
        assert provider.heard(sip.InviteReceived) == []

    document = with_trunks("one")
    on_stage(play, forwarding(document, forward_always=OUTSIDE, class_of_service="internal"))


async def _outside(phone: Party, provider: Party) -> int:
    session = await phone.call("84951112233")
    await provider.answer()
    return session


def test_a_telephone_whose_calls_go_elsewhere_has_the_special_dial_tone() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        ordinary = ear.played[-1]
        scene.desk.tell(OnHook(0))
        await stage.settle()
        ear = await scene.lift(scene.hall)
        special = ear.played[-1]
        assert special != ordinary and ear.playing
        ear.press("2001")  # and it dials as ever
        await stage.settle()
        assert scene.desk.done[-1] == "ring"
        scene.hall.tell(OnHook(0))
        await stage.settle()
        stage.configure(wired())
        await stage.settle()
        ear = await scene.lift(scene.hall)
        assert ear.played[-1] == ordinary

    play_scene(play, forwarding(wired(), forward_always="2003"))


def test_a_ringing_telephone_is_silent_when_its_call_goes_on() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        a = await stage.phone("2003", "192.168.1.13")
        session = await a.call("2002")
        assert scene.hall.done == ["ring"]
        await stage.wait(6)
        assert scene.hall.done == ["ring", "stop_ring"]
        assert scene.desk.done == ["ring"]
        await scene.lift(scene.desk)
        assert len(a.heard(sip.SessionAnswered)) == 1
        await a.hang_up(session)

    play_scene(play, forwarding(wired(), forward_no_answer="2001", forward_no_answer_s=5))


def test_a_telephone_that_is_lifted_is_busy() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        a = await stage.phone("2003", "192.168.1.13")
        await scene.lift(scene.hall)
        session = await a.call("2002")
        assert scene.desk.done == ["ring"]
        await scene.lift(scene.desk)
        assert len(a.heard(sip.SessionAnswered)) == 1
        await a.hang_up(session)

    play_scene(play, forwarding(wired(), forward_busy="2001"))


def test_a_target_that_cannot_be_had_at_once_ends_the_call_with_words() -> None:
    """The telephone says busy in the same breath in which the first one's ring is ended."""

    async def play(scene: Scene, stage: Stage) -> None:
        a = await stage.phone("2003", "192.168.1.13")
        await scene.lift(scene.desk)
        session = await a.call("2002")
        await stage.wait(5.5)
        assert scene.hall.done == ["ring", "stop_ring"]
        await stage.wait(60, step_s=0.2)
        assert a.status_of(session) == 486
        assert stage.exchange.live.by_ref == {}
        (row,) = stage.journal.rows
        assert [leg.cause for leg in row.legs[1:3]] == [Cause.NO_ANSWER, Cause.BUSY]

    play_scene(play, forwarding(wired(), forward_no_answer="2001", forward_no_answer_s=5))


def test_a_phone_that_is_told_to_end_and_says_nothing_holds_nobody_up() -> None:
    async def play(stage: Stage) -> None:
        a, b, c = await three(stage)
        session = await a.call("2002")
        await b.ring()
        b.is_silent = True
        await stage.wait(11)
        await c.answer()
        assert len(a.heard(sip.SessionAnswered)) == 1
        await a.hang_up(session)
        await stage.wait(60, step_s=0.5)
        assert stage.exchange.live.by_ref == {}

    on_stage(play, forwarding(forward_no_answer="2003", forward_no_answer_s=10))


def test_a_chain_goes_on_until_somebody_answers() -> None:
    async def play(stage: Stage) -> None:
        a, b, c = await three(stage)
        d = await stage.phone("2004", "192.168.1.14")
        session = await a.call("2002")
        await b.reject(486)
        await c.ring()
        await stage.wait(6)
        assert header(d, "Diversion") == "<sip:2003@192.168.1.1>;reason=no-answer"
        await d.answer()
        await a.hang_up(session)
        (row,) = stage.journal.rows
        assert row.answered_by == "2004"
        told = [reason.key for reason in row.reasons if reason.key.startswith("forward.")]
        assert told == [
            "forward.if_busy",
            "forward.busy",
            "forward.if_no_answer",
            "forward.no_answer",
        ]

    document = forwarding(forward_busy="2003")
    document["extensions"] = [
        {**e, "forward_no_answer": "2004", "forward_no_answer_s": 5} if e["number"] == "2003" else e
        for e in document["extensions"]
    ]
    on_stage(play, document)


def test_a_call_that_was_sent_on_can_be_picked_up_where_it_rings() -> None:
    async def play(stage: Stage) -> None:
        a, _, c = await three(stage)
        d = await stage.phone("2004", "192.168.1.14")
        await a.call("2002")
        await c.ring()
        await d.call("*82003")
        assert len(a.heard(sip.SessionAnswered)) == 1
        assert len(c.heard(sip.SessionCancelled)) == 1

    on_stage(play, forwarding(forward_always="2003"))
