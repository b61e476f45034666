"""What a stream measures: loss, jitter, round trip, MOS, silence, keys pressed (both planes)."""

from __future__ import annotations

import struct
import time

import pytest

from appliance.media.api import KeyPressed, PacketKind
from appliance.rtp.events import TelephoneEvent, encode_event
from appliance.rtp.rtcp import ReceiverReport, ReportBlock, SenderReport, encode_rtcp
from tests.media.phones import audio, wait_for

EVENT = 101


def flow(call, numbers, **more):
    """Send these packets one after the other, each relayed before the next."""
    for number in numbers:
        call.alice.send(call.a, audio(number, **more))
        call.bob.receive()


def test_nothing_measured_is_none(call):
    statistics = call.a.statistics()
    assert statistics.lost is None
    assert statistics.interarrival_jitter_ms is None
    assert statistics.round_trip_ms is None
    assert statistics.mos is None
    assert statistics.silent_s >= 0


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [
        (range(20), 0),
        ([0, 1, 2, 5, 6], 2),
        ([65533, 65534, 1, 2], 2),  # over the wrap: 65535 and 0 are missing
        ([0, 2, 1, 3], 0),  # reordered
        ([0, 1, 1, 2], -1),  # duplicated (A.3)
        ([0, 1, 30000, 30001, 30002], 0),  # the far end restarted: nothing was lost
    ],
)
def test_loss(call, numbers, lost):
    flow(call, numbers)
    assert call.a.statistics().lost == lost


def test_loss_is_kept_when_the_source_changes(call):
    flow(call, [0, 1, 4])
    flow(call, [900, 901, 903], ssrc=0x2222)
    assert call.a.statistics().lost == 3


def test_jitter_follows_the_timestamps(call):
    """Packets that come at once but claim to be 20 ms apart: the distance is nearly 20 ms each."""
    flow(call, range(100))
    jitter_ms = call.a.statistics().interarrival_jitter_ms
    assert 15 < jitter_ms < 40


def test_a_jump_of_the_timestamp_is_not_jitter(call):
    flow(call, range(3), rtp_timestamp=1000)
    flow(call, [3], rtp_timestamp=2_000_000_000)
    assert call.a.statistics().interarrival_jitter_ms < 1000


def test_mos_falls_with_loss(make_call):
    clean, lossy = make_call(), make_call()
    flow(clean, range(40))
    flow(lossy, range(0, 80, 2))
    assert clean.a.statistics().mos > 4.2
    assert lossy.a.statistics().mos < 2.5


def test_silence_grows_until_a_packet_comes(call):
    wait_for(lambda: call.a.statistics().silent_s > 0.3)
    flow(call, [1])
    assert call.a.statistics().silent_s < 0.3


def sender_report(ntp_middle: int) -> bytes:
    report = SenderReport(
        ssrc=1, ntp_timestamp=ntp_middle << 16, rtp_timestamp=0, packet_count=0, octet_count=0
    )
    return encode_rtcp((report,))


def receiver_report(last_sr: int, held_s: float) -> bytes:
    block = ReportBlock(ssrc=1, last_sr=last_sr, delay_since_last_sr=int(held_s * 65536))
    return encode_rtcp((ReceiverReport(2, (block,)),))


def test_round_trip_is_measured_on_the_leg_that_answers(call):
    call.alice.send_rtcp(call.a, sender_report(0x12345678))
    call.bob.receive_rtcp()
    began = time.monotonic()
    wait_for(lambda: time.monotonic() - began > 0.05)
    call.bob.send_rtcp(call.b, receiver_report(0x12345678, 0.02))
    call.alice.receive_rtcp()
    assert 25 < call.b.statistics().round_trip_ms < 1000
    assert call.a.statistics().round_trip_ms is None


def test_a_report_of_nothing_that_we_saw_gives_no_round_trip(call):
    call.bob.send_rtcp(call.b, receiver_report(0x9999, 0.0))
    call.alice.receive_rtcp()
    assert call.b.statistics().round_trip_ms is None


def test_a_far_end_that_claims_to_have_held_it_too_long_gives_zero(call):
    call.alice.send_rtcp(call.a, sender_report(77))
    call.bob.receive_rtcp()
    call.bob.send_rtcp(call.b, receiver_report(77, 30.0))
    call.alice.receive_rtcp()
    assert call.b.statistics().round_trip_ms == 0.0


# ---- RFC 4733


@pytest.fixture
def keys(call):
    call.a.describe(event_payload_type=EVENT, clock_rate_hz=8000, kind=PacketKind.RTP)
    sequence = iter(range(1000, 2000))

    def press(code, timestamp, durations, ends=3, **more):
        """One key: a packet for each duration, the last one repeated with the E bit."""
        last = durations[-1]
        events = [TelephoneEvent(code, d) for d in durations]
        events += [TelephoneEvent(code, last, is_end=True)] * ends
        for event in events:
            packet = audio(
                next(sequence),
                payload_type=EVENT,
                payload=encode_event(event),
                rtp_timestamp=timestamp,
                **more,
            )
            call.alice.send(call.a, packet)
            assert call.bob.receive() == packet

    return press


