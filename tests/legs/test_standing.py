"""Dialogs on disk: what is kept of which call, what that costs, and the farewell after a cut."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.call.leg import Cause
from appliance.errors import MediaError
from appliance.sip import events as sip
from appliance.store.dialog_codec import Kept
from appliance.store.dialogs import DialogStore
from appliance.store.writer import StateWriter
from tests.kit.stage import Party, Stage, on_stage, sdp
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks

ALICE, BOB = "192.168.1.11", "192.168.1.12"
ENOUGH_S = 2.1  # two rounds


async def talking(stage: Stage) -> tuple[Party, Party, int]:
    """A call of 2001 to 2002 that was answered a moment ago; alice's session."""
    a, b = await stage.phone("2001", ALICE), await stage.phone("2002", BOB)
    session = await a.call("2002")
    await b.answer()
    return a, b, session


def test_a_call_that_stands_is_kept_and_forgotten_when_it_ends() -> None:
    async def play(stage: Stage) -> None:
        a, _, session = await talking(stage)
        await stage.wait(ENOUGH_S)
        assert sorted(k.party for k in stage.dialogs.kept.values()) == [
            "extension 2001",
            "extension 2002",
        ]
        assert stage.dialogs.writes == 1
        await stage.wait(30)
        assert stage.dialogs.writes == 1
        await a.hang_up(session)
        await stage.wait(1.1)
        assert stage.dialogs.kept == {} and stage.dialogs.writes == 2

    on_stage(play, office())


def test_a_call_of_a_moment_costs_no_write() -> None:
    async def play(stage: Stage) -> None:
        a, _, session = await talking(stage)
        await stage.wait(0.3, 0.05)
        await a.hang_up(session)
        await stage.wait(5)
        assert stage.dialogs.writes == 0

    on_stage(play, office())


def test_a_call_that_was_answered_at_once_is_known_within_half_a_second() -> None:
    """As by echo, a mailbox, a fax: nothing of it rang long enough to be kept."""

    async def play(stage: Stage) -> None:
        a, b, _ = await talking(stage)
        await stage.wait(0.45, 0.05)
        assert len(stage.dialogs.kept) == 2 and stage.dialogs.writes == 1
        stage.cut_power()
        await stage.settle()
        assert a.heard(sip.SessionEnded) and b.heard(sip.SessionEnded)

    on_stage(play, office(site={"qualify_s": 0}))


def test_a_call_whose_answer_waited_for_a_prack_is_known() -> None:
    """The caller wants 100rel; the 183 is lost, so that his 200 waits (RFC 3262 §3)."""

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", ALICE), await stage.phone("2002", BOB)
        is_lost = True
        a.hears = lambda data: not (is_lost and b" 183 " in data[:20])
        await a.call("2002", headers=(("Require", "100rel"),))
        b.endpoint.provisional(b.ringing, 183, sdp(BOB, 6000), now=stage.now())
        await stage.settle()
        b.endpoint.answer(b.ringing, sdp(BOB, 6000), now=stage.now())
        await stage.settle()
        await stage.wait(0.45)
        is_lost = False
        await stage.wait(5)
        assert a.heard(sip.SessionAnswered)
        assert len(stage.dialogs.kept) == 2

    on_stage(play, office())


def test_octets_in_a_name_that_are_no_text_keep_no_call_from_the_disk(tmp_path: Path) -> None:
    """One telephone's Call-ID is none of UTF-8; the calls of others are in the same write."""
    kept: list[Kept] = []

    async def play(stage: Stage) -> None:
        a, b = await stage.phone("2001", ALICE), await stage.phone("2002", BOB)
        c, d = await stage.phone("2003", "192.168.1.13"), await stage.phone("2004", "192.168.1.14")
        deliver, plain, odd = stage._deliver, b"Call-ID: ", b"Call-ID: \xff"

        def with_odd_name(item: sip.Outgoing, source: tuple[str, int]) -> None:
            if source[0] == ALICE:
                item = replace(item, data=item.data.replace(plain, odd))
            elif item.hop.host == ALICE:
                item = replace(item, data=item.data.replace(odd, plain))
            deliver(item, source)

        stage._deliver = with_odd_name  # type: ignore[method-assign]
        await a.call("2002")
        await c.call("2004")
        await b.answer()
        await d.answer()
        await stage.wait(1)
        kept.extend(stage.dialogs.kept.values())

    on_stage(play, office())
    writer = StateWriter(tmp_path / "state.db")
    store = DialogStore(writer)
    store.apply(kept, ()).future.result(10)
    left = asyncio.run(store.load())
    writer.close()
    assert len(kept) == len(left) == 4


def test_a_leg_that_no_port_was_left_for_is_looked_at_no_more() -> None:
    async def play(stage: Stage) -> None:
        a, _ = await stage.phone("2001", ALICE), await stage.phone("2002", BOB)
        opened = stage.plane.open
        opens: list[str] = []

        def open_(host: str, *, is_urgent: bool) -> Any:
            opens.append(host)
            if len(opens) == 2:
                raise MediaError("media.ports_exhausted")
            return opened(host, is_urgent=is_urgent)

        stage.plane.open = open_  # type: ignore[method-assign]
        await a.call("2002")
        await stage.wait(30)  # the caller is told why
        assert len(opens) == 2 and stage.exchange.standing._fresh == []

    on_stage(play, office())


