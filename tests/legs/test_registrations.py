"""Tests of appliance/legs/registrations.py: phones are asked, kept alive, and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.sip import events as sip
from appliance.sip.registrar import Binding
from tests.kit.stage import Party, Stage, on_stage
from tests.test_exchange import SECRET, office

HOST = "192.168.1.11"


def binding(stage: Stage, number: str = "2001") -> Binding:
    (found,) = stage.exchange.registrations.bindings(number)
    return found


def answering(stage: Stage, phone: Party, status: int = 200) -> None:
    """From now on the phone answers OPTIONS so; 0 = not at all."""

    def hear(event: Any) -> None:
        if isinstance(event, sip.RequestReceived) and status:
            phone.endpoint.respond(event.transaction, status, now=stage.now())

    phone.on_event = hear


def asked(phone: Party) -> int:
    return sum(request.startswith("OPTIONS") for request in phone.requests)


async def registered(stage: Stage, status: int = 200, contact: str = "") -> Party:
    phone = stage.party(HOST)
    answering(stage, phone, status)
    assert await phone.register("2001", SECRET, expires=3600, contact=contact) == 200
    return phone


def test_a_phone_is_asked_once_a_minute_and_its_round_trip_is_known() -> None:
    async def play(stage: Stage) -> None:
        phone = await registered(stage)
        await stage.wait(300)
        assert 4 <= asked(phone) <= 6
        assert binding(stage).round_trip_ms is not None
        assert binding(stage).is_reachable

    on_stage(play, office())


def test_behind_nat_the_way_is_kept_open() -> None:
    async def play(stage: Stage) -> None:
        phone = await registered(stage, contact="10.9.9.9")
        assert binding(stage).is_behind_nat
        assert binding(stage).hop.host == HOST, "it is called where it came from"
        await stage.wait(300)
        assert asked(phone) >= 10, "a router forgets after 30 s"

    on_stage(play, office())


def test_a_phone_that_falls_silent_is_not_rung_and_told_why() -> None:
    async def play(stage: Stage) -> None:
        phone = await registered(stage)
        caller = await stage.phone("2002", "192.168.1.12")
        await stage.wait(80)
        phone.is_silent = True
        await stage.wait(80)
        assert (binding(stage).is_reachable, binding(stage).why) == (False, "no_answer")
        session = await caller.call("2001")
        await stage.wait(60)
        assert caller.status_of(session) == 480
        phone.is_silent = False
        await stage.wait(80)
        assert (binding(stage).is_reachable, binding(stage).why) == (True, "")

    on_stage(play, office())


def test_a_phone_that_never_answered_options_is_called_all_the_same() -> None:
    async def play(stage: Stage) -> None:
        phone = await registered(stage, status=0)
        caller = await stage.phone("2002", "192.168.1.12")
        await stage.wait(200)
        assert asked(phone) >= 2
        assert binding(stage).is_reachable
        await caller.call("2001")
        assert phone.heard(sip.InviteReceived)

    on_stage(play, office())


@pytest.mark.parametrize(
    ("status", "why"), [(404, ""), (486, ""), (405, ""), (503, "refused_503"), (408, "refused_408")]
)
def test_what_a_status_says_of_a_phone(status: int, why: str) -> None:
    async def play(stage: Stage) -> None:
        await registered(stage, status)
        await stage.wait(80)
        assert binding(stage).why == why

    on_stage(play, office())


def test_a_registration_runs_out_and_the_disk_knows() -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", HOST)  # for 600 s
        await stage.wait(590)
        assert stage.exchange.registrations.bindings("2001")
        await stage.wait(20)
        assert not stage.exchange.registrations.bindings("2001")
        assert stage.exchange.registrar.absence("2001") == "expired"
        last = stage.bindings.changes[-1]
        assert (last.kind.value, last.why) == ("removed", "expired")

    on_stage(play, office())


def test_a_clock_that_jumps_a_year_ends_no_registration() -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", HOST)
        clock = stage.exchange.parts.clock
        wall = clock.wall
        clock.wall = lambda: wall() + 31_536_000
        await stage.wait(10)
        left = binding(stage).expires_at - clock.wall()
        assert left == pytest.approx(590, abs=5)

    on_stage(play, office())


def test_a_number_that_is_removed_loses_its_phones_and_a_later_one_begins_anew() -> None:
    async def play(stage: Stage) -> None:
        phone = await registered(stage)
        fewer = office()
        fewer["extensions"] = fewer["extensions"][1:]
        stage.configure(fewer)
        assert not stage.exchange.registrations.bindings("2001")
        before = asked(phone)
        await stage.wait(200)
        assert asked(phone) == before
        assert await phone.register("2001", SECRET) == 401

    on_stage(play, office())


def test_phones_stand_in_the_order_of_their_q() -> None:
    async def play(stage: Stage) -> None:
        for host, q in (("192.168.1.21", "0.2"), ("192.168.1.22", "0.9"), ("192.168.1.23", "")):
            phone = stage.party(host)
            phone.endpoint.request(_register(phone, q), stage.now())
            await stage.settle()
        hosts = [b.hop.host for b in stage.exchange.registrations.bindings("2001")]
        assert hosts == ["192.168.1.23", "192.168.1.22", "192.168.1.21"]
        keys = [b.key for b in stage.exchange.registrations.bindings("2001")]
        assert stage.exchange.registrations.reachable()["2001"] == tuple(keys)

    on_stage(play, office())


def _register(phone: Party, q: str) -> sip.PlainRequest:
    host = phone.address[0]
    contact = f"<sip:2001@{host}>" + (f";q={q}" if q else "")
    return sip.PlainRequest(
        method="REGISTER",
        uri="sip:192.168.1.1",
        hop=phone.hop_to_box,
        from_uri="sip:2001@192.168.1.1",
        to_uri="sip:2001@192.168.1.1",
        headers=(("Contact", contact), ("Expires", "600")),
        credentials=sip.Credentials("2001", SECRET),
    )


YEARS_25 = 25 * 365.25 * 86400


@pytest.mark.parametrize("by_s", [-3600.0, -YEARS_25, YEARS_25])
def test_a_phone_that_registers_right_after_a_jump_gets_its_time_and_no_more(by_s: float) -> None:
    """Before the box had looked at the clock: neither lost at once nor kept for decades."""

    async def play(stage: Stage) -> None:
        phone = await stage.phone("2001", "192.168.1.11")
        clock = stage.exchange.parts.clock
        wall = clock.wall
        clock.wall = lambda: wall() + by_s
        assert await phone.register("2001", "Secret-of-the-phone") == 200
        await stage.wait(11)
        assert 580 < binding(stage).expires_at - clock.wall() < 600
        assert [a["key"] for a in stage.alerts.listed()] == ["clock_jumped"]
        is_first = by_s == YEARS_25  # the stage's clock stands before 2025
        assert stage.journal.clock_steps == ([by_s] if is_first else [])

    on_stage(play, office())


def test_a_call_is_written_where_it_stands_by_the_clock_that_was_set_meanwhile() -> None:
    async def play(stage: Stage) -> None:
        caller = await stage.phone("2001", "192.168.1.11")
        callee = await stage.phone("2002", "192.168.1.12")
        await caller.call("2002")
        await callee.answer()
        began = stage.exchange.parts.clock.wall()
        await stage.wait(30)
        clock = stage.exchange.parts.clock
        wall = clock.wall
        clock.wall = lambda: wall() - 3600
        await stage.wait(30)
        await callee.hang_up(callee.ringing)
        (row,) = stage.journal.rows
        assert row.talk_s == pytest.approx(60, abs=1)
        assert row.started_at == pytest.approx(began - 3600, abs=1)

    on_stage(play, office())


def test_what_breaks_in_one_round_does_not_end_the_rounds() -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", HOST)  # for 600 s
        told: list[object] = []
        stage.loop.set_exception_handler(lambda loop, context: told.append(context["exception"]))
        host = stage.own_host
        del stage.own_host  # who asks for our address now meets an AttributeError
        await stage.wait(90)
        stage.own_host = host
        assert told
        await stage.wait(600)
        assert not stage.exchange.registrations.bindings("2001")

    on_stage(play, office())
