"""The port pool: pairs, chance, rest, exhaustion (and the planes that live on it)."""

from __future__ import annotations

import socket
from itertools import pairwise

import pytest

from appliance.errors import MediaError
from appliance.media.ports import PortPool, PortRange
from tests.media.phones import some_range


def test_pairs_are_even_and_inside_the_range():
    pool = PortPool(PortRange(20001, 20011))
    taken = sorted(pool.take(0.0) for _ in range(5))
    assert taken == [20002, 20004, 20006, 20008, 20010]


def test_an_odd_end_leaves_no_half_pair():
    pool = PortPool(PortRange(20000, 20002))
    assert pool.take(0.0) == 20000
    with pytest.raises(MediaError):
        pool.take(0.0)


def test_exhaustion_is_told_by_its_key():
    pool = PortPool(PortRange(20000, 20001))
    pool.take(0.0)
    with pytest.raises(MediaError) as refusal:
        pool.take(0.0)
    assert refusal.value.key == "media.ports_exhausted"


def test_a_pair_rests_before_it_serves_again():
    pool = PortPool(PortRange(20000, 20001, drain_s=32.0))
    port = pool.take(0.0)
    pool.give_back(port, 100.0)
    with pytest.raises(MediaError):
        pool.take(131.9)
    assert pool.take(132.0) == port


def test_ports_are_not_guessable():
    """Ten pools choose ten first ports out of five thousand; a pattern would repeat itself."""
    firsts = {PortPool(PortRange(20000, 29999)).take(0.0) for _ in range(10)}
    assert len(firsts) > 7
    pool = PortPool(PortRange(20000, 29999))
    ports = [pool.take(0.0) for _ in range(50)]
    assert len({b - a for a, b in pairwise(ports)}) > 40
    assert pool.free_pairs == 4950


def test_a_plane_drains_its_ports(make_plane):
    now = [0.0]
    plane = make_plane(some_range(1, drain_s=32.0), clock=lambda: now[0])
    first = plane.open("127.0.0.1")
    first.close()
    now[0] = 31.0
    with pytest.raises(MediaError) as refusal:
        plane.open("127.0.0.1")
    assert refusal.value.key == "media.ports_exhausted"
    now[0] = 32.0
    assert plane.open("127.0.0.1").port == first.port


def test_a_plane_passes_over_ports_of_other_programs(make_plane):
    ports = some_range(2)
    plane = make_plane(ports)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", ports.low + 1))  # the odd one of the first pair
        assert plane.open("127.0.0.1").port == ports.low + 2
