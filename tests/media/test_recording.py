"""What far ends say is kept by their streams, on both planes: over real sockets, in real time."""

from __future__ import annotations

import random
import time

import pytest

from appliance.errors import LocalProtocolError
from appliance.media.api import PacketKind, PlayEnded
from appliance.rtp.events import TelephoneEvent, encode_event
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from tests.media.conftest import Call
from tests.media.phones import audio, wait_for

EVENT, COMFORT = 101, 13
FRAME = 160
QUIET = b"\xd5"
AT_ONCE = 9  # so many packets may come before their time


def words(number):
    """20 ms that are like no other, without the octet of silence."""
    return random.Random(number).randbytes(FRAME).replace(QUIET, b"\x55")


def spoken(numbers):
    return b"".join(words(n) for n in numbers)


def say(phone, stream, numbers, **more):
    for number in numbers:
        phone.send(stream, audio(number, payload=words(number), **more))


def pass_time(seconds):
    ends = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > ends)


def everything(stream, count):
    """What comes until there are so many octets, and then is quiet."""
    said = bytearray()

    def is_all():
        said.extend(stream.take_recorded())
        return len(said) >= count

    wait_for(is_all, f"{count} octets")
    pass_time(0.12)
    return bytes(said + stream.take_recorded())


def test_what_is_said_is_kept(call):
    call.a.record()
    say(call.alice, call.a, range(AT_ONCE))
    assert everything(call.a, AT_ONCE * FRAME) == spoken(range(AT_ONCE))
    assert call.a.take_recorded() == b""


def test_two_seconds_of_speech_in_real_time(call):
    """Taken every now and then; some packets are late, one is lost, one comes twice."""
    order = [*range(10), 11, 10, *range(12, 30), 30, 30, *range(31, 50), *range(51, 100)]
    call.a.record()
    began, said = time.monotonic(), b""
    for i, number in enumerate(order):
        wait_for(lambda i=i: time.monotonic() > began + i * 0.02)
        say(call.alice, call.a, [number])
        if i % 10 == 5:
            said += call.a.take_recorded()
    said += everything(call.a, 100 * FRAME - len(said))
    assert said == spoken(range(50)) + QUIET * FRAME + spoken(range(51, 100))


def test_late_packets_find_their_place(call):
    call.a.record()
    say(call.alice, call.a, [0, 2, 1, 4, 5, 6, 3])
    assert everything(call.a, 7 * FRAME) == spoken(range(7))


def test_mu_law_becomes_a_law(call):
    call.a.record()
    said = bytes(range(256)) * 5
    for number in range(8):
        frame = said[number * FRAME : (number + 1) * FRAME]
        call.alice.send(call.a, audio(number, payload_type=0, payload=frame))
    assert everything(call.a, len(said)) == encode_g711(decode_g711(said, Law.PCMU), Law.PCMA)


def test_keys_and_comfort_noise_are_silence(call):
    call.a.describe(event_payload_type=EVENT, clock_rate_hz=8000, kind=PacketKind.RTP)
    call.a.record()
    say(call.alice, call.a, [0, 1])
    key = encode_event(TelephoneEvent(5, 320, True))
    call.alice.send(call.a, audio(2, payload_type=EVENT, payload=key))
    call.alice.send(call.a, audio(3, payload_type=EVENT, payload=key, rtp_timestamp=2 * FRAME))
    call.alice.send(call.a, audio(4, payload_type=COMFORT, payload=b"\x40"))
    say(call.alice, call.a, [5, 6])
    said = everything(call.a, 7 * FRAME)
    assert said == spoken([0, 1]) + QUIET * 3 * FRAME + spoken([5, 6])


def test_a_pause_is_as_long_as_it_was(call):
    call.a.record()
    say(call.alice, call.a, range(5))
    pass_time(1.1)
    for number in range(5, 10):
        more = {"rtp_timestamp": (number + 50) * FRAME}
        call.alice.send(call.a, audio(number, payload=words(number), **more))
    said = everything(call.a, 60 * FRAME)
    assert said == spoken(range(5)) + QUIET * 50 * FRAME + spoken(range(5, 10))


def test_a_leap_of_the_timestamps_makes_no_silence(call):
    call.a.record()
    say(call.alice, call.a, range(5))
    for number in range(5, 9):
        leap = {"rtp_timestamp": number * 10**8}
        call.alice.send(call.a, audio(number, payload=words(number), **leap))
    assert everything(call.a, 9 * FRAME) == spoken(range(9))


