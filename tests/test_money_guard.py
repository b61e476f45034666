"""The money guard in living calls: refused, ended, alerted, and never in an emergency's way."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.call.leg import Cause
from appliance.media.warning import warning_octets
from appliance.rtp.g711 import Law
from appliance.sip import events as sip
from tests.kit.stage import Stage, on_stage, sdp
from tests.test_exchange_trunks import with_trunks

FIRST, LAST = (len(warning_octets(Law.PCMA, is_last=last)) for last in (False, True))
OUTSIDE, MOBILE = "84951112233", "89161234567"


def bounded(**limits: int) -> dict[str, Any]:
    """One trunk; extension 2001 has these limits, 2002 those of its class."""
    document = with_trunks("one")
    first, *others = document["extensions"]
    document["extensions"] = [{**first, **limits}, *others]
    return document


def alerts(stage: Stage) -> list[tuple[str, str]]:
    return [(str(a["key"]), str(a["detail"])) for a in stage.alerts.listed()]


async def talk(stage: Stage, phone: Any, provider: Any, number: str = OUTSIDE) -> int:
    session: int = await phone.call(number)
    await provider.answer()
    return session


async def refused(stage: Stage, phone: Any, number: str = OUTSIDE) -> int:
    """The status after the words."""
    session = await phone.call(number)
    await stage.wait(30, step_s=0.2)
    status: int = phone.status_of(session)
    return status


def test_the_call_after_the_hours_last_is_refused_and_the_owner_hears_of_it() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        for _ in range(3):
            await a.hang_up(await talk(stage, a, provider))
        assert await refused(stage, a) == 403
        assert len(provider.heard(sip.InviteReceived)) == 3
        assert alerts(stage) == [("limit_paid_calls_per_hour", "2001 (3)")]
        row = stage.journal.rows[-1]
        assert (row.cause, row.alerts) == (Cause.LIMIT, ("limit_paid_calls_per_hour",))
        assert "limit.calls_per_hour" in [reason.key for reason in row.reasons]
        await stage.wait(3600, step_s=2.0)
        await talk(stage, a, provider)
        assert len(provider.heard(sip.InviteReceived)) == 4

    on_stage(play, bounded(max_paid_calls_per_hour=3))


def test_unanswered_calls_count_too() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        for _ in range(2):
            await a.call(OUTSIDE)
            await provider.reject(486)
            await stage.wait(15, step_s=0.2)
        assert await refused(stage, a) == 403
        assert len(provider.heard(sip.InviteReceived)) == 2

    on_stage(play, bounded(max_paid_calls_per_hour=2))


def test_a_second_call_at_a_time_waits_for_the_first_to_end() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        first = await talk(stage, a, provider)
        assert await refused(stage, a, MOBILE) == 403
        await a.hang_up(first)
        await talk(stage, a, provider, MOBILE)
        assert len(provider.heard(sip.InviteReceived)) == 2

    on_stage(play, bounded(max_paid_calls=1))


def test_a_call_is_ended_at_its_length_on_both_sides() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await a.call(OUTSIDE)
        await stage.wait(10)  # ringing is no talk
        await provider.answer()
        await stage.wait(119, step_s=0.2)
        assert not a.heard(sip.SessionEnded)
        await stage.wait(2)
        assert a.heard(sip.SessionEnded)
        assert provider.heard(sip.SessionEnded)
        row = stage.journal.rows[-1]
        assert row.cause is Cause.LIMIT
        assert row.talk_s == pytest.approx(120, abs=0.2)
        assert alerts(stage) == [("limit_call_minutes", "2001 (2)")]

    on_stage(play, bounded(max_call_minutes=2))


def test_the_caller_is_warned_before_the_end_and_nobody_else() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await talk(stage, a, provider)
        caller, called = stage.plane.streams
        await stage.wait(59, step_s=0.2)
        assert caller.played == []
        await stage.wait(2)
        assert caller.played == [FIRST]
        await stage.wait(50, step_s=0.2)
        assert caller.played == [FIRST, LAST]
        assert caller.partner is called
        await stage.wait(10, step_s=0.2)
        assert stage.journal.rows[-1].cause is Cause.LIMIT
        assert (caller.played, called.played) == ([FIRST, LAST], [])

    on_stage(play, bounded(max_call_minutes=2))


def test_two_calls_that_use_up_the_day_are_both_warned() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await talk(stage, a, provider)
        await talk(stage, a, provider, MOBILE)
        callers = [stage.plane.streams[at] for at in (0, 2)]
        await stage.wait(40, step_s=0.2)
        assert [caller.played for caller in callers] == [[FIRST]] * 2
        await stage.wait(45, step_s=0.2)
        assert [caller.played for caller in callers] == [[FIRST, LAST]] * 2
        assert not stage.journal.rows

    on_stage(play, bounded(max_paid_minutes_per_day=3))


def test_who_goes_on_talking_at_his_other_phone_is_warned_there() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        other = await stage.phone("2001", "192.168.1.21")
        provider = stage.party("203.0.113.1")
        await talk(stage, a, provider)
        (leg,) = [leg for leg in stage.exchange.switchboard.sip_legs if "2001" in leg.party]
        dialog = stage.endpoint.dialog_of(leg.session)
        assert dialog is not None
        await talk(stage, a, provider, MOBILE)
        tags = f"to-tag={dialog.local_tag};from-tag={dialog.remote_tag}"
        await other.call("2001", headers=(("Replaces", f"{dialog.call_id};{tags}"),))
        await stage.wait(85, step_s=0.2)
        assert other.heard(sip.SessionAnswered)
        (taken,) = [s for s in stage.plane.streams if s.remote and s.remote.host == "192.168.1.21"]
        assert taken.played == [FIRST, LAST]

    on_stage(play, bounded(max_paid_minutes_per_day=3))


def test_no_warning_where_none_is_wanted() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await talk(stage, a, provider)
        await stage.wait(65, step_s=0.2)
        assert [row.cause for row in stage.journal.rows] == [Cause.LIMIT]
        assert [stream.played for stream in stage.plane.opened] == [[]] * 2

    document = bounded(max_call_minutes=1)
    site = {**document.get("site", {}), "end_warning_s": 0}
    on_stage(play, document | {"site": site})


def test_an_emergency_call_is_not_warned() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        await talk(stage, a, stage.party("203.0.113.1"), "112")
        await stage.wait(180, step_s=0.5)
        assert [stream.played for stream in stage.plane.opened] == [[]] * 2

    on_stage(play, bounded(max_call_minutes=1))


def test_a_renegotiation_does_not_stop_the_clock_of_a_call() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        session = await talk(stage, a, provider)
        held = sdp("192.168.1.11", direction="sendonly")
        a.endpoint.offer(session, held, now=stage.now())
        await stage.settle()
        asked = provider.last(sip.OfferReceived).session
        answer = sdp("203.0.113.1", direction="recvonly")
        provider.endpoint.accept_offer(asked, answer, now=stage.now())
        await stage.wait(62, step_s=0.2)
        assert stage.journal.rows[-1].cause is Cause.LIMIT

    on_stage(play, bounded(max_call_minutes=1))


def test_a_long_call_does_not_pass_the_days_minutes() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await a.hang_up(await _after(stage, await talk(stage, a, provider), 60))
        await talk(stage, a, provider)
        await stage.wait(125, step_s=0.2)
        assert [row.cause for row in stage.journal.rows] == [Cause.NORMAL, Cause.LIMIT]
        assert sum(row.talk_s for row in stage.journal.rows) == pytest.approx(180, abs=1)
        assert await refused(stage, a) == 403
        assert [key for key, _ in alerts(stage)] == ["limit_paid_minutes_per_day"]

    on_stage(play, bounded(max_paid_minutes_per_day=3))


def test_two_calls_at_once_use_up_the_day_together() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await talk(stage, a, provider)
        await talk(stage, a, provider, MOBILE)
        await stage.wait(96, step_s=0.2)
        assert [row.cause for row in stage.journal.rows] == [Cause.LIMIT] * 2
        # By 5 s the round of calls may be late, for each of the two.
        assert sum(row.talk_s for row in stage.journal.rows) <= 180 + 11
        assert alerts(stage) == [("limit_paid_minutes_per_day", "2001 (3)")]

    on_stage(play, bounded(max_paid_minutes_per_day=3))


async def _after(stage: Stage, session: int, seconds: float) -> int:
    await stage.wait(seconds, step_s=0.2)
    return session


def test_an_emergency_call_passes_every_limit_and_counts_against_none() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        for _ in range(5):
            await a.call("112")
            await provider.answer()
        await stage.wait(150, step_s=0.5)
        assert not stage.journal.rows  # they go on
        await talk(stage, a, provider)  # and the one paid call is still to be had
        assert len(provider.heard(sip.InviteReceived)) == 6
        await a.call("112")
        assert len(provider.heard(sip.InviteReceived)) == 7

    on_stage(
        play, bounded(max_calls=6, max_paid_calls=1, max_paid_calls_per_hour=1, max_call_minutes=1)
    )


@pytest.mark.parametrize("status", [301, 302, 305, 380])
@pytest.mark.parametrize("target", [MOBILE, "810375171234567", "112"])
def test_a_phone_that_redirects_opens_no_way_out(status: int, target: str) -> None:
    """RFC 3261 §8.1.3.4 lets a client follow; we do not: the phone is not asked who pays."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        b = await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        session = await a.call("2002")
        contact = (("Contact", f"<sip:{target}@192.168.1.1>"),)
        b.endpoint.reject(b.ringing, status, headers=contact, now=stage.now())
        await stage.wait(30, step_s=0.2)
        assert a.status_of(session) >= 400
        assert not provider.heard(sip.InviteReceived)
        assert stage.journal.rows[-1].direction == "internal"

    on_stage(play, with_trunks("one"))


def test_a_call_from_outside_to_a_phone_that_redirects_does_not_leave_again() -> None:
    async def play(stage: Stage) -> None:
        b = await stage.phone("2002", "192.168.1.12")
        provider = stage.party("203.0.113.1")
        provider.number = "+79161234567"
        await provider.call("+74951234567", credentials=None)
        contact = (("Contact", f"<sip:{MOBILE}@192.168.1.1>"),)
        b.endpoint.reject(b.ringing, 302, headers=contact, now=stage.now())
        await stage.wait(30, step_s=0.2)
        assert not provider.heard(sip.InviteReceived)

    on_stage(play, with_trunks("one"))


def test_a_reload_keeps_what_was_spent() -> None:
    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.1")
        await a.hang_up(await talk(stage, a, provider))
        stage.configure(bounded(max_paid_calls_per_hour=1))
        assert await refused(stage, a) == 403

    on_stage(play, bounded(max_paid_calls_per_hour=5))
