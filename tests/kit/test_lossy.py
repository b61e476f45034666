"""The bad wire is as bad as it was told to be, and the same seed is bad in the same way."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.kit.lossy import Faults, LossyWire
from tests.kit.processes import wait_until

SENT = [b"%d" % number for number in range(150)]  # a burst that a socket's buffer holds


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
    ):
        for sock in (one, two):
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(0.3)
        yield one, two


def pump(one: socket.socket, two: socket.socket, faults: Faults) -> list[bytes]:
    """What of SENT arrives at two."""
    with LossyWire(two.getsockname(), faults) as wire:
        for data in SENT:
            one.sendto(data, (wire.host, wire.port))
        wait_until(lambda: wire.to_target.received == len(SENT), 5, "all reach the wire")
        return drain(two)


def drain(sock: socket.socket) -> list[bytes]:
    arrived = []
    while True:
        try:
            arrived.append(sock.recv(100))
        except TimeoutError:
            return arrived


Pair = tuple[socket.socket, socket.socket]


def test_a_sound_wire_passes_all_both_ways(pair: Pair) -> None:
    one, two = pair
    with LossyWire(two.getsockname(), Faults()) as wire:
        one.sendto(b"there", (wire.host, wire.port))
        data, source = two.recvfrom(100)
        assert data == b"there" and source[1] == wire.far_port(one.getsockname())
        two.sendto(b"back", source)
        assert one.recvfrom(100) == (b"back", (wire.host, wire.port))


def test_loss_is_what_was_told_and_repeats_by_seed(pair: Pair) -> None:
    first = pump(*pair, Faults(seed=7, loss=0.3))
    assert 0.6 < len(first) / len(SENT) < 0.8
    assert pump(*pair, Faults(seed=7, loss=0.3)) == first
    assert pump(*pair, Faults(seed=8, loss=0.3)) != first


def test_doubles_and_disorder(pair: Pair) -> None:
    arrived = pump(*pair, Faults(double=0.2, reorder=0.2, most_delay_ms=5))
    assert set(arrived) == set(SENT)
    assert len(arrived) > len(SENT) * 1.1
    assert arrived != sorted(arrived, key=int)
