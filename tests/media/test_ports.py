"""The port pool: pairs, chance, rest, exhaustion (and the planes that live on it)."""

from __future__ import annotations

import socket
from itertools import pairwise

import pytest

from appliance.errors import MediaError
from appliance.media.ports import MOST_KEPT, PortPool, PortRange
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


def test_the_last_pairs_are_for_what_is_urgent():
    pool = PortPool(PortRange(20000, 20031))  # 16 pairs, of which 4 are kept
    taken = [pool.take(0.0) for _ in range(12)]
    assert pool.free_pairs == 0
    with pytest.raises(MediaError):
        pool.take(0.0)
    taken += [pool.take(0.0, is_urgent=True) for _ in range(4)]
    assert len(set(taken)) == 16
    with pytest.raises(MediaError):
        pool.take(0.0, is_urgent=True)


def test_what_is_urgent_waits_for_no_rest():
    """Of a range too narrow to keep any, the pair that has rested longest."""
    pool = PortPool(PortRange(20000, 20003))
    first, second = pool.take(0.0), pool.take(0.0)
    pool.give_back(second, 1.0)
    pool.give_back(first, 2.0)
    with pytest.raises(MediaError):
        pool.take(3.0)
    assert [pool.take(3.0, is_urgent=True) for _ in range(2)] == [second, first]
    with pytest.raises(MediaError):
        pool.take(3.0, is_urgent=True)


def test_ports_are_not_guessable():
    """Ten pools choose ten first ports out of five thousand; a pattern would repeat itself."""
    firsts = {PortPool(PortRange(20000, 29999)).take(0.0) for _ in range(10)}
    assert len(firsts) > 7
    pool = PortPool(PortRange(20000, 29999))
    ports = [pool.take(0.0) for _ in range(50)]
    assert len({b - a for a, b in pairwise(ports)}) > 40
    assert pool.free_pairs == 4950 - MOST_KEPT


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
