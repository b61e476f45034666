"""Tests of legs/parts.py: our own addresses, as the office and as the world know them."""

from __future__ import annotations

import pytest

from appliance.config.model import Site
from appliance.legs.parts import Addresses
from appliance.sip.events import Hop, Transport


def test_the_public_address_is_for_the_world_and_not_for_the_office() -> None:
    site = Site(external_address="203.0.113.7", local_networks=("192.168.1.0/24",))
    addresses = Addresses(site, lambda hop: ("192.168.1.1", 5060))
    assert addresses.sip_address(Hop(Transport.UDP, "198.51.100.1", 5060))[0] == "203.0.113.7"
    assert addresses.sip_address(Hop(Transport.UDP, "192.168.1.9", 5060))[0] == "192.168.1.1"
    assert addresses.own_host() == "192.168.1.1"


@pytest.mark.parametrize("written", ["[2001:db8::7]", "2001:db8::7"])
def test_a_public_address_of_ipv6_is_told_without_brackets(written: str) -> None:
    """In SDP it stands bare (RFC 8866 §5.7), and URIs make brackets of their own."""
    site = Site(external_address=written, local_networks=("192.168.1.0/24",))
    addresses = Addresses(site, lambda hop: ("192.168.1.1", 5060))
    far = Hop(Transport.UDP, "198.51.100.1", 5060)
    assert (
        addresses.media_place(far).advertised_host == addresses.sip_address(far)[0] == "2001:db8::7"
    )


def test_a_public_address_of_ipv4_is_not_told_where_we_speak_ipv6() -> None:
    networks = ("192.168.1.0/24", "2001:db8:1::/64")
    far = Hop(Transport.UDP, "2001:db8:9::1", 5060)

    def told(external: str) -> str:
        site = Site(external_address=external, local_networks=networks)
        return Addresses(site, lambda hop: ("2001:db8:1::2", 5060)).media_place(far).advertised_host

    assert told("203.0.113.7") == "2001:db8:1::2"
    assert told("[2001:db8:5::7]") == "2001:db8:5::7"
    assert told("box.example.net") == "box.example.net"
