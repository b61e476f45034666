"""Relaying, on both planes: what goes through, who is refused, and what closing does."""

from __future__ import annotations

import select
import socket
import threading

import pytest

from appliance.errors import LocalProtocolError, MediaError
from appliance.media.api import PacketKind
from appliance.media.native._core import lib
from appliance.media.session import NativeMediaPlane
from appliance.rtp.packet import RtpPacket, encode_rtp
from appliance.sdp.media import RemoteAddress
from tests.media.phones import audio, wait_for

HOSTS = ["127.0.0.1", "::1"]


@pytest.mark.parametrize("host", HOSTS)
def test_rtp_goes_both_ways_untouched(make_call, host):
    call = make_call(host)
    packet = RtpPacket(96, 65535, 0xFFFFFFF0, 7, b"\x01\x02", True, (9, 8), (0xBEDE, b"abcd"))
    call.alice.send(call.a, encode_rtp(packet))
    assert call.bob.receive() == encode_rtp(packet)
    call.bob.send(call.b, audio(5))
    assert call.alice.receive() == audio(5)


@pytest.mark.parametrize("host", HOSTS)
def test_packets_leave_from_the_port_that_was_told(make_call, host):
    call = make_call(host)
    call.alice.send(call.a, audio(1))
    assert call.bob.rtp.recvfrom(2048)[1][:2] == (host, call.b.port)


def test_rtcp_goes_both_ways_untouched(call):
    report = bytes.fromhex("80c9000100000001")
    call.alice.send_rtcp(call.a, report)
    assert call.bob.receive_rtcp() == report
    call.bob.send_rtcp(call.b, report)
    assert call.alice.receive_rtcp() == report
    assert call.a.statistics().received == 0


def test_ports_are_an_even_and_the_next_odd(call):
    for stream in (call.a, call.b):
        assert stream.port % 2 == 0
        assert stream.rtcp_port == stream.port + 1


def test_received_and_sent_are_counted(call):
    for number in range(10):
        call.alice.send(call.a, audio(number))
        call.bob.receive()
    a, b = call.a.statistics(), call.b.statistics()
    assert (a.received, a.sent, b.received, b.sent) == (10, 0, 0, 10)
    assert a.silent_s < b.silent_s


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\x00" * 172,  # version 0: STUN and the like
        audio(1)[:11],
        b"\x8f" + audio(1)[1:40],  # fifteen CSRCs in 40 octets
        b"\x90" + audio(1)[1:12] + b"\xbe\xde\xff\xff",  # extension beyond the end
        b"\xa0" + audio(1)[1:-1] + b"\x00",  # padding of nothing
        b"\xa0" + audio(1)[1:-1] + b"\xff",  # padding beyond the beginning
        b"\x80\xc8" + audio(1)[2:],  # RTCP on the RTP port
        audio(1) + bytes(3000),
    ],
)
def test_malformed_rtp_is_dropped(call, data):
    call.alice.send(call.a, data)
    call.alice.send(call.a, audio(2))
    assert call.bob.receive() == audio(2)
    assert not call.bob.is_waiting()
    assert call.a.statistics().received == 1


@pytest.mark.parametrize("data", ["80", "40c9000100000001", "80c9000200000001", "800000010001"])
def test_malformed_rtcp_is_dropped(call, data):
    good = bytes.fromhex("81cb000100000001")
    call.alice.send_rtcp(call.a, bytes.fromhex(data))
    call.alice.send_rtcp(call.a, good)
    assert call.bob.receive_rtcp() == good


def test_nothing_is_sent_before_the_remote_is_known(plane, make_phone):
    alice = make_phone()
    a, b = plane.open("127.0.0.1"), plane.open("127.0.0.1")
    a.set_remote(alice.address, is_behind_nat=False)
    a.connect(b)
    alice.send(a, audio(1))
    wait_for(lambda: a.statistics().received == 1)
    assert b.statistics().sent == 0


def test_a_stream_without_remote_hears_nobody(plane, make_phone):
    stranger = make_phone()
    stream = plane.open("127.0.0.1")
    stranger.send(stream, audio(1))
    wait_for(lambda: stream.statistics().strangers == 1)
    assert stream.statistics().received == 0


def test_strangers_are_counted_and_neither_answered_nor_relayed(call, make_phone):
    stranger = make_phone()
    for number in range(20):
        stranger.send(call.a, audio(number, ssrc=0xBAD))
        stranger.send_rtcp(call.a, bytes.fromhex("80c9000100000bad"))
    wait_for(lambda: call.a.statistics().strangers == 40)
    call.alice.send(call.a, audio(1))
    assert call.bob.receive_packet().ssrc == 0x1111
    assert not call.bob.is_waiting()
    assert not stranger.is_waiting()
    assert call.a.statistics().received == 1


