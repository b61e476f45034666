"""Malformed RTP and RTCP by the thousand at a running box: memory stays flat, the call goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tests.kit.box import Box
from tests.kit.calling import TalkingCall, address
from tests.kit.health import Health, memory_kib
from tests.kit.malformed import Malformed
from tests.kit.office import office
from tests.kit.raw_sip import RawEnd
from tests.kit.slow_streams import options

PACKETS = 6000
AT_ONCE = 20
GROWTH_KIB = 3000


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    with Box(folder, office(extensions=range(2001, 2010))) as box:
        yield box.start()


@pytest.fixture
def talking(box: Box) -> Iterator[TalkingCall]:
    health = Health(box)
    talking = TalkingCall(box)
    talking.is_heard()
    yield talking
    talking.is_heard()
    talking.close()
    health.check()


def answers_at_once(box: Box, end: RawEnd) -> None:
    """Signalling goes on: OPTIONS are answered within two seconds."""
    number = time.monotonic_ns()
    end.send(options(box.host, number).replace(b"SIP/2.0/TCP", b"SIP/2.0/UDP"), address(box))
    found = end.wait_for(lambda m: m.header("call-id") == f"slow{number}", 2, "an answer")
    assert found.status == 200


def test_from_the_party_itself(box: Box, talking: TalkingCall) -> None:
    """Its sound is heard all the while: the noise has another SSRC, and some of it is relayed."""
    with RawEnd() as end:
        before = 0
        for number, packet in enumerate(Malformed(11).packets(PACKETS)):
            port = talking.box_ports[0] + (number % 3 == 0)
            talking.caller.send_raw(packet, box.host, port)
            if number % AT_ONCE == 0:
                answers_at_once(box, end)
            if number == PACKETS // 3:
                before = memory_kib(box)
        assert memory_kib(box) - before < GROWTH_KIB
    talking.callee.forget()
    talking.callee.wait_for_packets(20)


def test_from_strangers(box: Box, talking: TalkingCall) -> None:
    with (
        RawEnd() as end,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
    ):
        near.bind(("127.0.0.1", 0))
        far.bind(("127.0.0.2", 0))
        before = 0
        for number, packet in enumerate(Malformed(12).packets(PACKETS)):
            port = talking.box_ports[number % 2] + (number % 3 == 0)
            (near, far)[number % 2].sendto(packet, (box.host, port))
            if number % AT_ONCE == 0:
                answers_at_once(box, end)
            if number == PACKETS // 3:
                before = memory_kib(box)
        assert memory_kib(box) - before < GROWTH_KIB
        for stranger in (near, far):
            stranger.setblocking(False)
            with pytest.raises(BlockingIOError):
                stranger.recv(2048)


def test_a_storm_of_keys_leaves_signalling_alone(box: Box, talking: TalkingCall) -> None:
    """Thousands of whole key presses a second, each a well-formed event of its own."""
    with RawEnd() as end:
        for number in range(5000):
            header = bytes((0x80, 0xE5)) + number.to_bytes(2, "big")
            header += (number * 1000).to_bytes(4, "big") + b"keys"
            talking.caller.send_raw(header + b"\x05\x8a\x00\xa0", box.host, talking.box_ports[0])
            if number % 100 == 0:
                answers_at_once(box, end)
