"""Tests of appliance/net/netlink.py: what the kernel says of our addresses, and any octets."""

from __future__ import annotations

import errno
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.net.netlink import messages, read_dump, usable_addresses
from tests.kit.netns import NatNetwork, inside
from tests.kit.processes import run


def test_each_address_is_told_with_its_interface() -> None:
    with NatNetwork() as net:
        run(["ip", "-n", net.lan, "address", "add", "10.88.0.1/24", "dev", "eth0"])
        found = {a.host: a for a in inside(net.lan, usable_addresses)}
        index = inside(net.lan, lambda: socket.if_nametoindex("eth0"))
        assert found["10.77.0.2"].interface == found["10.88.0.1"].interface == index
        assert found["10.77.0.2"].scope == 0
        assert found["127.0.0.1"].scope != 0


def test_an_address_is_usable_while_its_interface_is_up_and_has_a_carrier() -> None:
    def hosts(netns: str) -> set[str]:
        return {address.host for address in inside(netns, usable_addresses)}

    with NatNetwork() as net:
        assert net.LAN_HOST in hosts(net.lan)
        run(["ip", "-n", net.lan, "link", "set", "eth0", "down"])
        assert hosts(net.lan) & {net.LAN_HOST, "127.0.0.1"} == {"127.0.0.1"}
        assert net.ROUTER_LAN_HOST not in hosts(net.router), "the other end of the cable"
        assert net.ROUTER_WAN_HOST in hosts(net.router)


@given(st.binary(max_size=200))
def test_any_octets_end(data: bytes) -> None:
    assert len(list(messages(data))) <= len(data) // 16


def test_messages_stand_one_behind_the_other() -> None:
    first = struct.pack("=IHHII", 18, 20, 0, 1, 0) + b"ab" + b"\0\0"  # padded to four
    second = struct.pack("=IHHII", 16, 3, 0, 1, 0)
    assert list(messages(first + second)) == [(20, b"ab"), (3, b"")]


def told(kind: int, payload: bytes, flags: int = 2) -> bytes:
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, 1, 0) + payload


def test_addresses_that_changed_while_they_were_told_may_miss_some() -> None:
    done = told(3, bytes(4))
    assert read_dump([told(20, b"abcd"), told(20, b"efgh") + done]) == ([b"abcd", b"efgh"], True)
    assert read_dump([told(20, b"abcd", flags=0x12), done]) == ([b"abcd"], False)
    assert read_dump([told(20, b"abcd"), told(3, bytes(4), flags=0x12)]) == ([b"abcd"], False)
    assert read_dump([told(20, b"abcd")]) == ([b"abcd"], False)


def test_a_refusal_is_not_a_machine_without_addresses() -> None:
    with pytest.raises(OSError) as caught:
        read_dump([told(20, b"abcd"), told(2, struct.pack("=i", -errno.EBUSY))])
    assert caught.value.errno == errno.EBUSY
    with pytest.raises(OSError):
        read_dump([told(2, b"")])
