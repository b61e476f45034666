"""Who is who in a journal row."""

from __future__ import annotations

import pytest

from appliance.call.facts import caller_party, direction_of, party_of
from appliance.call.leg import (
    AppDestination,
    Destination,
    Offered,
    Party,
    PhoneDestination,
    TrunkDestination,
)
from appliance.config.model import DestinationKind
from tests.kit.scripted_legs import route


@pytest.mark.parametrize(
    ("destination", "party"),
    [
        (PhoneDestination("2002", "key"), ("extension 2002", "2002")),
        (TrunkDestination("mango", "84955551525", ""), ("trunk mango", "84955551525")),
        (AppDestination("echo", "loud"), ("app echo", "loud")),
    ],
)
def test_a_party_is_named_by_its_kind(destination: Destination, party: tuple[str, str]) -> None:
    assert party_of(destination) == party


def test_a_caller_is_an_extension_a_trunk_or_nobody() -> None:
    anna = Party("2001")
    assert caller_party(Offered(1, anna, "1", None, extension="2001")) == "extension 2001"
    assert caller_party(Offered(1, anna, "1", None, trunk="mango")) == "trunk mango"
    assert caller_party(Offered(1, anna, "1", None)) == "unknown"


@pytest.mark.parametrize(
    ("trunk", "kind", "is_sent_out", "direction"),
    [
        ("mango", DestinationKind.INTERNAL, False, "inbound"),
        ("mango", DestinationKind.LOCAL, True, "inbound"),
        ("", DestinationKind.INTERNAL, False, "internal"),
        ("", DestinationKind.FEATURE, False, "internal"),
        ("", DestinationKind.INTERNAL, True, "outbound"),
        ("", DestinationKind.EMERGENCY, False, "outbound"),
    ],
)
def test_direction(trunk: str, kind: DestinationKind, is_sent_out: bool, direction: str) -> None:
    offered = Offered(1, Party("2001"), "1", None, trunk=trunk)
    assert direction_of(offered, route(kind=kind), is_sent_out=is_sent_out) == direction
    assert direction_of(None, None, is_sent_out=False) == "internal"
