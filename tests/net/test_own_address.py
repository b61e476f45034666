"""Which of our addresses a far end sees."""

from __future__ import annotations

import errno
import socket

import pytest

from appliance.net import own_address
from appliance.net.own_address import OwnAddresses, chosen_by_kernel
from appliance.sip.events import Hop, Transport
from tests.net.kit import HandClock

FAR = Hop(Transport.UDP, "192.0.2.1", 5060)


class Kernel:
    """Counts how often it is asked."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.asked = 0

    def __call__(self, host: str) -> str:
        self.asked += 1
        return self.own


def test_a_bound_address_is_the_answer() -> None:
    addresses = OwnAddresses(HandClock().now, Kernel("198.51.100.1"))
    addresses.bound(Transport.UDP, "192.168.0.1", 5070)
    assert addresses.towards(FAR) == ("192.168.0.1", 5070)


def test_behind_a_wildcard_the_kernel_is_asked_now_and_then() -> None:
    clock, kernel = HandClock(), Kernel("198.51.100.1")
    addresses = OwnAddresses(clock.now, kernel)
    addresses.bound(Transport.UDP, "0.0.0.0", 5070)
    for _ in range(5):
        assert addresses.towards(FAR) == ("198.51.100.1", 5070)
    assert kernel.asked == 1
    kernel.own = "198.51.100.2"  # DHCP gave another address
    clock.advance(11)
    assert addresses.towards(FAR) == ("198.51.100.2", 5070)
    kernel.own = ""  # the cable is out: the last one known is as good as any
    clock.advance(11)
    assert addresses.towards(FAR) == ("198.51.100.2", 5070)


def test_each_transport_and_family_has_its_own_port() -> None:
    addresses = OwnAddresses(HandClock().now, Kernel(""))
    addresses.bound(Transport.UDP, "0.0.0.0", 5070)
    addresses.bound(Transport.TCP, "::", 5071)
    assert addresses.towards(FAR) == ("127.0.0.1", 5070)
    assert addresses.towards(Hop(Transport.TCP, "2001:db8::1", 1)) == ("::1", 5071)


def test_of_several_addresses_the_way_decides() -> None:
    kernel = Kernel("192.168.0.1")
    addresses = OwnAddresses(HandClock().now, kernel)
    addresses.bound(Transport.UDP, "127.0.0.1", 5070)
    addresses.bound(Transport.UDP, "192.168.0.1", 5071)
    assert addresses.towards(FAR) == ("192.168.0.1", 5071)
    kernel.own = "10.0.0.1"  # none of those that we are bound to
    assert addresses.towards(Hop(Transport.UDP, "192.0.2.2", 1)) == ("127.0.0.1", 5070)


@pytest.mark.parametrize(
    ("host", "own"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("no address", "")]
)
def test_the_kernel_tells_the_way(host: str, own: str) -> None:
    assert chosen_by_kernel(host) == own


def test_a_kernel_without_the_family_knows_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> socket.socket:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(own_address.socket, "socket", refuse)
    assert chosen_by_kernel("2001:db8::1") == ""


def test_what_is_forgotten_is_asked_again_and_kept_where_there_is_no_way() -> None:
    """A cable was pulled: no way is no reason to be called 127.0.0.1."""
    answers = ["192.168.1.5", "", "192.168.1.9"]
    own = OwnAddresses(lambda: 0.0, lambda host: answers.pop(0))
    hop = Hop(Transport.UDP, "203.0.113.1", 5060)
    assert own.towards(hop)[0] == "192.168.1.5"
    own.forget()
    assert own.towards(hop)[0] == "192.168.1.5"
    own.forget()
    assert own.towards(hop)[0] == "192.168.1.9"


def test_a_socket_that_is_gone_is_not_named_any_more() -> None:
    own = OwnAddresses(lambda: 0.0, lambda host: "192.168.1.9")
    own.bound(Transport.UDP, "192.168.1.5", 5060)
    own.bound(Transport.UDP, "192.168.1.9", 5060)
    own.unbound(Transport.UDP, "192.168.1.5", 5060)
    assert own.towards(Hop(Transport.UDP, "203.0.113.1", 5060)) == ("192.168.1.9", 5060)
