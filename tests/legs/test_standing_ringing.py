"""Calls that ring when the power goes: what is kept of them, and how telephones stop ringing."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.sip import events as sip
from appliance.store.dialog_codec import KeptDialog, KeptInvite
from tests.kit.stage import Party, Stage, on_stage
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks

ALICE, BOB = "192.168.1.11", "192.168.1.12"
ENOUGH_S = 2.1  # two rounds


async def ringing(stage: Stage) -> tuple[Party, Party, int]:
    """A call of 2001 that rings at 2002, and that a round of the box has seen; alice's session."""
    a, b = await stage.phone("2001", ALICE), await stage.phone("2002", BOB)
    session = await a.call("2002")
    await b.ring()
    await stage.wait(1.1)
    return a, b, session


@pytest.mark.parametrize("rings", [True, False])
def test_what_has_rung_for_a_moment_is_known(rings: bool) -> None:
    """Whether its 180 came or was lost."""

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", ALICE), await stage.phone("2002", BOB)
        session = await a.call("2002")
        if rings:
            await b.ring()
        await stage.wait(0.15, 0.05)
        assert len(stage.dialogs.kept) == 2 and stage.dialogs.writes == 1
        stage.cut_power()
        await stage.settle()
        assert b.heard(sip.SessionCancelled)
        assert a.status_of(session) == 503

    on_stage(play, office(site={"qualify_s": 0}))


def test_a_network_that_comes_up_later_than_the_box_leaves_nobody_ringing() -> None:
    """The first CANCEL finds no way at all, so that its transaction is over at once."""

    async def play(stage: Stage) -> None:
        _, b, _ = await ringing(stage)
        b.is_silent = True
        stage.cut_power()
        await stage.wait(0.2)
        stage.endpoint.transport_failed(sip.Hop(sip.Transport.UDP, *b.address), stage.now())
        await stage.settle()
        b.is_silent = False
        await stage.wait(9)
        assert not b.heard(sip.SessionCancelled)
        await stage.wait(1.5)
        assert "cut off" in b.last(sip.SessionCancelled).reason
        await stage.wait(60)
        assert (stage.endpoint.transactions_alive, stage.endpoint.sessions_alive) == (0, 0)

    on_stage(play, office(site={"qualify_s": 0}))


def test_a_cancel_that_is_lost_is_repeated() -> None:
    """RFC 3261 §17.1.2.2: after 0.5, 1, 2 s, then every 4 s, for 32 s."""

    async def play(stage: Stage) -> None:
        _, b, _ = await ringing(stage)
        b.is_silent = True
        sent: list[float] = []

        def note(source: Any, target: Any, data: bytes) -> None:
            if data.startswith(b"CANCEL"):
                sent.append(stage.now())

        stage.on_wire = note
        stage.cut_power()
        began = stage.now()
        await stage.wait(20, 0.1)
        assert [round(at - began, 1) for at in sent] == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5]
        b.is_silent = False
        await stage.wait(4.1)
        assert b.heard(sip.SessionCancelled)

    on_stage(play, office(site={"qualify_s": 0}))


def test_a_telephone_that_is_gone_is_given_up() -> None:
    async def play(stage: Stage) -> None:
        _, b, _ = await ringing(stage)
        b.is_silent = True
        stage.cut_power()
        await stage.wait(300, 1.0)
        assert (stage.endpoint.transactions_alive, stage.endpoint.sessions_alive) == (0, 0)
        sent: list[bytes] = []
        stage.on_wire = lambda source, target, data: sent.append(data[:6])
        await stage.wait(60, 1.0)
        assert b"CANCEL" not in sent

    on_stage(play, office(site={"qualify_s": 0}))


