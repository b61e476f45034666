"""What is recorded of a far end, octet by octet, in virtual time: the C recorder and its oracle."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.media.reference_recorder import ReferenceRecorder
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from appliance.rtp.packet import RtpPacket
from tests.media.native.recorder import KEPT, NativeRecorder, compiled_recorder

BEGAN = 1000.0
FRAME, FRAME_S = 160, 0.02
HELD_BACK, FORERUN = 800, 1600
QUIET = b"\xd5"
WORD = 0xFFFFFFFF


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compiled_recorder(tmp_path_factory.mktemp("recorder"))


@pytest.fixture(params=["native", "reference"])
def recorder(request, library):
    return NativeRecorder(library) if request.param == "native" else ReferenceRecorder()


def words(number):
    """20 ms that are like no other, without the octet of silence."""
    return random.Random(number).randbytes(FRAME).replace(QUIET, b"\x55")


def packet(number, *, law=8, payload=None, timestamp=None, ssrc=7, sequence=None):
    return RtpPacket(
        payload_type=law,
        sequence_number=(number if sequence is None else sequence) & 0xFFFF,
        rtp_timestamp=(number * FRAME if timestamp is None else timestamp) & WORD,
        ssrc=ssrc,
        payload=words(number) if payload is None else payload,
    )


def heard(recorder, packets, began=BEGAN):
    """Packet number i comes i * 20 ms after began; the time of the last one."""
    now = began
    for i, one in enumerate(packets):
        now = began + i * FRAME_S
        recorder.hear(one, now)
    return now


def rest(recorder, now):
    """All of it, once nothing can come any more."""
    return recorder.take(now + 1)


def spoken(numbers):
    return b"".join(words(n) for n in numbers)


def test_what_is_said_comes_out_as_it_is(recorder):
    now = heard(recorder, [packet(i) for i in range(50)])
    assert recorder.take(now) == spoken(range(50))[:-HELD_BACK]
    assert recorder.take(now) == b""
    assert rest(recorder, now) == spoken(range(50))[-HELD_BACK:]
    assert recorder.lost == 0


def test_mu_law_is_kept_as_a_law(recorder):
    said = bytes(range(256)) * 5
    frames = [said[at : at + FRAME] for at in range(0, len(said), FRAME)]
    now = heard(recorder, [packet(i, law=0, payload=f) for i, f in enumerate(frames)])
    assert rest(recorder, now) == encode_g711(decode_g711(said, Law.PCMU), Law.PCMA)


def test_every_octet_of_a_law_is_kept(recorder):
    said = bytes(range(256)) * 5
    frames = [said[at : at + FRAME] for at in range(0, len(said), FRAME)]
    now = heard(recorder, [packet(i, payload=f) for i, f in enumerate(frames)])
    assert rest(recorder, now) == said


@pytest.mark.parametrize(
    "order", [[0, 2, 1, 3, 4, 5], [0, 4, 3, 2, 1, 5], [0, 5, 1, 2, 3, 4], [0, 1, 3, 2, 5, 4]]
)
def test_packets_find_their_place(recorder, order):
    now = heard(recorder, [packet(i) for i in order])
    assert rest(recorder, now) == spoken(range(6))


def test_a_packet_finds_its_place_while_somebody_takes_all_the_time(recorder):
    """Nothing is given away that a packet of the last 100 ms could still change."""
    order, said = [*range(20), 21, 22, 23, 24, 20, *range(25, 60)], b""
    for i, number in enumerate(order):
        recorder.hear(packet(number), BEGAN + i * FRAME_S)
        said += recorder.take(BEGAN + i * FRAME_S)
    assert said + rest(recorder, BEGAN + 2) == spoken(range(60))


def test_what_comes_far_too_late_is_dropped(recorder):
    said = b""
    for i, number in enumerate([*range(10), *range(11, 40), 10, *range(40, 50)]):
        recorder.hear(packet(number), BEGAN + i * FRAME_S)
        said += recorder.take(BEGAN + i * FRAME_S)
    said += rest(recorder, BEGAN + 1)
    assert said == spoken(range(10)) + QUIET * FRAME + spoken(range(11, 50))


def test_lost_packets_are_silence(recorder):
    packets = [packet(i) for i in range(40) if i not in (7, 20, 21, 22)]
    for one in packets:
        recorder.hear(one, BEGAN + one.sequence_number * FRAME_S)
    said = rest(recorder, BEGAN + 0.8)
    gone = QUIET * FRAME
    assert said == spoken(range(7)) + gone + spoken(range(8, 20)) + 3 * gone + spoken(range(23, 40))


def test_duplicates_are_dropped(recorder):
    packets = [packet(i) for i in range(10) for _ in range(3)]
    packets.insert(12, packet(3, payload=b"\x01" * FRAME))  # what came first stays
    for i, one in enumerate(packets):
        recorder.hear(one, BEGAN + i * FRAME_S / 3)
    assert rest(recorder, BEGAN + 0.2) == spoken(range(10))


@pytest.mark.parametrize("kind", [13, 101, 18, 96])
def test_events_and_comfort_noise_are_silence(recorder, kind):
    packets = [packet(i, law=kind if 5 <= i < 9 else 8) for i in range(12)]
    now = heard(recorder, packets)
    assert rest(recorder, now) == spoken(range(5)) + QUIET * 4 * FRAME + spoken(range(9, 12))


@pytest.mark.parametrize("early_ms", [0, 15, -15, 80])
def test_suppressed_silence_is_as_long_as_it_was(recorder, early_ms):
    """3 s without a packet; sequence numbers go on, timestamps tell of it."""
    heard(recorder, [packet(i) for i in range(10)])
    now = heard(
        recorder,
        [packet(i, timestamp=(i + 150) * FRAME) for i in range(10, 20)],
        BEGAN + 3.2 - early_ms / 1000,
    )
    assert rest(recorder, now) == spoken(range(10)) + QUIET * 150 * FRAME + spoken(range(10, 20))


def test_numbers_that_wrap_are_no_break(recorder):
    first, began = 0xFFF0, 0xFFFFFFFF - 999
    packets = [packet(i, sequence=first + i, timestamp=began + i * FRAME) for i in range(40)]
    now = heard(recorder, packets)
    assert rest(recorder, now) == spoken(range(40))


def test_a_new_source_goes_on_where_the_old_one_ended(recorder):
    packets = [packet(i) for i in range(10)]
    packets += [
        packet(i, ssrc=8, timestamp=i * FRAME + 5**13, sequence=i + 999) for i in range(10, 20)
    ]
    now = heard(recorder, packets)
    assert rest(recorder, now) == spoken(range(20))


def test_a_new_source_after_a_pause_comes_after_that_pause(recorder):
    heard(recorder, [packet(i) for i in range(10)])
    packets = [packet(i, ssrc=8, timestamp=i * FRAME + 5**13) for i in range(10, 20)]
    now = heard(recorder, packets, BEGAN + 2.2)
    assert rest(recorder, now) == spoken(range(10)) + QUIET * 16000 + spoken(range(10, 20))


@pytest.mark.parametrize("jump", [10**5, 10**9, (1 << 31) - 1, -(10**4), -(10**9), -1601])
def test_a_far_end_that_sets_its_clock_anew_loses_nothing(recorder, jump):
    packets = [packet(i) for i in range(20)]
    packets += [packet(i, timestamp=i * FRAME + jump) for i in range(20, 40)]
    now = heard(recorder, packets)
    assert rest(recorder, now) == spoken(range(40))


@pytest.mark.parametrize("step", [10**9, 20000, -20000, 161, 170, 1600, 900])
def test_timestamps_never_make_more_than_the_time_that_passed(recorder, step):
    """A hostile sender: each packet claims a leap, for 20 s; and then as many packets at once."""
    total = 0
    for i in range(1000):
        now = BEGAN + i * FRAME_S
        recorder.hear(packet(i, timestamp=i * step), now)
        total += len(recorder.take(now)) + recorder.lost
        assert total <= i * FRAME + FORERUN
    for i in range(1000, 3000):
        recorder.hear(packet(i, timestamp=i * step, ssrc=i // 3), now)
    total += len(rest(recorder, now))
    assert total <= 999 * FRAME + FORERUN
    assert total > 20000, "and what it says is kept all the same"


def test_a_flood_is_cut_to_the_time_that_passed(recorder):
    for i in range(500):
        recorder.hear(packet(i), BEGAN + i * 0.0001)
    said = rest(recorder, BEGAN + 0.05)
    assert said[:FORERUN] == spoken(range(10))
    assert len(said) <= FORERUN + 400


def test_a_burst_that_was_held_up_is_kept(recorder):
    """Half a second of packets at once, after half a second of nothing."""
    for i in range(50):
        recorder.hear(packet(i), BEGAN + (i * FRAME_S if i < 10 else max(0.7, i * FRAME_S)))
    assert rest(recorder, BEGAN + 2) == spoken(range(50))


def test_stop_and_go_is_as_long_as_it_was(recorder):
    """On hold the far end sends nothing, and its timestamps begin anew, or stand still."""
    heard(recorder, [packet(i) for i in range(10)])
    heard(recorder, [packet(i, timestamp=(i - 1000) * FRAME) for i in range(10, 20)], BEGAN + 1.2)
    now = heard(
        recorder, [packet(i, timestamp=(i - 1000) * FRAME) for i in range(20, 30)], BEGAN + 3
    )
    pause = QUIET * 8000
    assert rest(recorder, now) == spoken(range(10)) + pause + spoken(range(10, 30))


def test_what_nobody_takes_is_lost_and_counted(recorder):
    now = heard(recorder, [packet(i) for i in range(300)])
    assert recorder.lost == 300 * FRAME - KEPT
    assert rest(recorder, now) == spoken(range(300))[-KEPT:]
    heard(recorder, [packet(i) for i in range(300, 310)], now + FRAME_S)
    assert rest(recorder, now + 1) == spoken(range(300, 310))
    assert recorder.lost == 300 * FRAME - KEPT


def test_a_silence_longer_than_the_ring_is_silence(recorder):
    heard(recorder, [packet(i) for i in range(10)])
    now = heard(recorder, [packet(i, timestamp=(i + 1000) * FRAME) for i in (10, 11)], BEGAN + 20.2)
    assert rest(recorder, now) == QUIET * (KEPT - 2 * FRAME) + spoken([10, 11])
    assert recorder.lost == 1012 * FRAME - KEPT


def test_what_was_kept_before_the_stop_can_be_taken(recorder):
    now = heard(recorder, [packet(i) for i in range(10)])
    recorder.stop()
    recorder.hear(packet(10), now + FRAME_S)
    assert recorder.take(now) == spoken(range(10))
    assert rest(recorder, now) == b""


def counted(said, total):
    """Frames that hold their own number, one after another."""
    for at in range(0, len(said), FRAME):
        assert said[at : at + FRAME] == numbered(total)
        total += 1
    return total


def numbered(number):
    return (number + 1_000_000_000).to_bytes(4, "big").replace(QUIET, b"\x55") * 40


def test_an_hour_is_kept_whole(recorder):
    """Taken every half second, by a far end whose clock is 30 ppm fast; every 50th packet late."""
    order = list(range(180_000))
    for at in range(7, len(order) - 1, 50):
        order[at], order[at + 1] = order[at + 1], order[at]
    total = 0
    for i, number in enumerate(order):
        now = BEGAN + i * FRAME_S * (1 - 30e-6)
        recorder.hear(packet(number, payload=numbered(number)), now)
        if i % 25 == 0:
            total = counted(recorder.take(now), total)
    assert counted(rest(recorder, now), total) == 180_000
    assert recorder.lost == 0


@st.composite
def far_ends(draw):
    """(packet, now) of a far end that is late, early, doubled, leaping, or somebody else."""
    sequence, timestamp, now, row = draw(st.integers(0, 0xFFFF)), 0, BEGAN, []
    for number in range(draw(st.integers(1, 60))):
        sequence += draw(st.sampled_from([1, 1, 1, 1, 0, 2, -1, -3, 99, -101, 5000]))
        steps = [160, 160, 160, 160, 0, -160, 320, 800, 24000, -5000, 10**9]
        timestamp += draw(st.sampled_from(steps))
        now += draw(st.sampled_from([0.02, 0.02, 0.02, 0.0, 0.001, 0.06, 0.5, 3.0, 9.0]))
        law = draw(st.sampled_from([8, 8, 8, 0, 13, 101]))
        payload = words(number)[: draw(st.sampled_from([160, 160, 160, 0, 1, 80]))]
        ssrc = draw(st.sampled_from([7, 7, 7, 7, 8]))
        made = packet(
            0, law=law, payload=payload, timestamp=timestamp, ssrc=ssrc, sequence=sequence
        )
        row.append((made, now, draw(st.booleans())))
    return row


@settings(max_examples=300, deadline=None)
@given(far_ends())
def test_both_recorders_say_the_same(library, row):
    native, reference = NativeRecorder(library), ReferenceRecorder()
    for made, now, is_taken in row:
        native.hear(made, now)
        reference.hear(made, now)
        if is_taken:
            assert native.take(now) == reference.take(now)
    assert rest(native, now) == rest(reference, now)
    assert native.lost == reference.lost
