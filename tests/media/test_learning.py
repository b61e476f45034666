"""Behind NAT: the first valid source is learned, locked, and learned anew only by signalling."""

from __future__ import annotations

import time

import pytest

from appliance.media.api import PacketKind, SourceLocked
from appliance.sdp.media import RemoteAddress
from tests.media.phones import audio, some_range, wait_for

PRIVATE = RemoteAddress("127.0.0.1", 64000, 64001)  # what a phone behind NAT says of itself
REPORT = bytes.fromhex("80c9000100001111")


@pytest.fixture
def nat(plane, make_phone):
    """A stream towards a phone behind NAT, connected to one towards bob, who is not."""

    class Nat:
        phone, bob = make_phone(), make_phone()
        stream, other = plane.open("127.0.0.1"), plane.open("127.0.0.1")

    Nat.stream.set_remote(PRIVATE, is_behind_nat=True)
    Nat.other.set_remote(Nat.bob.address, is_behind_nat=False)
    Nat.stream.connect(Nat.other)
    return Nat


def test_the_first_valid_source_is_learned_and_told(nat, log):
    nat.phone.send(nat.stream, audio(1))
    assert nat.bob.receive() == audio(1)
    nat.bob.send(nat.other, audio(2))
    assert nat.phone.receive() == audio(2)
    (locked,) = log.wait_for(SourceLocked)
    assert locked == SourceLocked(nat.stream.number, "127.0.0.1", nat.phone.address.port)


def test_what_is_no_rtp_teaches_nothing(nat, make_phone):
    stranger = make_phone()
    for data in (b"", b"\x00\x01\x00\x00" + bytes(16), b"\x80" * 11, REPORT):
        stranger.send(nat.stream, data)
    wait_for(lambda: nat.stream.statistics().strangers == 4)
    nat.phone.send(nat.stream, audio(1))
    assert nat.bob.receive() == audio(1)
    nat.bob.send(nat.other, audio(2))
    assert nat.phone.receive() == audio(2)


def test_a_learned_source_is_locked_at_once(nat, make_phone, log):
    stranger = make_phone()
    nat.phone.send(nat.stream, audio(1))
    nat.bob.receive()
    for number in range(10):
        stranger.send(nat.stream, audio(number, ssrc=0xBAD))
    wait_for(lambda: nat.stream.statistics().strangers == 10)
    nat.bob.send(nat.other, audio(2))
    assert nat.phone.receive() == audio(2)
    assert not stranger.is_waiting()
    assert len(log.wait_for(SourceLocked)) == 1


def test_the_described_address_takes_over_within_the_window(plane, make_phone, log):
    early, described = make_phone(), make_phone()
    stream = plane.open("127.0.0.1")
    stream.set_remote(described.address, is_behind_nat=True)
    early.send(stream, audio(1))
    log.wait_for(SourceLocked)
    described.send(stream, audio(2))
    ports = [event.port for event in log.wait_for(SourceLocked, 2)]
    assert ports == [early.address.port, described.address.port]
    early.send(stream, audio(3))
    wait_for(lambda: stream.statistics().strangers == 1)


def test_after_the_window_even_the_described_address_is_a_stranger(plane, make_phone, log):
    early, described = make_phone(), make_phone()
    stream = plane.open("127.0.0.1")
    stream.set_remote(described.address, is_behind_nat=True)
    early.send(stream, audio(1))
    log.wait_for(SourceLocked)
    learned = time.monotonic()
    wait_for(lambda: time.monotonic() - learned > 1.55)
    described.send(stream, audio(2))
    wait_for(lambda: stream.statistics().strangers == 1)
    assert len(log.refresh()) == 1


def test_no_host_is_learned_but_those_that_signalling_speaks_for(plane, make_phone, log):
    """The described host, or the one that signalling came from; a stray is none."""
    stray, phone, bob = make_phone("127.0.0.2"), make_phone("127.0.0.3"), make_phone()
    stream, other = plane.open("127.0.0.1"), plane.open("127.0.0.1")
    stream.set_remote(PRIVATE, is_behind_nat=True, signalled_from="127.0.0.3")
    other.set_remote(bob.address, is_behind_nat=False)
    stream.connect(other)
    stray.send(stream, audio(1))
    stray.send_rtcp(stream, REPORT)
    wait_for(lambda: stream.statistics().strangers == 2)
    phone.send(stream, audio(3))
    assert log.wait_for(SourceLocked)[0].host == "127.0.0.3"
    assert bob.receive() == audio(3)
    stray.send(stream, audio(4))
    wait_for(lambda: stream.statistics().strangers == 3)
    assert not stray.is_waiting()
    assert not bob.is_waiting()