def test_after_a_cut_nothing_rings_on_and_the_caller_is_refused() -> None:
    async def play(stage: Stage) -> None:
        a, b, session = await ringing(stage)
        assert len(stage.dialogs.kept) == 2 and stage.dialogs.writes == 1
        stage.cut_power()
        await stage.settle()
        assert "cut off" in b.last(sip.SessionCancelled).reason
        assert a.status_of(session) == 503
        assert stage.dialogs.kept == {}
        await stage.wait(40)
        assert (stage.endpoint.transactions_alive, stage.endpoint.sessions_alive) == (0, 0)
        assert b.endpoint.transactions_alive == 0, "its 487 was acknowledged"

    on_stage(play, office(site={"qualify_s": 0}))


def test_who_lifts_while_the_box_is_away_is_hung_up() -> None:
    """His 200 is repeated (RFC 3261 §13.3.1.4) until a box that knows of it acknowledges it."""

    async def play(stage: Stage) -> None:
        _, b, _ = await ringing(stage)
        stage.loses = lambda: True
        await b.answer()
        stage.loses = lambda: False
        stage.cut_power()
        await stage.wait(2)
        assert b.heard(sip.SessionConfirmed)
        assert b.last(sip.SessionEnded).cause is sip.EndCause.BYE

    on_stage(play, office(site={"qualify_s": 0}))


def test_a_call_that_was_answered_after_it_rang_is_hung_up_not_cancelled() -> None:
    async def play(stage: Stage) -> None:
        a, b, _ = await ringing(stage)
        await b.answer()
        await stage.wait(0.15, 0.05)
        assert stage.dialogs.writes == 2 and len(stage.dialogs.kept) == 2
        stage.cut_power()
        await stage.settle()
        assert a.heard(sip.SessionEnded) and b.heard(sip.SessionEnded)
        assert not b.heard(sip.SessionCancelled)

    on_stage(play, office())


def test_a_provider_that_asked_who_we_are_is_told_by_the_invite_that_he_took() -> None:
    """The INVITE after the challenge has a branch of its own."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", ALICE)
        provider = stage.party("203.0.113.1")
        await a.call("84951112233")
        challenge = ("Proxy-Authenticate", 'Digest realm="one", nonce="n", algorithm=MD5')
        now = stage.now()
        provider.endpoint.reject(provider.ringing, 407, headers=(challenge,), now=now)
        await stage.settle()
        assert len(provider.heard(sip.InviteReceived)) == 2
        await provider.ring()
        await stage.wait(1.1)
        (kept,) = [k for k in stage.dialogs.kept.values() if k.party == "trunk one"]
        assert isinstance(kept, KeptInvite)
        stage.cut_power()
        await stage.settle()
        assert provider.heard(sip.SessionCancelled)
        assert [line.split()[0] for line in provider.requests][-2:] == ["CANCEL", "ACK"]

    on_stage(play, with_trunks("one", username="user", secret="Secret-of-the-trunk-1"))


def test_what_rings_is_ended_before_those_who_talk() -> None:
    """Of many farewells: who talks hears that he is alone, what rings calls somebody."""

    async def play(stage: Stage) -> None:
        await ringing(stage)
        rings = list(stage.dialogs.kept.values())
        c, d = await stage.phone("2003", "192.168.1.13"), await stage.phone("2004", "192.168.1.14")
        await c.call("2004")
        await d.answer()
        await stage.wait(ENOUGH_S)
        talks = [k for k in stage.dialogs.kept.values() if isinstance(k, KeptDialog)]
        sent: list[bytes] = []
        stage.on_wire = lambda source, target, data: sent.append(data.split()[0])
        stage.exchange.standing.part(talks * 30 + rings)
        await stage.settle()
        assert sent.count(b"CANCEL") == 1 and b"BYE" in sent
        assert sent.index(b"CANCEL") < sent.index(b"BYE")

    on_stage(play, office())


def test_a_call_that_ended_while_it_rang_leaves_nobody_to_tell() -> None:
    async def play(stage: Stage) -> None:
        a, _, session = await ringing(stage)
        a.endpoint.cancel(session, "", stage.now())
        await stage.wait(1.1)
        assert stage.dialogs.kept == {} and stage.dialogs.writes == 2

    on_stage(play, office())
