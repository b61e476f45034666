"""Tests of appliance/legs/trunks/identity.py: how we stand to a provider."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.call.leg import Party, TrunkDestination
from appliance.config.model import CallerIdHeader, Trunk
from appliance.legs.phone import ANONYMOUS_URI
from appliance.legs.trunks.identity import (
    invitation_to_trunk,
    name_to_trunk,
    trunk_credentials,
    trunk_domain,
    trunk_routes,
    trunk_target,
)
from appliance.sip.events import Hop, Transport
from appliance.sip.uri import parse_uri

CALLER = Party("2001", "Anna")
HIDDEN = Party("2001", "Anna", True)
SHOWN = "+74951234567"


def trunk(**more: Any) -> Trunk:
    fields: dict[str, Any] = {"name": "a", "host": "sip.example.net", "username": "office"}
    return Trunk(**(fields | more))


def test_from_carries_the_number_that_the_rule_chose() -> None:
    names = name_to_trunk(trunk(), SHOWN, CALLER)
    assert (names.display, names.uri) == ("Anna", f"sip:{SHOWN}@sip.example.net")
    assert names.identity == ()


@pytest.mark.parametrize(
    ("header", "name", "tail"),
    [
        (CallerIdHeader.PAI, "P-Asserted-Identity", ""),
        (CallerIdHeader.PPI, "P-Preferred-Identity", ""),
        (CallerIdHeader.RPID, "Remote-Party-ID", ";party=calling;privacy=off"),
    ],
)
def test_other_headers_carry_it_beside_the_account(
    header: CallerIdHeader, name: str, tail: str
) -> None:
    names = name_to_trunk(trunk(caller_id_header=header), SHOWN, CALLER)
    assert names.uri == "sip:office@sip.example.net"
    ((found, value),) = names.identity
    assert found == name
    assert f"sip:{SHOWN}@sip.example.net" in value and value.endswith(tail)


@pytest.mark.parametrize("header", CallerIdHeader)
def test_a_hidden_caller_is_anonymous_to_all_but_the_provider(header: CallerIdHeader) -> None:
    names = name_to_trunk(trunk(caller_id_header=header), SHOWN, HIDDEN)
    assert names.uri == ANONYMOUS_URI
    assert "Anna" not in names.display + str(names.identity)
    assert ("Privacy", "id") in names.identity


def test_without_a_number_the_account_stands_for_the_caller() -> None:
    assert name_to_trunk(trunk(), "", CALLER).uri == "sip:office@sip.example.net"
    assert name_to_trunk(trunk(username=""), "", CALLER).uri == "sip:anonymous@sip.example.net"


def test_a_name_in_other_letters_stays_at_home() -> None:
    assert name_to_trunk(trunk(), SHOWN, Party("2001", "Анна")).display == ""


@pytest.mark.parametrize(
    ("fields", "domain"),
    [
        ({}, "sip.example.net"),
        ({"port": 5070}, "sip.example.net:5070"),
        ({"port": 5070, "domain": "example.net"}, "example.net"),
        ({"host": "2001:db8::1"}, "[2001:db8::1]"),
    ],
)
def test_domain(fields: dict[str, Any], domain: str) -> None:
    assert trunk_domain(trunk(**fields)) == domain


def test_route_through_an_outbound_proxy() -> None:
    assert trunk_routes(trunk()) == ()
    assert trunk_routes(trunk(outbound_proxy="p.example.net:5080")) == (
        "<sip:p.example.net:5080;lr>",
    )
    assert trunk_routes(trunk(outbound_proxy="p", transport="tcp")) == ("<sip:p;transport=tcp;lr>",)


@pytest.mark.parametrize("field", ["host", "domain"])
@pytest.mark.parametrize("text", ["2001:db8::1", "[2001:db8::1]"])
def test_an_address_of_ipv6_may_stand_in_brackets_or_not(field: str, text: str) -> None:
    names = name_to_trunk(trunk(**{field: text}), SHOWN, CALLER)
    assert parse_uri(names.uri).host == "2001:db8::1"


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ({"host": "2001:db8::1"}, "2001:db8::1", 0),
        ({"host": "[2001:db8::1]", "port": 5070}, "2001:db8::1", 5070),
        ({"host": "sip.example.net", "port": 5070}, "sip.example.net", 5070),
        ({"outbound_proxy": "2001:db8::2", "port": 5070}, "2001:db8::2", 0),
        ({"outbound_proxy": "[2001:db8::2]:5080"}, "2001:db8::2", 5080),
        ({"outbound_proxy": "[192.0.2.2]"}, "192.0.2.2", 0),
        ({"outbound_proxy": "p.example.net:5080"}, "p.example.net", 5080),
    ],
)
def test_whom_a_trunk_is_looked_for_at(written: dict[str, Any], host: str, port: int) -> None:
    target = trunk_target(trunk(**written))
    assert (target.host, target.port, target.transport) == (host, port, Transport.UDP)
    for route in trunk_routes(trunk(**written)):
        found = parse_uri(route.strip("<>"))
        assert (found.host, found.port or 0) == (host, port)


def test_credentials_are_for_this_provider_and_this_realm() -> None:
    assert trunk_credentials(trunk()) is None
    found = trunk_credentials(trunk(secret="x", realm="r", auth_username="auth"))
    assert found is not None
    assert (found.username, found.secret, found.realm) == ("auth", "x", "r")


def test_the_invitation_asks_for_the_number_in_the_trunks_form() -> None:
    hop = Hop(Transport.UDP, "203.0.113.1", 5060)
    invitation = invitation_to_trunk(
        trunk(secret="x"), TrunkDestination("a", "84951112233", SHOWN), CALLER, b"v=0", hop
    )
    assert invitation.uri == invitation.to_uri == "sip:84951112233@sip.example.net"
    assert (invitation.hop, invitation.body) == (hop, b"v=0")
    assert invitation.credentials is not None
