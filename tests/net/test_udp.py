"""The datagram socket: both families, bursts, and what ICMP says."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

import appliance
from appliance.errors import UserError
from appliance.net import udp
from appliance.net.udp import UdpSocket, literal_address
from appliance.sip.events import Hop, Transport
from tests.kit.native import build_native
from tests.net.kit import FakeEar, until


@pytest.fixture(scope="module")
def datagrams(tmp_path_factory: pytest.TempPathFactory) -> Any:
    source = Path(appliance.__file__).parent / "net/native/datagrams.c"
    return build_native(source, tmp_path_factory.mktemp("datagrams"))


@pytest.fixture(autouse=True, params=["one by one", "many at a time"])
def way_of_reading(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, datagrams: Any
) -> None:
    """Everything below holds for both."""
    monkeypatch.setattr(udp, "HAS_MANY", request.param == "many at a time")
    monkeypatch.setattr(udp, "many", datagrams, raising=False)


def _run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def _phone(family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
    phone = socket.socket(family, socket.SOCK_DGRAM)
    phone.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    phone.settimeout(5)
    return phone


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_datagram_goes_there_and_back(host: str) -> None:
    async def scenario() -> None:
        ear = FakeEar()
        ours = UdpSocket(host, 0, ear)
        ours.start(asyncio.get_running_loop())
        with _phone(ours.family) as phone:
            phone.sendto(b"REGISTER", (host, ours.port))
            await until(lambda: ear.received)
            ((data, hop),) = ear.received
            assert (data, hop) == (
                b"REGISTER",
                Hop(Transport.UDP, host, phone.getsockname()[1]),
            )
            ours.send(b"200", hop)
            assert phone.recv(100) == b"200"
        ours.close()

    _run(scenario())


def test_packets_are_marked_cs3_and_v6_speaks_no_v4() -> None:
    four, six = UdpSocket("127.0.0.1", 0, FakeEar()), UdpSocket("::1", 0, FakeEar())
    assert four._socket.getsockopt(socket.IPPROTO_IP, socket.IP_TOS) == 0x60
    assert six._socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS) == 0x60
    assert six._socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
    four.close()
    six.close()


def test_both_families_live_at_one_port() -> None:
    four = UdpSocket("0.0.0.0", 0, FakeEar())
    six = UdpSocket("::", four.port, FakeEar())
    assert four.port == six.port
    four.close()
    six.close()


def test_an_address_in_use_is_told_by_its_key() -> None:
    first = UdpSocket("127.0.0.1", 0, FakeEar())
    with pytest.raises(UserError) as refused:
        UdpSocket("127.0.0.1", first.port, FakeEar())
    assert refused.value.key == "net.address_in_use"
    with pytest.raises(UserError) as refused:
        UdpSocket("192.0.2.99", 0, FakeEar())
    assert refused.value.key == "net.address_not_ours"
    first.close()


def test_a_burst_is_taken_in_bounded_bites() -> None:
    async def scenario() -> None:
        ear = FakeEar()
        ours = UdpSocket("127.0.0.1", 0, ear)
        with _phone() as phone:
            for n in range(150):
                phone.sendto(b"%d" % n, ("127.0.0.1", ours.port))
        ours.start(asyncio.get_running_loop())
        await until(lambda: len(ear.received) == 150)
        assert [int(data) for data, _ in ear.received] == list(range(150))
        assert ear.batches == [64, 64, 22]
        ours.close()

    _run(scenario())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_closed_port_is_told_by_icmp(host: str) -> None:
    async def scenario() -> None:
        ear = FakeEar()
        ours = UdpSocket(host, 0, ear)
        ours.start(asyncio.get_running_loop())
        with _phone(ours.family) as phone:
            dead = Hop(Transport.UDP, host, phone.getsockname()[1])
        ours.send(b"INVITE", dead)
        await until(lambda: ear.failed)
        assert ear.failed == [(dead, "ECONNREFUSED")]
        ours.close()

    _run(scenario())


def test_one_dead_hop_harms_no_other() -> None:
    async def scenario() -> None:
        ear = FakeEar()
        ours = UdpSocket("127.0.0.1", 0, ear)
        ours.start(asyncio.get_running_loop())
        with _phone() as gone:
            dead = Hop(Transport.UDP, "127.0.0.1", gone.getsockname()[1])
        with _phone() as phone:
            alive = Hop(Transport.UDP, "127.0.0.1", phone.getsockname()[1])
            for n in range(20):
                ours.send(b"x", dead)
                ours.send(b"%d" % n, alive)
            assert [phone.recv(10) for _ in range(20)] == [b"%d" % n for n in range(20)]
        await until(lambda: len(ear.failed) == 20)
        assert {hop for hop, _ in ear.failed} == {dead}
        ours.close()

    _run(scenario())


@pytest.mark.parametrize("host", ["phone.example", "", "1.2.3", "127.0.0.1%lo", "fe80::1%nowhere0"])
def test_what_is_no_literal_address_fails_without_asking_dns(host: str) -> None:
    ear = FakeEar()
    ours = UdpSocket("::1" if ":" in host else "127.0.0.1", 0, ear)
    hop = Hop(Transport.UDP, host, 5060)
    ours.send(b"x", hop)
    assert ear.failed == [(hop, "not a literal address")]
    ours.close()


def test_send_errors_become_failures_of_the_hop() -> None:
    ear = FakeEar()
    ours = UdpSocket("127.0.0.1", 0, ear)
    for hop in (Hop(Transport.UDP, "127.0.0.1", 0), Hop(Transport.UDP, "255.255.255.255", 5060)):
        ours.send(b"x", hop)
        assert ear.failed.pop()[0] == hop
    too_long = Hop(Transport.UDP, "127.0.0.1", 5060)
    ours.send(b"x" * 70_000, too_long)
    assert ear.failed == [(too_long, "EMSGSIZE")]
    ours.close()


def test_what_the_kernel_cannot_take_waits_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        ours = UdpSocket("127.0.0.1", 0, FakeEar())
        ours.start(asyncio.get_running_loop())
        with _phone() as phone:
            hop = Hop(Transport.UDP, "127.0.0.1", phone.getsockname()[1])
            real, full = ours._socket, _Full()
            ours._socket = full  # type: ignore[assignment]
            full.fileno = real.fileno
            ours.send(b"1", hop)
            ours._socket = real
            ours.send(b"2", hop)
            phone.setblocking(False)
            with pytest.raises(BlockingIOError):
                phone.recv(10)
            got: list[bytes] = []
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(5):
                while len(got) < 2:
                    got.append(await loop.sock_recv(phone, 10))
            assert got == [b"1", b"2"]
            ours.send(b"3", hop)
            async with asyncio.timeout(5):
                assert await loop.sock_recv(phone, 10) == b"3"
        ours.close()

    _run(scenario())


class _Full:
    """A socket whose buffer is full."""

    fileno: Any = None

    def sendto(self, data: bytes, address: object) -> None:
        raise BlockingIOError


def test_a_full_queue_drops_instead_of_growing() -> None:
    ours = UdpSocket("127.0.0.1", 0, FakeEar())
    ours._most_waiting = 3
    hop = Hop(Transport.UDP, "127.0.0.1", 9)
    real = ours._socket
    ours._socket = _Full()  # type: ignore[assignment]
    for _ in range(10):
        ours.send(b"x", hop)
    assert len(ours._waiting) == 3
    ours._socket = real
    ours.close()


def test_zones_of_link_local_addresses_are_understood() -> None:
    index = socket.if_nametoindex("lo")
    assert literal_address("fe80::1%lo", 5060) == ("fe80::1", 5060, 0, index)
    assert literal_address("fe80::1%7", 5060) == ("fe80::1", 5060, 0, 7)