def test_another_source_goes_on_behind(call):
    call.a.record()
    say(call.alice, call.a, range(4))
    say(call.alice, call.a, range(4, 9), ssrc=0x2222)
    assert everything(call.a, 9 * FRAME) == spoken(range(9))


def test_strangers_are_not_kept(call, make_phone):
    stranger = make_phone()
    call.a.record()
    say(stranger, call.a, [100, 101])
    wait_for(lambda: call.a.statistics().strangers == 2)
    say(call.alice, call.a, range(3))
    say(stranger, call.a, [3, 4])
    wait_for(lambda: call.a.statistics().strangers == 4)
    assert everything(call.a, 3 * FRAME) == spoken(range(3))


def test_nothing_else_changes(call):
    """What is connected is relayed, and the other way is not kept."""
    call.a.record()
    for number in range(5):
        say(call.alice, call.a, [number])
        say(call.bob, call.b, [number + 50])
        assert call.bob.receive_packet().payload == words(number)
        assert call.alice.receive_packet().payload == words(number + 50)
    assert everything(call.a, 5 * FRAME) == spoken(range(5))
    assert call.b.take_recorded() == b""


def test_who_is_played_to_is_kept_all_the_same(call, log):
    call.a.record()
    call.a.play(bytes(1600), payload_type=8, repeats=False)
    say(call.alice, call.a, range(5))
    log.wait_for(PlayEnded)
    call.a.echo()
    say(call.alice, call.a, range(5, 9))
    assert everything(call.a, 9 * FRAME) == spoken(range(9))


def test_nothing_is_kept_before_and_after(call):
    say(call.alice, call.a, [0])
    wait_for(lambda: call.a.statistics().received == 1)
    assert call.a.take_recorded() == b""
    call.a.stop_recording()
    call.a.record()
    say(call.alice, call.a, [1, 2])
    wait_for(lambda: call.a.statistics().received == 3)
    call.a.stop_recording()
    say(call.alice, call.a, [3])
    wait_for(lambda: call.a.statistics().received == 4)
    assert call.a.take_recorded() == spoken([1, 2]), "the end of it, at once"
    assert call.a.take_recorded() == b""


def test_a_second_recording_begins_anew(call):
    call.a.record()
    say(call.alice, call.a, [0, 1])
    wait_for(lambda: call.a.statistics().received == 2)
    call.a.record()
    say(call.alice, call.a, [2, 3])
    assert everything(call.a, 2 * FRAME) == spoken([2, 3])


def test_what_nobody_takes_is_lost_and_counted(call):
    """A pause that is longer than what may wait, as the timestamps have it."""
    call.a.record()
    say(call.alice, call.a, range(5))
    pass_time(4.3)
    call.alice.send(call.a, audio(5, payload=words(5), rtp_timestamp=215 * FRAME))
    wait_for(lambda: call.a.statistics().received == 6)
    said = everything(call.a, 32000)
    assert said == QUIET * (32000 - FRAME) + words(5)
    assert call.a.statistics().unrecorded == 216 * FRAME - 32000
    assert call.b.statistics().unrecorded == 0


def test_a_closed_stream_records_nothing(plane):
    stream = plane.open("127.0.0.1")
    stream.record()
    stream.close()
    for command in (stream.record, stream.take_recorded, stream.stop_recording):
        with pytest.raises(LocalProtocolError):
            command()


def test_a_stream_in_the_place_of_another_has_nothing_of_it(plane, make_phone):
    call = Call(plane, make_phone, "127.0.0.1")
    call.a.record()
    say(call.alice, call.a, range(5))
    wait_for(lambda: call.a.statistics().received == 5)
    call.a.close()
    assert plane.open("127.0.0.1").take_recorded() == b""


def test_fifty_at_once(make_call):
    calls = [make_call() for _ in range(25)]
    ends = [(c.alice, c.a) for c in calls] + [(c.bob, c.b) for c in calls]
    for _, stream in ends:
        stream.record()
    began = time.monotonic()
    for frame in range(25):
        wait_for(lambda frame=frame: time.monotonic() > began + frame * 0.02)
        for number, (phone, stream) in enumerate(ends):
            phone.send(stream, audio(frame, payload=words(100 * number + frame)))
    wait_for(lambda: all(stream.statistics().received == 25 for _, stream in ends))
    pass_time(0.12)
    for number, (_, stream) in enumerate(ends):
        assert stream.take_recorded() == spoken(range(100 * number, 100 * number + 25))