def test_after_a_cut_both_parties_hear_why_and_nothing_is_left() -> None:
    async def play(stage: Stage) -> None:
        a, b, _ = await talking(stage)
        await stage.wait(ENOUGH_S)
        stage.cut_power()
        await stage.settle()
        for party in (a, b):
            ended = party.last(sip.SessionEnded)
            assert ended.is_remote and ended.cause is sip.EndCause.BYE
            assert "cut off" in ended.reason
        assert stage.dialogs.kept == {}
        await stage.wait(40)
        assert stage.exchange.alive()["requests"] == 0
        assert stage.endpoint.transactions_alive == 0

    on_stage(play, office(site={"qualify_s": 0}))


def test_our_requests_before_the_cut_do_not_make_the_bye_an_old_one() -> None:
    """Refreshes and re-INVITEs of ours raise CSeq; the disk is not told (RFC 3261 §12.2.2)."""

    async def play(stage: Stage) -> None:
        a, b, _ = await talking(stage)
        await stage.wait(ENOUGH_S)
        for leg in stage.exchange.switchboard.sip_legs:
            dialog = stage.endpoint.dialog_of(leg.session)
            assert dialog is not None
            for _ in range(5):
                stage.endpoint.info(leg.session, "text/plain", b"x", stage.now())
        await stage.settle()
        stage.cut_power()
        await stage.settle()
        assert a.heard(sip.SessionEnded) and b.heard(sip.SessionEnded)

    on_stage(play, office())


def test_who_moved_is_looked_for_where_he_is_now() -> None:
    async def play(stage: Stage) -> None:
        await talking(stage)
        await stage.wait(ENOUGH_S)
        leg = next(iter(stage.exchange.switchboard.sip_legs))
        dialog = stage.endpoint.dialog_of(leg.session)
        assert dialog is not None
        moved = stage.party("192.168.1.77")
        dialog.hop = sip.Hop(sip.Transport.UDP, *moved.address)
        await stage.wait(1.1)
        stage.cut_power()
        await stage.settle()
        assert [line.split()[0] for line in moved.requests] == ["BYE"]

    on_stage(play, office())


def test_who_cannot_be_reached_at_once_is_told_later() -> None:
    """The network may come up after the box: a row stays until somebody answered."""

    async def play(stage: Stage) -> None:
        a, b, _ = await talking(stage)
        await stage.wait(ENOUGH_S)
        a.is_silent = b.is_silent = True
        stage.cut_power()
        await stage.wait(35, 0.5)
        assert len(stage.dialogs.kept) == 2
        a.is_silent = b.is_silent = False
        await stage.wait(15, 0.5)
        assert a.heard(sip.SessionEnded) and b.heard(sip.SessionEnded)
        assert stage.dialogs.kept == {}

    on_stage(play, office())


def test_who_is_gone_is_forgotten_in_the_end() -> None:
    async def play(stage: Stage) -> None:
        a, b, _ = await talking(stage)
        await stage.wait(ENOUGH_S)
        a.is_silent = b.is_silent = True
        stage.cut_power()
        await stage.wait(240, 1.0)
        assert stage.dialogs.kept == {}

    on_stage(play, office())


def test_a_provider_that_asks_who_says_bye_is_told() -> None:
    """And nobody but him: a phone's challenge is not answered with a trunk's secret."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", ALICE)
        provider = stage.party("203.0.113.1")
        await a.call("84951112233")
        await provider.answer()
        await stage.wait(ENOUGH_S)
        kept = {k.trunk: k for k in stage.dialogs.kept.values()}
        assert set(kept) == {"", "one"}
        credentials = stage.exchange.standing._credentials
        found = credentials(kept["one"])
        assert found is not None and found.username == "user"
        assert credentials(kept[""]) is None
        dialog = replace(kept["one"].dialog, hop=sip.Hop(sip.Transport.UDP, "203.0.113.66", 5060))
        assert credentials(replace(kept["one"], dialog=dialog)) is None
        stage.cut_power()
        await stage.settle()
        assert provider.heard(sip.SessionEnded)

    on_stage(play, with_trunks("one", username="user", secret="Secret-of-the-trunk-1"))


def test_many_farewells_do_not_leave_all_at_once() -> None:
    async def play(stage: Stage) -> None:
        await talking(stage)
        await stage.wait(ENOUGH_S)
        kept = next(iter(stage.dialogs.kept.values()))
        sent: list[Any] = []
        stage.on_wire = lambda source, target, data: sent.append(data[:3])
        stage.exchange.standing.part([kept] * 120)
        await stage.settle()
        assert sent.count(b"BYE") == 50
        await stage.wait(0.3)
        assert sent.count(b"BYE") >= 120

    on_stage(play, office())


def test_an_orderly_end_leaves_nobody_to_tell() -> None:
    async def play(stage: Stage) -> None:
        await talking(stage)
        await stage.wait(ENOUGH_S)
        stage.exchange.switchboard.hang_up_all(Cause.SHUTDOWN)
        stage.exchange.close()
        assert stage.dialogs.kept == {}

    on_stage(play, office())
