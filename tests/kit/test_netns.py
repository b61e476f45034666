"""The NAT of the kit is one: addresses are rewritten, and nobody comes in unasked."""

from __future__ import annotations

import socket

import pytest

from tests.kit.netns import NatNetwork, inside
from tests.kit.processes import run
from tests.kit.rtp_end import RtpEnd


def udp(host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.settimeout(3)
    return sock


def test_the_source_is_rewritten_and_answers_find_back() -> None:
    with NatNetwork() as net:
        wan = inside(net.wan, lambda: udp(net.WAN_HOST))
        lan = inside(net.lan, lambda: udp(net.LAN_HOST))
        with wan, lan:
            lan.sendto(b"out", wan.getsockname())
            data, source = wan.recvfrom(100)
            assert data == b"out" and source[0] == net.ROUTER_WAN_HOST
            assert source[1] != lan.getsockname()[1]
            wan.sendto(b"back", source)
            assert lan.recvfrom(100) == (b"back", wan.getsockname())


def test_nobody_comes_in_unasked() -> None:
    with (
        NatNetwork() as net,
        inside(net.wan, lambda: udp(net.WAN_HOST)) as wan,
        pytest.raises(OSError, match="unreachable"),
    ):
        wan.sendto(b"in", (net.LAN_HOST, 5060))


def test_rtp_through_nat() -> None:
    with (
        NatNetwork() as net,
        inside(net.lan, lambda: RtpEnd(net.LAN_HOST)) as lan,
        inside(net.wan, lambda: RtpEnd(net.WAN_HOST)) as wan,
    ):
        lan.send_to(wan.host, wan.port)
        first = wan.wait_for_packets(3)[0]
        assert first.source[0] == net.ROUTER_WAN_HOST


def test_nothing_is_left() -> None:
    with NatNetwork() as net:
        names = (net.lan, net.router, net.wan)
        assert all(name in run(["ip", "netns", "list"]) for name in names)
    assert not any(name in run(["ip", "netns", "list"]) for name in names)
