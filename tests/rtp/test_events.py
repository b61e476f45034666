"""Telephone events and whole presses (the relay suite covers the order of packets)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import RemoteProtocolError
from appliance.rtp.events import (
    DIGITS,
    FORGET_S,
    KeyPress,
    KeyReader,
    TelephoneEvent,
    decode_event,
    encode_event,
)

EVENTS = st.builds(
    TelephoneEvent, st.integers(0, 255), st.integers(0, 0xFFFF), st.booleans(), st.integers(0, 63)
)


@settings(max_examples=100)
@given(EVENTS)
def test_decoding_is_the_inverse_of_encoding(event):
    assert decode_event(encode_event(event)) == event


def test_three_octets_are_no_event():
    with pytest.raises(RemoteProtocolError):
        decode_event(b"\x01\x80\x00")


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 15), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_presses_survive_loss_and_repetition(codes, random):
    """Of each key at least one packet arrives, some twice; every key is told once, in order."""
    reader, told, now = KeyReader(), [], 0.0
    for index, code in enumerate(codes):
        packets = [TelephoneEvent(code, d) for d in (160, 320, 480)]
        packets += [TelephoneEvent(code, 480, is_end=True)] * 3
        kept = [p for p in packets if random.random() < 0.4] or [random.choice(packets)]
        for packet in kept:
            for _ in range(random.choice([1, 1, 2])):
                now += 0.02
                told += reader.hear(7, 1000 * index, packet, now)
    told += reader.expire(now + 1)
    assert [press.digit for press in told] == [DIGITS[code] for code in codes]


def test_a_press_ends_by_silence():
    reader = KeyReader()
    assert reader.hear(1, 0, TelephoneEvent(3, 400), 10.0) == ()
    assert reader.is_open
    assert reader.expire(10.1) == ()
    assert reader.expire(10.3) == (KeyPress("3", 400),)
    assert reader.expire(11.0) == ()


def test_timestamps_that_go_back_after_a_long_pause_are_new():
    reader, end = KeyReader(), TelephoneEvent(3, 400, is_end=True)
    assert reader.hear(1, 90000, end, 0.0)
    assert not reader.hear(1, 80000, end, FORGET_S - 1)
    assert reader.hear(1, 80000, end, FORGET_S + 1)