def test_the_described_address_itself_may_be_the_source(plane, make_phone, log):
    phone = make_phone()
    stream = plane.open("127.0.0.1")
    stream.set_remote(phone.address, is_behind_nat=True)
    phone.send(stream, audio(1))
    (locked,) = log.wait_for(SourceLocked)
    assert locked.port == phone.address.port


def test_until_somebody_is_learned_the_described_address_is_sent_to(plane, make_call):
    call = make_call()
    call.b.set_remote(call.bob.address, is_behind_nat=True)
    call.alice.send(call.a, audio(1))
    assert call.bob.receive() == audio(1)


def test_only_signalling_opens_a_new_learning(nat, make_phone, log):
    moved = make_phone()
    nat.phone.send(nat.stream, audio(1))
    nat.bob.receive()
    moved.send(nat.stream, audio(2))
    wait_for(lambda: nat.stream.statistics().strangers == 1)
    nat.stream.set_remote(PRIVATE, is_behind_nat=True)
    moved.send(nat.stream, audio(3))
    assert nat.bob.receive() == audio(3)
    nat.bob.send(nat.other, audio(4))
    assert moved.receive() == audio(4)
    assert [e.port for e in log.wait_for(SourceLocked, 2)][-1] == moved.address.port


def test_rtcp_is_learned_by_itself(nat):
    nat.phone.send(nat.stream, audio(1))
    nat.bob.receive()
    nat.phone.send_rtcp(nat.stream, REPORT)
    assert nat.bob.receive_rtcp() == REPORT
    nat.bob.send_rtcp(nat.other, REPORT)
    assert nat.phone.receive_rtcp() == REPORT


def test_rtcp_is_learned_only_with_the_ssrc_of_rtp(nat, make_phone):
    neighbour = make_phone()
    neighbour.send_rtcp(nat.stream, REPORT)  # nobody knows the SSRC yet
    nat.phone.send(nat.stream, audio(1))
    nat.bob.receive()
    neighbour.send_rtcp(nat.stream, REPORT[:4] + b"\x0b\xad\xba\xd0")
    neighbour.send_rtcp(nat.stream, REPORT[:2] + b"\0\0")
    wait_for(lambda: nat.stream.statistics().strangers == 3)
    nat.phone.send_rtcp(nat.stream, REPORT)
    assert nat.bob.receive_rtcp() == REPORT
    assert not neighbour.is_waiting()


def test_rtcp_is_believed_from_the_host_of_rtp_alone(nat, make_phone):
    elsewhere = make_phone("127.0.0.2")
    nat.phone.send(nat.stream, audio(1))
    nat.bob.receive()
    elsewhere.send_rtcp(nat.stream, REPORT)
    wait_for(lambda: nat.stream.statistics().strangers == 1)
    nat.phone.send_rtcp(nat.stream, REPORT)
    assert nat.bob.receive_rtcp() == REPORT


def test_our_own_port_is_never_learned(make_plane):
    """A stream that aimed at a port before it became ours must not teach it a loop."""
    plane = make_plane(some_range(2))
    talker, later = plane.open("127.0.0.1"), plane.open("127.0.0.1")
    port = later.port
    later.close()
    talker.set_remote(RemoteAddress("127.0.0.1", port, 0), is_behind_nat=False)
    learner = plane.open("127.0.0.1")
    assert learner.port == port
    learner.set_remote(PRIVATE, is_behind_nat=True)
    talker.play(bytes(160), payload_type=8, repeats=True)
    wait_for(lambda: learner.statistics().strangers > 2)
    assert learner.statistics().received == 0


def test_udptl_is_learned_from_any_packet(nat):
    nat.stream.describe(event_payload_type=-1, clock_rate_hz=8000, kind=PacketKind.UDPTL)
    nat.phone.send(nat.stream, b"\x00\x00\x00")
    assert nat.bob.receive() == b"\x00\x00\x00"
