"""A way that was chosen by its key serves one call to the outside, and not for long."""

from __future__ import annotations

from appliance.config.model import DestinationKind
from appliance.live.choices import CHOICE_S, LiveChoices
from appliance.routing.decision import Decision, Verdict
from appliance.sip import events as sip
from tests.kit.stage import Stage, on_stage
from tests.test_exchange_trunks import with_trunks


def decision(kind: DestinationKind | None, chooses: str = "") -> Decision:
    return Decision(verdict=Verdict.ROUTE, kind=kind, number="", chooses=chooses)


def test_a_choice_serves_one_call_outside() -> None:
    choices = LiveChoices()
    choices.follow("2001", decision(DestinationKind.FEATURE, "city"), 0.0)
    for kind in (DestinationKind.INTERNAL, DestinationKind.FEATURE, None):
        choices.follow("2001", decision(kind), 1.0)
    choices.follow("2002", decision(DestinationKind.LOCAL), 1.0)
    assert choices.at(2.0) == {"2001": "city"}
    choices.follow("2001", decision(DestinationKind.LOCAL), 3.0)
    assert choices.at(3.0) == {}


def test_a_choice_is_forgotten() -> None:
    choices = LiveChoices()
    choices.follow("2001", decision(DestinationKind.FEATURE, "city"), 0.0)
    choices.follow("2001", decision(DestinationKind.FEATURE, "sim"), 1.0)
    assert choices.at(CHOICE_S + 0.9) == {"2001": "sim"}
    assert choices.at(CHOICE_S + 1.1) == {}


def test_the_key_of_a_trunk_chooses_it_for_the_next_call() -> None:
    """Calls by the second trunk, which would be the second choice; the one after goes as ever."""

    async def play(stage: Stage) -> None:
        first, second = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        a = await stage.phone("2001", "192.168.1.11")
        await a.call("two")
        assert a.heard(sip.SessionAnswered)
        await stage.wait(2)
        assert a.heard(sip.SessionEnded), "the tone is short"
        session = await a.call("84951112233")
        await second.answer()
        assert not first.heard(sip.InviteReceived)
        await a.hang_up(session)
        await a.call("84951112233")
        assert first.heard(sip.InviteReceived)
        assert [row.dialled for row in stage.journal.rows][:1] == ["two"]

    on_stage(play, with_trunks("one", "two"))


def test_the_key_of_a_trunk_takes_what_rings_by_it() -> None:
    async def play(stage: Stage) -> None:
        provider = stage.party("203.0.113.1")
        provider.number = ""
        b, c = await stage.phone("2002", "192.168.1.12"), await stage.phone("2003", "192.168.1.13")
        caller = "sip:79161234567@203.0.113.1"
        await provider.call("4951234567", from_uri=caller, credentials=None)
        await b.ring()
        await c.call("*8one")
        assert c.heard(sip.SessionAnswered) and provider.heard(sip.SessionAnswered)
        assert b.heard(sip.SessionCancelled)

    on_stage(play, with_trunks("one"))
