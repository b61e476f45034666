"""Playing and echo on both planes: content, pacing, and how the packets go on."""

from __future__ import annotations

import time

import pytest

from appliance.media.api import PlayEnded
from tests.media.phones import audio, wait_for

PAYLOAD = bytes(i % 251 for i in range(160 * 10))


def receive(phone, count):
    return [phone.receive_packet() for _ in range(count)]


def test_the_whole_payload_comes_in_order(call, log):
    call.a.play(PAYLOAD, payload_type=8, repeats=False)
    packets = receive(call.alice, 10)
    assert b"".join(p.payload for p in packets) == PAYLOAD
    first = packets[0]
    for i, packet in enumerate(packets):
        assert packet.sequence_number == (first.sequence_number + i) & 0xFFFF
        assert packet.rtp_timestamp == (first.rtp_timestamp + 160 * i) & 0xFFFFFFFF
        assert (packet.ssrc, packet.payload_type) == (first.ssrc, 8)
        assert packet.marker == (i == 0)
    assert log.wait_for(PlayEnded) == [PlayEnded(call.a.number)]
    assert not call.alice.is_waiting()
    assert call.a.statistics().sent == 10


def test_packets_are_paced_by_twenty_milliseconds(call):
    call.a.play(bytes(160 * 50), payload_type=8, repeats=False)
    call.alice.receive()
    began = time.monotonic()
    receive(call.alice, 49)
    assert 0.94 < time.monotonic() - began < 1.5


@pytest.mark.parametrize(("payload_type", "silence"), [(8, 0xD5), (0, 0xFF)])
def test_a_last_frame_is_filled_with_silence(call, payload_type, silence):
    call.a.play(b"\x01" * 200, payload_type=payload_type, repeats=False)
    assert receive(call.alice, 2)[1].payload == b"\x01" * 40 + bytes([silence]) * 120


def test_a_repeated_payload_has_no_seam(call, log):
    call.a.play(PAYLOAD[:250], payload_type=8, repeats=True)
    heard = b"".join(p.payload for p in receive(call.alice, 12))
    assert heard == (PAYLOAD[:250] * 8)[: len(heard)]
    call.a.stop_playing()
    assert log.refresh() == []


def test_stopping_stops_and_tells_nothing(call, log):
    call.a.play(PAYLOAD, payload_type=8, repeats=True)
    call.alice.receive()
    call.a.stop_playing()
    sent = call.a.statistics().sent
    receive(call.alice, sent - 1)
    call.b.play(PAYLOAD[:320], payload_type=8, repeats=False)
    log.wait_for(PlayEnded)
    assert not call.alice.is_waiting()
    assert [event.stream for event in log.events] == [call.b.number]


def test_a_second_play_goes_on_where_the_first_ended(call, log):
    call.a.play(PAYLOAD[:320], payload_type=8, repeats=False)
    first = receive(call.alice, 2)
    log.wait_for(PlayEnded)
    call.a.play(PAYLOAD[:320], payload_type=8, repeats=False)
    second = receive(call.alice, 2)
    assert second[0].ssrc == first[0].ssrc
    assert second[0].sequence_number == (first[1].sequence_number + 1) & 0xFFFF
    assert second[0].marker
    step = (second[0].rtp_timestamp - first[1].rtp_timestamp) & 0xFFFFFFFF
    assert 160 <= step <= 8000
    assert step % 160 == 0


def test_a_new_play_replaces_the_old(call, log):
    call.a.play(b"\x01" * 16000, payload_type=8, repeats=False)
    call.alice.receive()
    call.a.play(b"\x02" * 160, payload_type=8, repeats=False)
    wait_for(lambda: call.alice.receive_packet().payload == b"\x02" * 160)
    assert len(log.wait_for(PlayEnded)) == 1


def test_the_partner_is_held_back_while_a_stream_plays(call, log):
    call.a.play(PAYLOAD, payload_type=8, repeats=False)
    own = call.alice.receive_packet().ssrc
    call.bob.send(call.b, audio(1))
    call.alice.send(call.a, audio(2))
    assert call.bob.receive() == audio(2)
    assert {p.ssrc for p in receive(call.alice, 9)} == {own}
    log.wait_for(PlayEnded)
    call.bob.send(call.b, audio(3))
    assert call.alice.receive() == audio(3)


def test_connecting_ends_a_play(call, plane):
    call.a.play(PAYLOAD, payload_type=8, repeats=True)
    call.alice.receive()
    call.a.connect(call.b)
    receive(call.alice, call.a.statistics().sent - 1)
    call.bob.send(call.b, audio(1))
    assert call.alice.receive() == audio(1)


def test_nothing_is_played_without_a_remote_but_time_passes(plane, log):
    stream = plane.open("127.0.0.1")
    stream.play(PAYLOAD, payload_type=8, repeats=False)
    log.wait_for(PlayEnded)
    assert stream.statistics().sent == 0


def test_nothing_cannot_be_played(call):
    with pytest.raises(ValueError, match="nothing"):
        call.a.play(b"", payload_type=8, repeats=False)


def test_many_play_at_once(make_call, log):
    calls = [make_call() for _ in range(8)]
    for call in calls:
        call.a.play(PAYLOAD, payload_type=8, repeats=False)
    for call in calls:
        assert b"".join(p.payload for p in receive(call.alice, 10)) == PAYLOAD
    assert len(log.wait_for(PlayEnded, 8)) == 8


def test_echo_gives_back_what_was_said_under_our_own_ssrc(call):
    call.a.echo()
    call.alice.send(call.a, audio(7, marker=True))
    heard = call.alice.receive_packet()
    assert (heard.sequence_number, heard.payload_type, heard.marker) == (7, 8, True)
    assert heard.payload == bytes(range(160))
    assert heard.ssrc != 0x1111
    assert not call.bob.is_waiting()


def test_echo_after_a_play_is_another_source(call, log):
    call.a.play(PAYLOAD, payload_type=8, repeats=False)
    played = receive(call.alice, 10)[-1]
    log.wait_for(PlayEnded)
    call.a.echo()
    call.alice.send(call.a, audio((played.sequence_number - 5000) & 0xFFFF))
    assert call.alice.receive_packet().ssrc not in (played.ssrc, 0x1111)


def test_echo_is_for_the_far_end_alone(call, make_phone):
    stranger = make_phone()
    call.a.echo()
    stranger.send(call.a, audio(1))
    wait_for(lambda: call.a.statistics().strangers == 1)
    call.alice.send(call.a, audio(2))
    assert call.alice.receive_packet().sequence_number == 2
    assert not stranger.is_waiting()


def test_disconnecting_ends_echo_and_play(call):
    call.a.echo()
    call.a.play(PAYLOAD, payload_type=8, repeats=True)
    call.alice.receive()
    call.a.disconnect()
    receive(call.alice, call.a.statistics().sent - 1)
    call.alice.send(call.a, audio(1))
    wait_for(lambda: call.a.statistics().received == 1)
    assert not call.alice.is_waiting()
