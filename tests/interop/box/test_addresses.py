"""The network under a running box changes: another address, one of two cables out and in again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.netns import NatNetwork, inside
from tests.kit.office import office, secret_of, trunk
from tests.kit.processes import run, wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.trunk_state import state_of, wait_for_state

REGISTERED_S = 30.0
NEW_HOST = "10.77.0.9"


@pytest.fixture
def net() -> Iterator[NatNetwork]:
    with NatNetwork() as net:
        yield net


def provider_in(net: NatNetwork, stack: ExitStack) -> Responder:
    """A provider outside that grants every registration."""
    provider = inside(net.wan, lambda: Responder(host=net.WAN_HOST))
    return stack.enter_context(provider).start()


def ip(netns: str, *words: str) -> None:
    run(["ip", "-n", netns, *words])


def call_from(net: NatNetwork, host: str, box: Box, number: str) -> RawCall:
    """A phone beside the router calls; what it hears must be of the address that the box has."""
    end = inside(net.router, lambda: RawEnd(net.ROUTER_LAN_HOST))
    body = audio(net.ROUTER_LAN_HOST, 40000)
    call = RawCall(end, (host, box.sip_port), "2001", secret_of("2001"), number, body)
    call.invite()
    return call


@pytest.mark.parametrize("bind", ["0.0.0.0", NatNetwork.LAN_HOST])
def test_a_new_address_is_listened_at_and_registered(
    net: NatNetwork, tmp_path: Path, bind: str
) -> None:
    """As with a new lease: the old address goes, another comes on the same interface."""
    with ExitStack() as stack:
        provider = provider_in(net, stack)
        document = office(trunks=[trunk("p", provider.host, provider.port)])
        box = stack.enter_context(Box(tmp_path / "box", document, bind=(bind,), netns=net.lan))
        box.start()
        wait_for_state(box, "p", "up")
        assert net.LAN_HOST in provider.asked("REGISTER")[-1].header("contact")
        ip(net.lan, "address", "flush", "dev", "eth0", "scope", "global")
        ip(net.lan, "address", "add", f"{NEW_HOST}/24", "dev", "eth0")
        ip(net.lan, "route", "add", "default", "via", net.ROUTER_LAN_HOST)
        wait_until(
            lambda: NEW_HOST in provider.asked("REGISTER")[-1].header("contact"),
            REGISTERED_S,
            "the provider knows the new address",
            box.program.tail,
        )
        last = provider.asked("REGISTER")[-1]
        assert f"{net.LAN_HOST}:{box.sip_port}>;expires=0" in last.headers("contact")[1]
        wait_for_state(box, "p", "up", timeout_s=30)
        call = call_from(net, NEW_HOST, box, "*43")
        answer = call.final()
        assert answer.status == 200
        assert f"c=IN IP4 {NEW_HOST}".encode() in answer.body
        assert NEW_HOST in answer.header("contact")
        call.acknowledge()
        assert call.hang_up() == 200
        call.end.close()
        alerts = {a["key"]: a["detail"] for a in box.control("status")["alerts"]}
        if bind != "0.0.0.0":
            assert alerts["address_changed"] == f"{net.LAN_HOST} → {NEW_HOST}"
            assert box.control("status")["sip"][0]["host"] == NEW_HOST


@pytest.mark.parametrize(
    "binds", [("0.0.0.0",), (NatNetwork.ROUTER_LAN_HOST, NatNetwork.ROUTER_WAN_HOST)]
)
def test_one_of_two_cables_is_out_and_the_other_side_goes_on(
    net: NatNetwork, tmp_path: Path, binds: tuple[str, ...]
) -> None:
    """The box has two interfaces. Outside is cut: the office calls on, the trunk is known to be
    down; it is back when the cable is."""
    with ExitStack() as stack:
        provider = provider_in(net, stack)
        document = office(trunks=[trunk("p", provider.host, provider.port)])
        box = stack.enter_context(Box(tmp_path / "box", document, bind=binds, netns=net.router))
        box.start()
        wait_for_state(box, "p", "up")
        ip(net.router, "link", "set", "outer", "down")
        lan_call(net, box)
        wait_until(lambda: _state(box) == "down", 60, "the trunk is known to be down")
        lan_call(net, box)
        ip(net.router, "link", "set", "outer", "up")
        wait_until(lambda: _state(box) == "up", 60, "the trunk is back", box.program.tail)
        lan_call(net, box)
        keys = [alert["key"] for alert in box.control("status")["alerts"]]
        assert keys.count("trunk_down") == 1, "it did not flap"
        assert ("address_gone" in keys) == (len(binds) > 1)


def _state(box: Box) -> Any:
    return state_of(box, "p")["state"]


def lan_call(net: NatNetwork, box: Box) -> None:
    """A whole call from the office's side: the echo application."""
    end = inside(net.lan, lambda: RawEnd(net.LAN_HOST))
    target = (net.ROUTER_LAN_HOST, box.sip_port)
    body = audio(net.LAN_HOST, 40000)
    call = RawCall(end, target, "2001", secret_of("2001"), "*43", body)
    call.invite()
    assert call.final().status == 200
    call.acknowledge()
    assert call.hang_up() == 200
    end.close()
