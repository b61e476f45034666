"""Loss and jitter against figures worked out by hand (RFC 3550 A.1, A.3, A.8)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.rtp.statistics import Reception


def receive(reception, packets, ssrc=1):
    for sequence, timestamp, arrival_s in packets:
        reception.count(ssrc, sequence, timestamp, arrival_s, is_event=False)


def test_a_perfect_stream():
    reception = Reception(8000)
    receive(reception, [(i, i * 160, i * 0.02) for i in range(100)])
    assert reception.lost == 0
    assert reception.interarrival_jitter_ms == pytest.approx(0.0, abs=0.15)


def test_nothing_and_one_packet_have_no_jitter():
    reception = Reception(8000)
    assert (reception.lost, reception.interarrival_jitter_ms) == (0, None)
    receive(reception, [(5, 0, 1.0)])
    assert (reception.lost, reception.interarrival_jitter_ms) == (0, None)


def test_one_late_packet_moves_jitter_by_a_sixteenth():
    reception = Reception(8000)
    receive(reception, [(0, 0, 0.0), (1, 160, 0.03)])
    assert reception.interarrival_jitter_ms == pytest.approx(10 / 16)


def test_alternating_delay_converges_to_the_difference():
    reception = Reception(8000)
    receive(reception, [(i, i * 160, i * 0.02 + (i % 2) * 0.005) for i in range(400)])
    assert reception.interarrival_jitter_ms == pytest.approx(5.0, abs=0.3)


def test_a_single_jump_of_sequence_is_not_believed():
    reception = Reception(8000)
    receive(reception, [(0, 0, 0.0), (1, 160, 0.02), (40000, 320, 0.04), (3, 480, 0.06)])
    assert reception.lost == 1  # 2 never came; 40000 is nobody's


def test_timestamps_wrap():
    reception = Reception(8000)
    top = 1 << 32
    receive(reception, [(i, (top - 320 + i * 160) % top, i * 0.02) for i in range(10)])
    assert reception.interarrival_jitter_ms == pytest.approx(0.0, abs=0.15)


def test_a_new_clock_rate_begins_anew():
    reception = Reception(8000)
    receive(reception, [(0, 0, 0.0), (1, 160, 0.05)])
    reception.set_rate(48000)
    assert reception.interarrival_jitter_ms is None
    assert reception.lost == 0


@settings(max_examples=100)
@given(st.integers(0, 65535), st.lists(st.booleans(), min_size=2, max_size=300))
def test_loss_is_what_is_missing_between_first_and_last(start, kept):
    numbers = [i for i, is_kept in enumerate(kept) if is_kept]
    reception = Reception(8000)
    receive(reception, [((start + i) & 0xFFFF, i * 160, i * 0.02) for i in numbers])
    expected = numbers[-1] - numbers[0] + 1 - len(numbers) if numbers else 0
    assert reception.lost == expected
