"""Tests of appliance/legs/trunks/line.py: a trunk registers, is asked, and is believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from appliance.legs.trunks.state import TrunkStatus
from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage

HOST = "203.0.113.1"
Headers = tuple[tuple[str, str], ...]
Answer = Callable[[sip.RequestReceived], tuple[int, Headers]]


def settings(**more: Any) -> dict[str, Any]:
    trunk = {
        "name": "one",
        "host": HOST,
        "username": "office",
        "secret": "Secret-of-the-trunk-7",
        "qualify_s": 0,
        "registration_expires_s": 600,
        **more,
    }
    return {"trunks": [trunk]}


def provider(stage: Stage, answer: Answer) -> Party:
    """A provider that answers every request outside calls; what it got is in ``events``."""
    party = stage.party(HOST)

    def hear(event: Any) -> None:
        if isinstance(event, sip.RequestReceived):
            status, headers = answer(event)
            party.endpoint.respond(event.transaction, status, headers=headers, now=stage.now())

    party.on_event = hear
    return party


def line(stage: Stage) -> Any:
    return stage.exchange.trunks.lines["one"]


def times(party: Party, method: str) -> int:
    return sum(request.startswith(method) for request in party.requests)


def contact(event: sip.RequestReceived) -> str:
    return event.request.headers.get("Contact") or ""


def on_stage_later(play: Any, document: dict[str, Any], answer: Answer) -> None:
    """The stage begins without trunks, so that the provider is there before it is asked."""

    async def begin(stage: Stage) -> None:
        party = provider(stage, answer)
        stage.configure(document)
        await stage.settle()
        await play(stage, party)

    on_stage(begin, {})


def test_a_registration_is_renewed_before_it_ends() -> None:
    async def play(stage: Stage, party: Party) -> None:
        assert line(stage).state.status is TrunkStatus.UP
        assert times(party, "REGISTER") == 1
        await stage.wait(470)
        assert times(party, "REGISTER") == 1
        await stage.wait(60)
        assert times(party, "REGISTER") == 2

    granted: Answer = lambda e: (200, (("Contact", f"{contact(e)};expires=600"),))  # noqa: E731
    on_stage_later(play, settings(), granted)


def test_what_the_provider_grants_counts() -> None:
    async def play(stage: Stage, party: Party) -> None:
        await stage.wait(100)
        assert times(party, "REGISTER") == 3, "granted 60 s, renewed after 48"

    on_stage_later(play, settings(), lambda e: (200, (("Expires", "60"),)))


@pytest.mark.parametrize("expires", ["9" * 5000, "soon", "-1", "0"])
def test_an_answer_that_makes_no_sense_ends_no_registration(expires: str) -> None:
    async def play(stage: Stage, party: Party) -> None:
        assert line(stage).state.status is TrunkStatus.UP
        await stage.wait(650)
        assert 2 <= times(party, "REGISTER") <= 3

    on_stage_later(play, settings(), lambda e: (200, (("Expires", expires),)))


def test_423_is_obeyed_once() -> None:
    def answer(event: sip.RequestReceived) -> tuple[int, Headers]:
        asked = int(event.request.headers.get("Expires") or 0)
        return (423, (("Min-Expires", "1800"),)) if asked < 1800 else (200, ())

    async def play(stage: Stage, party: Party) -> None:
        assert line(stage).state.status is TrunkStatus.UP
        assert times(party, "REGISTER") == 2

    on_stage_later(play, settings(), answer)


@pytest.mark.parametrize("minimum", ["60", "9" * 5000, "", "4000000000"])
def test_a_provider_that_says_423_for_ever_is_not_hammered(minimum: str) -> None:
    async def play(stage: Stage, party: Party) -> None:
        await stage.wait(60)
        assert line(stage).state.status is TrunkStatus.DOWN
        assert times(party, "REGISTER") <= 8

    on_stage_later(play, settings(), lambda e: (423, (("Min-Expires", minimum),)))


@pytest.mark.parametrize(
    ("status", "why"),
    [(403, "credentials_refused"), (404, "account_unknown"), (503, "overloaded"), (500, "refused")],
)
def test_a_refusal_is_told_once_and_tried_again(status: int, why: str) -> None:
    async def play(stage: Stage, party: Party) -> None:
        state = line(stage).state
        assert (state.status, state.why, state.code) == (TrunkStatus.DOWN, why, status)
        first = times(party, "REGISTER")
        await stage.wait(200)
        assert times(party, "REGISTER") > first
        (alert,) = stage.alerts.listed()
        assert (alert["key"], alert["detail"]) == ("trunk_down", f"one: {why}")

    on_stage_later(play, settings(), lambda e: (status, ()))


def test_silence_brings_it_down_and_a_word_up_again() -> None:
    async def play(stage: Stage, party: Party) -> None:
        assert line(stage).state.status is TrunkStatus.UP
        party.is_silent = True
        await stage.wait(60)
        assert (line(stage).state.status, line(stage).state.why) == (TrunkStatus.DOWN, "no_answer")
        assert stage.exchange.trunks.down() == {"one": "no_answer"}
        party.is_silent = False
        await stage.wait(120)
        assert line(stage).state.status is TrunkStatus.UP
        assert stage.exchange.trunks.down() == {}

    on_stage_later(play, settings(authentication="address", qualify_s=30), lambda e: (200, ()))


def test_any_answer_to_options_proves_life_but_503() -> None:
    said = [404]

    async def play(stage: Stage, party: Party) -> None:
        assert line(stage).state.status is TrunkStatus.UP
        said[0] = 503
        await stage.wait(40)
        assert line(stage).state.why == "overloaded"

    on_stage_later(play, settings(authentication="address", qualify_s=30), lambda e: (said[0], ()))


def test_a_name_that_does_not_resolve() -> None:
    async def play(stage: Stage, party: Party) -> None:
        stage.hops[HOST] = []
        stage.configure(settings(max_calls=3))  # another trunk of the same name begins anew
        await stage.wait(1)
        assert (line(stage).state.status, line(stage).state.why) == (TrunkStatus.DOWN, "dns")
        stage.hops.clear()
        await stage.wait(30)
        assert line(stage).state.status is TrunkStatus.UP

    on_stage_later(play, settings(), lambda e: (200, ()))


def test_a_trunk_that_is_removed_signs_off_and_falls_silent() -> None:
    async def play(stage: Stage, party: Party) -> None:
        stage.configure({})
        await stage.settle()
        assert party.last(sip.RequestReceived).request.headers.get("Expires") == "0"
        heard = len(party.requests)
        await stage.wait(3600)
        assert len(party.requests) == heard

    on_stage_later(play, settings(), lambda e: (200, ()))
