"""The driver: one input, everything drained, one timer, and no defect that ends it."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.clock import LoopClock
from appliance.errors import UserError
from appliance.net.own_address import OwnAddresses
from appliance.net.sip_driver import SipDriver
from appliance.sip.events import Hop, Outgoing, Transport
from tests.net.kit import FakeEndpoint, HandClock, message, until

SOMEBODY = Hop(Transport.UDP, "192.0.2.1", 5060)


class Bench:
    """A driver over an endpoint that only records."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.endpoint = FakeEndpoint()
        self.events: list[Any] = []
        self.on_event: Callable[[Any], None] = self.events.append
        self.driver = SipDriver(
            self.endpoint, lambda event: self.on_event(event.why), clock, OwnAddresses(clock.now)
        )
        self.port = 0


def _run(scenario: Callable[[Bench], Awaitable[None]], host: str = "127.0.0.1") -> None:
    async def whole() -> None:
        bench = Bench(LoopClock(asyncio.get_running_loop()))
        bench.port = await bench.driver.open(host, 0)
        try:
            await scenario(bench)
        finally:
            await bench.driver.close()

    asyncio.run(whole())


@pytest.fixture
def bench() -> Bench:
    return Bench(HandClock())


# ---- the gate


def test_what_the_gate_does_not_admit_never_reaches_the_endpoint(bench: Bench) -> None:
    asked: list[tuple[bytes, Hop, float]] = []

    def admits(data: bytes, source: Hop, now: float) -> bool:
        asked.append((data, source, now))
        return data != b"bad message"

    bench.driver.traffic.admits = admits
    messages = [(b"bad message", SOMEBODY), (b"good message", SOMEBODY)]
    bench.driver.traffic.datagrams_received(messages)
    assert [data for data, _ in bench.endpoint.received] == [b"good message"]
    assert asked[0] == (b"bad message", SOMEBODY, bench.clock.now())


# ---- the wire


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_udp_there_and_back(host: str) -> None:
    async def scenario(bench: Bench) -> None:
        def answer(data: bytes, source: Hop) -> None:
            bench.endpoint.outbox.append(Outgoing(source, b"answer to " + data))
            bench.endpoint.happens("heard")

        bench.endpoint.on_receive = answer
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as phone:
            phone.setblocking(False)
            phone.bind((host, 0))
            phone.sendto(b"a question", (host, bench.port))
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(5):
                assert await loop.sock_recv(phone, 100) == b"answer to a question"
        assert bench.events == ["heard"]

    _run(scenario, host)


