"""A port's door and line in the core (native/port.h): when a line is made, what comes by which."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.media.session import NativeMediaPlane
from tests.media.phones import audio, some_range, wait_for

HOSTS = ["127.0.0.1", "::1"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_far_end_that_says_nothing_costs_no_line(host, make_phone):
    """Two doors a stream; a line comes with the first packet, of RTP or of RTCP, either way, and
    keeps strangers out from then on."""
    plane = NativeMediaPlane(some_range(40))
    try:
        alice, bob, stranger = make_phone(host), make_phone(host), make_phone(host)
        before = _descriptors()
        a, b = plane.open(host), plane.open(host)
        for stream, phone in ((a, alice), (b, bob)):
            stream.set_remote(phone.address, is_behind_nat=False)
        a.connect(b)
        assert _descriptors() == before + 4
        stranger.send(a, audio(1, ssrc=0xBAD))
        wait_for(lambda: a.statistics().strangers == 1, "the stranger is counted")
        assert _descriptors() == before + 4
        alice.send(a, audio(1))
        assert bob.receive() == audio(1)
        assert _descriptors() == before + 6
        report = bytes.fromhex("80c9000100000001")
        stranger.send_rtcp(a, report)
        wait_for(lambda: a.statistics().strangers == 2, "the stranger is counted")
        assert _descriptors() == before + 6
        alice.send_rtcp(a, report)
        assert bob.receive_rtcp() == report
        assert _descriptors() == before + 8
        bob.send_rtcp(b, report)
        bob.send(b, audio(2))
        stranger.send_rtcp(b, report)
        assert alice.receive_rtcp() == report
        assert alice.receive() == audio(2)
        wait_for(lambda: b.statistics().strangers == 1, "the stranger is counted")
        assert _descriptors() == before + 8
        a.close()
        b.close()
        assert _descriptors() == before
    finally:
        plane.close()


def test_what_comes_at_once_and_first_is_neither_lost_nor_overtaken(make_phone):
    """The packet thread is held up while the far end's first packets come, some by the door and,
    once the first was taken, the rest by the line."""
    plane = NativeMediaPlane(some_range(40))
    alice, bob = make_phone(), make_phone()
    try:
        for _ in range(10):
            a, b = plane.open("127.0.0.1"), plane.open("127.0.0.1")
            for stream, phone in ((a, alice), (b, bob)):
                stream.set_remote(phone.address, is_behind_nat=False)
            a.connect(b)
            with _held_up():
                for number in range(100):
                    alice.send(a, audio(number))
            assert [bob.receive() for _ in range(100)] == [audio(n) for n in range(100)]
            assert a.statistics().lost == 0
            a.close()
            b.close()
    finally:
        plane.close()


@contextlib.contextmanager
def _held_up() -> Iterator[None]:
    """Packet threads do not get to run: they and we share one core, and they wait."""
    cores = os.sched_getaffinity(0)
    threads = _packet_threads()
    assert threads
    for thread in (0, *threads):
        os.sched_setaffinity(thread, {min(cores)})
    for thread in threads:
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        for thread in threads:
            os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
        for thread in (0, *threads):
            os.sched_setaffinity(thread, cores)


def _packet_threads() -> list[int]:
    """Those of every core of this process."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(t.name) for t in tasks if (t / "comm").read_text().strip() == "media"]


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
