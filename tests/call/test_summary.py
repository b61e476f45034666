"""A live call in one line."""

from __future__ import annotations

from appliance.call.inputs import PickedUp
from appliance.call.leg import Answered
from appliance.call.summary import summary
from tests.kit.scripted_legs import ANSWER, OFFER, Stage, outside, ring, route, trunk


def test_a_live_call_in_one_line() -> None:
    stage = Stage(route(ring("hall", "desk")))
    shown = summary(stage.call)
    assert (shown.state, shown.direction, shown.caller) == ("hunting", "internal", "2001")
    assert (shown.from_party, shown.parties) == ("extension 2001", ("extension 2002",))
    assert (shown.started_at, shown.answered_since) == (1_000.0, None)
    stage.wait(5)
    stage.tell(Answered(3, ANSWER))
    shown = summary(stage.call)
    assert (shown.state, shown.answered_since, shown.parties) == (
        "connected",
        105.0,
        ("extension 2002",),
    )


def test_a_live_outbound_call_names_its_trunk() -> None:
    shown = summary(Stage(outside(trunk("a"))).call)
    assert (shown.direction, shown.parties, shown.number) == ("outbound", ("trunk a",), "2002")


def test_a_picked_up_call_names_who_picked_it_up() -> None:
    stage = Stage(route(ring()))
    stage.tell(PickedUp(50, OFFER, "2003"))
    assert summary(stage.call).parties == ("extension 2003",)