def test_another_port_of_the_same_host_is_a_stranger(call):
    call.alice.rtcp.sendto(audio(1), (call.a.host, call.a.port))
    wait_for(lambda: call.a.statistics().strangers == 1)


def test_connecting_replaces_the_former_connection(plane, call, make_phone):
    carol = make_phone()
    c = plane.open("127.0.0.1")
    c.set_remote(carol.address, is_behind_nat=False)
    call.a.connect(c)
    call.bob.send(call.b, audio(1))
    wait_for(lambda: call.b.statistics().received == 1)
    call.alice.send(call.a, audio(2))
    assert carol.receive() == audio(2)
    assert not call.bob.is_waiting()
    assert not call.alice.is_waiting()


def test_disconnecting_stops_the_relay(call):
    call.a.disconnect()
    call.alice.send(call.a, audio(1))
    wait_for(lambda: call.a.statistics().received == 1)
    assert call.b.statistics().sent == 0


def test_a_new_remote_replaces_the_old(call, make_phone):
    moved = make_phone()
    call.a.set_remote(moved.address, is_behind_nat=False)
    call.alice.send(call.a, audio(1))
    wait_for(lambda: call.a.statistics().strangers == 1)
    moved.send(call.a, audio(2))
    assert call.bob.receive() == audio(2)
    call.bob.send(call.b, audio(3))
    assert moved.receive() == audio(3)


def test_no_rtcp_port_means_no_rtcp(call):
    call.a.set_remote(RemoteAddress("127.0.0.1", call.alice.address.port, 0), is_behind_nat=False)
    call.bob.send_rtcp(call.b, bytes.fromhex("80c9000100000001"))
    call.alice.send_rtcp(call.a, bytes.fromhex("80c9000100000001"))
    wait_for(lambda: call.a.statistics().strangers == 1)
    assert not call.alice.is_waiting()


def test_our_own_ports_are_refused(plane):
    one, other = plane.open("127.0.0.1"), plane.open("127.0.0.1")
    for port in (one.port, other.port, other.rtcp_port):
        with pytest.raises(MediaError) as refusal:
            one.set_remote(RemoteAddress("127.0.0.1", port, 0), is_behind_nat=False)
        assert refusal.value.key == "media.hostile_address"
    with pytest.raises(MediaError):
        one.set_remote(RemoteAddress("127.0.0.1", 65000, other.port), is_behind_nat=True)


def test_a_remote_of_the_other_family_is_unreachable(plane):
    stream = plane.open("127.0.0.1")
    with pytest.raises(MediaError) as refusal:
        stream.set_remote(RemoteAddress("::1", 40000, 40001), is_behind_nat=False)
    assert refusal.value.key == "media.unreachable_address"


def test_a_host_that_is_not_ours_cannot_be_opened(plane):
    with pytest.raises(MediaError) as refusal:
        plane.open("192.0.2.1")
    assert refusal.value.key == "media.unreachable_address"


def test_udptl_is_relayed_unread(call):
    for stream in (call.a, call.b):
        stream.describe(event_payload_type=-1, clock_rate_hz=8000, kind=PacketKind.UDPTL)
    ifp = b"\x00\x01\x06t38-ifp\x00"
    call.alice.send(call.a, ifp)
    assert call.bob.receive() == ifp
    statistics = call.a.statistics()
    assert (statistics.received, statistics.lost, statistics.mos) == (1, None, None)


def test_a_closed_far_port_loses_nothing_for_the_living_side(call):
    call.bob.rtp.close()
    for number in range(5):
        call.alice.send(call.a, audio(number))
        wait_for(lambda n=number: call.a.statistics().received == n + 1)
    call.bob.rtp = call.bob._socket()
    call.b.set_remote(call.bob.address, is_behind_nat=False)
    call.bob.send(call.b, audio(7))
    assert call.alice.receive() == audio(7)


def test_a_closed_stream_says_so(call):
    call.a.close()
    call.a.close()
    with pytest.raises(LocalProtocolError):
        call.a.statistics()
    with pytest.raises(LocalProtocolError):
        call.b.connect(call.a)
    call.bob.send(call.b, audio(1))
    wait_for(lambda: call.b.statistics().received == 1)


def test_closing_frees_the_ports_for_others(call):
    call.a.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((call.a.host, call.a.port))


