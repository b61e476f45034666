"""RTCP: round trips of every packet, compounds, and any bytes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import RemoteProtocolError
from appliance.rtp.rtcp import (
    CNAME,
    Goodbye,
    OtherPacket,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    SourceDescription,
    decode_rtcp,
    encode_rtcp,
    round_trip_s,
)

WORD = st.integers(0, 0xFFFFFFFF)
BLOCKS = st.lists(
    st.builds(
        ReportBlock,
        ssrc=WORD,
        fraction_lost=st.integers(0, 255),
        cumulative_lost=st.integers(-(1 << 23), (1 << 23) - 1),
        extended_highest_sequence=WORD,
        interarrival_jitter=WORD,
        last_sr=WORD,
        delay_since_last_sr=WORD,
    ),
    max_size=4,
).map(tuple)
SENDER_REPORTS = st.builds(
    SenderReport,
    ssrc=WORD,
    ntp_timestamp=st.integers(0, (1 << 64) - 1),
    rtp_timestamp=WORD,
    packet_count=WORD,
    octet_count=WORD,
    blocks=BLOCKS,
)
TEXT = st.text(max_size=20)
ITEMS = st.lists(st.tuples(st.integers(1, 8), TEXT), max_size=3).map(tuple)
DESCRIPTIONS = st.lists(st.tuples(WORD, ITEMS), max_size=3).map(tuple).map(SourceDescription)
GOODBYES = st.builds(Goodbye, st.lists(WORD, max_size=4).map(tuple), TEXT)
REPORTS = SENDER_REPORTS | st.builds(ReceiverReport, WORD, BLOCKS)


@settings(max_examples=200)
@given(st.lists(REPORTS | DESCRIPTIONS | GOODBYES, min_size=1, max_size=4).map(tuple))
def test_decoding_is_the_inverse_of_encoding(packets):
    assert decode_rtcp(encode_rtcp(packets)) == packets


@settings(max_examples=300)
@given(st.binary(max_size=60), st.sampled_from([b"", b"\x81\xc8", b"\x83\xca", b"\xa2\xcb"]))
def test_any_bytes_give_packets_or_the_peers_fault(tail, head):
    with suppress(RemoteProtocolError):
        assert decode_rtcp(head + tail)


def test_unknown_kinds_are_kept():
    data = bytes.fromhex("80c90001 00000001 81ce0002 00000001 00000002")
    assert decode_rtcp(data) == (
        ReceiverReport(1),
        OtherPacket(206, 1, bytes.fromhex("0000000100000002")),
    )


def test_a_whole_compound_of_a_phone():
    data = encode_rtcp((ReceiverReport(7), SourceDescription(((7, ((CNAME, "a@b"),)),))))
    assert data.hex() == "80c9000100000007" + "81ca0003" + "00000007" + "0103614062" + "000000"


def test_padding_is_allowed_at_the_end_only():
    padded = bytes.fromhex("a0cb0001") + b"\0\0\0\x04"
    assert decode_rtcp(padded) == (Goodbye(()),)
    with pytest.raises(RemoteProtocolError):
        decode_rtcp(padded + bytes.fromhex("80c9000100000001"))


def test_the_middle_of_the_clock_and_the_round_trip():
    report = SenderReport(
        ssrc=1, ntp_timestamp=0x11112222_33334444, rtp_timestamp=0, packet_count=0, octet_count=0
    )
    assert report.ntp_middle == 0x22223333
    block = ReportBlock(ssrc=1, last_sr=0x22223333, delay_since_last_sr=65536)
    assert round_trip_s(block, 0x22223333 + 65536 + 6554) == pytest.approx(0.1, abs=1e-4)
    assert round_trip_s(block, 0x22223333) == 0.0
    assert round_trip_s(ReportBlock(ssrc=1), 5) is None
