"""RTP headers: round trips, and any bytes give a packet or a RemoteProtocolError."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import RemoteProtocolError
from appliance.rtp.packet import RtpPacket, decode_rtp, encode_rtp

WORD = st.integers(0, 0xFFFFFFFF)
PACKETS = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127).filter(lambda value: not 72 <= value <= 76),
    sequence_number=st.integers(0, 0xFFFF),
    rtp_timestamp=WORD,
    ssrc=WORD,
    payload=st.binary(max_size=40),
    marker=st.booleans(),
    csrcs=st.lists(WORD, max_size=15).map(tuple),
    extension=st.none()
    | st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=9).map(lambda words: words * 4)),
)


@settings(max_examples=200)
@given(PACKETS)
def test_decoding_is_the_inverse_of_encoding(packet):
    assert decode_rtp(encode_rtp(packet)) == packet


@settings(max_examples=300)
@given(st.binary(max_size=64) | st.binary(max_size=60).map(lambda tail: b"\xb3\x08" + tail))
def test_any_bytes_give_a_packet_or_the_peers_fault(data):
    try:
        packet = decode_rtp(data)
    except RemoteProtocolError:
        return
    assert len(packet.payload) <= len(data) - 12


def test_padding_is_taken_off():
    data = b"\xa0\x08" + bytes(10) + b"voice" + b"\0\0\x03"
    assert decode_rtp(data).payload == b"voice"


@pytest.mark.parametrize("payload_type", range(72, 77))
def test_what_could_be_rtcp_is_no_rtp(payload_type):
    with pytest.raises(RemoteProtocolError):
        decode_rtp(bytes([0x80, payload_type]) + bytes(20))