def test_an_open_port_is_ours_alone(call):
    """Two sockets share the port inside the core; nobody else may join them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            thief.bind((call.a.host, call.a.port))


def test_a_silenced_port_stays_ours_alone(call):
    with pytest.raises(MediaError):
        call.a.set_remote(RemoteAddress("127.255.255.255", 40000, 0), is_behind_nat=False)
    test_an_open_port_is_ours_alone(call)


def test_no_stranger_slips_in_while_the_remote_changes(call, make_phone):
    """Sprayed all the while, a port is aimed anew three hundred times; nothing gets through."""
    stranger = make_phone()
    is_over = threading.Event()

    def spray() -> None:
        while not is_over.is_set():
            stranger.send(call.a, audio(1, ssrc=0xBAD))

    thread = threading.Thread(target=spray)
    thread.start()
    try:
        for number in range(300):
            call.a.set_remote(call.alice.address, is_behind_nat=False)
            call.bob.send(call.b, audio(number))  # what is sent to alice makes her line
            assert call.alice.receive() == audio(number)
    finally:
        is_over.set()
        thread.join()
    wait_for(lambda: call.a.statistics().strangers > 0)
    assert call.a.statistics().received == 0
    assert not call.bob.is_waiting()


def test_closing_under_traffic_is_safe(plane, make_phone):
    """Streams come and go a hundred times while packets pour into whatever ports they have."""
    alice = make_phone()
    targets: list[tuple[str, int]] = []
    is_over = threading.Event()

    def pour() -> None:
        number = 0
        while not is_over.is_set():
            for target in list(targets):
                number += 1
                alice.rtp.sendto(audio(number), target)

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        for _ in range(100):
            one, other = plane.open("127.0.0.1"), plane.open("127.0.0.1")
            one.set_remote(alice.address, is_behind_nat=False)
            other.set_remote(RemoteAddress("127.0.0.1", 9999, 0), is_behind_nat=True)
            one.connect(other)
            targets[:] = [(one.host, one.port), (other.host, other.port)]
            wait_for(lambda s=one: s.statistics().received > 0)
            one.close()
            other.close()
    finally:
        is_over.set()
        thread.join()


def test_dscp_is_expedited_forwarding(call):
    call.bob.rtp.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    call.alice.send(call.a, audio(1))
    _, ancillary, _, _ = call.bob.rtp.recvmsg(2048, 256)
    assert [data[0] >> 2 for _, _, data in ancillary] == [46]


def test_twenty_streams_under_spray_lose_nothing(plane, make_call, make_phone):
    """Strangers spray every port while each call talks: 0 replies, 0 injected, 0 lost."""
    calls = [make_call() for _ in range(10)]
    strangers = [make_phone() for _ in range(3)]
    for number in range(25):
        for call in calls:
            for stranger in strangers:
                for stream in (call.a, call.b):
                    stranger.send(stream, audio(number, ssrc=0xBAD))
            call.alice.send(call.a, audio(number, ssrc=1))
            call.bob.send(call.b, audio(number, ssrc=2))
        for call in calls:
            assert call.bob.receive() == audio(number, ssrc=1)
            assert call.alice.receive() == audio(number, ssrc=2)
    for call in calls:
        for stream in (call.a, call.b):
            statistics = stream.statistics()
            assert (statistics.received, statistics.sent, statistics.lost) == (25, 25, 0)
            assert statistics.strangers > 0
    assert not any(phone.is_waiting() for phone in strangers)
    assert not any(phone.is_waiting() for call in calls for phone in (call.alice, call.bob))


def test_the_packet_thread_shows_that_it_lives_when_poked():
    """Idle it makes no round; poked it makes one, and does not spin afterwards."""
    plane = NativeMediaPlane()
    try:
        before = plane.poke()
        wait_for(lambda: lib.core_rounds(plane.core) > before)
        rounds = lib.core_rounds(plane.core)
        select.select([], [], [], 0.1)
        assert lib.core_rounds(plane.core) <= rounds + 1
    finally:
        plane.close()


def test_after_a_refused_move_the_call_stays_where_it_was(call):
    call.alice.send(call.a, audio(1))
    assert call.bob.receive() == audio(1)
    for remote in (RemoteAddress("192.0.2.9", 40000, 40001), RemoteAddress("::1", 40000, 40001)):
        with pytest.raises(MediaError) as refusal:
            call.a.set_remote(remote, is_behind_nat=False)
        assert refusal.value.key == "media.unreachable_address"
    report = bytes.fromhex("80c9000100000001")
    call.alice.send(call.a, audio(2))
    call.alice.send_rtcp(call.a, report)
    assert call.bob.receive() == audio(2) and call.bob.receive_rtcp() == report
    call.bob.send(call.b, audio(3))
    assert call.alice.receive() == audio(3)