def test_tcp_there_and_back_at_the_same_port() -> None:
    async def scenario(bench: Bench) -> None:
        bench.endpoint.on_receive = lambda data, source: bench.endpoint.outbox.append(
            Outgoing(source, b"ok")
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
        writer.write(message())
        async with asyncio.timeout(5):
            assert await reader.readexactly(2) == b"ok"
        closed: list[Hop] = []
        bench.driver.traffic.on_closed = closed.append
        writer.close()
        await writer.wait_closed()
        await until(lambda: closed)
        assert closed == [bench.endpoint.received[0][1]]

    _run(scenario)


def test_of_several_sockets_the_one_towards_the_hop_sends() -> None:
    async def scenario(bench: Bench) -> None:
        second = await bench.driver.open("127.0.0.2", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.setblocking(False)
            phone.bind(("127.0.0.2", 0))
            hop = Hop(Transport.UDP, *phone.getsockname())
            bench.endpoint.outbox.append(Outgoing(hop, b"x"))
            bench.driver.traffic.pump()
            async with asyncio.timeout(5):
                _, source = await asyncio.get_running_loop().sock_recvfrom(phone, 10)
        own = bench.driver.local_address(hop)
        assert source == own
        assert own in (("127.0.0.1", bench.port), ("127.0.0.2", second))

    _run(scenario)


def test_an_address_is_left_and_the_other_goes_on() -> None:
    async def scenario(bench: Bench) -> None:
        other = await bench.driver.open("127.0.0.2", bench.port)
        assert other == bench.port
        bench.driver.leave("127.0.0.1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", bench.port))  # it is free again
        with socket.create_server(("127.0.0.1", bench.port)):
            pass
        assert bench.driver.local_address(SOMEBODY) == ("127.0.0.2", bench.port)

    _run(scenario)


def test_a_group_is_heard_at_each_port_that_was_asked_for() -> None:
    async def scenario(bench: Bench) -> None:
        loopback = [socket.if_nametoindex("lo")]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.1", 0))
            free = phone.getsockname()[1]
        for port in (bench.port, free, free):
            await bench.driver.hear_group("224.0.1.75", port, loopback)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.9", 0))
            own = socket.inet_aton("127.0.0.9")
            phone.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
            for port in (bench.port, free):
                phone.sendto(f"to {port}".encode(), ("224.0.1.75", port))
            await until(lambda: len(bench.endpoint.received) >= 2)
        heard = {(data, source.host) for data, source in bench.endpoint.received}
        assert heard == {(f"to {port}".encode(), "127.0.0.9") for port in (bench.port, free)}

    _run(scenario)


def test_a_group_is_left_where_it_is_no_longer_asked_for() -> None:
    def members(index: int) -> set[str]:
        """The groups that this machine hears on an interface, as /proc/net/igmp says it."""
        found: set[str] = set()
        is_it = False
        for line in Path("/proc/net/igmp").read_text().splitlines()[1:]:
            words = line.split()
            if not line.startswith("\t"):
                is_it = words[0] == str(index)
            elif is_it:
                found.add(socket.inet_ntoa(int(words[0], 16).to_bytes(4, sys.byteorder)))
        return found

    async def scenario(bench: Bench) -> None:
        loopback = socket.if_nametoindex("lo")
        group = "224.0.1.199"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.1", 0))
            free = phone.getsockname()[1]
        for port in (bench.port, free):
            await bench.driver.hear_group(group, port, [loopback])
            assert group in members(loopback)
            await bench.driver.hear_group(group, port, [])
            assert group not in members(loopback)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((group, free))  # no socket of ours holds it any more

    _run(scenario, "0.0.0.0")  # whose own socket hears the group, and stays


def test_keep_alives_of_phones_do_not_reach_the_endpoint() -> None:
    async def scenario(bench: Bench) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            for data in (b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0", b"hello"):
                phone.sendto(data, ("127.0.0.1", bench.port))
            await until(lambda: bench.endpoint.received)
        assert [data for data, _ in bench.endpoint.received] == [b"hello"]

    _run(scenario)


def test_icmp_reaches_the_endpoint() -> None:
    async def scenario(bench: Bench) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            dead = Hop(Transport.UDP, "127.0.0.1", gone.getsockname()[1])
        bench.endpoint.outbox.append(Outgoing(dead, b"INVITE"))
        bench.driver.traffic.pump()
        await until(lambda: bench.endpoint.failed)
        assert bench.endpoint.failed == [dead]

    _run(scenario)


def test_a_port_taken_by_another_is_refused_and_leaves_nothing_open() -> None:
    async def scenario(bench: Bench) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(UserError) as refused:
                await bench.driver.open("127.0.0.1", port)
            assert refused.value.key == "net.address_in_use"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", port))

    _run(scenario)


# ---- what cannot be sent


@pytest.mark.parametrize(
    "hop",
    [
        Hop(Transport.UDP, "2001:db8::1", 5060),  # no socket of that family
        Hop(Transport.UDP, "192.0.2.1", 5060),
        Hop(Transport.WS, "192.0.2.1", 5060),
        Hop(Transport.TCP, "no literal", 5060),
    ],
)
def test_what_cannot_be_sent_fails_at_once(bench: Bench, hop: Hop) -> None:
    bench.endpoint.on_failed = lambda failed: bench.endpoint.happens(failed.host)
    bench.endpoint.outbox.append(Outgoing(hop, b"x"))
    bench.driver.traffic.pump()
    assert (bench.endpoint.failed, bench.events) == ([hop], [hop.host])


# ---- draining


def test_what_events_cause_is_sent_in_the_same_pump(bench: Bench) -> None:
    def chain(event: str) -> None:
        bench.events.append(event)
        if len(event) < 5:
            bench.endpoint.outbox.append(Outgoing(SOMEBODY, b"x"))
            bench.endpoint.on_failed = lambda hop: bench.endpoint.happens(event + "!")
            bench.driver.traffic.pump()  # from within: no harm
            bench.driver.wake()

    bench.on_event = chain
    bench.endpoint.happens("!")
    bench.driver.traffic.pump()
    assert bench.events == ["!", "!!", "!!!", "!!!!", "!!!!!"]


def test_wake_pumps_once_and_soon(bench: Bench) -> None:
    bench.driver.wake()
    bench.driver.wake()
    assert len(bench.clock.alarms) == 1
    bench.endpoint.happens("late")
    bench.clock.advance(0)
    assert bench.events == ["late"]


def test_an_endless_echo_is_broken_off(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def echo(hop: Hop) -> None:
        bench.endpoint.outbox.append(Outgoing(hop, b"again"))

    bench.endpoint.on_failed = echo
    echo(SOMEBODY)
    bench.driver.traffic.pump()
    assert "no end" in caplog.text
    assert bench.clock.alarms == [bench.clock.now() + 0.1]


@pytest.fixture
def debugging(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The level stands before there is a driver, as in a box."""
    with caplog.at_level(logging.DEBUG):
        yield


def test_a_trace_tells_first_lines_and_no_secrets(
    debugging: None, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    data = b"REGISTER sip:\xff SIP/2.0\r\nAuthorization: secret\r\n\r\n"
    bench.driver.traffic.datagrams_received([(data, SOMEBODY)])
    bench.endpoint.outbox.append(Outgoing(SOMEBODY, b"SIP/2.0 200 OK\r\nX: secret\r\n\r\n"))
    bench.driver.traffic.pump()
    assert "<- UDP 192.0.2.1:5060 REGISTER sip:\\xff SIP/2.0" in caplog.text
    assert "-> UDP 192.0.2.1:5060 SIP/2.0 200 OK" in caplog.text
    assert "secret" not in caplog.text


# ---- time


def test_one_timer_follows_the_nearest_deadline(bench: Bench) -> None:
    start = bench.clock.now()
    bench.endpoint.deadline = start + 32.0
    bench.driver.traffic.pump()
    bench.endpoint.deadline = start + 0.5
    bench.driver.traffic.pump()
    assert bench.clock.alarms == [start + 0.5]
    bench.endpoint.deadline = start + 4.0  # later: the alarm may ring early, once
    bench.driver.traffic.pump()
    assert bench.clock.alarms == [start + 0.5]
    bench.clock.advance(1.0)
    assert (bench.endpoint.timeouts, bench.clock.alarms) == ([], [start + 4.0])
    bench.clock.advance(3.0)
    assert (bench.endpoint.timeouts, bench.clock.alarms) == ([start + 4.0], [])


def test_a_deadline_in_the_past_does_not_spin(bench: Bench) -> None:
    bench.endpoint.deadline = bench.clock.now() - 5.0
    bench.driver.traffic.pump()
    assert bench.clock.alarms[0] > bench.clock.now()


# ---- defects of ours


def _broken(*_: Any) -> None:
    raise RuntimeError("a defect")


@pytest.mark.parametrize("place", ["receive", "handle_timeout", "transport_failed", "on_event"])
def test_a_defect_is_logged_and_the_driver_lives(
    bench: Bench, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench.endpoint.deadline = bench.clock.now() + 1.0
    bench.endpoint.happens("event")
    bench.endpoint.outbox.append(Outgoing(SOMEBODY, b"x"))
    sound = FakeEndpoint()
    if place == "on_event":
        bench.on_event = _broken
    else:
        setattr(bench.endpoint, place, _broken)
    with caplog.at_level(logging.ERROR):
        bench.driver.traffic.datagrams_received([(b"first message", SOMEBODY)])
        bench.clock.advance(1.0)
    assert "RuntimeError: a defect" in caplog.text
    if place != "on_event":
        setattr(bench.endpoint, place, getattr(sound, place))
    bench.on_event = bench.events.append
    bench.endpoint.happens("after")
    bench.clock.advance(1.0)
    bench.driver.traffic.datagrams_received([(b"second message", SOMEBODY)])
    assert "after" in bench.events
    assert bench.endpoint.received[-1:] == [(b"second message", SOMEBODY)] or place == "receive"


def test_one_bad_message_does_not_hide_the_next(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def picky(data: bytes, source: Hop) -> None:
        if data == b"bad message":
            _broken()

    bench.endpoint.on_receive = picky
    messages = [(b"bad message", SOMEBODY), (b"good message", SOMEBODY)]
    bench.driver.traffic.datagrams_received(messages)
    assert [d for d, _ in bench.endpoint.received] == [b"bad message", b"good message"]
    assert "192.0.2.1" in caplog.text