def presses(log, count):
    return [(e.digit, e.duration_ms) for e in log.wait_for(KeyPressed, count)]


def test_a_key_is_told_once_and_relayed(call, keys, log):
    keys(5, 8000, [160, 320, 800], marker=True)
    assert log.wait_for(KeyPressed) == [KeyPressed(call.a.number, "5", 100)]
    keys(11, 16000, [160])
    assert presses(log, 2) == [("5", 100), ("#", 20)]


def test_all_sixteen_keys(keys, log):
    for code in range(16):
        keys(code, code * 4000, [400], ends=1)
    assert "".join(digit for digit, _ in presses(log, 16)) == "0123456789*#ABCD"


def test_the_same_key_twice_is_two_presses(keys, log):
    keys(1, 100, [160])
    keys(1, 2100, [160])
    assert presses(log, 2) == [("1", 20), ("1", 20)]


def test_only_the_end_arrives(keys, log):
    keys(7, 100, [640], ends=1)
    assert presses(log, 1) == [("7", 80)]


def test_lost_ends_are_made_up_by_the_next_key(keys, log):
    keys(7, 100, [160, 480], ends=0)
    keys(8, 4100, [160], ends=3)
    assert presses(log, 2) == [("7", 60), ("8", 20)]


def test_lost_ends_are_made_up_by_time(keys, log):
    keys(9, 100, [160, 320], ends=0)
    assert presses(log, 1) == [("9", 40)]
    keys(9, 100, [480], ends=3)  # late packets of the same press say nothing new
    keys(0, 9000, [160])
    assert presses(log, 2) == [("9", 40), ("0", 20)]


def test_a_late_repetition_of_the_former_key_is_no_press(keys, log):
    keys(1, 1000, [160])
    keys(2, 3000, [160], ends=0)
    keys(1, 1000, [160])
    keys(2, 3000, [320])
    keys(3, 5000, [160])
    assert presses(log, 3) == [("1", 20), ("2", 40), ("3", 20)]


def test_a_long_press_in_segments_is_one(keys, log):
    keys(4, 0, [800, 0xFFFF], ends=0)
    keys(4, 0xFFFF, [800])
    assert presses(log, 1) == [("4", (0xFFFF + 800) * 1000 // 8000)]
    assert len(log.refresh()) == 1


def test_a_new_source_may_begin_at_an_older_timestamp(keys, log):
    keys(1, 90000, [160], ssrc=1)
    keys(1, 100, [160], ssrc=2)
    assert presses(log, 2) == [("1", 20), ("1", 20)]


def test_a_flash_is_told_and_tones_are_no_keys(keys, log):
    keys(16, 100, [160])
    keys(17, 1500, [160])
    keys(1, 3000, [160])
    assert presses(log, 2) == [("!", 20), ("1", 20)]


def test_events_of_another_payload_type_are_audio(call, keys, log):
    call.a.describe(event_payload_type=-1, clock_rate_hz=8000, kind=PacketKind.RTP)
    keys(1, 100, [160])
    call.a.describe(event_payload_type=EVENT, clock_rate_hz=8000, kind=PacketKind.RTP)
    keys(2, 9000, [160])
    assert presses(log, 1) == [("2", 20)]


def test_an_event_cut_short_is_relayed_and_no_key(call, keys, log):
    packet = audio(1, payload_type=EVENT, payload=b"\x01\x80")
    call.alice.send(call.a, packet)
    assert call.bob.receive() == packet
    keys(2, 9000, [160])
    assert presses(log, 1) == [("2", 20)]


def test_events_do_not_disturb_jitter(call, keys):
    keys(1, 0, list(range(160, 8000, 160)))
    assert call.a.statistics().interarrival_jitter_ms is None


def test_durations_follow_the_clock_rate(call, keys, log):
    call.a.describe(event_payload_type=EVENT, clock_rate_hz=48000, kind=PacketKind.RTP)
    keys(1, 100, [4800])
    assert presses(log, 1) == [("1", 100)]


def test_reports_may_be_damaged_anywhere(call):
    """Every truncation and every flipped octet of a report is dropped or relayed, never fatal."""
    good = sender_report(5) + receiver_report(5, 0.1)
    for at in range(len(good)):
        call.alice.send_rtcp(call.a, good[:at])
        call.alice.send_rtcp(call.a, good[:at] + b"\xff" + good[at + 1 :])
    last = encode_rtcp((ReceiverReport(struct.unpack("!I", b"last")[0]),))
    call.alice.send_rtcp(call.a, last)
    wait_for(lambda: call.bob.receive_rtcp() == last)
